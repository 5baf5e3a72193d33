/** `passerelle audit verify`: files with those that were rotated, the configured one, the store; and what commands leave in them. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readConfiguration } from '../../src/config/read-configuration.ts';
import { tellDeed } from '../../src/cli/with-audit.ts';
import { openStore } from '../../src/store/open-store.ts';
import { startProcess } from '../audit/written-chains.ts';
import { soundFile } from '../config/sound-file.ts';
import { run as runAnywhere } from './scripted-io.ts';

const folder = mkdtempSync(join(tmpdir(), 'passerelle-audit-verify-'));
const clock = { now: () => Date.now(), until: () => new Promise<void>((resolve) => setImmediate(resolve)) };
const run = (...args: string[]) => runAnywhere(['audit', 'verify', ...args], { folder, clock, random: randomBytes });
const put = (name: string, lines: readonly string[]): void => {
  writeFileSync(join(folder, name), lines.map((line) => `${line}\n`).join(''));
};

/** Five lines: a chain from its beginning to its end. */
function chainOf(lines: string[] = []): string[] {
  const process = startProcess(lines);
  process.begin();
  process.work(3);
  process.end();
  return lines;
}

describe('passerelle audit verify', () => {
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('finds a file whole, with those that were rotated before it', async () => {
    const lines = chainOf(chainOf());
    put('a.jsonl.2', lines.slice(0, 3));
    put('a.jsonl.1', lines.slice(3, 7));
    put('a.jsonl', lines.slice(7));
    for (const files of [['a.jsonl'], ['a.jsonl.2', 'a.jsonl.1', 'a.jsonl'], [join(folder, 'a.jsonl'), '--stopped']]) {
      const { code, out, err } = await run(...files);
      assert.equal(code, 0, out + err);
      assert.match(out, /^✓ \S+ {2}process \d+, 5 lines, 2026-\S+ to 2026-\S+, ended\n✓ .*\n\nWhole: 10 lines in 2 chains\.\n$/);
    }
  });

  it('says by file and line what is wrong, and exits with 1', async () => {
    const lines = chainOf();
    put('b.jsonl', [lines[0]!, lines[1]!.replace('"index":0', '"index":9'), lines[4]!]);
    const { code, out } = await run('b.jsonl');
    assert.equal(code, 1);
    assert.match(out, /^✗ /);
    assert.match(
      out,
      /\n {4}✗ b\.jsonl:2: line 2 was changed\n {4}✗ b\.jsonl:3: lines 3 to 4 are missing between b\.jsonl:2 and this one\n/,
    );
    assert.match(out, /\nNot whole: 2 findings in 3 lines in 1 chains\.\n$/);
  });

  it('asks for the end where no process runs', async () => {
    put('c.jsonl', chainOf().slice(0, 4));
    assert.deepEqual([(await run('c.jsonl')).code, (await run('c.jsonl', '--stopped')).code], [0, 1]);
    assert.match((await run('c.jsonl')).out, /^! .*\n {4}! c\.jsonl:4: has no end/);
  });

  it('takes a line that is being written for what it is', async () => {
    const lines = chainOf();
    writeFileSync(join(folder, 'd.jsonl'), `${lines.slice(0, 4).join('\n')}\n${lines[4]!.slice(0, 50)}`);
    const { code, out } = await run('d.jsonl');
    assert.equal(code, 0);
    assert.match(out, /! d\.jsonl:5: is not whole: it is being written/);
  });

  it('shows nothing that acts, whatever was written into the file', async () => {
    const evil = '\u001b[2J\u202e\u009b';
    put('e.jsonl', [
      JSON.stringify({ event: 'audit.begun', chain: evil, seq: 1, hash: evil, time: evil, detail: { process: evil } }),
      JSON.stringify({ event: evil, seq: evil }),
      '\u0000'.repeat(5_000),
      'x'.repeat(3_000_000),
    ]);
    const { code, out } = await run('e.jsonl');
    assert.equal(code, 1);
    assert.doesNotMatch(out, /[^\P{Cc}\n]|\p{Cf}/u);
    assert.ok(out.length < 5_000);
  });

  it('fails in a sentence where there is no such file', async () => {
    await assert.rejects(run('nowhere.jsonl'), /ENOENT/);
    assert.equal((await run('a.jsonl', '--nonsense')).code, 2);
  });

  it('finds the deeds of commands in the file and the store of the configuration, and that they are whole', async () => {
    writeFileSync(join(folder, 'secret'), 'x', { mode: 0o600 });
    const store = 'store: { file: s.sqlite }\naudit: { file: { path: log.jsonl, keep: 5 } }\n';
    writeFileSync(join(folder, 'passerelle.yaml'), soundFile + store);
    const { configuration } = await readConfiguration({ file: join(folder, 'passerelle.yaml'), environment: {} });
    const opened = await openStore(configuration.store, { clock });
    put('log.jsonl', chainOf());
    const log = join(folder, 'errors');
    const fd = openSync(log, 'w');
    try {
      for (const store of [opened, undefined]) {
        const deed = { event: 'throttle.cleared', name: 'ada' } as const;
        await tellDeed('throttle clear', { configuration, store }, { clock, random: randomBytes, errorLog: { fd } }, deed);
      }
    } finally {
      closeSync(fd);
    }
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { event: string }).event),
      ['throttle.cleared', 'throttle.cleared'],
    );
    const file = await run();
    assert.equal(file.code, 0, file.out);
    assert.match(file.out, /Whole: 11 lines in 3 chains\./);
    assert.match(file.out, /passerelle throttle clear, 3 lines/);
    const stored = await run('--store', '--stopped');
    assert.equal(stored.code, 0, stored.out);
    assert.match(stored.out, /Whole: 6 lines in 2 chains\./);
    await opened.close();

    renameSync(join(folder, 'log.jsonl'), join(folder, 'log.jsonl.1'));
    put('log.jsonl', []);
    assert.equal((await run()).code, 0);
    put('log.jsonl.1', readFileSync(join(folder, 'log.jsonl.1'), 'utf8').trimEnd().split('\n').toSpliced(6, 1));
    assert.equal((await run()).code, 1);
  });

  it('says where there is nothing to verify', async () => {
    writeFileSync(join(folder, 'none.yaml'), `${soundFile}audit: { store: false }\n`);
    await assert.rejects(run('--config', 'none.yaml'), /names no audit\.file, and audit\.store is false/);
  });
});
