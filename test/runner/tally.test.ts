/** Sees that the runner counts as it should, on files that node:test really runs. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Tally } from './tally.ts';

const fails = "() => { throw new Error('no'); }";
const rows: readonly [string, string, readonly [passed: number, failed: number, skipped: number, complaints: number]][] = [
  ['tests, not suites', "describe('a', () => { it('b', () => {}); it('c', () => {}); }); test('d', () => {});", [3, 0, 0, 0]],
  ['a failed test once, not its suite', `describe('a', () => { it('b', ${fails}); it('c', () => {}); });`, [1, 1, 0, 0]],
  ['a test that never ends as failed', "it('a', { timeout: 20 }, () => new Promise(() => {}));", [0, 1, 0, 0]],
  ['a hook that fails', `describe('a', () => { before(${fails}); it('b', () => {}); });`, [0, 2, 0, 0]],
  ['what is skipped', "it.skip('a', () => {}); it('b', { skip: 'why' }, () => {}); it('c', () => {});", [1, 0, 2, 0]],
  ['what is to do, even where it fails', `it.todo('a'); it('b', { todo: true }, ${fails});`, [0, 0, 2, 0]],
  ['a skipped suite', "describe.skip('a', () => { it('b', () => {}); });", [0, 0, 1, 0]],
  ['a file without a test as a failure', '', [0, 1, 0, 1]],
  ['a file that throws as a failure', "throw new Error('no');", [0, 1, 0, 1]],
  ['a file that does not parse as a failure', 'const', [0, 1, 0, 1]],
  [
    'a file that ends badly after good tests',
    "it('a', () => {}); process.on('exit', () => { process.exitCode = 3; });",
    [1, 1, 0, 1],
  ],
];

function talliesOf(codes: readonly string[]): readonly Tally[] {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-tally-'));
  try {
    const files = codes.map((code, index) => {
      const file = join(folder, `${String(index)}.test.mjs`);
      writeFileSync(file, `import { before, describe, it, test } from 'node:test';\n${code}`);
      return file;
    });
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const output = execFileSync(process.execPath, [join(import.meta.dirname, 'print-tallies.ts'), ...files], {
      env,
      encoding: 'utf8',
    });
    return output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Tally);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the runner counts', () => {
  const tallies = talliesOf(rows.map(([, code]) => code));
  for (const [index, [title, , expected]] of rows.entries()) {
    it(title, () => {
      const { passed, failed, skipped, complaints } = tallies[index]!;
      assert.deepEqual([passed, failed, skipped.length, complaints.length], expected);
    });
  }
});
