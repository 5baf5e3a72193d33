/** `passerelle whatif` against the embedded directory: rules step by step, limits, refusals. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { WhatIfReport } from '../../src/cli/whatif-report.ts';
import type { NameReport } from '../../src/cli/whatif-name.ts';
import { createDemoDirectory, type DemoDirectory } from '../../src/directory/demo-directory.ts';
import { createPairwise } from '../../src/signin/pairwise.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import { demoLdif } from '../testbed/demo-ldif.ts';
import { run } from './scripted-io.ts';

const wiki = 'https://wiki.example.net/';
const files = 'https://files.example.net/';
const google = 'https://accounts.google.com/samlrp/03test';
const metadata = `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${wiki}">
<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://wiki.example.net/acs" index="0"/>
<md:AttributeConsumingService index="1"><md:ServiceName xml:lang="en">Wiki</md:ServiceName>
<md:RequestedAttribute Name="mail" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic"/></md:AttributeConsumingService>
</md:SPSSODescriptor></md:EntityDescriptor>`;

let folder = '';
let directory: DemoDirectory;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'passerelle-whatif-'));
  const clock = { now: Date.now, until: () => Promise.resolve() };
  directory = await createDemoDirectory({ ldif: demoLdif(), host: '127.0.0.1', port: 0, clock });
  await writeFile(join(folder, 'wiki.xml'), metadata);
  await writeFile(join(folder, 'federation.xml'), metadata.replaceAll(wiki, files));
  await writeFile(
    join(folder, 'passerelle.yaml'),
    `metadata:
  - { kind: file, file: federation.xml }
publicUrl: https://sso.example.com
directory:
  urls: [${directory.url}]
  baseDn: ${directory.baseDn}
  bindDn: svc-ldap@corp.example.com
  password: \${PW}
mapping:
  substitute: { corp.example.com: example.com }
  domains: { primary: example.com }
serviceProviders:
  - kind: metadata
    file: wiki.xml
    name: Wiki
    attributes:
      urn:oid:1.3.6.1.4.1.5923.1.5.1.1:
        friendlyName: isMemberOf
        groups: name
        nested: true
        keep: { below: "OU=Groups,${directory.baseDn}", pattern: '.*[a-z]' }
        match: { pattern: '(.*)-?(staff)?', becomes: 'wiki-$1' }
        rename: { wiki-engineering: wiki-admin }
      mail: { from: mail, requested: any }
      phone: { from: telephoneNumber, requested: required }
  - { kind: metadata, entityId: ${files}, attributes: { mail: { from: mail, requested: any } } }
  - kind: google-profile
    entityId: ${google}
    acsUrl: ${google}/acs
    attributes: { about: description, long: { text: ${'x'.repeat(900)} }, longer: { text: [${['a', 'b'].map((letter) => letter.repeat(600)).join(', ')}] } }
release:
  - to: { entityIds: https://other.example.net/ }
    attributes: { title: title }
`,
  );
});
after(async () => {
  await directory.close();
  await rm(folder, { recursive: true });
});

const environment = { PW: 'Passw0rd!' };
const whatif = (...args: readonly string[]) => run(['whatif', ...args], { folder, environment });
async function report(...args: readonly string[]): Promise<WhatIfReport> {
  const { out } = await whatif(...args, '--json');
  return JSON.parse(out) as WhatIfReport;
}

describe('whatif', () => {
  it('shows each rule, what it met, and its values after each step', async () => {
    const told = await whatif('alice', '--service-provider', wiki);
    assert.equal(told.err, '');
    assert.equal(told.code, 0);
    assert.match(told.out, /^person +CN=alice,OU=Engineering,OU=Staff,DC=corp,DC=example,DC=com, [0-9a-f-]{36}$/m);
    assert.match(told.out, /^service provider +Wiki, https:\/\/wiki\.example\.net\/$/m);
    assert.match(told.out, /^address +alice\.liddell@example\.com +\(userPrincipalName alice\.liddell@example\.com\)$/m);
    assert.match(told.out, /^NameID +transient \(new at each sign-in\); a request may ask for persistent, transient$/m);
    assert.match(told.out, /^attributes +2, \d+ of at most 262144 bytes$/m);
    const [, rules] = told.out.split('rules\n');
    assert.equal(
      rules,
      `  urn:oid:1.3.6.1.4.1.5923.1.5.1.1 (isMemberOf), uri, by serviceProviders: "wiki-all-staff", "wiki-building-access", "wiki-admin"
    groups by name, nested: "all-staff", "building-access", "engineering", "vpn, remote (EU)"
    keep: "all-staff", "building-access", "engineering"
    match: "wiki-all-staff", "wiki-building-access", "wiki-engineering"
    rename: "wiki-all-staff", "wiki-building-access", "wiki-admin"
  mail, basic, by serviceProviders: "alice@example.com"
    from mail: "alice@example.com"
    requested: "alice@example.com"
  phone, basic, by serviceProviders: not applied
    its metadata does not ask for it
  title, basic, by release.0: not applied
    its entity ID is not listed
`,
    );
  });

  it('knows service providers by the sources of their metadata, and keeps nothing', async () => {
    const before = await readdir(folder);
    const told = await report('alice', '-s', files);
    assert.deepEqual(
      told.attributes.map(({ name, values }) => [name, ...values]),
      [['mail', 'alice@example.com']],
    );
    assert.deepEqual(await readdir(folder), before);
  });

  it('says the same to programs', async () => {
    const told = await report('alice', '-s', wiki);
    assert.deepEqual(
      told.attributes.map(({ name, values }) => [name, ...values]),
      [
        ['urn:oid:1.3.6.1.4.1.5923.1.5.1.1', 'wiki-all-staff', 'wiki-building-access', 'wiki-admin'],
        ['mail', 'alice@example.com'],
      ],
    );
    assert.deepEqual([told.refused, told.address, told.rules.length], [null, 'alice.liddell@example.com', 4]);
  });

  it('says what stands in the way of a sign-in', async () => {
    const tooLarge = await whatif('alice', '-s', google);
    assert.equal(tooLarge.code, 1);
    assert.match(tooLarge.out, /^attributes +0, not sent$/m);
    assert.match(tooLarge.out, /The sign-in would be refused: attributes-too-large\n.*2 kB.*\n(.*\n)*  limit: 2000\n/);
    const rows: readonly (readonly [name: string, entityID: string, reason: string | undefined, more: readonly string[]])[] = [
      ['control', google, 'attribute-character-forbidden', []],
      ['disabled', wiki, 'person-disabled', []],
      ['outsider', google, 'address-not-in-domains', []],
      ['outsider', wiki, undefined, []],
      ['alice', wiki, 'attribute-consuming-service-unknown', ['--attribute-index=7']],
      ['alice', wiki, undefined, ['--attribute-index=1']],
    ];
    for (const [name, entityID, reason, more] of rows) {
      assert.equal((await report(name, '-s', entityID, ...more)).refused?.reason, reason, name);
    }
    const outsider = await whatif('outsider', '-s', wiki);
    assert.match(outsider.out, /^address +none \(address-not-in-domains\)$/m);
  });

  it('says that nobody is meant', async () => {
    const nobody = await whatif('nobody', '-s', wiki);
    assert.deepEqual([nobody.code, nobody.out], [1, '']);
    assert.match(nobody.err, /^person-unknown: /);
    const elsewhere = await whatif('alice', '-s', 'https://stranger.example/');
    assert.deepEqual([elsewhere.code, elsewhere.out], [1, '']);
    assert.equal(
      elsewhere.err,
      `No service provider has the entity ID https://stranger.example/. Known are:\n  ${wiki}\n  ${files}\n  ${google}\n\n`,
    );
    for (const args of [['alice'], [], ['alice', '-s', wiki, '--attribute-index=x'], ['a', 'b', '-s', wiki]]) {
      assert.equal((await whatif(...args)).code, 2);
    }
  });

  it('asks for no password, and lets nothing act on the terminal', async () => {
    const told = await whatif('control', '-s', google);
    assert.match(told.out, /from description: "a\\u\{1\}b"/);
    assert.deepEqual(told.asked, []);
  });

  it('runs as a process', async () => {
    const main = join(import.meta.dirname, '../../bin/passerelle');
    const child = spawn(main, ['whatif', 'alice', '--service-provider', wiki], {
      cwd: folder,
      env: { PATH: process.env.PATH, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    assert.equal(code, 0);
    assert.match(out, /isMemberOf/);
  });
});

describe('whatif, of the policy', () => {
  const rules = `policy:
  - { name: closed, when: { serviceProviders: ["${files}"], networks: [203.0.113.0/24] }, refuse: true }
  - name: engineers
    when: { groups: ["CN=engineering,OU=Groups,BASE"], networks: [10.0.0.0/8] }
    require: [[totp, webauthn], [password]]
  - { name: known, when: { device: remembered }, require: [[password]] }
  - { name: usual, require: [[password], [totp, recovery-code]], maxAge: 8h }
`;
  let config = '';
  before(async () => {
    const text = await readFile(join(folder, 'passerelle.yaml'), 'utf8');
    config = join(folder, 'with-policy.yaml');
    await writeFile(config, `${text}\n${rules.replace('BASE', directory.baseDn)}`);
  });
  const whatif = async (...args: string[]): Promise<WhatIfReport['policy'] & { refused: string | undefined }> => {
    const { out, code } = await run(['whatif', 'alice', '--config', config, '--json', ...args], {
      folder,
      environment: { PW: 'Passw0rd!' },
    });
    const { policy, refused } = JSON.parse(out) as WhatIfReport;
    assert.equal(code, refused === null ? 0 : 1);
    return { ...policy, refused: refused?.reason };
  };

  for (const [what, args, rule, asked] of [
    ['from nowhere', ['--sp', wiki], 'usual', [['password'], ['totp', 'recovery-code']]],
    ['from within', ['--sp', wiki, '--network', '10.1.2.3'], 'engineers', [['totp', 'webauthn'], ['password']]],
    ['with a remembered browser', ['--sp', wiki, '--remembered'], 'known', [['password']]],
    [
      'with a class that asks for more',
      ['--sp', wiki, '--remembered', '--context', 'https://refeds.org/profile/mfa'],
      'known',
      [['password'], ['totp', 'webauthn', 'passkey', 'recovery-code']],
    ],
  ] as const) {
    it(`${what}: by ${rule}`, async () => {
      const report = await whatif(...args);
      assert.equal(report.rule, rule);
      assert.deepEqual(
        report.asked.map((set) => set.map(({ way }) => way)),
        asked,
      );
    });
  }

  it('names the rules that an earlier one leaves unread', async () => {
    const { rules } = await whatif('--sp', wiki, '--network', '10.1.2.3');
    assert.deepEqual(
      rules.map(({ name, holds }) => [name, holds]),
      [
        ['closed', 'no'],
        ['engineers', 'yes'],
        ['known', 'not reached'],
        ['usual', 'not reached'],
      ],
    );
  });

  it('is refused by the rule that says so', async () => {
    const report = await whatif('--sp', files, '--network', '203.0.113.9');
    assert.deepEqual([report.rule, report.refused, report.asked], ['closed', 'policy-refused', []]);
  });

  it('is told in words, condition by condition', async () => {
    const { out } = await run(['whatif', 'alice', '--config', config, '--sp', wiki, '--network', '192.0.2.1'], {
      folder,
      environment: { PW: 'Passw0rd!' },
    });
    for (const line of [
      '✗ closed: serviceProviders no, networks no',
      '✗ engineers: networks no, groups ',
      '✓ usual: always; password, then totp or recovery-code',
      '      it wants serviceProviders https://files.example.net/',
      '      it wants networks 203.0.113.0/24',
      '      it wants networks 10.0.0.0/8',
      'asked, by rule usual',
      '1. password',
      '2. totp (not enrolled) or recovery-code (not enrolled)',
    ])
      assert.ok(out.includes(line), `${line}\n${out}`);
  });

  it('takes an address alone for a network', async () => {
    const { err, code } = await run(['whatif', 'alice', '--config', config, '--sp', wiki, '--network', '10.0.0.0/8'], {
      folder,
      environment: { PW: 'Passw0rd!' },
    });
    assert.deepEqual([code, err.includes('--network is an IP address')], [2, true]);
  });
});

describe('whatif, of the name', () => {
  const clock = { now: () => 0, until: () => Promise.resolve() };
  let file = '';
  before(() => {
    file = join(folder, 'names.sqlite');
  });

  async function ask(name: string, settings: string, mapping?: string): Promise<WhatIfReport> {
    const text = await readFile(join(folder, 'passerelle.yaml'), 'utf8');
    const written = text.replace('    name: Wiki\n', `    name: Wiki\n    nameId: ${settings}\n`);
    const config = join(folder, `${randomBytes(4).toString('hex')}.yaml`);
    const changed = mapping === undefined ? written : written.replace('mapping:\n', `mapping:\n  ${mapping}\n`);
    await writeFile(config, `${changed}store: { file: ${file} }\n`);
    const { out, err } = await run(['whatif', name, '--config', config, '--sp', wiki, '--json'], {
      ...{ folder, environment, clock, random: randomBytes },
    });
    assert.notEqual(out, '', err);
    return JSON.parse(out) as WhatIfReport;
  }
  const named = async (settings: string): Promise<NameReport | null> => (await ask('alice', settings)).name;

  it('says what each format gives, and makes none', async () => {
    const never = { format: 'persistent', value: null, why: 'none yet: it is made at the first sign-in, and stays' };
    assert.deepEqual(await named('{ format: persistent }'), never, 'without a store');
    const store = await createSqliteStore({ file, clock });
    try {
      assert.deepEqual(await named('{ format: persistent }'), never);
      assert.deepEqual(await store.list('name-id', '', 10), []);
      const { person } = await ask('alice', '{ format: none }');
      const made = await createPairwise({ store, random: randomBytes }).findOrCreate(person.objectGUID, wiki);
      assert.deepEqual(await named('{ format: persistent }'), { format: 'persistent', value: made, why: null });
    } finally {
      await store.close();
    }
    assert.deepEqual(await named('{ format: emailAddress }'), {
      format: 'emailAddress',
      value: 'alice.liddell@example.com',
      why: null,
    });
    assert.deepEqual(await named('{ format: transient }'), { format: 'transient', value: null, why: 'new at each sign-in' });
    assert.deepEqual(await named('{ format: none }'), { format: 'none', value: null, why: 'nobody is named' });
    const immutable = await named('{ format: persistent, persistent: immutableId }');
    assert.match(immutable?.value ?? '', /^[A-Za-z0-9+/]{22}==$/);
  });

  it('finds whose address is not theirs alone, as a sign-in does', async () => {
    const shared = await ask('sharer1', '{ format: emailAddress }', 'source: mail');
    assert.equal(shared.refused?.reason, 'address-not-unique');
    const elsewhere = await ask('sharer1', '{ format: persistent }', 'source: mail');
    assert.deepEqual([elsewhere.refused, elsewhere.address, elsewhere.unmapped], [null, null, 'address-not-unique']);
  });

  it('tells what stands against the account, without a password', async () => {
    assert.equal((await ask('locked', '{ format: none }')).refused?.reason, 'person-locked');
  });
});
