/** While the package is packed, the lock lies beside it under the name by which npm packs it: whoever installs it gets the same versions. */
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const shrinkwrap = join(root, 'npm-shrinkwrap.json');

if (process.argv[2] === 'make') copyFileSync(join(root, 'package-lock.json'), shrinkwrap);
else rmSync(shrinkwrap, { force: true });
