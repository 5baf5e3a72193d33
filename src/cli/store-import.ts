/** `passerelle store import`: brings what was exported into the store, whichever kind of store it is. */
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Store } from '../store/store.ts';
import { parseArguments, type Command } from './command.ts';
import { configurationOption, configurationUsage } from './open-configuration.ts';
import { plain } from './plain.ts';
import { ExportDamaged, readExport, type ImportedRecord } from './store-lines.ts';
import { countedByKind, withStore } from './with-store.ts';

/** Records that are on their way at a time. */
const batchSize = 100;

export const command: Command = {
  name: 'store import',
  summary: 'bring what was exported into the store: a restore, or a move',
  usage: `Usage: passerelle store import FILE [OPTIONS]

      --replace       overwrite records that are there already and differ
${configurationUsage}

FILE is what passerelle store export wrote. It is read to its end first: one that is cut off or damaged changes nothing. Nor does
one that holds records which are in the store already and differ, without --replace. Records in the store that FILE does not hold
stay. What had expired is left out. Stopped half way, it is run once more. Run it as the user that Passerelle runs as.

Example: passerelle store import passerelle-store.jsonl`,
  run(args, io) {
    const { values, positionals } = parseArguments(
      args,
      { ...configurationOption, replace: { type: 'boolean', default: false } },
      ['FILE'],
    );
    const file = resolve(io.workingDirectory, positionals[0] ?? '');
    return withStore({ flag: values.config, makes: true }, io, async ({ store }) => {
      const now = io.clock.now();
      let expired = 0;
      io.doing(`reading ${plain(file)}`);
      try {
        for await (const record of readExport(file)) if (record.expiresAt <= now) expired += 1;
      } catch (error) {
        if (!(error instanceof ExportDamaged)) throw error;
        io.stderr(`${plain(file)} was not imported: ${error.message}. Nothing was changed.\n`);
        return 1;
      }
      if (!values.replace && !(await isEmpty(store))) {
        io.doing('comparing it with what is in the store');
        const { count, first } = await findConflicts(store, file, now);
        if (first !== undefined) {
          io.stderr(
            `${String(count)} records are in the store already and differ, such as ${first.kind} ${plain(first.key)}. Nothing was changed; --replace overwrites them.\n`,
          );
          return 1;
        }
      }
      const counts = new Map<string, number>();
      for await (const batch of batches(file, now)) {
        if (io.signal.aborted) throw new Error('Ended before all was imported; run it once more.');
        await Promise.all(batch.map((record) => keep(store, record, values.replace)));
        for (const { kind } of batch) counts.set(kind, (counts.get(kind) ?? 0) + 1);
        io.doing(`imported: ${countedByKind(counts)}`);
      }
      io.stdout(`Imported: ${countedByKind(counts)}.${expired === 0 ? '' : ` Left out: ${String(expired)} that had expired.`}\n`);
      return 0;
    });
  },
};

async function isEmpty(store: Store): Promise<boolean> {
  for await (const batch of store.snapshot()) if (batch.length > 0) return false;
  return true;
}

async function* batches(file: string, now: number): AsyncGenerator<readonly ImportedRecord[]> {
  let batch: ImportedRecord[] = [];
  for await (const record of readExport(file)) {
    if (record.expiresAt <= now) continue;
    batch.push(record);
    if (batch.length === batchSize) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

async function findConflicts(
  store: Store,
  file: string,
  now: number,
): Promise<{ readonly count: number; readonly first: ImportedRecord | undefined }> {
  let count = 0;
  let first: ImportedRecord | undefined;
  for await (const batch of batches(file, now)) {
    const found = await Promise.all(batch.map(({ kind, key }) => store.get(kind, key)));
    for (const [index, record] of batch.entries()) {
      if (found[index] === undefined || isDeepStrictEqual(found[index], record.value)) continue;
      count += 1;
      first ??= record;
    }
  }
  return { count, first };
}

/** Of two that are the same, the one that lives longer stays. */
async function keep(store: Store, { kind, key, value, expiresAt }: ImportedRecord, replace: boolean): Promise<void> {
  await store.update(kind, key, (record) => {
    if (record === undefined || replace) return { value, expiresAt };
    if (!isDeepStrictEqual(record.value, value) || record.expiresAt >= expiresAt) return record;
    return { value, expiresAt };
  });
}
