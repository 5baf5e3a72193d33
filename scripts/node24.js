/** `node scripts/node24.js FILE ARGUMENT…` runs a file of this checkout on Node 24, whichever Node the machine has. */
import { resolve } from 'node:path';
import launcher from '../bin/launch.cjs';

const [file, ...argv] = process.argv.slice(2);
if (file === undefined) {
  process.stderr.write('Use: node scripts/node24.js FILE ARGUMENT…\n');
  process.exitCode = 2;
} else {
  launcher.launch(resolve(file), argv);
}
