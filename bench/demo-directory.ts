/** The demo directory as a process of its own, so that what it needs is not counted. */
import { readFile } from 'node:fs/promises';
import { createDemoDirectory } from '../src/directory/demo-directory.ts';
import { peopleAsLdif } from './people.ts';

const ldif = await readFile(new URL('../src/demo/directory.ldif', import.meta.url), 'utf8');
const clock = { now: () => Date.now(), until: () => Promise.reject(new Error('nothing here waits')) };
const { url, baseDn } = await createDemoDirectory({ ldif: `${ldif}\n${peopleAsLdif}`, host: '127.0.0.1', port: 0, clock });
process.once('disconnect', () => process.exit());
process.send?.({ url, baseDn });
