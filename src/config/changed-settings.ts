/** Which settings differ between two configurations: their paths, and never what they hold. */
import { isDeepStrictEqual } from 'node:util';
import type { Configuration } from './read-configuration.ts';

const isSection = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function differences(before: unknown, after: unknown, path: string): readonly string[] {
  if (isDeepStrictEqual(before, after)) return [];
  const below = (name: string): string => (path === '' ? name : `${path}.${name}`);
  if (isSection(before) && isSection(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => differences(before[name], after[name], below(name)));
  }
  // Where one was put in or taken out, the places of the others tell nothing.
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length)
    return before.flatMap((one: unknown, index) => differences(one, after[index], below(String(index))));
  return [path];
}

/** A directory in a few lines is a forest of one domain to us, and not to whoever wrote them. */
function asWritten(path: string, { directory: { forests } }: Configuration): string {
  if (forests[0]?.name !== undefined) return path;
  return path
    .replace(/^directory\.forests\.0\.domains\.0\.controllers\b.*/, 'directory.urls')
    .replace(/^directory\.forests\.0\.(domains\.0\.)?/, 'directory.');
}

/** In the order of the sections, such as `policy.0.require`; a list whose length changed is one of them. */
export function changedSettings(before: Configuration, after: Configuration): readonly string[] {
  return [...new Set(differences(before, after, '').map((path) => asWritten(path, after)))];
}
