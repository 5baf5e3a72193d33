/** `passerelle audit verify`: says whether the audit trail is whole, by its chains. */
import { open, type FileHandle } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { createChainVerifier, type ChainVerifier } from '../audit/chain-verify.ts';
import { olderFiles } from '../audit/file-rotation.ts';
import type { Journal, JournalPlace } from '../store/journal.ts';
import { parseArguments, UsageMistake, type Command, type Io } from './command.ts';
import { configurationOption, configurationUsage, openConfiguration } from './open-configuration.ts';
import { describeVerdict } from './describe-verdict.ts';
import { withStore } from './with-store.ts';

export const command: Command = {
  name: 'audit verify',
  summary: 'say whether the audit trail is whole, or what was removed or changed',
  usage: `Usage: passerelle audit verify [FILE…] [OPTIONS]

      --store         what the store holds, even where there is a file
      --from OUTLET   how the lines of FILE got there: file, syslog, or store for an export; file where left out
      --stopped       no Passerelle runs: every chain must have its end
${configurationUsage}

Reads the files given, each after the older ones beside it (FILE.2, FILE.1, FILE); else the file of the configuration; else the
store. Each process writes a chain of lines, in which each names the one before by its hash: a line that was removed, changed,
inserted or moved shows, and so does an end that was cut, and a chain that is not there any more. Prints one line for each chain:
✓ where it is whole, ! where something is worth knowing, ✗ where something is wrong, and below it what. Exits with 1 where
anything is wrong.

Example: passerelle audit verify /var/log/passerelle/audit.jsonl`,
  async run(args, io) {
    const options = {
      store: { type: 'boolean', default: false },
      stopped: { type: 'boolean', default: false },
      from: { type: 'string', default: 'file' },
    } as const;
    const { values, positionals } = parseArguments(args, { ...configurationOption, ...options }, [], true);
    const { stopped } = values;
    const outlet = (['file', 'syslog', 'store'] as const).find((one) => one === values.from);
    if (outlet === undefined) throw new UsageMistake('--from is file, syslog or store.');
    const named = positionals.map((file) => resolve(io.workingDirectory, file));
    if (named.length > 0) return verifyFiles(await withOlder(named), { stopped, outlet }, io);
    const { configuration } = await openConfiguration(values.config, io);
    const { file, store, retention } = configuration.audit;
    if (file !== undefined && !values.store) {
      const older = await olderFiles(file.path);
      return verifyFiles([...older.toReversed(), file.path], { stopped, outlet: 'file', older: older.length }, io);
    }
    if (!store) throw new Error('The configuration names no audit.file, and audit.store is false: there is nothing to verify.');
    return withStore({ flag: values.config }, io, async (opened) => {
      const verifier = createChainVerifier({
        ...{ order: false, keptSince: io.clock.now() - retention, stopped, outlet: 'store' },
      });
      await readStore(opened.store.journal, verifier, io);
      return tell(verifier, io);
    });
  },
};

function tell(verifier: ChainVerifier, io: Io, older?: number): number {
  const verdict = verifier.finish(older === undefined ? {} : { older });
  io.stdout(describeVerdict(verdict));
  return verdict.isSound ? 0 : 1;
}

/** Each after its older ones, unless some of these are named themselves. */
async function withOlder(files: readonly string[]): Promise<readonly string[]> {
  const all: string[] = [];
  for (const file of files) {
    const older = await olderFiles(file);
    if (!older.some((one) => files.includes(one))) all.push(...older.toReversed());
    all.push(file);
  }
  return all;
}

async function verifyFiles(
  files: readonly string[],
  {
    stopped,
    outlet,
    older,
  }: { readonly stopped: boolean; readonly outlet: 'file' | 'syslog' | 'store'; readonly older?: number },
  io: Io,
): Promise<number> {
  const verifier = createChainVerifier({ order: true, keptSince: undefined, stopped, outlet });
  const opened: { readonly file: FileHandle; readonly name: string }[] = [];
  try {
    // All of them before any is read, so that what is rotated meanwhile is neither read twice nor passed over.
    for (const path of files) opened.push({ file: await open(path, 'r'), name: basename(path) });
    for (const { file, name } of opened) {
      await readFile(file, name, verifier, io);
    }
  } finally {
    await Promise.all(opened.map(({ file }) => file.close()));
  }
  return tell(verifier, io, older);
}

/** No line of ours is longer; what is, is cut off there and found to be changed. */
const longestLine = 1024 * 1024;
const chunk = 256 * 1024;

async function readFile(file: FileHandle, name: string, verifier: ChainVerifier, io: Io): Promise<void> {
  const bytes = Buffer.alloc(chunk);
  let begun = Buffer.alloc(0);
  let number = 0;
  const add = (line: Buffer, whole: boolean): void => {
    number += 1;
    if (line.length > 0) verifier.add(line.toString('utf8'), `${name}:${String(number)}`, whole);
  };
  for (;;) {
    const { bytesRead } = await file.read(bytes, 0, chunk);
    if (bytesRead === 0) break;
    if (io.signal.aborted) throw new Error('Ended before all was read.');
    io.doing(`reading ${name}: ${String(number)} lines`);
    let from = 0;
    for (let end = bytes.indexOf(10); end !== -1 && end < bytesRead; end = bytes.indexOf(10, from)) {
      add(Buffer.concat([begun, bytes.subarray(from, end)]), true);
      begun = Buffer.alloc(0);
      from = end + 1;
    }
    if (begun.length < longestLine) begun = Buffer.concat([begun, bytes.subarray(from, bytesRead)]);
  }
  if (begun.length > 0) add(begun, false);
}

const page = 1_000;

async function readStore(journal: Journal, verifier: ChainVerifier, io: Io): Promise<void> {
  let after: JournalPlace | undefined;
  let read = 0;
  for (;;) {
    const entries = await journal.search({ order: 'oldest first', limit: page, after });
    for (const { event, text, place } of entries) {
      after = place;
      if (event !== 'trail') verifier.add(text, `${new Date(place.at).toISOString()} (${String(place.number)})`);
    }
    read += entries.length;
    if (io.signal.aborted) throw new Error('Ended before all was read.');
    io.doing(`reading the store: ${String(read)} entries`);
    if (entries.length < page) return;
  }
}
