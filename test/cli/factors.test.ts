/** `passerelle factors` beside a store that is in use: what is shown and what never is, what is taken, and passes. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { createEnrolmentPasses } from '../../src/authenticators/enrolment-pass.ts';
import { createEnrolments, type Enrolments } from '../../src/authenticators/enrolments.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { openPeople, type People } from '../fixtures/people.ts';
import { run as runAnywhere, type Told } from './scripted-io.ts';

const start = Date.UTC(2026, 0, 10, 12);
const day = 86_400_000;
const clock = { now: () => start, until: () => Promise.resolve() };

describe('passerelle factors', () => {
  let people: People;
  let store: Store;
  let folder = '';
  let objectGUID = '';
  before(async () => {
    people = await openPeople([
      { name: 'ada', password: 'Right-1', upn: 'ada@corp.example.com' },
      { name: 'bob', password: 'Right-2', upn: 'bob@corp.example.com' },
    ]);
    folder = mkdtempSync(join(tmpdir(), 'passerelle-cli-factors-'));
    const file = join(folder, 'store.sqlite');
    store = await createSqliteStore({ file, clock });
    const { urls = [], baseDn = '', bindDn = '', password = '' } = people.ldap;
    writeFileSync(
      join(folder, 'passerelle.yaml'),
      `publicUrl: http://localhost:8080
directory: { urls: ${JSON.stringify(urls)}, baseDn: "${baseDn}", bindDn: ${bindDn}, password: ${password} }
mapping: { domains: { primary: example.com } }
factors: { enrolment: { passLife: 2h } }
store: { file: ${file} }
`,
    );
    objectGUID = (JSON.parse((await run('show', 'ada', '--json')).out) as { person: { objectGUID: string } }).person.objectGUID;
  });
  after(async () => {
    await store.close();
    await people.close();
    rmSync(folder, { recursive: true });
  });

  const run = (...args: string[]): Promise<Told> => runAnywhere(['factors', ...args], { folder, clock, random: randomBytes });
  /** Beside what it said, the events that it told. */
  async function runTold(...args: string[]): Promise<Told & { events: Record<string, unknown>[] }> {
    const file = join(folder, 'log');
    const log = openSync(file, 'w');
    try {
      const told = await runAnywhere(['factors', ...args], { folder, clock, random: randomBytes, errorLog: { fd: log } });
      const lines = readFileSync(file, 'utf8').trimEnd();
      const events = lines.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
      return { ...told, events };
    } finally {
      closeSync(log);
    }
  }

  const enrolled: Enrolments = {
    totp: [
      {
        id: 'id-1',
        label: 'Phone',
        createdAt: start - 9 * day,
        lastUsedAt: start - day,
        secret: 'key.SEALED',
        lastStep: 58_909_999,
      },
      { id: 'id-2', label: '\u001b[31mred', createdAt: start, secret: 'key.SEALED', lastStep: 58_909_999 },
    ],
    webauthn: [
      {
        id: 'CREDENTIAL',
        label: 'Key ring',
        createdAt: start - 2 * day,
        publicKey: 'COSE',
        counter: 77,
        transports: ['usb'],
        distinguishedName: 'CN=ada,DC=corp,DC=example,DC=com',
        passkey: true,
        backedUp: false,
        aaguid: '00000000-0000-0000-0000-000000000000',
      },
    ],
    recovery: { hashes: ['SALT.HASH1', 'SALT.HASH2'], createdAt: start - 3 * day },
  };
  const records = () => createEnrolments({ store });
  beforeEach(async () => {
    await records().change(objectGUID, () => enrolled);
    await createEnrolmentPasses({ store, clock, random: randomBytes, life: 1 }).revoke(objectGUID);
  });

  it('show what a person set up, and no secret', async () => {
    const { code, out, err } = await run('show', 'ada');
    assert.equal(code, 0, err);
    assert.equal(
      out,
      `CN=ada,DC=corp,DC=example,DC=com, ${objectGUID}

authenticator apps
  Phone  since 2026-01-01, last 2026-01-09
  \\u{1b}[31mred  since 2026-01-10, not used yet
security keys and passkeys
  Key ring  since 2026-01-08, not used yet, passkey
recovery codes: 2 left, made 2026-01-07
pass for setting up: none
`,
    );
    const programs = await run('show', 'ada', '--json');
    for (const text of [out, programs.out]) assert.doesNotMatch(text, /SEALED|HASH|SALT|COSE|CREDENTIAL|589099|\u001b/);
    assert.deepEqual(JSON.parse(programs.out), {
      person: { objectGUID, distinguishedName: 'CN=ada,DC=corp,DC=example,DC=com' },
      totp: [
        { label: 'Phone', createdAt: '2026-01-01T12:00:00.000Z', lastUsedAt: '2026-01-09T12:00:00.000Z' },
        { label: '\u001b[31mred', createdAt: '2026-01-10T12:00:00.000Z', lastUsedAt: null },
      ],
      webauthn: [{ label: 'Key ring', createdAt: '2026-01-08T12:00:00.000Z', lastUsedAt: null, passkey: true }],
      recoveryCodes: { left: 2, createdAt: '2026-01-07T12:00:00.000Z' },
      pass: null,
    });
  });

  it('show nothing of somebody who set up nothing', async () => {
    const { out } = await run('show', 'bob');
    assert.match(
      out,
      /\n\nauthenticator apps: none\nsecurity keys and passkeys: none\nrecovery codes: none\npass for setting up: none\n$/,
    );
  });

  const resets: Readonly<Record<string, readonly [removed: Record<string, number>, left: Partial<Enrolments>]>> = {
    totp: [{ totp: 2 }, { totp: [] }],
    webauthn: [{ webauthn: 1 }, { webauthn: [] }],
    'recovery-code': [{ 'recovery-code': 2 }, { recovery: undefined }],
    all: [
      { totp: 2, webauthn: 1, 'recovery-code': 2 },
      { totp: [], webauthn: [], recovery: undefined },
    ],
  };
  for (const [factor, [removed, left]] of Object.entries(resets)) {
    it(`takes ${factor} and nothing else, at once, and says so in the audit`, async () => {
      const { code, out, events } = await runTold('reset', 'ada', '--factor', factor);
      assert.equal(code, 0);
      const told = Object.entries(removed).map(([name, count]) => `${name} (${String(count)})`);
      assert.equal(out, `Taken from ${objectGUID}: ${told.join(', ')}.\n`);
      const [event] = events;
      assert.equal(events.length, 1);
      assert.deepEqual([event?.event, event?.person, event?.name, event?.detail], ['factor.reset', objectGUID, 'ada', removed]);
      assert.deepEqual(await records().of(objectGUID), { ...enrolled, ...left });
    });
  }

  it('resets all where no factor is named, a pass included', async () => {
    await runTold('pass', 'ada');
    assert.equal((await runTold('reset', 'ada')).code, 0);
    assert.equal(await store.get('enrolment', objectGUID), undefined);
    assert.match((await run('show', 'ada')).out, /\npass for setting up: none\n$/);
    const again = await runTold('reset', 'ada');
    assert.equal(again.code, 0);
    assert.match(again.out, /: totp \(0\), webauthn \(0\), recovery-code \(0\)\.\n$/);
  });

  it('issues a pass that counts for its person once, for as long as the configuration says', async () => {
    const { code, out, events } = await runTold('pass', 'ada');
    assert.equal(code, 0);
    const [pass = '', then] = out.split('\n');
    assert.match(pass, /^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    assert.equal(then, `for ${objectGUID}, once, until 2026-01-10T14:00:00.000Z`);
    const [event] = events;
    assert.deepEqual([event?.event, event?.person, event?.name], ['pass.issued', objectGUID, 'ada']);
    assert.ok(!JSON.stringify(events).includes(pass), 'it is in no log');
    assert.match((await run('show', 'ada')).out, /\npass for setting up: until 2026-01-10T14:00:00\.000Z\n$/);
    const passes = createEnrolmentPasses({ store, clock, random: randomBytes, life: 1 });
    assert.equal(await passes.redeem(objectGUID, pass), true);
    assert.match((await run('show', 'ada')).out, /\npass for setting up: none\n$/);
  });

  it('says so where there is nobody, no name, no such factor or no store', async () => {
    for (const verb of ['show', 'reset', 'pass']) {
      assert.equal((await run(verb)).code, 2);
      const { code, err } = await run(verb, 'nobody-of-that-name');
      assert.deepEqual([code, err.split(':')[0]], [1, 'person-unknown']);
    }
    const { code, err } = await run('reset', 'ada', '--factor', 'radius');
    assert.deepEqual([code, err.split('\n')[0]], [2, '--factor is one of totp, webauthn, recovery-code, or all.']);
    assert.deepEqual(await records().of(objectGUID), enrolled);
    const text = readFileSync(join(folder, 'passerelle.yaml'), 'utf8').replace(/store: .*/, 'store: { file: nowhere.sqlite }');
    writeFileSync(join(folder, 'other.yaml'), text);
    await assert.rejects(
      run('pass', 'ada', '--config', 'other.yaml'),
      /There is no store .*nowhere\.sqlite yet: start Passerelle/,
    );
  });
});
