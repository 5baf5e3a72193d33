/** `npm run conformance`: runs the conformance suite, prints the table of requirements and writes docs/conformance.md. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from 'node:test';
import { isMet, rowsOf, type Result, writePage, writeTable } from '../test/conformance/page.ts';
import { listProofs, suiteFiles } from '../test/conformance/requirement.ts';
import { requirements, type RequirementID } from '../test/conformance/requirements.ts';
import { select } from '../test/runner/selection.ts';
import { provideSystemPackages } from '../test/runner/system-packages.ts';
import { tallyFile, type TestEvent } from '../test/runner/tally.ts';

const root = join(import.meta.dirname, '..');
const atOnce = 2;
const fileLimit = 5 * 60_000;
/** Characters of what a file that ended badly wrote, shown from its end. */
const mostErrors = 2_000;
const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const isRequirement = (id: string): id is RequirementID => Object.hasOwn(requirements, id);

/** What the tests of one file came to; tests end before their suite, whose title begins with the requirement. */
async function runFile(file: string): Promise<{ results: Result[]; sound: boolean }> {
  const results: Result[] = [];
  const heard: TestEvent[] = [];
  let waiting: Omit<Result, 'id'>[] = [];
  let errors = '';
  const stream = run({ files: [file], concurrency: false, cwd: root, signal: AbortSignal.timeout(fileLimit) });
  for await (const event of stream as AsyncIterable<TestEvent & { readonly data: { readonly message?: string } }>) {
    heard.push(event);
    if (event.type === 'test:stderr') errors = (errors + (event.data.message ?? '')).slice(-mostErrors);
    const { type, data } = event;
    if ((type !== 'test:pass' && type !== 'test:fail') || data.name === undefined || data.name === file) continue;
    if (data.details?.type !== 'suite') {
      const passed = type === 'test:pass' && data.skip === undefined && data.todo === undefined;
      waiting.push({ title: data.name, passed });
      if (!passed) say(`FAIL ${data.name}\n     ${String(data.details?.error)}`);
      continue;
    }
    const id = data.name.split(' ')[0] ?? '';
    if (isRequirement(id)) results.push(...waiting.map((test) => ({ id, ...test })));
    waiting = [];
  }
  const { failed, complaints } = tallyFile(file, heard);
  for (const complaint of complaints) say(`${complaint}\n${errors}`);
  return { results, sound: failed === 0 };
}

async function main(): Promise<boolean> {
  const needs = select(root, ['test/conformance']).flatMap((one) => one.needs);
  if (
    !provideSystemPackages(
      needs.flatMap((need) => need.packages),
      say,
    )
  )
    return false;
  const queue = [...suiteFiles];
  const ran: Result[] = [];
  let unsound = 0;
  const work = async (): Promise<void> => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const outcome = await runFile(file);
      ran.push(...outcome.results);
      unsound += outcome.sound ? 0 : 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  // In the order of the code, whichever file ended first; a test that did not run has failed.
  const results = (await listProofs()).map((proof) => ({
    ...proof,
    passed: ran.some(({ id, title, passed }) => passed && id === proof.id && title === proof.title),
  }));
  writeFileSync(join(root, 'docs/conformance.md'), writePage(results));
  say(writeTable(results));
  const unmet = rowsOf(results).filter((row) => !isMet(row));
  const passed = results.filter((result) => result.passed).length;
  say(`\n${String(passed)} of ${String(results.length)} tests passed, ${String(unmet.length)} requirements not met`);
  return unsound === 0 && unmet.length === 0;
}

process.exitCode = (await main()) ? 0 : 1;
