/** docs/interop.md says what the tests of this folder go by, and names what is installed here. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { packageVersions } from '../testbed/apache-sp.ts';
import { tables } from './tables.ts';

const root = join(import.meta.dirname, '../..');
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Whatever columns a formatter gave it. */
const plain = (text: string): string =>
  text
    .replace(/ {2,}/g, ' ')
    .replace(/-{2,}/g, '-')
    .replace(/\|(?: - \|)+/g, '| - |');

/** Debian's security updates raise what follows. */
const series = (version: string): string => /^(?:\d+:)?\d+\.\d+/.exec(version)?.[0] ?? version;

describe('docs/interop.md', () => {
  const page = textOf('docs/interop.md');
  const named = new Map(
    [...page.matchAll(/^\| ([\w@/-]+) +\| ([\d][^ |]*) +\|/gm)].map(([, name = '', version = '']) => [name, version]),
  );
  let installed: ReadonlyMap<string, string>;

  before(async () => {
    const debian = await Promise.all([packageVersions('mellon'), packageVersions('shibboleth')]);
    const { devDependencies, dependencies } = JSON.parse(textOf('package.json')) as Record<string, Record<string, string>>;
    const ours = Object.entries({ ...dependencies, ...devDependencies }).filter(([name]) =>
      /^@node-saml\/passport-saml$|^express$/.test(name),
    );
    installed = new Map([...debian.flatMap((each) => [...each]), ...ours]);
  });

  it('names the versions, those of npm exactly, those of Debian by their series', () => {
    assert.deepEqual([...named.keys()].toSorted(), [...installed.keys()].toSorted());
    for (const [name, version] of installed) {
      const written = named.get(name) ?? '';
      const exact = /^@|^express$/.test(name);
      assert.equal(exact ? written : series(written), exact ? version : series(version), name);
    }
  });

  for (const [index, table] of tables.entries()) {
    it(`holds table ${String(index + 1)} as the tests have it`, () => {
      assert.ok(plain(page).includes(plain(table)), `docs/interop.md lacks:\n\n${table}`);
    });
  }
});
