/** Imports service providers from somebody else's export: what the commands `passerelle import …` have in common. */
import { lstat, mkdir, open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readBounded } from '../config/read-bounded.ts';
import { finish } from '../service-providers/import/finish.ts';
import { ImportMistake, type Export } from '../service-providers/import/imported.ts';
import { decodeText } from '../service-providers/import/read-json.ts';
import { renderImport } from '../service-providers/import/render-import.ts';
import { parseArguments, type Command, type Io } from './command.ts';
import { describeImport, reportOf } from './import-report.ts';
import { plain, plainJson } from './plain.ts';

const mostBytes = 67_108_864;
const settingsFile = 'service-providers.yaml';
/** Where the metadata files are said to lie that nobody wrote yet. */
const unwritten = 'imported';

interface Parts {
  /** The word behind `import`. */
  readonly word: string;
  readonly summary: string;
  /** The export, in a few words. */
  readonly from: string;
  readonly example: string;
  /** Loads the reader when it is needed. @returns a function that throws ImportMistake */
  readonly load: () => Promise<(text: string, now: number) => Export>;
}

/** Whether something of that name is there, if only a link that leads nowhere. */
async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return false;
    throw cause;
  }
}

interface Written {
  readonly file: string;
  readonly text: string;
}

/** Nothing is replaced. @returns the name of a file that is there already; undefined where all were written */
async function write(folder: string, files: readonly Written[]): Promise<string | undefined> {
  await mkdir(folder, { recursive: true });
  for (const { file } of files) if (await isThere(join(folder, file))) return file;
  for (const { file, text } of files) {
    const handle = await open(join(folder, file), 'wx', 0o644);
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
  }
  return undefined;
}

async function read(file: string, load: Parts['load'], io: Io): Promise<Export | string> {
  const reading = await readBounded(resolve(io.workingDirectory, file), mostBytes);
  if ('trouble' in reading) return `It ${reading.trouble}.`;
  try {
    return (await load())(decodeText(reading.bytes), io.clock.now());
  } catch (cause) {
    if (cause instanceof ImportMistake) return cause.message;
    throw cause;
  }
}

export function createImportCommand({ word, summary, from, example, load }: Parts): Command {
  return {
    name: `import ${word}`,
    summary,
    usage: `Usage: passerelle import ${word} FILE [--out FOLDER] [--json]

  --out FOLDER  write ${settingsFile} and the metadata files there, and replace none; printed otherwise
  --json        print a report for programs, with all that would be written

FILE is ${from}.
Prints what can be appended to the configuration, and beside it what was taken over, what was not, and why. Nothing is
fetched or run, and nobody is let in who was not: an entry that is not plain there comes commented out.

Example: ${example}`,
    async run(args, io) {
      const { values, positionals } = parseArguments(args, { out: { type: 'string' }, json: { type: 'boolean' } }, ['FILE']);
      const [file = ''] = positionals;
      const { out } = values;
      io.doing(`reading ${plain(file)}`);
      const found = await read(file, load, io);
      if (typeof found === 'string') {
        io.stderr(`${plain(file)}: ${plain(found)}\n`);
        return 1;
      }
      const folder = out === undefined ? unwritten : out.replace(/(?<=.)\/+$/, '');
      const finished = finish(found, folder, io.clock.now());
      const yaml = renderImport(finished, `From ${file}, by passerelle import ${word}.`);
      const metadata = finished.imported.flatMap((one) => (one.metadata === undefined ? [] : [one.metadata]));
      if (out !== undefined && finished.imported.length > 0) {
        const files = [...metadata.map(({ file: name, xml }) => ({ file: name, text: xml })), { file: settingsFile, text: yaml }];
        const trouble = await write(resolve(io.workingDirectory, out), files).then(
          (taken) => taken && `${join(out, taken)} is there already, and nothing is replaced: name another folder.`,
          (cause: unknown) => {
            if (!(cause instanceof Error && 'code' in cause)) throw cause;
            return `${out} is no folder that can be written to (${String(cause.code)}).`;
          },
        );
        if (trouble !== undefined) {
          io.stderr(`${plain(trouble)}\n`);
          return 1;
        }
      }
      if (values.json === true) io.stdout(`${plainJson(reportOf(finished, yaml))}\n`);
      else {
        io.stderr(describeImport(finished));
        if (out === undefined) io.stdout(yaml);
        else if (finished.imported.length > 0)
          io.stdout(`${plain(join(out, settingsFile))} written, with ${String(metadata.length)} metadata files beside it.\n`);
        if (out === undefined && metadata.length > 0) {
          io.stderr(
            `\nThe entries name ${String(metadata.length)} metadata files in the folder ${unwritten}: --out ${unwritten} writes them.\n`,
          );
        }
      }
      return finished.imported.length > 0 ? 0 : 1;
    },
  };
}
