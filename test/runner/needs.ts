/** What the tests need of the machine beyond npm: Debian's packages, and the servers of the test bed. */

export interface SystemPackage {
  /** As apt calls it. */
  readonly name: string;
  /** A command, or a file, by which it is known to be there; of several, any. */
  readonly proofs: readonly string[];
  readonly why: string;
}

export interface Need {
  /** What a test file, or one that it imports, says when it needs this. */
  readonly sign: RegExp;
  readonly packages: readonly SystemPackage[];
  /** The script that starts and stops the server, in test/testbed. */
  readonly server?: string;
  /** Whether one test file at a time has it. */
  readonly alone?: boolean;
  /** Whether the file has the machine to itself. */
  readonly quiet?: boolean;
}

const shared: readonly SystemPackage[] = [
  { name: 'openssl', proofs: ['openssl'], why: 'makes the certificates of the directory servers' },
  { name: 'ldap-utils', proofs: ['ldapsearch'], why: 'asks a directory server whether it is ready' },
  { name: 'python3', proofs: ['/usr/bin/python3'], why: 'loads people into the directory servers' },
];

const libraries = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib'];

/** Debian has them where no PATH leads, by version. */
const postgresPrograms = ['15', '16', '17', '18', '14', '13'].map((version) => `/usr/lib/postgresql/${version}/bin/initdb`);

const samba: readonly SystemPackage[] = [
  ...shared,
  { name: 'samba', proofs: ['samba'], why: 'a real Active Directory domain controller' },
  { name: 'samba-ad-dc', proofs: ['samba-tool'], why: 'provisions its domain' },
  { name: 'samba-ad-provision', proofs: ['/usr/share/samba/setup/provision.ldif'], why: 'the templates of its domain' },
  {
    name: 'samba-dsdb-modules',
    proofs: libraries.map((folder) => `${folder}/samba/ldb/samldb.so`),
    why: 'its directory database',
  },
  { name: 'winbind', proofs: ['winbindd'], why: 'it does not start without' },
  { name: 'ldb-tools', proofs: ['ldbsearch'], why: 'reads its database' },
  { name: 'procps', proofs: ['pkill'], why: 'freezes all processes of a controller' },
  { name: 'util-linux', proofs: ['unshare'], why: 'gives each controller a view of its own name servers' },
];

export const needs: readonly Need[] = [
  {
    sign: /'systemd-analyze'/,
    packages: [{ name: 'systemd', proofs: ['systemd-analyze'], why: 'judges the unit that the guide installs' }],
  },
  {
    sign: /'promtool'/,
    packages: [{ name: 'prometheus', proofs: ['promtool'], why: 'judges our metrics, and the rules that alert by them' }],
  },
  {
    sign: /'zsh', \['-f'/,
    packages: [{ name: 'zsh', proofs: ['zsh'], why: 'completes commands by our script' }],
  },
  {
    // It holds those who wait for a controller that fails to seconds.
    sign: /the slowest of 99 in 100/,
    packages: [],
    quiet: true,
  },
  {
    sign: /samba(?!-forests)/i,
    server: 'samba-ad',
    packages: samba,
  },
  {
    sign: /samba-forests/,
    server: 'samba-forests',
    alone: true,
    packages: samba,
  },
  {
    sign: /\bkinit\b/,
    packages: [
      { name: 'krb5-user', proofs: ['kinit'], why: 'gets the tickets with which people sign in without a form' },
      { name: 'curl', proofs: ['curl'], why: 'signs in with a ticket' },
    ],
  },
  {
    sign: /scripts\/kerberos\.js/,
    packages: [
      { name: 'libkrb5-dev', proofs: ['/usr/include/gssapi/gssapi.h'], why: 'the optional package kerberos compiles against it' },
      { name: 'g++', proofs: ['g++'], why: 'compiles the optional package kerberos' },
    ],
  },
  {
    sign: /openldap|slapd/i,
    server: 'openldap',
    packages: [...shared, { name: 'slapd', proofs: ['slapd'], why: 'a real OpenLDAP server' }],
  },
  {
    sign: /testbed\/postgres|privatePostgres/,
    server: 'postgres',
    packages: [
      { name: 'postgresql', proofs: postgresPrograms, why: 'a real PostgreSQL server' },
      { name: 'openssl', proofs: ['openssl'], why: 'makes its certificate' },
    ],
  },
  {
    sign: /testbed\/freeradius/,
    packages: [{ name: 'freeradius', proofs: ['/usr/sbin/freeradius'], why: 'a real RADIUS server' }],
  },
  {
    sign: /xmlsec1|xmllint|saml-xsd-catalog|opensaml/,
    packages: [
      { name: 'xmlsec1', proofs: ['xmlsec1'], why: 'verifies our signatures independently' },
      { name: 'libxml2-utils', proofs: ['xmllint'], why: 'validates our messages by the XML schemas of SAML' },
      {
        name: 'opensaml-schemas',
        proofs: ['/usr/share/xml/opensaml/saml-schema-protocol-2.0.xsd'],
        why: 'the XML schemas of SAML',
      },
      {
        name: 'xmltooling-schemas',
        proofs: ['/usr/share/xml/xmltooling/xmldsig-core-schema.xsd'],
        why: 'the XML schemas that those of SAML import',
      },
    ],
  },
  {
    sign: /apache-sp/,
    packages: [
      { name: 'apache2-bin', proofs: ['apache2'], why: 'the web server of the real service providers' },
      {
        name: 'libapache2-mod-auth-mellon',
        proofs: ['/usr/lib/apache2/modules/mod_auth_mellon.so'],
        why: 'a real service provider, by Lasso',
      },
      {
        name: 'libapache2-mod-shib',
        proofs: ['/usr/lib/apache2/modules/mod_shib.so'],
        why: 'a real service provider, by OpenSAML',
      },
      { name: 'curl', proofs: ['curl'], why: 'fetches our metadata for a service provider that takes a file' },
      { name: 'openssl', proofs: ['openssl'], why: 'makes the keys of the service providers' },
    ],
  },
  {
    sign: /certutil|pk12util/,
    packages: [
      { name: 'libnss3-tools', proofs: ['certutil'], why: 'gives a browser the certificate of a person' },
      { name: 'openssl', proofs: ['openssl'], why: 'wraps that certificate for the browser' },
    ],
  },
  {
    sign: /openssl ocsp|curl with a certificate/,
    packages: [
      { name: 'openssl', proofs: ['openssl'], why: 'an OCSP responder that is not ours' },
      { name: 'curl', proofs: ['curl'], why: 'signs in with a certificate' },
    ],
  },
  {
    sign: /\boathtool\b/,
    packages: [{ name: 'oathtool', proofs: ['oathtool'], why: 'computes the codes of authenticator apps independently' }],
  },
  {
    sign: /haproxy|nginx/,
    packages: [
      { name: 'haproxy', proofs: ['/usr/sbin/haproxy'], why: 'a proxy that hands certificates on under a seal' },
      { name: 'nginx-light', proofs: ['/usr/sbin/nginx'], why: 'a proxy that hands certificates on with a secret' },
    ],
  },
  {
    sign: /playwright|chromium/i,
    packages: [
      { name: 'chromium', proofs: ['chromium'], why: 'a real browser signs in by ticket and certificate' },
      { name: 'chromium-headless-shell', proofs: ['chromium-headless-shell'], why: 'the same browser without its window' },
    ],
  },
];
