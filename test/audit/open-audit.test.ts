/** The audit trail as a process opens it: in a file that is rotated and moved and full, by workers and commands, and whole in the end. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { openAudit, type AuditRole, type AuditSettings, type OpenedAudit } from '../../src/audit/open-audit.ts';
import { findingsOf } from './written-chains.ts';

const folder = mkdtempSync(join(tmpdir(), 'passerelle-open-audit-'));
const clock = { now: () => Date.now(), until: () => new Promise<void>((resolve) => setImmediate(resolve)) };
let files = 0;
const newPath = (): string => join(folder, `audit-${String((files += 1))}.jsonl`);

interface Settings {
  readonly path?: string;
  readonly megabytes?: number;
  readonly keep?: number;
  readonly level?: AuditSettings['log']['level'];
  readonly stdout?: boolean;
}

/** With what it shows on standard output. */
async function openOn(role: AuditRole, settings: Settings): Promise<OpenedAudit & { readonly shown: string[] }> {
  const shown: string[] = [];
  const { path, megabytes = 100, keep = 3, level = 'info', stdout = true } = settings;
  const opened = await openAudit(
    {
      log: { level },
      audit: {
        store: false,
        retention: 1,
        trail: 'none',
        stdout,
        file: path === undefined ? undefined : { path, megabytes, keep },
      },
    },
    {
      role,
      process: role,
      log: { write: (line) => void shown.push(line), flush: () => Promise.resolve() },
      clock,
      random: randomBytes,
    },
  );
  return { ...opened, shown };
}

const work = ({ audit }: OpenedAudit, times: number): void => {
  for (let index = 0; index < times; index += 1) audit.record({ event: 'signin.issued', reference: 'R', detail: { index } });
};
const linesOf = (path: string): string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1);
/** Of a file and the older ones beside it, the oldest first. */
const allOf = (path: string): string[] =>
  readdirSync(folder)
    .filter((name) => join(folder, name).startsWith(path))
    .toSorted((a, b) => Number(b.split('.')[2] ?? 0) - Number(a.split('.')[2] ?? 0))
    .flatMap((name) => linesOf(join(folder, name)));
const eventsOf = (lines: readonly string[]): unknown[] => lines.map((line) => (JSON.parse(line) as { event: unknown }).event);

describe('the audit trail of a process', () => {
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('is a chain in a file for its owner alone, whose lines standard output shows alike', async () => {
    const path = newPath();
    const opened = await openOn('alone', { path });
    opened.audit.note('info', 'started');
    work(opened, 3);
    await opened.close();
    const lines = linesOf(path);
    assert.deepEqual(eventsOf(lines), ['audit.begun', 'signin.issued', 'signin.issued', 'signin.issued', 'audit.ended']);
    assert.deepEqual(findingsOf(lines, { stopped: true }), { isSound: true, words: [] });
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(
      opened.shown.filter((line) => !line.includes('"event":"note"')),
      lines.map((line) => `${line}\n`),
    );
  });

  it('has every event in the file, whatever standard output leaves out', async () => {
    for (const settings of [{ level: 'error' as const }, { stdout: false }]) {
      const path = newPath();
      const opened = await openOn('alone', { path, ...settings });
      work(opened, 2);
      opened.audit.note('error', 'told');
      await opened.close();
      assert.equal(linesOf(path).length, 4);
      assert.deepEqual(eventsOf(opened.shown), ['note']);
    }
  });

  it('goes on after a restart and a kill, and the next one names both', async () => {
    const path = newPath();
    const first = await openOn('alone', { path });
    await first.close();
    const second = await openOn('alone', { path });
    work(second, 2);
    await second.audit.flush();
    writeFileSync(path, readFileSync(path, 'utf8') + '{"level":"inf', { mode: 0o600 });
    const third = await openOn('alone', { path });
    await third.close();
    const { isSound, words } = findingsOf(linesOf(path), { stopped: true });
    assert.deepEqual(words, [
      '! L5 ended without its end: it was killed, and L7 found it so',
      '! L6 is not whole: its process was killed while it wrote',
    ]);
    assert.ok(isSound);
    assert.ok(!findingsOf(linesOf(path).toSpliced(4, 1)).isSound);
    assert.ok(!findingsOf(linesOf(path).toSpliced(0, 2)).isSound);
    await second.close();
  });

  it('survives rotation without a gap, and forgets what is too old without an alarm', async () => {
    const path = newPath();
    const opened = await openOn('alone', { path, megabytes: 0.002, keep: 2 });
    for (let batch = 0; batch < 12; batch += 1) {
      work(opened, 3);
      await opened.audit.flush();
    }
    await opened.close();
    const older = readdirSync(folder).filter((name) => join(folder, name).startsWith(`${path}.`));
    assert.deepEqual(
      older.toSorted(),
      [1, 2].map((number) => `${path.slice(folder.length + 1)}.${String(number)}`),
    );
    for (const name of older) assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600);
    const { isSound, words } = findingsOf(allOf(path), { stopped: true, older: 2 });
    assert.ok(isSound, words.join('\n'));
    assert.match(words.join(), /^! L1 its lines 1 to \d+ are in older files$/);
    rmSync(`${path}.2`);
    assert.ok(!findingsOf(allOf(path), { stopped: true, older: 1 }).isSound);
  });

  it('survives a burst of many files at once', async () => {
    const path = newPath();
    const opened = await openOn('alone', { path, megabytes: 0.01, keep: 50 });
    await opened.audit.flush();
    work(opened, 500);
    await opened.close();
    assert.ok(readdirSync(folder).filter((name) => join(folder, name).startsWith(`${path}.`)).length > 10);
    assert.deepEqual(findingsOf(allOf(path), { stopped: true }), { isSound: true, words: [] });
  });

  it('goes on in a new file where logrotate moved it, and tells there what went before', async () => {
    const path = newPath();
    const opened = await openOn('alone', { path });
    work(opened, 2);
    await opened.audit.flush();
    renameSync(path, `${path}.1`);
    work(opened, 2);
    await opened.audit.flush();
    work(opened, 2);
    await opened.close();
    assert.deepEqual(eventsOf(linesOf(path)).slice(0, 1), ['audit.rotated']);
    assert.deepEqual(findingsOf(allOf(path), { stopped: true }), { isSound: true, words: [] });
    assert.ok(findingsOf(linesOf(path), { stopped: true }).isSound);
  });

  it('waits out a folder that is gone, tells so once, and again when it is back', async () => {
    const gone = join(folder, 'gone');
    mkdirSync(gone);
    const path = join(gone, 'audit.jsonl');
    const opened = await openOn('alone', { path });
    await opened.audit.flush();
    rmSync(gone, { recursive: true });
    for (let index = 0; index < 3; index += 1) {
      work(opened, 2);
      await opened.audit.flush();
    }
    const told = () =>
      opened.shown
        .filter((line) => line.includes('"event":"note"'))
        .map((line) => (JSON.parse(line) as { message: string }).message);
    assert.deepEqual(told(), ['events do not reach the audit file']);
    mkdirSync(gone);
    work(opened, 1);
    await opened.close();
    assert.deepEqual(told(), ['events do not reach the audit file', 'events reach the audit file again']);
    assert.deepEqual(eventsOf(linesOf(path)).filter((event) => event === 'signin.issued').length, 7);
    // What was in the file that was deleted is missed.
    assert.deepEqual(findingsOf(linesOf(path)).words, ['✗ L1 line 1 is missing before this one']);
  });

  it('neither fails nor grows where the disk is full, and is told of once', async () => {
    const opened = await openOn('alone', { path: '/dev/full' });
    const big = 'x'.repeat(500);
    for (let index = 0; index < 20_000; index += 1)
      opened.audit.record({ event: 'signin.refused', reference: 'R', name: big, hint: big, server: big });
    await opened.audit.flush();
    await opened.audit.flush();
    await opened.close();
    const notes = opened.shown.filter((line) => line.includes('"event":"note"'));
    assert.equal(notes.length, 1);
    assert.match(notes[0] ?? '', /"cause":"ENOSPC"/);
  });

  it('follows no link that somebody laid in its place', async () => {
    const path = newPath();
    const target = join(folder, 'target');
    writeFileSync(target, 'precious\n');
    symlinkSync(target, path);
    const opened = await openOn('alone', { path });
    work(opened, 1);
    await opened.close();
    assert.equal(readFileSync(target, 'utf8'), 'precious\n');
    assert.match(opened.shown.join(''), /"cause":"ELOOP"/);
  });

  it('waits for nobody at a pipe that somebody laid in its place', async () => {
    const path = newPath();
    execFileSync('mkfifo', [path]);
    const opened = await openOn('alone', { path });
    work(opened, 2_000);
    await opened.close();
    assert.match(opened.shown.join(''), /"cause":"EAGAIN"/);
  });

  const hostile: readonly (readonly [string, string])[] = [
    ['a line end', 'x\n{"event":"signin.issued","chain":"x"}'],
    ['control characters', '\u0000\u001b[2J\u009b\u202e\u2028'],
    ['a million characters', 'a'.repeat(1_000_000)],
    ['half a pair', '\ud800x\udc00'],
    ['what ends a line of a chain', `x,"hash":"${'0'.repeat(64)}"}`],
    ['quotation marks', '"\\",\\"'],
  ];
  for (const [title, name] of hostile) {
    it(`stays whole whatever was typed: ${title}`, async () => {
      const path = newPath();
      const opened = await openOn('alone', { path });
      opened.audit.record({
        event: 'signin.refused',
        reference: 'R',
        name,
        detail: { [name]: [name], chains: [{ chain: name, seq: 9, hash: name, time: name }] },
      });
      await opened.close();
      const lines = linesOf(path);
      assert.equal(lines.length, 3);
      assert.ok(lines.every((line) => line.length < 8_000));
      assert.deepEqual(findingsOf(lines, { stopped: true }), { isSound: true, words: [] });
    });
  }

  it('of workers goes through their supervisor, each with its own chain, and a killed one is named in the end', async () => {
    const path = newPath();
    const supervisor = await openOn('supervisor', { path, level: 'warn' });
    const workers = [
      await openOn('worker', { path, level: 'warn' }),
      await openOn('worker', { path, level: 'warn', stdout: false }),
    ];
    const hand = (): void => {
      for (const { shown } of workers) for (const line of shown.splice(0)) supervisor.line(line);
    };
    for (let round = 0; round < 3; round += 1) {
      for (const worker of workers) work(worker, 2);
      hand();
    }
    workers[0]?.audit.note('error', 'a worker has something to say');
    supervisor.line('not of the log\n');
    await workers[0]?.close();
    hand();
    await supervisor.close();
    const { isSound, words } = findingsOf(linesOf(path), { stopped: true });
    assert.ok(isSound, words.join('\n'));
    assert.deepEqual(
      words.map((one) => one.replace(/L\d+/g, 'L')),
      ['! L ended without its end: it was killed, and L found it so'],
    );
    assert.equal(eventsOf(linesOf(path)).filter((event) => event === 'signin.issued').length, 12);
    assert.deepEqual(
      supervisor.shown.map((line) => line.slice(0, 16)),
      ['not of the log\n', '{"level":"error"'],
    );
  });

  it('of a command is its deed alone on standard error, a chain in a file that is there, and nothing where nothing was done', async () => {
    const path = newPath();
    await (await openOn('command', { path })).close();
    const early = await openOn('command', { path });
    work(early, 1);
    await early.close();
    assert.deepEqual(eventsOf(early.shown), ['signin.issued', 'note']);
    const server = await openOn('alone', { path });
    await server.audit.flush();
    const command = await openOn('command', { path });
    work(command, 1);
    await command.close();
    assert.deepEqual(eventsOf(command.shown), ['signin.issued']);
    work(server, 1);
    await server.close();
    assert.deepEqual(eventsOf(linesOf(path)), [
      'audit.begun',
      'audit.begun',
      'signin.issued',
      'audit.ended',
      'signin.issued',
      'audit.ended',
    ]);
    assert.deepEqual(findingsOf(linesOf(path), { stopped: true }), { isSound: true, words: [] });
  });

  it('tells what the store holds of others, and nothing of itself', async () => {
    const other = await openOn('worker', {});
    work(other, 1);
    const opened = await openOn('alone', {});
    opened.witness(opened.shown.map((line) => line.trimEnd()));
    opened.witness([...other.shown.map((line) => line.trimEnd()), 'nothing of the kind']);
    const told = JSON.parse(opened.shown.at(-1) ?? '') as { event: string; detail: { chains: { seq: number }[] } };
    assert.equal(told.event, 'audit.witnessed');
    assert.deepEqual(
      told.detail.chains.map(({ seq }) => seq),
      [2],
    );
    assert.equal(opened.shown.length, 2);
    const inStore = { outlet: 'store', order: false, keptSince: 0 } as const;
    assert.ok(
      !findingsOf(
        opened.shown.map((line) => line.trimEnd()),
        inStore,
      ).isSound,
    );
    assert.ok(
      findingsOf(
        [...other.shown, ...opened.shown].map((line) => line.trimEnd()),
        inStore,
      ).isSound,
    );
  });
});
