/** `passerelle config reference`: writes the pages that are made from the code, or checks that they are up to date. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { renderEditorSchema, renderReference } from '../config/reference.ts';
import { parseArguments, type Command } from './command.ts';
import { renderDoctorReference } from './doctor-reference.ts';
import { renderEvents } from './events-reference.ts';
import { renderMetrics } from './metrics-reference.ts';
import { renderRefusals } from './refusals-reference.ts';

export const command: Command = {
  name: 'config reference',
  summary: 'write the reference pages and the schema for editors',
  usage: `Usage: passerelle config reference [--check]

  --check   write nothing; exit with 1 where a page differs from what would be written

Writes docs/configuration.md, docs/refusals.md, docs/audit-events.md, docs/metrics.md, docs/doctor.md and passerelle.schema.json
below this folder.

Example: passerelle config reference --check`,
  async run(args, io) {
    const { values } = parseArguments(args, { check: { type: 'boolean' } });
    const pages: readonly (readonly [string, string])[] = [
      ['docs/configuration.md', renderReference()],
      ['docs/refusals.md', renderRefusals(await readSentences())],
      ['docs/audit-events.md', renderEvents()],
      ['docs/metrics.md', renderMetrics()],
      ['docs/doctor.md', renderDoctorReference()],
      ['passerelle.schema.json', renderEditorSchema()],
    ];
    let stale = 0;
    for (const [name, text] of pages) {
      const path = resolve(io.workingDirectory, name);
      if ((await readIfPresent(path)) === text) continue;
      stale += 1;
      if (values.check === true) {
        io.stderr(`${name} is not up to date. Run: passerelle config reference\n`);
        continue;
      }
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
      io.stdout(`${name} written.\n`);
    }
    if (stale === 0) io.stdout('The reference pages are up to date.\n');
    return values.check === true && stale > 0 ? 1 : 0;
  },
};

/** The English words of the pages, as this package carries them. */
async function readSentences(): Promise<unknown> {
  return JSON.parse(await readFile(new URL('../../views/locales/en.json', import.meta.url), 'utf8')) as unknown;
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
