/** The YAML of an import: what can be used as it is, and as comments what somebody has to look at first. */
import type { Finished } from './finish.ts';
import { harmless } from './harmless.ts';

const asComment = (lines: readonly string[]): readonly string[] => lines.map((line) => `#${line}`);

function section(name: string, used: readonly (readonly string[])[], held: readonly (readonly string[])[]): readonly string[] {
  if (used.length + held.length === 0) return [];
  return ['', used.length === 0 ? `# ${name}:` : `${name}:`, ...used.flat(), ...held.flat()];
}

/**
 * @param source what it was made from, and by which command
 * @returns a document with the sections `serviceProviders` and perhaps `release`, or of comments alone
 */
export function renderImport({ imported }: Finished, source: string): string {
  const used = imported.filter(({ held }) => held.length === 0);
  const held = imported.filter(({ held }) => held.length > 0);
  const lines = [
    `# ${harmless(source)}`,
    '# These sections are appended to the configuration; where it has one of them already, their items go under that.',
    ...(held.length === 0
      ? []
      : ['# What is commented out would otherwise let in more people than before, or know them by other names. Read why first.']),
    ...section(
      'serviceProviders',
      used.map(({ entry }) => entry),
      held.map(({ entry, held: reasons }) => [
        '',
        ...reasons.map((reason) => `# Look first: ${harmless(reason)}.`),
        ...asComment(entry),
      ]),
    ),
    ...section(
      'release',
      used.map(({ release }) => release).filter((lines) => lines.length > 0),
      held
        .filter(({ release }) => release.length > 0)
        .map(({ entityId, release }) => [`# Of ${harmless(entityId)}:`, ...asComment(release)]),
    ),
  ];
  return `${lines.join('\n')}\n`;
}
