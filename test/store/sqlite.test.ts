/** The SQLite store keeps the contract, keeps its files private, and refuses files that are not its own. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bys, orders } from '../../src/store/journal-plan.ts';
import { searchFor } from '../../src/store/sqlite-journal-queries.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import { StoreUnusable } from '../../src/store/store-unusable.ts';
import { heldClock, storeContract } from '../contract/store.ts';

const counter = fileURLToPath(new URL('counter.ts', import.meta.url));
const now = Date.UTC(2026, 0, 1);
const clock = heldClock(now);

async function countElsewhere(file: string, kind: string, key: string, times: number): Promise<void> {
  await promisify(execFile)(process.execPath, [counter, JSON.stringify({ file }), kind, key, String(times), String(now)]);
}

storeContract('the SQLite store', () => {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-store-'));
  const file = join(folder, 'records.sqlite');
  return Promise.resolve({
    open: (held) => createSqliteStore({ file, clock: held }),
    countElsewhere: (kind, key, times) => countElsewhere(file, kind, key, times),
    remove: async () => {
      await rm(folder, { recursive: true });
    },
  });
});

describe('the SQLite file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-store-'));
  after(() => rmSync(folder, { recursive: true }));
  let files = 0;
  const path = () => join(folder, `${(files += 1)}.sqlite`);
  const rights = (name: string) => (statSync(name).mode & 0o777).toString(8);
  const open = (file: string) => createSqliteStore({ file, clock });
  const refuses = (file: string, message: RegExp) =>
    assert.rejects(open(file), (error) => {
      assert.ok(error instanceof StoreUnusable);
      assert.match(error.message, message);
      return true;
    });

  it('is made with its folders for its owner alone, -wal and -shm too', async () => {
    const file = join(folder, 'new', 'deep', 'x.sqlite');
    const store = await open(file);
    await store.create('session', 'k', 1, now + 1);
    for (const suffix of ['', '-wal', '-shm']) assert.equal(rights(file + suffix), '600', suffix);
    assert.equal(rights(join(folder, 'new')), '700');
    assert.equal(rights(join(folder, 'new', 'deep')), '700');
    await store.close();
    assert.deepEqual(readdirSync(join(folder, 'new', 'deep')), ['x.sqlite']);
  });

  it('is made private again where it was opened to others', async () => {
    const file = path();
    await (await open(file)).close();
    chmodSync(file, 0o644);
    const store = await open(file);
    for (const suffix of ['', '-wal', '-shm']) assert.equal(rights(file + suffix), '600', suffix);
    await store.close();
  });

  it('uses a write-ahead log, and is checked for its schema version and owner', async () => {
    const file = path();
    await (await open(file)).close();
    const raw = new DatabaseSync(file, { readOnly: true });
    const pragma = (name: string) => Object.values(raw.prepare(`pragma ${name}`).get()!)[0];
    assert.equal(pragma('journal_mode'), 'wal');
    assert.equal(pragma('user_version'), 2);
    assert.equal(pragma('application_id'), 0x50617373);
    const plan = raw.prepare('explain query plan select key from records where expires_at <= 1 order by expires_at').all();
    assert.match(String(plan[0]!.detail), /records_expires_at/);
    raw.close();
  });

  it('is brought to the newest schema where an earlier Passerelle made it, its records kept', async () => {
    const file = path();
    const first = await open(file);
    await first.create('name-id', 'kept', 'person', now + 1_000);
    await first.close();
    const raw = new DatabaseSync(file);
    raw.exec('drop table journal; pragma user_version = 1');
    raw.close();
    const store = await open(file);
    assert.equal(await store.get('name-id', 'kept'), 'person');
    assert.deepEqual(await store.journal.search({ order: 'oldest first', limit: 1 }), []);
    await store.close();
  });

  it('reads the journal by an index in the order that is asked for, so that nothing is sorted', async () => {
    const file = path();
    await (await open(file)).close();
    const raw = new DatabaseSync(file, { readOnly: true });
    for (const by of bys) {
      for (const order of orders) {
        const plan = raw
          .prepare(`explain query plan ${searchFor(by, order)}`)
          .all()
          .map(({ detail }) => String(detail));
        const index = {
          reference: 'reference',
          person: 'person',
          serviceProvider: 'service_provider',
          event: 'event',
          time: 'at',
        };
        assert.equal(plan.length, 1, plan.join('; '));
        assert.match(plan.join(), new RegExp(`using index journal_${index[by]} `, 'i'));
      }
    }
    raw.close();
  });

  it('is set up once by many processes that start together', async () => {
    const file = path();
    await Promise.all(Array.from({ length: 5 }, () => countElsewhere(file, 'attempts', 'together', 10)));
    const store = await open(file);
    assert.equal(await store.get('attempts', 'together'), 50);
    await store.close();
  });

  it('keeps what was committed when the process dies', async () => {
    const file = path();
    const script = `
      const { createSqliteStore } = await import(${JSON.stringify(new URL('../../src/store/sqlite.ts', import.meta.url).href)});
      const store = await createSqliteStore({ file: process.argv[1], clock: { now: Date.now, until: async () => {} } });
      await Promise.all([1, 2, 3].map((key) => store.create('session', 'k' + key, 'committed', Date.now() * 2)));
      process.kill(process.pid, 'SIGKILL');`;
    await assert.rejects(promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, file]), {
      signal: 'SIGKILL',
    });
    const store = await open(file);
    for (const key of ['k1', 'k2', 'k3']) assert.equal(await store.get('session', key), 'committed');
    await store.close();
  });

  it('has small pages, unless it already has others', async () => {
    const sizeOf = (file: string) => readFileSync(file).readUInt16BE(16);
    const [fresh, older] = [path(), path()];
    await (await open(fresh)).close();
    assert.equal(sizeOf(fresh), 1024);
    const raw = new DatabaseSync(older);
    raw.exec('pragma page_size = 4096; pragma application_id = 0x50617373');
    raw.close();
    await (await open(older)).close();
    assert.equal(sizeOf(older), 4096);
  });

  it('is locked for nobody while writes wait for their turn', async () => {
    const file = path();
    const store = await open(file);
    const waiting = store.create('session', 'k', 1, now + 1);
    const raw = new DatabaseSync(file, { timeout: 0 });
    raw.exec('begin immediate; rollback');
    assert.equal(await waiting, true);
    raw.exec('begin immediate; rollback');
    raw.close();
    await store.close();
  });

  describe('where one write of a turn goes wrong in SQLite', () => {
    const orphan = 'insert into children values (1)';
    const cases: readonly [string, string, readonly boolean[]][] = [
      ['the statement alone: keeps the others', `select raise(abort, 'no')`, [true, false, true]],
      ['the whole transaction: keeps and answers none', `select raise(rollback, 'no')`, [false, false, false]],
      ['the commit: keeps and answers none', orphan, [false, false, false]],
    ];
    for (const [name, statement, kept] of cases) {
      it(name, async () => {
        const file = path();
        await (await open(file)).close();
        const raw = new DatabaseSync(file);
        raw.exec(`create table parents (id integer primary key);
          create table children (id integer references parents (id) deferrable initially deferred);
          create trigger wrong before insert on records when new.key = 'b' begin ${statement}; end`);
        raw.close();
        const store = await open(file);
        const write = (key: string) => store.update('session', key, () => ({ value: key, expiresAt: now + 1 }));
        const outcomes = await Promise.allSettled(['a', 'b', 'c'].map(write));
        assert.deepEqual(
          outcomes.map(({ status }) => status === 'fulfilled'),
          kept,
        );
        const found = await Promise.all(['a', 'b', 'c'].map((key) => store.get('session', key)));
        assert.deepEqual(
          found.map((value) => value !== undefined),
          kept,
        );
        await write('d');
        assert.equal(await store.get('session', 'd'), 'd');
        await store.check();
        await store.close();
      });
    }
  });

  describe('is refused, and left as it was,', () => {
    const text = (bytes: string | Buffer) => () => {
      const file = path();
      writeFileSync(file, bytes);
      return file;
    };
    const database = (statements: string) => () => {
      const file = path();
      const raw = new DatabaseSync(file);
      raw.exec(statements);
      raw.close();
      return file;
    };
    const cases: readonly [string, () => string, RegExp][] = [
      ['when it is text', text('a diary, not a database\n'.repeat(100)), /is not a SQLite database/],
      ['when it is random', text(Buffer.alloc(8192, 0x5a)), /is not a SQLite database/],
      ['when it is another program’s', database('create table notes (text)'), /belongs to another program/],
      ['when another program marked it', database('pragma application_id = 7'), /belongs to another program/],
      ['when another program numbered it', database('pragma user_version = 1'), /belongs to another program/],
      [
        'when it is newer than we are',
        database('pragma application_id = 0x50617373; pragma user_version = 3'),
        /newer Passerelle/,
      ],
    ];
    for (const [name, prepare, message] of cases) {
      it(name, async () => {
        const file = prepare();
        const before = readFileSync(file);
        await refuses(file, message);
        assert.deepEqual(readFileSync(file), before);
        assert.ok(!existsSync(`${file}-wal`));
      });
    }

    it('when it is a folder', async () => {
      const file = path();
      mkdirSync(file);
      await refuses(file, /EISDIR|is not a file/);
    });

    it('when it is a device', async () => {
      const file = path();
      symlinkSync('/dev/null', file);
      await refuses(file, /is not a file/);
    });

    it('when its folder is a file', async () => {
      const file = path();
      writeFileSync(file, '');
      await refuses(join(file, 'x.sqlite'), /cannot be used: E/);
    });
  });

  describe('is refused as damaged', () => {
    const filled = async () => {
      const file = path();
      const store = await open(file);
      for (let index = 0; index < 200; index += 1)
        await store.create('session', `key ${index}`, 'x'.repeat(500), now + index + 1);
      await store.close();
      return file;
    };

    it('when a page was overwritten', async () => {
      const file = await filled();
      const bytes = readFileSync(file);
      bytes.fill(0xff, 4096, 3 * 4096);
      writeFileSync(file, bytes);
      await refuses(file, /is damaged/);
    });

    it('when its end is missing', async () => {
      const file = await filled();
      truncateSync(file, 3 * 4096);
      await refuses(file, /is damaged/);
    });

    it('when its table is gone', async () => {
      const file = await filled();
      const raw = new DatabaseSync(file);
      raw.exec('drop table records');
      raw.close();
      await refuses(file, /is damaged/);
    });
  });

  it('fails its check once it was deleted or replaced underneath', async () => {
    const file = path();
    const store = await open(file);
    await store.check();
    rmSync(file);
    await assert.rejects(store.check(), /deleted or replaced/);
    writeFileSync(file, '');
    await assert.rejects(store.check(), /deleted or replaced/);
    await store.close();
  });

  it('fails its check while another program holds the lock for ever', { timeout: 20_000 }, async () => {
    const file = path();
    const store = await open(file);
    const raw = new DatabaseSync(file);
    raw.exec('begin immediate');
    const [check, write, read] = await Promise.allSettled([
      store.check(),
      store.create('session', 'k', 1, now + 1),
      store.get('session', 'k'),
    ]);
    for (const outcome of [check, write]) {
      assert.ok(outcome.status === 'rejected');
      assert.match(String(outcome.reason), /database is locked/);
    }
    assert.deepEqual(read, { status: 'fulfilled', value: undefined });
    raw.exec('rollback');
    raw.close();
    await store.check();
    await store.close();
  });
});

describe('the SQLite store in memory', () => {
  it('keeps records for as long as it is open, and shares them with nobody', async () => {
    const [first, second] = [
      await createSqliteStore({ file: ':memory:', clock }),
      await createSqliteStore({ file: ':memory:', clock }),
    ];
    assert.equal(await first.create('session', 'k', 1, now + 1), true);
    assert.equal(await second.create('session', 'k', 2, now + 1), true);
    assert.equal(await first.get('session', 'k'), 1);
    await first.check();
    await first.close();
    await second.close();
  });
});
