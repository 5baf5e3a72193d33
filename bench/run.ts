/** `npm run bench`: how fast Passerelle is on this machine, told in the machine's own signatures. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { measure } from './measure.ts';
import { readOptions } from './options.ts';
import { judge, renderTables } from './report.ts';

const begin = '<!-- bench: begin -->';
const end = '<!-- bench: end -->';
const docs = join(import.meta.dirname, '../docs/performance.md');

async function writeDocs(tables: string): Promise<void> {
  const text = await readFile(docs, 'utf8');
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/performance.md has no place between ${begin} and ${end}`);
  await writeFile(docs, `${text.slice(0, from + begin.length)}\n\n${tables}\n${text.slice(to)}`);
}

const options = readOptions(process.argv.slice(2));
const folder = await mkdtemp(join(tmpdir(), 'passerelle-bench-'));
try {
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const figures = await measure(folder, options, say);
  const machine = { processor: cpus()[0]?.model.trim() ?? 'unknown', cores: cpus().length, node: process.version };
  const result = { machine, ...figures, targets: judge(figures) };
  const tables = renderTables(result);
  if (!options.json) process.stdout.write(`${tables}\n`);
  process.stdout.write(`${JSON.stringify(result, undefined, options.json ? 2 : 0)}\n`);
  if (options.docs) await writeDocs(tables);
} finally {
  await rm(folder, { recursive: true });
}
