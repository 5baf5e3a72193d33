/** `passerelle store export`: writes all that is in the store, as it is at one instant, while Passerelle runs. */
import { open, rm, type FileHandle } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isKind, kinds } from '../store/store.ts';
import { parseArguments, UsageMistake, type Command } from './command.ts';
import { configurationOption, configurationUsage } from './open-configuration.ts';
import { createExportLines } from './store-lines.ts';
import { countedByKind, withStore } from './with-store.ts';

const options = {
  ...configurationOption,
  out: { type: 'string', short: 'o' },
  kind: { type: 'string', multiple: true },
} as const;

export const command: Command = {
  name: 'store export',
  summary: 'write all that is in the store to a file: a backup, or to move it',
  usage: `Usage: passerelle store export [OPTIONS]

  -o, --out FILE      the file, which must not exist yet and is made for its owner alone; else standard output
      --kind KIND     records of this kind alone; may be given several times
${configurationUsage}

All that is in the store at one instant is written, also while Passerelle runs. What is sealed stays sealed: without the file
sealing.keys of keys.folder nobody opens it, so keep both, and keep them apart. passerelle store import reads the file.
Kinds: ${kinds.slice(0, 12).join(', ')},
${kinds.slice(12).join(', ')}

Example: passerelle store export --out passerelle-store.jsonl`,
  run(args, io) {
    const { values } = parseArguments(args, options);
    const unknown = values.kind?.find((kind) => !isKind(kind));
    if (unknown !== undefined) throw new UsageMistake(`There is no kind ${JSON.stringify(unknown)}.`);
    return withStore({ flag: values.config }, io, async ({ store }) => {
      const file = values.out === undefined ? undefined : resolve(io.workingDirectory, values.out);
      const handle = file === undefined ? undefined : await makeFile(file);
      const lines = createExportLines(io.clock.now());
      const counts = new Map<string, number>();
      const write = async (text: string): Promise<void> => {
        if (handle === undefined) io.stdout(text);
        else await handle.writeFile(text);
      };
      try {
        await write(lines.head());
        for await (const batch of store.snapshot(values.kind)) {
          if (io.signal.aborted) throw new Error('Ended before all was written.');
          let text = '';
          for (const record of batch) {
            try {
              text += lines.record(record);
            } catch {
              throw new Error(`A record of kind ${record.kind} cannot be read; see passerelle store check.`);
            }
            counts.set(record.kind, (counts.get(record.kind) ?? 0) + 1);
          }
          await write(text);
          io.doing(`written: ${countedByKind(counts)}`);
        }
        await write(lines.end());
        await handle?.sync();
        await handle?.close();
      } catch (error) {
        await handle?.close();
        // Half of it is no backup.
        if (file !== undefined) await rm(file);
        throw error;
      }
      io.stderr(`Written: ${countedByKind(counts)}.\n`);
      return 0;
    });
  },
};

async function makeFile(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'wx', 0o600);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw code === 'EEXIST' ? new Error(`${file} exists already.`) : error;
  }
}
