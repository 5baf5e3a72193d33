/** Declares the tests of one requirement: to node:test where they run, to a list where only their titles are wanted. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { RequirementID } from './requirements.ts';

/** Declares one test; the title says what is proven. */
export type Prove = (title: string, proof: () => Promise<void> | void) => void;

/** One test, by its requirement and title. */
export interface Proof {
  readonly id: RequirementID;
  readonly title: string;
}

/** What is declared while titles are listed; undefined while tests run. */
let list: Proof[] | undefined;

/** One requirement, whose ID begins the title of its suite. A requirement may be declared in several files. */
export function requirement(id: RequirementID, about: string, declare: (prove: Prove) => void): void {
  const listed = list;
  if (listed !== undefined) declare((title) => listed.push({ id, title }));
  else describe(`${id} ${about}`, () => declare((title, proof) => void it(title, proof)));
}

/** What is put away after the last test of the file. */
export function afterwards(close: () => Promise<void>): void {
  if (list === undefined) after(close);
}

/** The files of the suite that hold requirements, in the order of their names. */
export const suiteFiles: readonly string[] = globSync('*.test.ts', { cwd: import.meta.dirname })
  .filter((name) => name !== 'page.test.ts' && name !== 'judge.test.ts')
  .toSorted()
  .map((name) => join(import.meta.dirname, name));

/** Every test of the suite, without running any. */
export async function listProofs(): Promise<readonly Proof[]> {
  const listed: Proof[] = [];
  list = listed;
  for (const file of suiteFiles) await import(file);
  list = undefined;
  return listed;
}
