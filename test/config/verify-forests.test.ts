/** The rules about forests: what is right, and each way in which two of them could be taken for one another. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeKey } from '../../src/keys/make-key.ts';
import { brief, mistakesOf, readText, replaceLine, soundFile } from './sound-file.ts';

/** Lines 2 to 33 of the file: two forests, of which the first has two domains. */
const forests = `  site: London
  forests:
    - name: corp.example.com
      bindDn: passerelle@corp.example.com
      passwordFile: secret
      globalCatalogs:
        - ldaps://dc1.corp.example.com:3269
      domains:
        - baseDn: DC=corp,DC=example,DC=com
          netbiosNames: [CORP]
          controllers:
            - url: ldaps://dc1.corp.example.com
              site: london
            - url: ldaps://dc2.corp.example.com
        - baseDn: OU=Staff,DC=emea,DC=corp,DC=example,DC=com
          netbiosNames: [EMEA]
          controllers:
            - url: ldaps://dc1.emea.corp.example.com
    - name: partner.example.net
      bindDn: passerelle@partner.example.net
      passwordFile: other
      domains:
        - baseDn: DC=partner,DC=example,DC=net
          controllers:
            - url: ldaps://dc1.partner.example.net
`;
const [publicUrl = '', ...rest] = soundFile.split('\n');
const sound = [publicUrl, 'directory:', forests.trimEnd(), ...rest.slice(6)].join('\n');
const other = { '/etc/other': { content: 'an0ther' } };

const changed = (from: string, to: string): string => {
  assert.ok(sound.includes(from), from);
  return sound.replace(from, to);
};

const mistakes: (readonly [what: string, text: string, ...expected: string[]])[] = [
  [
    'a domain without DC',
    changed('DC=partner,DC=example,DC=net', 'OU=Staff,O=Partner'),
    '25:19 directory.forests.1.domains.0.baseDn does not say of which domain it is',
  ],
  [
    'one domain in two places',
    changed('OU=Staff,DC=emea,DC=corp,DC=example,DC=com', 'OU=Staff, dc = CORP , DC=Example,DC=com'),
    '17:19 directory.forests.0.domains.1.baseDn is of the same domain as directory.forests.0.domains.0.baseDn',
  ],
  [
    'a domain that is the root of another forest',
    changed('OU=Staff,DC=emea,DC=corp,DC=example,DC=com', 'DC=partner,DC=example,DC=net'),
    '17:19 directory.forests.0.domains.1.baseDn is of the root domain of another forest',
    '25:19 directory.forests.1.domains.0.baseDn is of the same domain as directory.forests.0.domains.1.baseDn',
  ],
  [
    'one forest twice',
    changed('name: partner.example.net', 'name: CORP.example.com'),
    '11:19 directory.forests.0.domains.0.baseDn is of the root domain of another forest',
    '21:13 directory.forests.1.name is the same as directory.forests.0.name',
  ],
  [
    'one NetBIOS name twice',
    changed('netbiosNames: [EMEA]', 'netbiosNames: [X, corp]'),
    '18:29 directory.forests.0.domains.1.netbiosNames.1 is the same as directory.forests.0.domains.0.netbiosNames.0',
  ],
  [
    'one controller in two domains, its port written once',
    changed('ldaps://dc1.emea.corp.example.com', 'ldaps://DC1.corp.example.com:636'),
    '20:20 directory.forests.0.domains.1.controllers.0.url is the same as directory.forests.0.domains.0.controllers.0.url',
  ],
  [
    'a global catalog at a domain’s port',
    changed('ldaps://dc1.corp.example.com:3269', 'ldaps://dc1.corp.example.com'),
    '9:11 directory.forests.0.globalCatalogs.0 is the port of a single domain, not of a global catalog',
  ],
  [
    'a password that crosses the network in the clear',
    changed('ldaps://dc1.partner.example.net', 'ldap://dc1.partner.example.net'),
    '27:20 directory.forests.1.domains.0.controllers.0.url would send passwords unencrypted',
  ],
  [
    'a global catalog in the clear',
    changed('ldaps://dc1.corp.example.com:3269', 'ldap://dc1.corp.example.com:3268'),
    '9:11 directory.forests.0.globalCatalogs.0 would send passwords unencrypted',
  ],
  [
    'a service account without a password',
    changed('      passwordFile: other\n', ''),
    '21:7 directory.forests.1.passwordFile is missing',
  ],
  [
    'a password file that is not there',
    changed('passwordFile: other', 'passwordFile: nowhere'),
    '23:21 directory.forests.1.passwordFile names a file that does not exist',
  ],
  [
    'a certificate file without a certificate',
    changed('passwordFile: other', 'passwordFile: other\n      caFile: other'),
    '24:15 directory.forests.1.caFile names a file without a certificate',
  ],
  [
    'a domain’s own account without a password',
    changed('netbiosNames: [EMEA]', 'bindDn: x@emea.corp.example.com'),
    '17:11 directory.forests.0.domains.1.passwordFile is missing',
  ],
  [
    'a domain’s own password, of nobody',
    changed('netbiosNames: [EMEA]', 'passwordFile: other'),
    '17:11 directory.forests.0.domains.1.bindDn is missing',
  ],
  [
    'a domain’s own password in a file that is not there',
    changed('netbiosNames: [EMEA]', 'bindDn: x@emea.corp.example.com\n          passwordFile: nowhere'),
    '19:25 directory.forests.0.domains.1.passwordFile names a file that does not exist',
  ],
  [
    'settings of the one domain beside forests',
    changed('  site: London', '  site: London\n  startTls: true'),
    '4:13 directory.startTls is given beside forests',
  ],
  [
    'no domains',
    changed('      domains:\n        - baseDn: DC=partner', '      domains: []\n#        - baseDn: DC=partner').replace(
      /^ {10}controllers:\n {12}- url: ldaps:\/\/dc1\.partner.*\n/m,
      '',
    ),
    '24:16 directory.forests.1.domains needs 1 entry or more',
  ],
];

const accessed = (...groups: readonly string[]): string =>
  changed('provider: passerelle }', `provider: passerelle, access: { groups: [${groups.join(', ')}] } }`);

mistakes.push(
  [
    'a group that each domain has',
    accessed('S-1-5-21-1-2-3-1104', 'S-1-5-32-544'),
    '31:125 serviceProviders.0.access.groups.1 is a group of each of the domains',
  ],
  [
    'a group by an objectGUID, which another forest can give to one of its own',
    accessed('0b9f5a52-3c1f-4f57-9d3e-0c6f3a1b2c4d'),
    '31:104 serviceProviders.0.access.groups.0 is an objectGUID, which whoever rules another forest can give to a group there',
  ],
);

const warnings: readonly (readonly [what: string, text: string, ...expected: string[]])[] = [
  ['nothing', sound],
  ['a group by its name or SID', accessed('S-1-5-21-1-2-3-1104', '"CN=a,DC=corp,DC=example,DC=com"')],
  [
    'several domains without a global catalog',
    changed('      globalCatalogs:\n        - ldaps://dc1.corp.example.com:3269\n', ''),
    '9:9 directory.forests.0.domains are several without a global catalog',
  ],
  [
    'a controller at the port of a global catalog',
    changed('ldaps://dc2.corp.example.com', 'ldaps://dc2.corp.example.com:3269'),
    '16:20 directory.forests.0.domains.0.controllers.1.url is the port of a global catalog, which does not hold all about people',
  ],
  ['a site without controllers', changed('site: London', 'site: Paris'), '3:9 directory.site is the site of no controller'],
  [
    'the one domain’s server at the port of a global catalog',
    replaceLine(4, '    - ldaps://dc1.corp.example.com:3269'),
    '4:7 directory.urls.0 is the port of a global catalog, which does not hold all about people',
  ],
  [
    'a server of the one domain twice',
    replaceLine(4, '    - ldaps://dc1.corp.example.com', '    - ldaps://dc1.corp.example.com'),
  ],
];

describe('forests', () => {
  it('have domains with accounts of their own', async () => {
    const text = changed('netbiosNames: [EMEA]', 'bindDn: x@emea.corp.example.com\n          passwordFile: other');
    const { configuration, warnings: told } = await readText(text, {}, other);
    const domains = configuration.directory.forests[0]?.domains ?? [];
    assert.deepEqual(
      domains.map(({ account }) => account),
      [undefined, { bindDn: 'x@emea.corp.example.com', password: 'an0ther' }],
    );
    assert.ok(domains.every((domain) => !('passwordFile' in domain)));
    assert.deepEqual(brief(told), []);
  });

  for (const [what, text, ...expected] of mistakes) {
    it(`refused: ${what}`, async () => {
      assert.deepEqual(brief(await mistakesOf(text, {}, other)), expected);
    });
  }

  for (const [what, text, ...expected] of warnings) {
    it(`warned of: ${what}`, async () => {
      assert.deepEqual(brief((await readText(text, {}, other)).warnings), expected);
    });
  }

  it('have each their own password and authority, from files', async () => {
    const { certificate } = await makeKey({ commonName: 'test', now: Date.now(), serialNumber: Buffer.alloc(16, 1) });
    const text = changed('passwordFile: other', 'passwordFile: other\n      caFile: ca.pem');
    const { configuration, warnings: told } = await readText(
      text,
      {},
      { '/etc/other': { content: 'an0ther\n', mode: 0o644 }, '/etc/ca.pem': { content: certificate } },
    );
    const [one, two] = configuration.directory.forests;
    assert.deepEqual([one?.password, one?.caFile, one?.domains.length], ['S3cret-Pa55', undefined, 2]);
    assert.deepEqual([two?.password, two?.caFile], ['an0ther', '/etc/ca.pem']);
    assert.equal('passwordFile' in (two ?? {}), false);
    assert.deepEqual(brief(told), [
      '23:21 directory.forests.1.passwordFile names a file that everybody on this machine may read',
    ]);
  });
});
