/** `npm run check`: everything that judges the code without running it; all of it, whatever fails first. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(import.meta.dirname, '..');
const atOnce = 2;

interface Check {
  readonly name: string;
  /** Arguments of Node, from the checkout's root. */
  readonly argv: readonly string[];
}

// The longest first.
const checks: readonly Check[] = [
  { name: 'lint', argv: ['--max-old-space-size=4096', 'node_modules/eslint/bin/eslint.js', '--max-warnings=0', '.'] },
  { name: 'types', argv: ['node_modules/typescript/bin/tsc', '-p', '.', '--pretty', 'false'] },
  {
    name: 'format',
    argv: [fileURLToPath(import.meta.resolve('prettier/bin/prettier.cjs')), '--check', '--log-level', 'warn', '.'],
  },
  { name: 'dead code', argv: ['node_modules/knip/bin/knip.js', '--no-progress'] },
  { name: 'import directions', argv: ['--test', '--test-reporter=spec', 'test/house.test.ts'] },
  { name: 'generated docs', argv: ['bin/passerelle', 'config', 'reference', '--check'] },
];

interface Outcome {
  readonly passed: boolean;
  readonly output: string;
  readonly seconds: string;
}

function run({ argv }: Check): Promise<Outcome> {
  const begun = performance.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, argv, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    const end = (passed: boolean): void => {
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      resolve({ passed, output: Buffer.concat(chunks).toString().trim(), seconds });
    };
    child.on('error', (error) => {
      chunks.push(Buffer.from(error.message));
      end(false);
    });
    child.on('close', (code) => {
      end(code === 0);
    });
  });
}

const queue = [...checks];
let failed = 0;
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { passed, output, seconds } = await run(next);
      failed += passed ? 0 : 1;
      process.stdout.write(`${passed ? '✔' : '✖'} ${next.name} (${seconds} s)\n${passed ? '' : `${output}\n\n`}`);
    }
  }),
);
process.stdout.write(`\n${String(checks.length - failed)} passed, ${String(failed)} failed\n`);
process.exitCode = failed > 0 ? 1 : 0;
