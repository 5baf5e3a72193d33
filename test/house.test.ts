/** Holds src to the rules of the house, and shows that each rule can fail. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { breaches, lines, optionalPackages, packages, undocumented } from './house/house-rules.ts';

const root = join(import.meta.dirname, '..');

async function readSources(): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(join(root, 'src'), { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(join(root, path), 'utf8')] as const)));
}

describe('the house', () => {
  it('keeps its rules', async () => {
    const sources = await readSources();
    assert.ok(sources.size > 20);
    assert.deepEqual(breaches(sources), []);
  });

  it('has every package in docs/dependencies.md, and no other', async () => {
    const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Record<
      'dependencies' | 'devDependencies',
      Record<string, string>
    >;
    const names = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)];
    assert.deepEqual(undocumented(names, await readFile(join(root, 'docs/dependencies.md'), 'utf8')), []);
    const shipped = Object.keys(packages).filter((name) => !name.startsWith('node:') && !optionalPackages.includes(name));
    assert.deepEqual(shipped.toSorted(), Object.keys(manifest.dependencies).toSorted());
  });

  it('names every room once', () => {
    const rooms = lines.flat();
    assert.equal(new Set(rooms).size, rooms.length);
    for (const room of Object.values(packages)) {
      assert.ok(rooms.includes(room), room);
    }
  });
});

describe('the rules', () => {
  const opening = '/** A file. */\n';
  const file = (path: string, text: string): readonly [string, string] => [path, opening + text];
  const store = file('src/store/store.ts', 'export const store = 1;\n');

  const kept: readonly [string, readonly (readonly [string, string])[]][] = [
    ['an import downwards', [store, file('src/http/a.ts', "import { store } from '../store/store.ts';\n")]],
    ['an import within a room', [store, file('src/store/b.ts', "export { store } from './store.ts';\n")]],
    ['a package in its room', [file('src/saml/a.ts', "import { SignedXml } from 'xml-crypto';\n")]],
    ['a deep import of a package', [file('src/saml/a.ts', "import { wording } from 'samlify/build/src/urn.js';\n")]],
    ['an import of what a setting names', [file('src/authenticators/own/load-own.ts', 'await import(String(1));\n')]],
    ['an ordinary part of Node', [file('src/saml/a.ts', "import { hash } from 'node:crypto';\n")]],
    ['process in main', [file('src/main.ts', 'process.exitCode = 1;\n')]],
    ['a property called process', [file('src/saml/a.ts', 'export const a = { process: 1 };\nexport const b = a.process;\n')]],
    ['the word process in a string', [file('src/saml/a.ts', "export const a = 'process.env'; // process.env\n")]],
    ['a file of 350 lines', [['src/saml/a.ts', opening + '//\n'.repeat(349)]]],
    ['an opening of several lines', [['src/saml/a.ts', '/**\n * One.\n * Two.\n */\nexport {};\n']]],
  ];
  for (const [title, files] of kept) {
    it(`allow ${title}`, () => {
      assert.deepEqual(breaches(new Map(files)), []);
    });
  }

  const broken: readonly [string, readonly (readonly [string, string])[], RegExp][] = [
    [
      'an import upwards',
      [file('src/http/page.ts', 'export {};\n'), file('src/store/a.ts', "import '../http/page.ts';\n")],
      /store may not import http, which stands above it/,
    ],
    ['a type imported upwards', [store, file('src/clock.ts', "import type { A } from './store/store.ts';\n")], /stands above/],
    ['a type named upwards', [store, file('src/clock.ts', "export type A = import('./store/store.ts').A;\n")], /stands above/],
    ['a re-export upwards', [store, file('src/clock.ts', "export * from './store/store.ts';\n")], /stands above/],
    ['an import at run time upwards', [store, file('src/clock.ts', "await import('./store/store.ts');\n")], /stands above/],
    ['an import sideways', [store, file('src/saml/a.ts', "import '../store/store.ts';\n")], /stands beside it/],
    ['an import by an expression', [file('src/saml/a.ts', 'await import(String(1));\n')], /cannot be read/],
    ['an import from outside src', [file('src/saml/a.ts', "import '../../test/run.ts';\n")], /outside src/],
    ['an import of nothing', [file('src/saml/a.ts', "import './b.ts';\n")], /not there/],
    ['a package in another room', [file('src/http/a.ts', "import { Client } from 'ldapts';\n")], /belongs to directory alone/],
    ['a scoped package elsewhere', [file('src/http/a.ts', "import '@peculiar/x509';\n")], /belongs to keys alone/],
    ['SQLite elsewhere', [file('src/http/a.ts', "import 'node:sqlite';\n")], /belongs to store alone/],
    ['a package by require', [file('src/http/a.ts', "require('kysely');\n")], /belongs to store alone/],
    ['a package without a room', [file('src/http/a.ts', "import 'left-pad';\n")], /has no room yet/],
    ['a room without a line', [file('src/utils/a.ts', 'export {};\n')], /the room utils has no line/],
    ['process', [file('src/http/a.ts', 'export const a = process.env;\n')], /touches process/],
    ['process taken apart', [file('src/http/a.ts', 'const { env } = process;\n')], /touches process/],
    ['process by globalThis', [file('src/http/a.ts', 'export const a = globalThis.process;\n')], /touches process/],
    ['process by import', [file('src/http/a.ts', "import { env } from 'node:process';\n")], /touches process/],
    [
      'a cycle of three',
      [
        file('src/saml/a.ts', "import './b.ts';\n"),
        file('src/saml/b.ts', "import './c.ts';\n"),
        file('src/saml/c.ts', "import './a.ts';\n"),
      ],
      /a\.ts -> src\/saml\/b\.ts -> src\/saml\/c\.ts -> src\/saml\/a\.ts is a cycle/,
    ],
    ['a file of 351 lines', [['src/saml/a.ts', opening + '//\n'.repeat(350)]], /351 lines/],
    ['a file without an opening', [['src/saml/a.ts', 'export {};\n']], /does not open/],
    ['an opening that is no sentence', [['src/saml/a.ts', '/** stuff */\nexport {};\n']], /does not open/],
  ];
  for (const [title, files, expected] of broken) {
    it(`refuse ${title}`, () => {
      const found = breaches(new Map(files));
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found.join('\n'), expected);
    });
  }

  it('refuse a package without its row, and a row without its package', () => {
    assert.deepEqual(undocumented(['a', 'b'], '| `a` | for |\n| `c` | for |\n'), [
      'b has no row in docs/dependencies.md',
      'c stands in docs/dependencies.md and not in package.json',
    ]);
  });
});
