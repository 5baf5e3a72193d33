/** `npm run build`: src/ becomes dist/ in JavaScript, anew each time, with the files that stand beside the code. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, globSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const root = join(import.meta.dirname, '..');
const source = join(root, 'src');
// Another folder may be named, from the checkout's root, and after it options of tsc.
const [folder = 'dist', ...options] = process.argv.slice(2);
const target = resolve(root, folder);

rmSync(target, { recursive: true, force: true });
const { status } = spawnSync(
  process.execPath,
  [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json'), '--outDir', target, ...options],
  { cwd: root, stdio: 'inherit' },
);
for (const path of globSync('**/*.*', { cwd: source }).filter((one) => !one.endsWith('.ts'))) {
  mkdirSync(dirname(join(target, path)), { recursive: true });
  copyFileSync(join(source, path), join(target, path));
}
process.exitCode = status ?? 1;
