/** `passerelle audit export`: the events of a span of time, for whoever keeps or evaluates them. */
import { open, rm, type FileHandle } from 'node:fs/promises';
import { resolve } from 'node:path';
import { csvColumns, csvHead, csvRow } from './audit-csv.ts';
import { readWishes, spanOptions, spanUsage, timeUsage, wishOptions, wishUsage } from './audit-wishes.ts';
import { parseArguments, UsageMistake, type Command } from './command.ts';
import { journalPages } from './journal-pages.ts';
import { plain, plainLine } from './plain.ts';
import { withJournal } from './with-journal.ts';

/** UTF-16 code units that are written at once. */
const gathered = 256 * 1_024;

const shapes = {
  csv: { head: csvHead, lineOf: (text: string) => csvRow(plainLine(text)) },
  json: { head: '', lineOf: (text: string) => `${plainLine(text)}\n` },
} as const;

export const command: Command = {
  name: 'audit export',
  summary: 'write events of the audit trail to a file, as CSV or JSON',
  usage: `Usage: passerelle audit export --format csv|json [OPTIONS]

      --format csv|json      csv: for spreadsheets (RFC 4180), json: each event as a line, as passerelle audit verify reads it
${spanUsage}
  -o, --out FILE             the file, which must not exist yet and is made for its owner alone; else standard output
${wishUsage}

All that the store holds is written where nothing else is given, in the order of time. In CSV an apostrophe stands before what a
spreadsheet would take for a formula. Its columns: ${csvColumns.slice(0, 7).join(', ')},
${csvColumns.slice(7).join(', ')}.
${timeUsage}

Example: passerelle audit export --format csv --from 30d --out audit.csv`,
  run(args, io) {
    const options = {
      ...{ ...wishOptions, ...spanOptions },
      format: { type: 'string' },
      out: { type: 'string', short: 'o' },
    } as const;
    const { values } = parseArguments(args, options);
    const { format, out } = values;
    if (format !== 'csv' && format !== 'json') throw new UsageMistake('--format is csv or json.');
    const { head, lineOf } = shapes[format];
    const wishes = readWishes(values, io.clock.now());
    return withJournal({ flag: values.config, wishes }, io, async ({ journal, sought }) => {
      const file = out === undefined ? undefined : resolve(io.workingDirectory, out);
      const handle = file === undefined ? undefined : await makeFile(file);
      const write = async (text: string): Promise<void> => {
        if (handle === undefined) io.stdout(text);
        else await handle.writeFile(text);
      };
      let [count, text] = [0, head];
      try {
        for await (const entry of journalPages(journal, sought, { order: 'oldest first', io })) {
          text += lineOf(entry.text);
          count += 1;
          if (text.length < gathered) continue;
          await write(text);
          text = '';
        }
        await write(text);
        await handle?.sync();
        await handle?.close();
      } catch (error) {
        await handle?.close();
        // Half of it would be taken for all of it.
        if (file !== undefined) await rm(file);
        throw error;
      }
      io.stderr(`Written: ${String(count)} ${count === 1 ? 'event' : 'events'}.\n`);
      return 0;
    });
  },
};

async function makeFile(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'wx', 0o600);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'EEXIST') throw new Error(`${plain(file)} exists already.`);
    throw new Error(`${plain(file)} cannot be made (${code}).`, { cause: error });
  }
}
