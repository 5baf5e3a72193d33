/** Runs the test files that it is given and prints the tally of each as a line of JSON; node:test runs nothing within a test. */
import { run } from 'node:test';
import { tallyFile, type TestEvent } from './tally.ts';

for (const file of process.argv.slice(2)) {
  const events: TestEvent[] = [];
  for await (const event of run({ files: [file] }) as AsyncIterable<TestEvent>) {
    events.push(event);
  }
  process.stdout.write(`${JSON.stringify(tallyFile(file, events))}\n`);
}
