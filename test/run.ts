/** `npm test`: sees to the machine, starts the real partners, runs every test file and counts, `N passed, N failed`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { run } from 'node:test';
import { spec as Spec } from 'node:test/reporters';
import { makeReadyKeys } from './fixtures/ready-keys.ts';
import { recordsVariable } from './fixtures/records.ts';
import { Queue } from './runner/queue.ts';
import { judgeRecords } from './runner/records.ts';
import { select, type Selected } from './runner/selection.ts';
import { startServer, type Server } from './runner/server.ts';
import { provideSystemPackages } from './runner/system-packages.ts';
import { tallyFile, type Tally, type TestEvent } from './runner/tally.ts';

const root = join(import.meta.dirname, '..');
const atOnce = 2;
const testLimit = 2 * 60_000;
const fileLimit = 5 * 60_000;
const strict = process.env.CI === 'true';

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const total: Tally = { passed: 0, failed: 0, skipped: [], complaints: [] };
const servers = new Map<string, Server>();
const interrupted = new AbortController();

/** What the reporter sees: the events of each file together, in the order in which the files end. */
const events = new Readable({ objectMode: true, read: () => undefined });

async function runFile({ file, needs }: Selected): Promise<void> {
  const path = relative(root, file);
  for (const { server } of needs) {
    const trouble = server === undefined ? undefined : await servers.get(server)?.ready;
    if (trouble !== undefined) {
      total.failed += 1;
      total.complaints.push(`${path} did not run, since ${trouble}`);
      return;
    }
  }
  if (interrupted.signal.aborted) {
    return;
  }
  const limit = AbortSignal.timeout(fileLimit);
  const heard: TestEvent[] = [];
  const signal = AbortSignal.any([limit, interrupted.signal]);
  const stream = run({ files: [file], concurrency: false, cwd: root, timeout: testLimit, signal });
  for await (const event of stream as AsyncIterable<TestEvent>) {
    // The summary of one file is no news; ours stands at the end.
    if (event.type !== 'test:summary' && !(event.type === 'test:diagnostic' && event.data.file === undefined)) {
      heard.push(event);
    }
  }
  for (const event of heard) {
    events.push(event);
  }
  const tally = tallyFile(file, heard);
  if (limit.aborted) {
    tally.complaints.push(`${path} was ended after ${String(fileLimit / 1000)} s`);
    tally.failed = Math.max(tally.failed, 1);
  }
  total.passed += tally.passed;
  total.failed += tally.failed;
  total.skipped.push(...tally.skipped.map((name) => `${path}: ${name}`));
  total.complaints.push(...tally.complaints.map((text) => text.replace(root + '/', '')));
}

async function runAll(selected: readonly Selected[]): Promise<void> {
  const queue = new Queue(selected);
  for (const [name, server] of servers) {
    void server.ready.then(() => {
      queue.settle(name);
    });
  }
  const shown = new Promise((resolve) => {
    const reporter = events.pipe(new Spec());
    reporter.on('end', resolve);
    reporter.pipe(process.stdout, { end: false });
  });
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let next = await queue.take(); next !== undefined && !interrupted.signal.aborted; next = await queue.take()) {
        await runFile(next);
        queue.giveBack(next);
      }
    }),
  );
  events.push(null);
  await shown;
}

/** In all that any test had written down. */
function lookForSecrets(records: string): void {
  const { lines, secrets, complaints } = judgeRecords(records);
  total.failed += complaints.length;
  total.complaints.push(...complaints);
  const isEverything = process.argv.length === 2;
  if (isEverything && (lines === 0 || secrets === 0)) {
    total.failed += 1;
    total.complaints.push('No test had anything written down, or kept anything secret: whether secrets are told is not known.');
  }
  say(`\n${String(complaints.length)} of ${String(lines)} lines written down hold one of ${String(secrets)} secrets`);
}

async function main(): Promise<void> {
  const selected = select(root, process.argv.slice(2));
  if (selected.length === 0) {
    total.failed += 1;
    total.complaints.push('No test file fits.');
    return;
  }
  const needs = [...new Set(selected.flatMap((one) => one.needs))];
  if (
    !provideSystemPackages(
      needs.flatMap((need) => need.packages),
      say,
    )
  ) {
    total.failed += 1;
    return;
  }
  for (const { server } of needs) {
    if (server !== undefined) {
      servers.set(server, startServer(root, server));
    }
  }
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-test-keys-'));
  const records = mkdtempSync(join(tmpdir(), 'passerelle-test-records-'));
  process.env[recordsVariable] = records;
  try {
    await makeReadyKeys(folder);
    await runAll(selected);
    lookForSecrets(records);
  } finally {
    for (const one of [folder, records]) rmSync(one, { recursive: true });
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    interrupted.abort();
  });
}
try {
  await main();
} finally {
  await Promise.all([...servers.values()].map((server) => server.stop()));
}
if (interrupted.signal.aborted) {
  total.failed += 1;
  total.complaints.push('The run was interrupted.');
}
if (total.skipped.length > 0) {
  say(`\n${String(total.skipped.length)} SKIPPED OR TO DO${strict ? ', which is a failure here' : ''}:`);
  for (const name of total.skipped) {
    say(`  ${name}`);
  }
  total.failed += strict ? total.skipped.length : 0;
}
for (const complaint of total.complaints) {
  say(`\n${complaint}`);
}
say(`\n${String(total.passed)} passed, ${String(total.failed)} failed`);
process.exitCode = interrupted.signal.aborted ? 130 : total.failed > 0 ? 1 : 0;
