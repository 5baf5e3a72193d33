/** `passerelle store`: what is exported comes back whole or not at all, on either store; what is wrong is told; seals change under those who run. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { createEnrolments } from '../../src/authenticators/enrolments.ts';
import { openSecret, sealSecret } from '../../src/authenticators/sealed-secret.ts';
import { store as schema, type StoreConfig } from '../../src/config/store-schema.ts';
import { createSeal } from '../../src/keys/seal.ts';
import { openSealingKeys } from '../../src/keys/sealing-keys.ts';
import { openStore } from '../../src/store/open-store.ts';
import { kinds, type RawRecord, type Store } from '../../src/store/store.ts';
import { postgres, type TestDatabase } from '../testbed/postgres.ts';
import { run as runAnywhere, type Told } from './scripted-io.ts';

const now = Date.now();
const later = now + 3_600_000;
const clock = { now: Date.now, until: () => Promise.resolve() };
const folders: string[] = [];

/** A configuration of its own, and its store. */
interface Site {
  readonly folder: string;
  readonly config: StoreConfig;
  run(...args: string[]): Promise<Told>;
  open(): Promise<Store>;
  keys(): ReturnType<typeof openSealingKeys>;
}

function site(section?: { url: string; password: string }): Site {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-cli-store-'));
  folders.push(folder);
  const written = section ?? { file: join(folder, 'data/store.sqlite') };
  const configuration = {
    publicUrl: 'https://sso.example.com',
    directory: { urls: ['ldaps://dc1.corp.example.com'], baseDn: 'DC=corp', bindDn: 'CN=svc', password: 'unused' },
    mapping: { domains: { primary: 'example.com' } },
    keys: { folder: join(folder, 'certs') },
    store: written,
  };
  writeFileSync(join(folder, 'passerelle.yaml'), JSON.stringify(configuration), { mode: 0o600 });
  const config = schema.parse(written);
  return {
    folder,
    config,
    run: (...args) => runAnywhere(['store', ...args], { folder, clock, random: randomBytes }),
    open: () => openStore(config, { clock }),
    keys: () => openSealingKeys(join(folder, 'certs/sealing.keys'), randomBytes),
  };
}

async function contentsOf(at: Site): Promise<readonly (Omit<RawRecord, 'json'> & { value: unknown })[]> {
  const store = await at.open();
  const found: RawRecord[] = [];
  for await (const batch of store.snapshot()) found.push(...batch);
  await store.close();
  return found.map(({ json, ...rest }) => ({ ...rest, value: JSON.parse(json) as unknown }));
}

const secretOf = (person: string): string => `SECRET ${person}`;

async function enrol(at: Site, store: Store, people: readonly string[]): Promise<void> {
  const seal = createSeal(at.keys().current, randomBytes);
  const enrolments = createEnrolments({ store });
  const enrolOne = async (person: string) => {
    const app = {
      id: 'app',
      label: 'Phone',
      createdAt: now,
      lastStep: 1,
      secret: sealSecret(seal, person, 'app', secretOf(person)),
    };
    await enrolments.change(person, (found) => ({ ...found, totp: [...found.totp, app] }));
  };
  await Promise.all(people.map(enrolOne));
}

/** Every one of them can still be asked for a code, by the keys of that site. */
async function opensAll(at: Site, people: readonly string[]): Promise<void> {
  const store = await at.open();
  const enrolments = createEnrolments({ store });
  const seal = createSeal(at.keys().current, randomBytes);
  for (const person of people) {
    const [app, ...others] = (await enrolments.of(person)).totp;
    assert.ok(app !== undefined && others.length === 0, person);
    assert.equal(openSecret(seal, person, app.id, app.secret), secretOf(person));
    assert.ok(seal.isCurrent(app.secret), person);
  }
  await store.close();
}
const someone = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${String(index)}`);

/** One of each kind, people who enrolled, text of every sort, and what has expired. */
async function fill(at: Site): Promise<readonly string[]> {
  const store = await at.open();
  const people = someone('person', 30);
  await enrol(at, store, people);
  for (const kind of kinds)
    await store.create(kind, `a ${kind}`, { of: kind, text: ['é😀', 'a\0b\n\u2028', '\uD800', '{"end":true}'] }, later);
  await store.create('session', 'key "of" é😀\n\u2028', null, later);
  await store.create('session', 'expired', 1, now - 1);
  await store.close();
  return people;
}

let database: TestDatabase;
before(async () => {
  database = await (await postgres()).database();
});
after(async () => {
  await database.drop();
  for (const folder of folders) rmSync(folder, { recursive: true });
});

describe('passerelle store export and import', () => {
  let full: Site;
  let people: readonly string[];
  let exported = '';
  before(async () => {
    full = site();
    people = await fill(full);
    exported = join(full.folder, 'store.jsonl');
  });

  it('write a file for its owner alone, which is never overwritten', async () => {
    const { code, err } = await full.run('export', '--out', 'store.jsonl');
    assert.equal(code, 0, err);
    assert.match(err, /^Written: artifact 1, .*enrolment 31, .*session 2, .*\.\n$/);
    assert.equal(statSync(exported).mode & 0o777, 0o600);
    assert.ok(!readFileSync(exported, 'utf8').includes('SECRET'));
    await assert.rejects(full.run('export', '--out', 'store.jsonl'), /store\.jsonl exists already\.$/);
  });

  it('write the same to standard output, and certain kinds alone', async () => {
    const withoutHead = (text: string) => text.split('\n').slice(1, -2);
    const { out } = await full.run('export');
    assert.deepEqual(withoutHead(out), withoutHead(readFileSync(exported, 'utf8')));
    const some = await full.run('export', '--kind', 'device', '--kind', 'name-id');
    assert.deepEqual(
      withoutHead(some.out).map((line) => (JSON.parse(line) as { kind: string }).kind),
      ['device', 'name-id'],
    );
    assert.equal((await full.run('export', '--kind', 'everything')).code, 2);
  });

  it('move all that lives from SQLite to PostgreSQL and back, and nobody enrols again', async () => {
    const [shared, back] = [site({ url: database.url, password: database.password }), site()];
    const lived = await contentsOf(full);
    for (const to of [shared, back]) cpSync(join(full.folder, 'certs'), join(to.folder, 'certs'), { recursive: true });
    const there = await shared.run('import', exported);
    assert.equal(there.code, 0, there.err);
    assert.match(there.out, /^Imported: artifact 1, .*enrolment 31, /);
    assert.deepEqual(await contentsOf(shared), lived);
    await opensAll(shared, people);
    assert.equal((await shared.run('check')).code, 0);
    const again = join(shared.folder, 'again.jsonl');
    assert.equal((await shared.run('export', '--out', again)).code, 0);
    assert.equal((await back.run('import', again)).code, 0);
    assert.deepEqual(await contentsOf(back), lived);
    await opensAll(back, people);
  });

  it('are run once more where they were stopped half way, and overwrite nothing unasked', async () => {
    const to = site();
    const store = await to.open();
    await store.create('name-id', 'a name-id', { of: 'somebody else' }, later);
    const refused = await to.run('import', exported);
    assert.equal(refused.code, 1);
    assert.equal(
      refused.err,
      '1 records are in the store already and differ, such as name-id a name-id. Nothing was changed; --replace overwrites them.\n',
    );
    assert.equal((await contentsOf(to)).length, 1);
    await store.create('session', 'own', 1, later);
    assert.equal((await to.run('import', exported, '--replace')).code, 0);
    const first = await contentsOf(to);
    assert.equal(first.length, (await contentsOf(full)).length + 1);
    assert.equal((await to.run('import', exported)).code, 0);
    assert.deepEqual(await contentsOf(to), first);
    await store.close();
  });

  it('leave out what has expired by then', async () => {
    const to = site();
    const late = { now: () => later, until: () => Promise.resolve() };
    const { out } = await runAnywhere(['store', 'import', exported], { folder: to.folder, clock: late, random: randomBytes });
    assert.match(out, /^Imported: enrolment 30\. Left out: \d+ that had expired\.\n$/);
  });

  it('refuse a file that is cut off or changed anywhere, before anything is written', async () => {
    const bytes = readFileSync(exported);
    const to = site();
    const file = join(to.folder, 'damaged.jsonl');
    const refuses = async (content: Buffer | string, says = /./): Promise<void> => {
      writeFileSync(file, content);
      const { code, err } = await to.run('import', file);
      assert.equal(code, 1);
      assert.match(err, /^\S+ was not imported: .*\. Nothing was changed\.\n$/);
      assert.match(err, says);
    };
    const at = fc.integer({ min: 0, max: bytes.length - 1 });
    await fc.assert(
      fc.asyncProperty(at, (length) => refuses(bytes.subarray(0, length))),
      { numRuns: 12 },
    );
    await fc.assert(
      fc.asyncProperty(at, fc.integer({ min: 0, max: 7 }), (index, bit) => {
        const changed = Buffer.from(bytes);
        changed[index] = (changed[index] ?? 0) ^ (1 << bit);
        return refuses(changed);
      }),
      { numRuns: 25 },
    );
    const lines = bytes.toString('utf8').split('\n');
    const without = (index: number) => lines.filter((_, each) => each !== index).join('\n');
    await refuses(without(3), /its end says otherwise/);
    await refuses([...lines.slice(0, 2), lines[3], lines[2], ...lines.slice(4)].join('\n'), /SHA-256/);
    await refuses(without(lines.length - 2), /its end is missing/);
    await refuses(`${bytes.toString('utf8')}{}\n`, /behind its end/);
    await refuses('', /its end is missing/);
    await refuses('{"format":"another"}\n', /not what passerelle store export writes/);
    await refuses('{"format":"passerelle store","version":2}\n', /a newer Passerelle wrote it/);
    await refuses(
      `{"format":"passerelle store","version":1}\n{"kind":"unheard-of","key":"a","expiresAt":1,"value":1}\n`,
      /kind that is not known/,
    );
    await refuses(Buffer.alloc(5 * 1024 * 1024, 'a'), /line that is too long/);
    assert.deepEqual(await contentsOf(to), []);
    await assert.rejects(to.run('import', join(to.folder, 'nowhere')), /ENOENT/);
  });
});

describe('passerelle store check', () => {
  it('says what is wrong, record by record, and changes nothing', async () => {
    const at = site();
    await assert.rejects(at.run('check'), /There is no store .* yet\.$/);
    await fill(at);
    const sound = await at.run('check');
    assert.equal(sound.code, 0, sound.err);
    assert.match(sound.out, /^Records: .*enrolment 31, .* Wrong: 0\.\n$/);

    const raw = new DatabaseSync(at.config.file);
    raw.exec(`update records set value = '{' where kind = 'device';
      update records set value = '"' || printf('%.*c', 600000, 'x') || '"' where kind = 'familiar';
      update records set kind = 'unheard-of' where kind = 'signin';
      update records set value = replace(value, '"id":"app"', '"id":"other"') where key = 'person-1';
      update records set value = '{"totp":7}' where key = 'person-2'`);
    raw.close();
    const { code, out, err } = await at.run('check');
    assert.equal(code, 1);
    assert.match(out, / Wrong: 5\.\n$/);
    assert.deepEqual(err.trimEnd().split('\n'), [
      'device a device: is no JSON',
      'enrolment person-1: what is in the store was changed, or belongs to something else.',
      'enrolment person-2: is not what people enrol',
      'familiar a familiar: a record holds at most 524288 bytes of JSON',
      'unheard-of a signin: is of a kind that is not known here',
    ]);
    await assert.rejects(at.run('export'), /A record of kind device cannot be read; see passerelle store check\.$/);
  });

  it('says that the keys are missing, and makes none', async () => {
    const at = site();
    await fill(at);
    rmSync(join(at.folder, 'certs/sealing.keys'));
    const { code, err } = await at.run('check');
    assert.equal(code, 1);
    assert.match(err, /^enrolment person-0: is sealed, and there is no file sealing\.keys$/m);
    await assert.rejects(at.run('rekey'), /nothing was sealed\.$/);
  });
});

describe('passerelle store rekey', () => {
  it('seals all by a new key while people enrol, and forgets the old one', async () => {
    const at = site();
    const people = someone('before', 300);
    const store = await at.open();
    await enrol(at, store, people);
    const [old] = at.keys().current();
    const during: string[] = [];
    const state = { isDone: false };
    const enrolling = (async () => {
      while (!state.isDone) {
        const more = someone(`during-${String(during.length)}`, 3);
        await enrol(at, store, more);
        during.push(...more);
      }
    })();
    const { code, out, err } = await at.run('rekey');
    state.isDone = true;
    await enrolling;
    assert.equal(code, 0, err);
    assert.match(
      out,
      /^Key [0-9a-f]{8} was added and seals from now on\.\nSealed by the new key: what \d+ people enrolled\.\n(.*\n)?The old keys are forgotten\.\n$/,
    );
    const left = at.keys().current();
    assert.equal(left.length, 1);
    assert.notEqual(left[0].id, old.id);
    assert.ok(during.length > 0);
    await opensAll(at, [...people, ...during]);
    await store.close();
  });

  it('goes on where it was killed', async () => {
    const at = site();
    const people = someone('person', 1_500);
    const store = await at.open();
    await enrol(at, store, people);
    await store.close();
    const { id } = at.keys().current()[0];
    const child = spawn(process.execPath, [join(import.meta.dirname, '../../src/main.ts'), 'store', 'rekey'], {
      cwd: at.folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const ids = at
      .keys()
      .current()
      .map((key) => key.id);
    assert.equal(ids.length, 2);
    assert.equal(ids[1], id);
    const { code, out } = await at.run('rekey');
    assert.equal(code, 0);
    assert.doesNotMatch(out, /was added/);
    assert.deepEqual(
      at
        .keys()
        .current()
        .map((key) => key.id),
      ids.slice(0, 1),
    );
    await opensAll(at, people);
  });

  it('keeps the old key while a sign-in under way holds what it sealed', async () => {
    const at = site();
    await fill(at);
    const sealed = sealSecret(createSeal(at.keys().current, randomBytes), 'somebody', 'app', 'SECRET');
    const store = await at.open();
    await store.create('challenge', 'under way', { state: { secret: sealed } }, later);
    const kept = await at.run('rekey');
    assert.equal(kept.code, 0);
    assert.match(
      kept.out,
      new RegExp(`1 records that are under way .* at ${new Date(later).toISOString().replaceAll('.', '\\.')}; then`),
    );
    assert.equal(at.keys().current().length, 2);
    assert.equal((await at.run('rekey', '--finish')).code, 1);
    await store.delete('challenge', 'under way');
    assert.equal((await at.run('rekey', '--finish')).code, 0);
    assert.equal(at.keys().current().length, 1);
    await store.close();
  });

  it('forgets no key while somebody’s enrolment opens by none', async () => {
    const at = site();
    const people = await fill(at);
    const raw = new DatabaseSync(at.config.file);
    raw.exec(`update records set value = replace(value, '"id":"app"', '"id":"other"') where key = 'person-1'`);
    raw.close();
    const { code, err } = await at.run('rekey');
    assert.equal(code, 1);
    assert.match(err, /^What 1 people enrolled cannot be opened by any key/);
    assert.equal(at.keys().current().length, 2);
    await opensAll(
      at,
      people.filter((person) => person !== 'person-1'),
    );
  });

  it('is three steps where nodes share a database, and at each of them every node opens everything', async () => {
    const section = { url: database.url, password: database.password };
    const [one, other] = [site(section), site(section)];
    const cleared = await one.open();
    for (const kind of kinds) for (const { key } of await cleared.list(kind, '', 10_000)) await cleared.delete(kind, key);
    await cleared.close();
    const everybody: string[] = [];
    const store = await one.open();
    const copy = (): void => {
      cpSync(join(one.folder, 'certs'), join(other.folder, 'certs'), { recursive: true, force: true });
    };
    /** Somebody enrols at either node, and both can ask them. */
    const enrolAtBoth = async (step: string): Promise<void> => {
      for (const [name, at] of [
        ['one', one],
        ['other', other],
      ] as const) {
        const person = `${step} at ${name}`;
        everybody.push(person);
        await enrol(at, store, [person]);
      }
      const enrolments = createEnrolments({ store });
      for (const at of [one, other]) {
        const seal = createSeal(at.keys().current, randomBytes);
        for (const person of everybody) {
          const [app] = (await enrolments.of(person)).totp;
          assert.ok(app !== undefined);
          assert.equal(openSecret(seal, person, app.id, app.secret), secretOf(person), `${person}, ${step}`);
        }
      }
    };
    one.keys();
    copy();
    await enrolAtBoth('before');
    await assert.rejects(one.run('rekey'), /Begin with passerelle store rekey --prepare\.$/);
    await assert.rejects(one.run('rekey', '--finish'), /No change of keys is under way\.$/);
    assert.equal((await one.run('rekey', '--prepare')).code, 0);
    await enrolAtBoth('prepared');
    await assert.rejects(one.run('rekey', '--prepare'), /is under way/);
    await assert.rejects(one.run('rekey', '--finish'), /Nothing is sealed by the new key yet/);
    copy();
    const resealed = await one.run('rekey');
    assert.match(resealed.out, /seals from now on\.\nSealed by the new key: what 4 people enrolled\.\nCopy /);
    await enrolAtBoth('sealed anew');
    copy();
    await enrolAtBoth('copied again');
    const { code, out, err } = await one.run('rekey', '--finish');
    assert.equal(code, 0, err);
    assert.match(out, /^Sealed by the new key: what 1 people enrolled\.\nThe old keys are forgotten\. Copy /);
    copy();
    await enrolAtBoth('finished');
    assert.equal(other.keys().current().length, 1);
    await opensAll(one, everybody);
    await store.close();
    assert.equal((await one.run('rekey', '--prepare', '--finish')).code, 2);
  });
});
