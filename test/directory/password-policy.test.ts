/** The password policy that holds for a person, and the failed passwords that the controllers count. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { createDemoDirectory } from '../../src/directory/demo-directory.ts';
import type { Directory } from '../../src/directory/directory.ts';
import { type DirectoryServer, modify } from '../testbed/directory-server.ts';
import { openldap } from '../testbed/openldap.ts';
import { samba } from '../testbed/samba.ts';
import { clock, type OneDomain, openOneDomain, optionsFor, optionsForDemo } from './options.ts';
import { createProxy, type Proxy } from './proxy.ts';
import { scriptedServer } from './scripted-server.ts';

const minute = 60_000;
const password = 'Passw0rd!';

/** A person of Samba for as long as a test runs. */
async function addPerson(server: DirectoryServer, attributes = ''): Promise<{ name: string; dn: string }> {
  const name = `policy-${randomBytes(3).toString('hex')}`;
  const dn = `CN=${name},OU=Guests,${server.baseDn}`;
  const quoted = Buffer.from(`"${password}"`, 'utf16le').toString('base64');
  const values = `sAMAccountName: ${name}\nunicodePwd:: ${quoted}\nuserAccountControl: 512\n${attributes}`;
  await modify(server, `dn: ${dn}\nchangetype: add\nobjectClass: user\n${values}`);
  return { name, dn };
}

const remove = (server: DirectoryServer, dn: string): Promise<void> => modify(server, `dn: ${dn}\nchangetype: delete\n`);

describe('the password policy of Active Directory', () => {
  let server: DirectoryServer;
  const opened: Directory[] = [];
  const notes: string[] = [];
  const open = (more: Partial<OneDomain> = {}): Directory => {
    const note = (_level: string, message: string) => void notes.push(message);
    const directory = openOneDomain({ ...optionsFor(server), ...more, note });
    opened.push(directory);
    return directory;
  };
  before(async () => {
    server = await samba();
  });
  after(() => Promise.all(opened.map((directory) => directory.close())));

  const domains = {
    fineGrained: undefined,
    minLength: 8,
    history: 3,
    complex: true,
    minAge: 0,
    maxAge: 365 * 24 * 60 * minute,
    lockoutThreshold: 5,
    lockoutWindow: 30 * minute,
    lockoutDuration: 30 * minute,
  };

  it('is the domain’s where no other is meant', async () => {
    const directory = open({ bindDn: server.administrator });
    assert.deepEqual(await directory.passwordPolicy(undefined), domains);
    assert.deepEqual(await directory.passwordPolicy(await directory.find('alice')), domains);
    assert.deepEqual(notes, []);
  });

  it('is the domain’s, found from below it too', async () => {
    const directory = open({ bindDn: server.administrator, baseDn: `OU=Staff,${server.baseDn}` });
    assert.deepEqual(await directory.passwordPolicy(await directory.find('alice')), domains);
  });

  it('is the fine-grained one that is meant for the person, where the service account may read it', async () => {
    const { name, dn } = await addPerson(server);
    const settings = `CN=strict-${name},CN=Password Settings Container,CN=System,${server.baseDn}`;
    const values = {
      'msDS-PasswordSettingsPrecedence': '10',
      'msDS-PasswordReversibleEncryptionEnabled': 'FALSE',
      'msDS-PasswordHistoryLength': '7',
      'msDS-PasswordComplexityEnabled': 'FALSE',
      'msDS-MinimumPasswordLength': '14',
      'msDS-MinimumPasswordAge': String(-24 * 60 * minute * 10_000),
      'msDS-MaximumPasswordAge': '-9223372036854775808',
      'msDS-LockoutThreshold': '3',
      'msDS-LockoutObservationWindow': String(-45 * minute * 10_000),
      'msDS-LockoutDuration': '-9223372036854775808',
      'msDS-PSOAppliesTo': dn,
    };
    const lines = Object.entries(values).map(([attribute, value]) => `${attribute}: ${value}\n`);
    await modify(server, `dn: ${settings}\nchangetype: add\nobjectClass: msDS-PasswordSettings\n${lines.join('')}`);
    try {
      const seeing = open({ bindDn: server.administrator });
      assert.deepEqual(await seeing.passwordPolicy(await seeing.find(name)), {
        fineGrained: settings,
        minLength: 14,
        history: 7,
        complex: false,
        minAge: 24 * 60 * minute,
        maxAge: undefined,
        lockoutThreshold: 3,
        lockoutWindow: 45 * minute,
        lockoutDuration: undefined,
      });
      assert.deepEqual(await seeing.passwordPolicy(await seeing.find('alice')), domains);
      // Windows lets administrators alone read them: then nobody can say for whom another one holds.
      const blind = open();
      assert.deepEqual(await blind.passwordPolicy(await blind.find(name)), { ...domains, fineGrained: settings, unsure: true });
      assert.deepEqual(await blind.passwordPolicy(await blind.find('alice')), { ...domains, unsure: true });
      assert.equal(notes.length, 1);
      assert.match(notes[0] ?? '', /may not read fine-grained password policies/);
    } finally {
      await remove(server, settings);
      await remove(server, dn);
    }
  });
});

describe('the password policy of OpenLDAP', () => {
  it('is the only one that its overlay could take for the default', async () => {
    const server = await openldap();
    const directory = openOneDomain(optionsFor(server));
    const policy = await directory.passwordPolicy(await directory.find('alice'));
    assert.deepEqual(
      { threshold: policy?.lockoutThreshold, window: policy?.lockoutWindow, duration: policy?.lockoutDuration },
      { threshold: 5, window: 30 * minute, duration: 30 * minute },
    );
    assert.deepEqual(
      { minLength: policy?.minLength, history: policy?.history, complex: policy?.complex, fineGrained: policy?.fineGrained },
      { minLength: 8, history: 3, complex: false, fineGrained: undefined },
    );
    await directory.close();
  });
});

/** A directory of one domain whose root says what a test wants, and what it was asked. */
async function openRoot(attributes: string, people = ''): Promise<{ options: OneDomain; proxy: Proxy; close(): Promise<void> }> {
  const base = 'DC=corp,DC=example,DC=com';
  const service = `dn: CN=svc-ldap,${base}\nobjectClass: user\nsAMAccountName: svc-ldap\nuserPrincipalName: svc-ldap@corp.example.com\nuserPassword: ${password}\n`;
  const ldif = `dn: ${base}\nobjectClass: domain\ndc: corp\n${attributes}\n${service}\n${people}`;
  const demo = await createDemoDirectory({ ldif, host: '127.0.0.1', port: 0, clock });
  const proxy = await createProxy('127.0.0.1', demo.port);
  return {
    options: { ...optionsForDemo(`ldap://127.0.0.1:${String(proxy.port)}`), connectTimeout: 300, operationTimeout: 300 },
    proxy,
    close: async () => {
      await proxy.close();
      await demo.close();
    },
  };
}

describe('what is known of a policy', () => {
  it('is read once in five minutes, and kept where it cannot be read again', async () => {
    let ahead = 0;
    const root = await openRoot('lockoutThreshold: 7\nminPwdLength: 9\n');
    const directory = openOneDomain({ ...root.options, clock: { ...clock, now: () => Date.now() + ahead } });
    const read = async () => (await directory.passwordPolicy(undefined))?.lockoutThreshold;
    assert.equal(await read(), 7);
    const { bytes } = root.proxy;
    ahead = 4 * minute;
    assert.equal(await read(), 7);
    assert.equal(root.proxy.bytes, bytes);
    ahead = 6 * minute;
    assert.equal(await read(), 7);
    assert.ok(root.proxy.bytes > bytes);
    root.proxy.cutOff();
    ahead = 60 * minute;
    assert.equal(await read(), 7);
    const { connections } = root.proxy;
    ahead += minute / 3;
    assert.equal(await read(), 7);
    assert.equal(root.proxy.connections, connections, 'whoever signs in does not wait for it each time');
    ahead += minute;
    assert.equal(await read(), 7);
    assert.ok(root.proxy.connections > connections);
    await root.close();
    await directory.close();
    const other = openOneDomain(root.options);
    await assert.rejects(other.passwordPolicy(undefined), { reason: 'directory-unavailable' });
    await other.close();
  });

  const rows: readonly (readonly [string, string, object | undefined])[] = [
    ['nothing', '', undefined],
    ['no lockout', 'lockoutThreshold: 0\n', { lockoutThreshold: 0 }],
    ['what is no number', 'lockoutThreshold: many\nminPwdLength: 8\n', { lockoutThreshold: 0, minLength: 8 }],
    [
      'failures that are never forgotten',
      `lockoutThreshold: 5\nlockOutObservationWindow: ${String(-(2n ** 63n))}\n`,
      { lockoutWindow: 99_999 * minute },
    ],
    [
      'accounts locked for good',
      `lockoutThreshold: 5\nlockoutDuration: ${String(-(2n ** 63n))}\n`,
      { lockoutDuration: undefined },
    ],
    ['accounts locked until unlocked', 'lockoutThreshold: 5\nlockoutDuration: 0\n', { lockoutDuration: undefined }],
    ['passwords that never expire', `lockoutThreshold: 5\nmaxPwdAge: ${String(-(2n ** 63n))}\n`, { maxAge: undefined }],
    [
      'two days and the tenth of a microsecond',
      'lockoutThreshold: 5\nlockOutObservationWindow: -1728000000001\n',
      { lockoutWindow: 2 * 24 * 60 * minute + 1 },
    ],
    ['ten minutes', 'lockoutThreshold: 5\nlockOutObservationWindow: -6000000000\n', { lockoutWindow: 10 * minute }],
  ];
  for (const [what, attributes, expected] of rows) {
    it(`is understood where the domain says ${what}`, async () => {
      const root = await openRoot(attributes);
      const directory = openOneDomain(root.options);
      const policy = await directory.passwordPolicy(undefined);
      if (expected === undefined || policy === undefined) assert.equal(policy, expected);
      else assert.deepEqual({ ...policy, ...expected }, policy);
      await directory.close();
      await root.close();
    });
  }
});

describe('failed passwords', () => {
  it('are those that Samba counts for a person, none for nobody', async () => {
    const server = await samba();
    const directory = openOneDomain(optionsFor(server));
    const { name, dn } = await addPerson(server);
    try {
      const person = await directory.find(name);
      assert.deepEqual(await directory.failedPasswords(person), {
        count: 0,
        at: undefined,
        controllers: [{ server: '127.0.0.10:636', count: 0, at: 0 }],
      });
      for (let turn = 0; turn < 2; turn += 1)
        await assert.rejects(directory.authenticate(person, 'wrong'), { reason: 'password-wrong' });
      const { count, at, controllers } = await directory.failedPasswords(person);
      assert.equal(count, 2);
      assert.ok(Math.abs((at ?? 0) - Date.now()) < 20_000, String(at));
      assert.deepEqual(controllers, [{ server: '127.0.0.10:636', count: 2, at }]);
      assert.equal((await directory.failedPasswords(undefined)).count, 0);
      const later = openOneDomain({ ...optionsFor(server), clock: { ...clock, now: () => Date.now() + 32 * minute } });
      assert.deepEqual((await later.failedPasswords(person)).count, 0, 'a window later they are forgotten');
      await later.close();
      await directory.authenticate(person, password);
      assert.equal((await directory.failedPasswords(person)).count, 0);
    } finally {
      await directory.close();
      await remove(server, dn);
    }
  });

  it('are those that OpenLDAP counts', async () => {
    const server = await openldap();
    const directory = openOneDomain(optionsFor(server));
    const person = await directory.find('carol');
    await assert.rejects(directory.authenticate(person, 'wrong'), { reason: 'password-wrong' });
    assert.equal((await directory.failedPasswords(person)).count, 1);
    await directory.authenticate(person, password);
    assert.equal((await directory.failedPasswords(person)).count, 0);
    await directory.close();
  });

  it('are those that were told with the person, where the controller that told them says nothing now', async () => {
    const at = Date.now() - minute;
    const told = `badPwdCount: 3\nbadPasswordTime: ${String((at + 11_644_473_600_000) * 10_000)}\n`;
    const root = await openRoot(
      'lockoutThreshold: 5\nlockOutObservationWindow: -18000000000\n',
      `dn: CN=ada,DC=corp,DC=example,DC=com\nobjectClass: user\nsAMAccountName: ada\n${told}`,
    );
    const server = `127.0.0.1:${String(root.proxy.port)}`;
    let ahead = 0;
    const directory = openOneDomain({ ...root.options, clock: { ...clock, now: () => Date.now() + ahead } });
    const person = await directory.find('ada');
    await directory.passwordPolicy(person);
    root.proxy.cutOff();
    assert.deepEqual(await directory.failedPasswords(person), { count: 3, at, controllers: [{ server, count: 3, at }] });
    ahead = 32 * minute;
    assert.equal((await directory.failedPasswords(person)).count, 0);
    await directory.close();
    await root.close();
  });

  it('are not none where a controller is too busy to say', async () => {
    const server = await scriptedServer();
    server.behave(({ kind, answer }) => {
      answer(kind === 'bind' ? 0 : 51);
    });
    const directory = openOneDomain({ ...optionsForDemo(server.url), connectTimeout: 300, operationTimeout: 300 });
    assert.deepEqual(await directory.failedPasswords(undefined), { count: 0, at: undefined, controllers: [] });
    await directory.close();
    await server.close();
  });

  it('are none where no controller answers', async () => {
    const root = await openRoot('lockoutThreshold: 5\n');
    const directory = openOneDomain(root.options);
    await root.close();
    assert.deepEqual(await directory.failedPasswords(undefined), { count: 0, at: undefined, controllers: [] });
    await directory.close();
  });
});
