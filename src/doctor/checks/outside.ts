/** The checks of what is seen from outside: the configuration, publicUrl, the proxy before us, the clock and DNS. */
import type { Rows } from './row.ts';

export const outside = {
  'configuration.whole': {
    looks: 'The configuration file, and all files that it names.',
    fails: 'Something in it is wrong. What depends on it is not looked at.',
    remedy: 'Mend the line that is named; `passerelle config check` tells the same.',
  },
  'configuration.warnings': {
    looks: 'What is allowed in the configuration and probably not meant.',
    warns: 'Each such setting.',
    remedy: 'Change the setting, or leave it where it is meant.',
  },
  'configuration.secrets': {
    looks: 'Who may read the files that hold secrets, and who may write the configuration.',
    warns: 'The group of a file may read its secret.',
    fails: 'Everybody on this machine may read a secret, or write the configuration.',
    remedy: 'chmod 600 the file and let it belong to the user that Passerelle runs as.',
  },
  'public-url.resolves': {
    looks: 'Whether the name in `publicUrl` has an address.',
    fails: 'It has none.',
    remedy:
      'Give the name an A or AAAA record in DNS; browsers of all people need it, and so does this machine for these checks.',
  },
  'public-url.certificate': {
    looks: 'The certificate that browsers see at `publicUrl`: its chain, its name, its days.',
    warns: 'It ends within 14 days.',
    fails: 'It has expired, is made out to another name, or its chain does not lead to an authority that this machine trusts.',
    remedy:
      'Renew the certificate and send its whole chain; where its authority is your own, name it in NODE_EXTRA_CA_CERTS for this command.',
  },
  'public-url.tls': {
    looks: 'Which versions of TLS are spoken at `publicUrl`.',
    warns: 'TLS 1.0 or 1.1 is accepted, too.',
    fails: 'Neither TLS 1.2 nor 1.3 is spoken.',
    remedy: 'Let whoever speaks TLS there take TLS 1.2 and 1.3 alone.',
  },
  'public-url.answers': {
    looks: 'Whether `/healthz` and `/readyz` answer over `publicUrl`.',
    warns: 'It is alive and not ready, or slow: more than 1 s.',
    fails: 'Nobody answers, or somebody else does.',
    remedy: 'Look whether Passerelle runs, whether a firewall is between, and where the proxy sends requests.',
  },
  'public-url.ours': {
    looks: 'Whether the metadata at `publicUrl` have our entity ID and our certificates.',
    warns: 'A key of the folder is not published there yet.',
    fails: 'The entity ID is another one, or none of the certificates is ours.',
    remedy: 'Start or reload Passerelle with this configuration, or send `publicUrl` to the one that has it.',
  },
  'public-url.redirects': {
    looks: 'Whether pages come without being sent elsewhere.',
    warns: 'A page is reached by redirects.',
    fails: 'Redirects go round in a circle, or lead to another host.',
    remedy: 'Let the proxy hand requests for this host on as they are, path and all.',
  },
  'public-url.hsts': {
    looks: 'Whether the security headers arrive: Strict-Transport-Security, Content-Security-Policy and their like.',
    warns: 'One of them was taken away, doubled or changed on the way.',
    remedy: 'Let the proxy neither remove nor add security headers: Passerelle sets its own, which fit each page.',
  },
  'proxy.address': {
    looks:
      'Which address Passerelle takes a request to come from: one is sent with a forged X-Forwarded-For, and the running Passerelle tells what it saw.',
    warns: '`trustProxy` names proxies, and none stands between here and Passerelle.',
    fails:
      'Everybody seems to come from the proxy, so that one person’s failures count for all; or a forged address is believed, so that nothing counts.',
    remedy: 'Let the proxy append to X-Forwarded-For, and name in `trustProxy` the addresses of the proxies and no others.',
  },
  'proxy.headers': {
    looks: 'Whether Host, Origin, Cookie, Sec-Fetch-Site and Authorization arrive as they were sent.',
    warns: 'Host or Sec-Fetch-Site was changed or taken away, which Passerelle can do without.',
    fails: 'Origin or Cookie does not arrive, without which no form of ours is taken; or Authorization, where it is needed.',
    remedy: 'Let the proxy hand these headers on unchanged.',
  },
  'proxy.cookies': {
    looks: 'Whether our cookies arrive with all their attributes.',
    fails: 'A cookie is taken away or changed on the way, such as by losing Secure or getting another path.',
    remedy: 'Turn off what rewrites cookies in the proxy (proxy_cookie_path, ProxyPassReverseCookie…).',
  },
  'proxy.sizes': {
    looks: 'Whether long requests pass: URLs of 8 and 32 kB, forms of 64 and 200 kB; tickets of 16 kB with Kerberos.',
    warns: 'A URL of 32 kB or a form of 200 kB does not pass, which some service providers need.',
    fails: 'A URL of 8 kB, a form of 64 kB or a ticket does not pass.',
    remedy:
      'Raise the limits of the proxy (nginx: large_client_header_buffers 4 64k, client_max_body_size 1m; HAProxy: tune.bufsize 65536; Apache: LimitRequestLine 65536).',
  },
  'clock.controllers': {
    looks: 'Our clock against that of each domain controller.',
    warns: 'They differ by more than a quarter of what is borne: of `clockSkew`, and of a minute at most.',
    fails: 'They differ by more than is borne. Assertions are then not yet or no more valid, and Kerberos and codes fail.',
    remedy: 'Set this machine to the time of the domain: name a domain controller in chrony or systemd-timesyncd.',
  },
  'clock.ntp': {
    looks: 'Our clock against the time servers that this machine is configured to ask (chrony, systemd-timesyncd, ntpd).',
    warns: 'It differs by more than a quarter of what is borne, or none of the servers answers.',
    fails: 'It differs by more than is borne.',
    remedy: 'Look whether the time service runs (`timedatectl`, `chronyc tracking`) and reaches its servers by UDP port 123.',
  },
  'clock.house': {
    looks: 'The clock of the Passerelle that answers at `publicUrl`, which may run on another machine.',
    warns: 'It differs by more than a quarter of what is borne.',
    fails: 'It differs by more than is borne.',
    remedy: 'Let all machines on which Passerelle runs ask the same time servers.',
  },
  'dns.controllers': {
    looks: 'Whether the name of each domain controller and global catalog has an address here.',
    fails: 'One has none.',
    remedy: 'Let this machine ask the name servers of the domain, or mend the name in `directory`.',
  },
  'dns.records': {
    looks: 'Whether DNS still knows the configured controllers as such (_ldap._tcp.dc._msdcs), and others besides.',
    warns: 'A configured controller is not among them, or only one of several is configured.',
    remedy: 'Compare with `passerelle directory discover DOMAIN`, and list the controllers that it shows.',
  },
} as const satisfies Rows;
