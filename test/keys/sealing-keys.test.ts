/** The file of sealing keys: made once by however many start, kept from others’ eyes, rotated while all run, told when it is spoilt. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { KeyMistake } from '../../src/keys/key-mistake.ts';
import { createSeal } from '../../src/keys/seal.ts';
import { openSealingKeys } from '../../src/keys/sealing-keys.ts';

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});
function fresh(): string {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-sealing-'));
  folders.push(folder);
  return join(folder, 'keys', 'sealing');
}
const isMistake = (pattern: RegExp) => (error: unknown) => error instanceof KeyMistake && pattern.test(error.message);
const open = (path: string) => openSealingKeys(path, randomBytes);
/** As an editor or a backup does: another file of that name, which is never taken for the one before. */
function replace(path: string, content: string | Buffer): void {
  writeFileSync(`${path}.other`, content, { mode: 0o600 });
  renameSync(`${path}.other`, path);
}
const line = (id: string): string => `${id} ${randomBytes(32).toString('base64url')}\n`;

describe('the file of sealing keys', () => {
  it('is made on first start with one key of 32 bytes, for its owner alone, and kept', () => {
    const path = fresh();
    const [key, ...others] = open(path).current();
    assert.deepEqual(others, []);
    assert.match(key.id, /^[0-9a-f]{8}$/);
    assert.equal(key.key.length, 32);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(dirname(path)).mode & 0o777, 0o700);
    assert.deepEqual(readdirSync(dirname(path)), ['sealing']);
    assert.deepEqual(open(path).current(), [key]);
  });

  it('is one, however many processes start at once', async () => {
    const path = fresh();
    const program = `
      import { randomBytes } from 'node:crypto';
      import { openSealingKeys } from ${JSON.stringify(join(import.meta.dirname, '../../src/keys/sealing-keys.ts'))};
      process.stdout.write(openSealingKeys(${JSON.stringify(path)}, randomBytes).current()[0].key.toString('hex'));`;
    const start = () => promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
    const made = await Promise.all(Array.from({ length: 4 }, start));
    assert.equal(new Set(made.map(({ stdout }) => stdout)).size, 1);
    assert.match(made[0]?.stdout ?? '', /^[0-9a-f]{64}$/);
    assert.deepEqual(readdirSync(dirname(path)), ['sealing']);
  });

  it('is rotated under those who run: they seal by the new key from then on, and open what was sealed before', () => {
    const path = fresh();
    const [running, administrator] = [open(path), open(path)];
    const seal = createSeal(running.current, randomBytes);
    const old = seal.seal('secret', 'ada');
    const id = administrator.add();
    const anew = seal.seal('secret', 'ada');
    assert.ok(anew.startsWith(`${id}.`));
    assert.ok(seal.isCurrent(anew) && !seal.isCurrent(old));
    assert.equal(seal.open(old, 'ada'), 'secret');
    administrator.dropOld(id);
    assert.equal(seal.open(anew, 'ada'), 'secret');
    assert.throws(() => seal.open(old, 'ada'), isMistake(/not there/));
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(dirname(path)), ['sealing']);
  });

  it('forgets no key by which somebody else sealed meanwhile', () => {
    const path = fresh();
    const [one, other] = [open(path), open(path)];
    const id = one.add();
    const later = other.add();
    assert.throws(
      () => {
        one.dropOld(id);
      },
      isMistake(/has a newer key by now/),
    );
    assert.deepEqual(
      one
        .current()
        .map((key) => key.id)
        .slice(0, 2),
      [later, id],
    );
  });

  it('holds a key that waits, which opens and seals nothing until it is its turn', () => {
    const path = fresh();
    const [running, administrator] = [open(path), open(path)];
    const [old] = running.current();
    assert.equal(administrator.waiting(), undefined);
    assert.throws(() => administrator.promote(), isMistake(/no key that waits/));
    const next = administrator.prepare();
    assert.equal(administrator.waiting(), next);
    assert.throws(() => administrator.prepare(), isMistake(/waits already/));
    assert.deepEqual(
      running.current().map(({ id }) => id),
      [old.id, next],
    );
    const elsewhere = createSeal(() => [running.current()[1] ?? old], randomBytes);
    const seal = createSeal(running.current, randomBytes);
    assert.ok(seal.seal('secret', 'ada').startsWith(`${old.id}.`));
    assert.equal(seal.open(elsewhere.seal('secret', 'ada'), 'ada'), 'secret');
    assert.equal(administrator.promote(), next);
    assert.equal(administrator.waiting(), undefined);
    assert.deepEqual(
      running.current().map(({ id }) => id),
      [next, old.id],
    );
  });

  it('is changed by one at a time, and says what to do about one that was stopped half way', () => {
    const path = fresh();
    const keys = open(path);
    writeFileSync(`${path}.lock`, '');
    for (const change of [() => keys.add(), () => keys.dropOld(keys.current()[0].id)]) {
      assert.throws(change, isMistake(/somebody else is changing .*delete .*sealing\.lock/));
    }
    assert.ok(existsSync(`${path}.lock`), 'nobody takes the lock of another away');
    rmSync(`${path}.lock`);
    keys.add();
    assert.equal(keys.current().length, 2);
  });

  it('takes no more keys than it reads', () => {
    const path = fresh();
    const keys = open(path);
    replace(path, Array.from({ length: 100 }, (_, index) => line(index.toString(16).padStart(8, '0'))).join(''));
    assert.equal(keys.current().length, 100);
    assert.throws(() => keys.add(), isMistake(/as many keys as it may/));
    assert.equal(keys.current().length, 100);
    assert.ok(!existsSync(`${path}.lock`));
  });

  const key = line('0000000a');
  const spoilt: Readonly<Record<string, readonly [content: string | Buffer, says: RegExp]>> = {
    empty: ['', /holds no sealing key/],
    'blank lines alone': ['\n\n', /holds no sealing key/],
    'half a key': [key.slice(0, 30), /no sealing key/],
    'a key and half of another': [key + line('0000000b').slice(0, 40), /no sealing key/],
    'a key of 31 bytes': [`0000000a ${randomBytes(31).toString('base64url')}\n`, /no sealing key/],
    'a name in capitals': [key.replace('a', 'A'), /no sealing key/],
    'lines of Windows': [key.replace('\n', '\r\n'), /no sealing key/],
    'two keys of one name': [key + line('0000000a'), /two keys of one name/],
    'a key that waits, and none that seals': [key.replace('\n', ' next\n'), /no sealing key/],
    'two keys that wait': [
      key + line('0000000b').replace('\n', ' next\n') + line('0000000c').replace('\n', ' next\n'),
      /no sealing key/,
    ],
    'bytes of a disk that failed': [Buffer.alloc(53), /no sealing key/],
    'more than is ever read': [key.repeat(101), /too many/],
  };
  for (const [what, [content, says]] of Object.entries(spoilt)) {
    it(`says so where it is spoilt, at a start and while it runs: ${what}`, () => {
      const path = fresh();
      const running = open(path);
      replace(path, content);
      assert.throws(() => open(path), isMistake(says));
      assert.throws(running.current, isMistake(says));
      assert.ok(Buffer.from(content).equals(readFileSync(path)), 'it is left as it is');
    });
  }

  for (const mode of [0o640, 0o604, 0o620, 0o601, 0o666]) {
    it(`says so where others may use it (${mode.toString(8)}), also if the mode changes while it runs`, () => {
      const path = fresh();
      const running = open(path);
      chmodSync(path, mode);
      assert.throws(() => open(path), isMistake(/can be read by others \(mode 0\d{3}\)\. chmod 600/));
      assert.throws(running.current, isMistake(/can be read by others/));
      chmodSync(path, 0o600);
      assert.equal(running.current().length, 1);
    });
  }

  it('says so where it is gone while it runs, and makes none in its place', () => {
    const path = fresh();
    const running = open(path);
    renameSync(path, `${path}.away`);
    assert.throws(running.current, isMistake(/is not there: .* what it sealed cannot be opened/));
    assert.ok(!existsSync(path));
    renameSync(`${path}.away`, path);
    assert.equal(running.current().length, 1);
  });

  it('is read again where nothing but its content changed, of one size and at one time', () => {
    const path = fresh();
    const running = open(path);
    const { atime, mtime } = statSync(path);
    const { ctimeMs } = statSync(path);
    running.current();
    // The file system counts by ticks of some milliseconds.
    while (statSync(path).ctimeMs === ctimeMs) writeFileSync(path, key);
    utimesSync(path, atime, mtime);
    assert.equal(running.current()[0].id, '0000000a');
  });

  it('is read once for many uses', () => {
    const running = open(fresh());
    assert.equal(running.current(), running.current());
  });

  it('stops nobody who needs none, where the folder is not ours to write; who needs one is told', () => {
    const keys = open('/sys/kernel/sealing');
    for (const use of [keys.current, () => keys.add()]) assert.throws(use, isMistake(/^.*\/sys\/kernel\/sealing /));
  });

  it('says so where it cannot be made or is no file', () => {
    const path = fresh();
    mkdirSync(path, { recursive: true, mode: 0o700 });
    assert.throws(() => open(path), isMistake(/is no file/));
    writeFileSync(join(path, 'file'), '');
    assert.throws(() => open(join(path, 'file', 'sealing')), isMistake(/cannot be read or written: EEXIST/));
  });
});
