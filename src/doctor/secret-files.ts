/** The files with secrets that a configuration names, and whether it holds secrets itself. */
import { dirname, resolve } from 'node:path';
import type { Environment } from '../config/expand-environment.ts';
import { parseSettings, type Path, type Settings } from '../config/settings.ts';
import type { SecretFile } from './configuration.ts';

const named: Readonly<Record<string, string>> = {
  passwordFile: 'a password',
  secretFile: 'a secret',
  previousSecretFile: 'a secret',
  clientSecretFile: 'a secret',
  keyFile: 'a private key',
  keytab: 'a keytab',
};
const written = new Set(['password', 'secret', 'previousSecret', 'clientSecret', 'startPassword']);
const deepest = 8;

type Leaf = readonly [path: Path, text: string];

function leaves(settings: Settings, value: unknown, path: Path): readonly Leaf[] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null || path.length > deepest) return [];
  return Object.entries(value).flatMap(([name, below]) => leaves(settings, below, [...path, name]));
}

/** @param text what the file holds */
export function secretFiles(file: string, text: string, environment: Environment): readonly SecretFile[] {
  const settings = parseSettings(text, environment);
  const all = leaves(settings, settings.value, []);
  const nameOf = (path: Path): string => String(path.at(-1));
  const holdsSecrets = all.some(([path]) => written.has(nameOf(path)) && !settings.isExpanded(path));
  return [
    { path: file, what: holdsSecrets ? 'the configuration, with secrets in it' : 'the configuration', isSecret: holdsSecrets },
    ...all.flatMap(([path, name]) => {
      const what = Object.hasOwn(named, nameOf(path)) ? named[nameOf(path)] : undefined;
      return what === undefined ? [] : [{ path: resolve(dirname(file), name), what, isSecret: true }];
    }),
  ];
}
