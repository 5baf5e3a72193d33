/** `passerelle init`: whatever it writes, the check finds right. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { readConfiguration } from '../../src/config/read-configuration.ts';
import { run } from './scripted-io.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'passerelle-init-'));
});
afterEach(() => rm(folder, { recursive: true }));

const flags = (answers: Readonly<Record<string, string>>): string[] =>
  Object.entries(answers).map(([name, value]) => `--${name}=${value}`);
const basic = {
  'public-url': 'https://sso.example.com',
  'directory-url': 'ldaps://dc1.corp.example.com',
  'bind-dn': 'passerelle@corp.example.com',
  'primary-domain': 'example.com',
};
const read = () => readFile(join(folder, 'passerelle.yaml'), 'utf8');

async function readBack() {
  await writeFile(join(folder, 'directory-password'), 'x', { mode: 0o600 });
  return (await readConfiguration({ file: join(folder, 'passerelle.yaml'), environment: {} })).configuration;
}

describe('given flags', () => {
  it('asks nothing, writes the file and tells what comes next', async () => {
    const { code, out, err, asked } = await run(['init', ...flags(basic), '--google', 'none', '--yes'], { folder, answers: [] });
    assert.deepEqual([code, err, asked], [0, '', []]);
    assert.match(
      out,
      /^passerelle\.yaml written\.\n1\. Put the password of "passerelle@corp\.example\.com" into "directory-password"/,
    );
    assert.match(await read(), /^# Configuration of Passerelle/);
    assert.equal((await stat(join(folder, 'passerelle.yaml'))).mode & 0o007, 0);
  });

  it('passes the check but for the secret file, and then passes it', async () => {
    await run(['init', ...flags(basic), '--google=none'], { folder });
    const before = await run(['config', 'check'], { folder });
    assert.equal(before.code, 1);
    assert.match(
      before.err,
      /^passerelle\.yaml has a mistake\.\npasserelle\.yaml:\d+:17: directory\.passwordFile names a file that does not exist\n/,
    );
    await writeFile(join(folder, 'directory-password'), 'x', { mode: 0o600 });
    const after = await run(['config', 'check'], { folder });
    assert.equal(after.code, 0);
    assert.match(after.out, /^passerelle\.yaml is right\.\n/);
  });

  it('never replaces a file without force', async () => {
    await writeFile(join(folder, 'passerelle.yaml'), 'mine');
    const refused = await run(['init', ...flags(basic), '--google=none'], { folder });
    assert.deepEqual([refused.code, refused.err], [1, 'passerelle.yaml is there already; --force replaces it.\n']);
    assert.equal(await read(), 'mine');
    assert.equal((await run(['init', ...flags(basic), '--google=none', '--force'], { folder })).code, 0);
    assert.notEqual(await read(), 'mine');
  });

  it('writes elsewhere', async () => {
    const { out } = await run(['init', ...flags(basic), '--google=none', '-o', 'other.yaml'], { folder });
    assert.match(out, /^other\.yaml written\.(.|\n)*config check --config other\.yaml\n/);
    await stat(join(folder, 'other.yaml'));
  });

  const kinds: readonly (readonly [string, Readonly<Record<string, string>>, object])[] = [
    [
      'profile, the default',
      {
        'entity-id': 'https://accounts.google.com/samlrp/metadata?rpid=a',
        'acs-url': 'https://accounts.google.com/samlrp/acs?rpid=a',
      },
      {
        kind: 'google-profile',
        entityId: 'https://accounts.google.com/samlrp/metadata?rpid=a',
        acsUrl: 'https://accounts.google.com/samlrp/acs?rpid=a',
      },
    ],
    ['legacy, with the primary domain', { google: 'legacy' }, { kind: 'google-legacy', domain: 'example.com' }],
    ['legacy, with another domain', { google: 'legacy', domain: 'a.example' }, { kind: 'google-legacy', domain: 'a.example' }],
    [
      'workforce',
      { google: 'workforce', pool: 'employees', provider: 'home' },
      { kind: 'google-workforce', pool: 'employees', provider: 'home', groups: false },
    ],
  ];
  for (const [title, answers, expected] of kinds) {
    it(`knows ${title}`, async () => {
      assert.equal((await run(['init', ...flags({ ...basic, ...answers })], { folder })).code, 0);
      assert.deepEqual((await readBack()).serviceProviders, [{ ...expected, signature: {}, attributes: {} }]);
    });
  }

  const starts: readonly (readonly [string, boolean])[] = [
    ['ldaps://dc1.corp.example.com', false],
    ['ldap://dc1.corp.example.com', true],
    ['ldap://127.0.0.1:1389', false],
  ];
  for (const [url, startTls] of starts) {
    it(`writes startTls ${String(startTls)} for ${url}`, async () => {
      await run(['init', ...flags({ ...basic, 'directory-url': url, 'base-dn': 'DC=a', google: 'none' })], { folder });
      assert.equal((await readBack()).directory.forests[0]!.startTls, startTls);
    });
  }

  const wrong: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
    ['missing', {}, /^Nobody is asked, so these options are needed: --entity-id, --acs-url\.\nMore: passerelle init --help\n$/],
    ['one missing', { google: 'workforce', pool: 'employees' }, /^Nobody is asked, so this option is needed: --provider\.\n/],
    ['http', { 'public-url': 'http://sso.example.com', google: 'none' }, /^--public-url must begin https:\/\/\. Plain http is/],
    ['no kind', { google: 'profil' }, /^--google must be profile or legacy or workforce or none\. Did you mean profile\?\n/],
    ['another kind’s', { google: 'none', pool: 'employees' }, /^--pool does not go with --google none\.\n/],
    [
      'no domain',
      { 'primary-domain': 'example', google: 'none' },
      /^--primary-domain must be a domain name, such as example\.com\. /,
    ],
    [
      'no attribute',
      { source: 'emial', google: 'none' },
      /^--source must be `userPrincipalName` or `mail`\. Did you mean `mail`\?\n/,
    ],
    ['an ACS without TLS', { 'entity-id': 'e', 'acs-url': 'http://a.example/' }, /^--acs-url must begin https:\/\//],
    ['two at once', { 'public-url': 'x', source: 'x', google: 'none' }, /^--public-url must be .*\n--source must be .*\n/],
    [
      'no host to take the base from',
      { 'directory-url': 'ldaps://10.0.0.1', google: 'none' },
      /^Nobody is asked, .*: --base-dn\.\n/,
    ],
  ];
  for (const [title, answers, words] of wrong) {
    it(`is refused: ${title}`, async () => {
      const { code, err } = await run(['init', ...flags({ ...basic, ...answers })], { folder });
      assert.equal(code, 2);
      assert.match(err, words);
      await assert.rejects(read(), { code: 'ENOENT' });
    });
  }
});

describe('asked', () => {
  it('takes defaults for empty answers, and asks again until the answer is right', async () => {
    const answers = [
      'sso.example.com',
      'https://sso.example.com',
      'ldaps://dc1.corp.example.com',
      '',
      'CN=svc',
      '',
      'example.com',
      '',
      'legacy',
      '',
    ];
    const { code, err, asked } = await run(['init'], { folder, answers });
    assert.equal(code, 0);
    assert.match(err, /^It must be a URL that begins https:\/\/ or http:\/\/\. /);
    assert.equal(asked.length, answers.length);
    assert.match(asked[3] ?? '', /\[DC=corp,DC=example,DC=com\]$/);
    assert.match(asked[9] ?? '', /\[example\.com\]$/);
    const { directory, serviceProviders } = await readBack();
    assert.equal(directory.forests[0]!.domains[0]!.baseDn, 'DC=corp,DC=example,DC=com');
    assert.equal(serviceProviders[0]?.kind, 'google-legacy');
  });

  it('asks for nothing that a flag answers', async () => {
    const { asked } = await run(['init', ...flags({ ...basic, google: 'none' })], { folder, answers: ['', '', ''] });
    assert.deepEqual(
      asked.map((question) => question.replace(/ .*\[/, ' [')),
      ['Below [DC=corp,DC=example,DC=com]', 'In [directory-password]', 'Which [userPrincipalName]'],
    );
  });
});

describe('whatever is answered', () => {
  const word = fc.string({
    minLength: 1,
    maxLength: 30,
    unit: fc.constantFrom(...Array.from('aB9 #:\'"${}[]&*!|>%@`,\\=-~\u00e9\u{1f642}\t\n')),
  });
  const label = fc.stringMatching(/^[a-z][a-z0-9]{0,10}$/);
  const domain = fc.tuple(label, label).map((labels) => labels.join('.'));
  const hosts = fc.tuple(fc.constantFrom('ldaps', 'ldap'), domain).map(([protocol, host]) => `${protocol}://${host}`);
  const google = fc.oneof(
    fc.constant({ google: 'none' }),
    fc.record({ google: fc.constant('legacy'), domain }),
    fc.record({ 'entity-id': word, 'acs-url': domain.map((host) => `https://${host}/acs?rpid=\${A}#`.slice(0, -1)) }),
  );
  it('the file that is written passes the check and says what was answered', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          'public-url': domain.map((host) => `https://${host}`),
          'directory-url': hosts,
          'base-dn': word,
          'bind-dn': word,
          'primary-domain': domain,
          source: fc.constantFrom('mail', 'userPrincipalName'),
        }),
        google,
        async (answers, more) => {
          const { code, err } = await run(['init', '--force', ...flags({ ...answers, ...more })], { folder });
          assert.equal(code, 0, err);
          const configuration = await readBack();
          assert.equal(configuration.publicUrl, answers['public-url']);
          assert.deepEqual(
            configuration.directory.forests[0]!.domains[0]!.controllers.map(({ url }) => url),
            [answers['directory-url']],
          );
          assert.equal(configuration.directory.forests[0]!.domains[0]!.baseDn, answers['base-dn']);
          assert.equal(configuration.directory.forests[0]!.bindDn, answers['bind-dn']);
          assert.equal(configuration.mapping.domains.primary, answers['primary-domain']);
          const [provider] = configuration.serviceProviders;
          if (provider?.kind === 'google-profile')
            assert.equal(provider.entityId, 'entity-id' in more ? more['entity-id'] : undefined);
        },
      ),
      { numRuns: 60 },
    );
  });
});
