/** A configuration is right in all, or every mistake of it is told with its place. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { brief, mistakesOf, password, readText, replaceLine, soundFile } from './sound-file.ts';

/** Replaced line, by what, then every mistake with its hint. */
type Row = readonly [title: string, text: string, ...expected: (readonly [place: string, hint: string | RegExp])[]];

const add = (...lines: readonly string[]): string => `${soundFile}${lines.join('\n')}\n`;
const providers = (...lines: readonly string[]): string => replaceLine(11, 'serviceProviders:', ...lines);

const schemaRows: readonly Row[] = [
  ['an unknown section', add('sesion: {}'), ['12:1 sesion is not a known setting', 'Did you mean session?']],
  ['another letter case', add('clock-skew: 1m'), ['12:1 clock-skew is not a known setting', 'Did you mean clockSkew?']],
  ['an unknown setting', add('listen:', '  prot: 80'), ['13:3 listen.prot is not a known setting', 'Did you mean port?']],
  [
    'a setting of another section',
    add('recheck: 1m'),
    ['12:1 recheck is not a known setting', 'It belongs at directory.recheck; look at the indentation.'],
  ],
  ['nothing alike', add('log:', '  zzzzzz: 1'), ['13:3 log.zzzzzz is not a known setting', 'Known settings here: level.']],
  [
    'a missing setting',
    replaceLine(5),
    ['2:1 directory.baseDn is missing', 'Where people are searched, such as DC=corp,DC=example,DC=com.'],
  ],
  [
    'a missing setting below a missing section',
    replaceLine(8, 'mapping: {}').replace('  domains:\n    primary: example.com\n', ''),
    ['8:1 mapping.domains is missing', /outside them is refused/],
  ],
  [
    'a missing section',
    soundFile.replace(/^mapping:\n.*\n.*\n/m, ''),
    ['1:1 mapping is missing', 'How a person becomes a Cloud Identity address.'],
  ],
  ['a setting without a value', add('session:'), ['12:1 session has no value', /Leave the line out/]],
  [
    'a text for a number',
    add('listen:', '  port: eighty'),
    ['13:9 listen.port must be a number', 'A whole number from 0 to 65535. Port to listen on; 0 for any free one.'],
  ],
  [
    'a number out of bounds',
    add('listen:', '  port: 65536'),
    ['13:9 listen.port must be 65535 or less', /^A whole number from 0 to 65535/],
  ],
  ['no number', add('listen: { port: .nan }'), ['12:17 listen.port must be a number', /whole number/]],
  ['a fraction', add('listen: { port: 80.5 }'), ['12:17 listen.port must be a whole number', /whole number/]],
  [
    'a number for a text',
    replaceLine(6, '  bindDn: 5'),
    ['6:11 directory.bindDn must be text', 'Put the value in quotation marks.'],
  ],
  [
    'no truth value of YAML 1.2',
    replaceLine(7, '  passwordFile: secret', '  startTls: yes'),
    ['8:13 directory.startTls must be `true` or `false`', /^`true` or `false`/],
  ],
  [
    'a text for a list',
    replaceLine(3, '  urls: ldaps://dc1').replace(/^ {4}- .*\n/m, ''),
    ['3:9 directory.urls must be a list', /^A list, each a URL/],
  ],
  [
    'an empty list',
    replaceLine(3, '  urls: []').replace(/^ {4}- .*\n/m, ''),
    ['3:9 directory.urls needs 1 entry or more', /^A list/],
  ],
  [
    'a text for settings',
    add('listen: here'),
    ['12:9 listen must be settings below it, each on a line of its own', 'Where the server listens.'],
  ],
  [
    'a word that is no choice',
    replaceLine(8, 'mapping:', '  source: emial'),
    ['9:11 mapping.source must be `userPrincipalName` or `mail`', 'Did you mean `mail`?'],
  ],
  [
    'no length of time',
    add('clockSkew: 5 minutes'),
    ['12:12 clockSkew must be a length of time: a whole number and ms, s, m, h or d, such as 5m', /./],
  ],
  ['a length of time without unit', add('clockSkew: 5'), ['12:12 clockSkew must be text', /^A length of time such as/]],
  ['a length of time beyond its bound', add('clockSkew: 16m'), ['12:12 clockSkew must be at most 15m', /./]],
  [
    'a length of time that no timer takes',
    add('session: { absolute: 999999999d }'),
    ['12:22 session.absolute must be at most 30d', /./],
  ],
  ['no URL', replaceLine(1, 'publicUrl: sso.example.com'), ['1:12 publicUrl must be a URL that begins https:// or http://', /./]],
  [
    'another protocol',
    replaceLine(4, '    - https://dc1'),
    ['4:7 directory.urls.0 must be a URL that begins ldaps:// or ldap://', /./],
  ],
  [
    'no domain',
    replaceLine(10, '    primary: example'),
    ['10:14 mapping.domains.primary must be a domain name, such as example.com', /./],
  ],
  [
    'a name of a map that is no domain',
    replaceLine(8, 'mapping:', '  substitute: { corp: example.com }'),
    ['9:17 mapping.substitute.corp has a name that must be a domain name, such as example.com', /^Domains to replace/],
  ],
  ['an empty text', replaceLine(5, "  baseDn: ''"), ['5:11 directory.baseDn must not be empty', /./]],
  [
    'a kind that is none',
    providers('  - kind: google-profil'),
    [
      '12:11 serviceProviders.0.kind must be `google-profile` or `google-legacy` or `google-workforce` or `metadata`',
      'Did you mean `google-profile`?',
    ],
  ],
  [
    'no kind',
    providers('  - pool: employees'),
    ['12:5 serviceProviders.0.kind is missing', 'One of google-profile, google-legacy, google-workforce, metadata.'],
  ],
  [
    'a setting of another kind',
    providers('  - kind: google-legacy', '    domain: example.com', '    pool: employees'),
    [
      '14:5 serviceProviders.0.pool is not a known setting',
      'Known settings here: kind, domain, acsUrl, signature, name, attributes, access.',
    ],
  ],
  [
    'what its kind needs',
    providers('  - kind: google-profile', '    acsUrl: https://x.example/'),
    ['12:5 serviceProviders.0.entityId is missing', 'Entity ID, copied from the profile in Google Admin.'],
  ],
  [
    'no directory attribute',
    providers('  - { kind: google-legacy, domain: example.com, attributes: { a: "b c" } }'),
    ['12:66 serviceProviders.0.attributes.a must be the name of a directory attribute', /./],
  ],
];

const ruleRows: readonly Row[] = [
  [
    'a path',
    replaceLine(1, 'publicUrl: https://sso.example.com/idp'),
    ['1:12 publicUrl must have no path, query or fragment', /^Write https:\/\/sso\.example\.com and/],
  ],
  [
    'an empty query',
    replaceLine(1, 'publicUrl: https://sso.example.com?'),
    ['1:12 publicUrl must have no path, query or fragment', /./],
  ],
  [
    'a fragment',
    replaceLine(1, 'publicUrl: "https://sso.example.com/#a"'),
    ['1:12 publicUrl must have no path, query or fragment', /./],
  ],
  [
    'a user name',
    replaceLine(1, 'publicUrl: https://me@sso.example.com'),
    ['1:12 publicUrl must not hold a user name or password', /./],
  ],
  [
    'http to the world',
    replaceLine(1, 'publicUrl: http://sso.example.com'),
    ['1:12 publicUrl must begin https://', /loopback names alone/],
  ],
  [
    'http to a name like loopback',
    replaceLine(1, 'publicUrl: http://127.0.0.1.example.com'),
    ['1:12 publicUrl must begin https://', /./],
  ],
  [
    'http beside tls',
    add('tls: { certFile: c, keyFile: k }').replace('https://sso.example.com', 'http://localhost'),
    ['1:12 publicUrl must begin https:// where tls is given', /./],
    ['12:18 tls.certFile names a file that does not exist', /folder of the configuration/],
    ['12:30 tls.keyFile names a file that does not exist', /./],
  ],
  [
    'plain LDAP',
    replaceLine(4, '    - ldap://dc1.corp.example.com'),
    ['4:7 directory.urls.0 would send passwords unencrypted', /^Begin with ldaps:\/\/, or set startTls: true/],
  ],
  [
    'plain LDAP to a disguised loopback',
    replaceLine(4, '    - ldap://%6cocalhost'),
    ['4:7 directory.urls.0 would send passwords unencrypted', /./],
  ],
  [
    'the sentence in other words',
    replaceLine(4, '    - ldap://dc1', '  plaintext: yes'),
    ['5:14 directory.plaintext must be `passwords cross the network unencrypted`', /./],
  ],
  [
    'StartTLS upon TLS',
    replaceLine(4, '    - ldaps://dc1', '  startTls: true'),
    ['4:7 directory.urls.0 must begin ldap:// where startTls is true', /./],
  ],
  [
    'a base in the URL',
    replaceLine(4, '    - ldaps://dc1/DC=corp'),
    ['4:7 directory.urls.0 must have no path, query or fragment', /baseDn/],
  ],
  ['no host', replaceLine(4, '    - ldaps:///'), ['4:7 directory.urls.0 must name a host', /./]],
  [
    'a login in the URL',
    replaceLine(4, '    - ldaps://u:hunter2@dc1'),
    ['4:7 directory.urls.0 must not hold a user name or password', /passwordFile/],
  ],
  [
    'both passwords',
    replaceLine(7, '  passwordFile: secret', '  password: hunter2'),
    ['8:13 directory.password is given beside passwordFile', /./],
  ],
  ['no password', replaceLine(7), ['2:1 directory.passwordFile is missing', /password, best as/]],
  [
    'a domain twice',
    replaceLine(10, '    primary: example.com', '    secondary: [EXAMPLE.com]'),
    ['11:17 mapping.domains.secondary.0 is named twice', /^It stands at mapping\.domains\.primary already/],
  ],
  [
    'a Unicode domain twice',
    replaceLine(10, '    primary: bücher.example', '    secondary: [xn--bcher-kva.example]'),
    ['11:17 mapping.domains.secondary.0 is named twice', /./],
  ],
  [
    'an alias that is secondary',
    replaceLine(10, '    primary: a.example', '    secondary: [b.example]', '    aliases: { b.example: a.example }'),
    ['12:27 mapping.domains.aliases.b.example is named twice', /./],
  ],
  [
    'an alias of nothing',
    replaceLine(10, '    primary: example.com', '    aliases: { example.net: exmaple.com }'),
    [
      '11:29 mapping.domains.aliases.example.net stands for a domain that is neither primary nor secondary',
      'Did you mean example.com?',
    ],
  ],
  [
    'an alias of an alias',
    replaceLine(10, '    primary: example.com', '    aliases:', '      a.net: example.com', '      quite-other.org: a.net'),
    [
      '13:24 mapping.domains.aliases.quite-other.org stands for a domain that is neither primary nor secondary',
      /^Name that domain under secondary/,
    ],
  ],
  [
    'an alias of itself',
    replaceLine(10, '    primary: example.com', '    aliases: { a.net: a.net }'),
    ['11:23 mapping.domains.aliases.a.net stands for a domain that is neither primary nor secondary', /./],
  ],
  [
    'a substitution of itself',
    replaceLine(8, 'mapping:', '  substitute: { A.example.com: a.example.com }'),
    ['9:32 mapping.substitute.A.example.com is replaced by itself', /./],
  ],
  [
    'a chain of substitutions',
    replaceLine(8, 'mapping:', '  substitute: { a.local: b.local, B.local: example.com }'),
    ['9:26 mapping.substitute.a.local is replaced by a domain that is replaced itself', /final domain/],
  ],
  [
    'a domain replaced twice',
    replaceLine(8, 'mapping:', '  substitute: { a.local: example.com, A.LOCAL: example.com }'),
    ['9:48 mapping.substitute.A.LOCAL is replaced twice', /./],
  ],
  [
    'no ASCII form',
    replaceLine(10, '    primary: "a\\u0378.example"'),
    ['10:14 mapping.domains.primary is not a domain name', /IDNA/],
  ],
  [
    'an ACS without TLS',
    providers('  - { kind: google-profile, entityId: e, acsUrl: http://accounts.google.com/acs }'),
    ['12:50 serviceProviders.0.acsUrl must begin https://', /./],
  ],
  [
    'an ACS with a login',
    providers('  - { kind: google-profile, entityId: e, acsUrl: "https://u@accounts.google.com/acs" }'),
    ['12:50 serviceProviders.0.acsUrl must have no user name, password or fragment', /./],
  ],
  [
    'a service provider twice',
    providers(...Array<string>(2).fill('  - { kind: google-profile, entityId: e, acsUrl: https://a.example/ }')),
    ['13:5 serviceProviders.1 is a service provider named twice', /serviceProviders\.0 already/],
  ],
  [
    'a legacy domain twice',
    providers('  - { kind: google-legacy, domain: a.example }', '  - { kind: google-legacy, domain: A.example }'),
    ['13:5 serviceProviders.1 is a service provider named twice', /./],
  ],
  [
    'idle longer than absolute',
    add('session: { idle: 2h, absolute: 1h }'),
    ['12:18 session.idle makes session.idle longer than session.absolute', /./],
  ],
  [
    'idle longer by default',
    add('session: { absolute: 30m }'),
    ['12:22 session.absolute makes session.idle longer than session.absolute', /./],
  ],
  [
    'a name for a proxy',
    add('trustProxy: [proxy.example.com]'),
    ['12:14 trustProxy.0 must be an IP address or a network in CIDR form', /./],
  ],
  [
    'a network too small',
    add('trustProxy: [10.0.0.0/33, "fd00::/129", 10.0.0.1/08, "::1/"]'),
    ...[14, 27, 41, 54].map(
      (column, index) =>
        [`12:${String(column)} trustProxy.${String(index)} must be an IP address or a network in CIDR form`, /./] as const,
    ),
  ],
  [
    'no number of processes',
    add('workers: many', 'drain: 1m'),
    ['12:10 workers must be a whole number from 1 to 64, or `auto`', /each core/],
    ['13:8 drain must be at most 5s', /balancer/],
  ],
  ['no process at all', add('workers: 0'), ['12:10 workers must be 1 or more', /./]],
  [
    'more attempts than any lockout allows',
    add('throttle: { attemptsPerAccount: 101 }'),
    ['12:33 throttle.attemptsPerAccount must be 100 or less', /lockout threshold/],
  ],
];

for (const [title, rows] of [
  ['values that break the schema', schemaRows],
  ['settings that break a rule', ruleRows],
] as const) {
  describe(title, () => {
    for (const [name, text, ...expected] of rows) {
      it(name, async () => {
        const mistakes = await mistakesOf(text);
        assert.deepEqual(
          brief(mistakes),
          expected.map(([place]) => place),
        );
        for (const [index, [, hint]] of expected.entries()) {
          const found = mistakes[index]?.hint ?? '';
          if (typeof hint === 'string') assert.equal(found, hint);
          else assert.match(found, hint);
        }
      });
    }
  });
}

describe('what may be written', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['the sound file', soundFile],
    ['a trailing slash', replaceLine(1, 'publicUrl: https://sso.example.com/')],
    ...['localhost:8080', 'sso.localhost', '127.8.9.1', '"http://[::1]:1"'].map(
      (host) => [`http to ${host}`, replaceLine(1, `publicUrl: ${host.startsWith('"') ? host : `http://${host}`}`)] as const,
    ),
    ...['localhost', '127.0.0.1:1389', '[::1]', 'a.localhost'].map(
      (host) => [`plain LDAP to ${host}`, replaceLine(4, `    - ldap://${host}`)] as const,
    ),
    ['StartTLS', replaceLine(4, '    - ldap://dc1', '  startTls: true')],
    ['plain LDAP by the sentence', replaceLine(4, '    - ldap://dc1', '  plaintext: passwords cross the network unencrypted')],
    [
      'a legacy domain under two addresses',
      providers(
        '  - { kind: google-legacy, domain: a.example }',
        '  - { kind: google-legacy, domain: a.example, acsUrl: http://localhost:1/acs }',
      ),
    ],
    ['proxies', add('trustProxy: [10.0.0.1, 10.0.0.0/8, "fd00::/8", "::1"]')],
  ];
  for (const [title, text] of rows) {
    it(title, async () => {
      assert.deepEqual(brief(await mistakesOf(text)), []);
    });
  }
});

describe('warnings', () => {
  const rows: readonly (readonly [string, string, ...string[]])[] = [
    ['nothing', soundFile],
    [
      'a host that begins google.',
      replaceLine(1, 'publicUrl: https://google.example.com'),
      '1:12 publicUrl has a host that begins google. or www.google.',
    ],
    [
      'a host that begins www.google.',
      replaceLine(1, 'publicUrl: https://WWW.Google.example.com'),
      '1:12 publicUrl has a host that begins google. or www.google.',
    ],
    ['a host that holds google', replaceLine(1, 'publicUrl: https://sso.google.example.com')],
    ['everybody as proxy', add('trustProxy: ["::/0"]'), '12:14 trustProxy.0 believes everybody'],
    ['plain HTTP from everywhere', add('listen: { host: 0.0.0.0 }'), '12:17 listen.host takes plain HTTP from other machines'],
    ['plain HTTP from a proxy', add('listen: { host: "::" }', 'trustProxy: [10.0.0.1]')],
    ['plain HTTP from here', add('listen: { host: "::1" }')],
    ['nobody to sign in for', replaceLine(11, 'serviceProviders: []'), '11:19 serviceProviders names nobody'],
    [
      'attempts at a usual lockout',
      add('throttle: { attemptsPerAccount: 10 }'),
      '12:33 throttle.attemptsPerAccount may be at or above the directory’s lockout threshold',
    ],
    [
      'a substitution to nowhere',
      replaceLine(8, 'mapping:', '  substitute: { corp.local: example.org }'),
      '9:29 mapping.substitute.corp.local is replaced by a domain outside mapping.domains',
    ],
  ];
  for (const [title, text, ...expected] of rows) {
    it(title, async () => {
      assert.deepEqual(brief((await readText(text)).warnings), expected);
    });
  }

  it('a password in a file that everybody may read', async () => {
    const inline = replaceLine(7, '  password: hunter2');
    const place = '7:13 directory.password stands in a file that everybody on this machine may read';
    assert.deepEqual(brief((await readText(inline, {}, {}, 0o644)).warnings), [place]);
    assert.deepEqual(brief((await readText(inline, {}, {}, 0o640)).warnings), []);
    assert.deepEqual(brief((await readText(replaceLine(7, '  password: ${PW}'), { PW: 'x' }, {}, 0o644)).warnings), []);
  });
});

describe('the configuration that is read', () => {
  it('has defaults, milliseconds, absolute paths, an origin and the password in one place', async () => {
    const text = `${replaceLine(1, 'publicUrl: HTTPS://SSO.example.com:443/')}session: { idle: 90s }\nkeys: { folder: ../keys }\nstore: { file: /var/x.sqlite }\n`;
    const { configuration } = await readText(text);
    assert.equal(configuration.publicUrl, 'https://sso.example.com');
    assert.equal(configuration.session.idle, 90_000);
    assert.equal(configuration.session.absolute, 12 * 3_600_000);
    assert.equal(configuration.keys.folder, '/keys');
    assert.equal(configuration.store.file, '/var/x.sqlite');
    assert.equal(configuration.directory.forests[0]!.password, password);
    assert.equal('passwordFile' in configuration.directory.forests[0]!, false);
  });

  it('takes numbers and truth values from the environment, quoted or not', async () => {
    const text = `${replaceLine(7, '  passwordFile: secret', '  startTls: ${TLS}').replace('ldaps:', 'ldap:')}listen: { port: "\${PORT}" }\nworkers: \${WORKERS}\n`;
    const { configuration } = await readText(text, { TLS: 'true', PORT: '8443', WORKERS: '4' });
    assert.equal(configuration.listen.port, 8443);
    assert.equal(configuration.workers, 4);
    assert.equal(configuration.directory.forests[0]!.startTls, true);
    assert.deepEqual(brief(await mistakesOf(text, { TLS: 'yes', PORT: '99999', WORKERS: 'auto' })), [
      '4:7 directory.urls.0 would send passwords unencrypted',
      '8:13 directory.startTls must be `true` or `false`',
      '13:17 listen.port must be 65535 or less',
    ]);
  });

  it('keeps digits that are a password', async () => {
    const { configuration } = await readText(replaceLine(7, '  password: ${PW}'), { PW: '0123' });
    assert.equal(configuration.directory.forests[0]!.password, '0123');
  });

  it('tells mistakes of every sort at once', async () => {
    const text =
      `${replaceLine(1, 'publicUrl: http://sso.example.com').replace('primary: example.com', 'primary: 5')}lisen: {}\nclockSkew: \${SKEW}\n`.replace(
        'passwordFile: secret',
        'passwordFile: nowhere',
      );
    assert.deepEqual(brief(await mistakesOf(text)), [
      '1:12 publicUrl must begin https://',
      '7:17 directory.passwordFile names a file that does not exist',
      '10:14 mapping.domains.primary must be text',
      '12:1 lisen is not a known setting',
      '13:12 clockSkew needs the environment variable SKEW, which is not set',
    ]);
  });
});
