/** Turns what the schema found into mistakes with a place and a hint. */
import type { z } from 'zod';
import type { Mistake } from './configuration-mistakes.ts';
import { nearest } from './nearest.ts';
import { kindsOf, longForm, partAt, valuesOf, whereIs, type Outline } from './outline.ts';
import type { Path, Settings } from './settings.ts';

type Issue = z.core.$ZodIssue;

const types: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: '`true` or `false`',
  array: 'a list',
  object: 'settings below it, each on a line of its own',
  record: 'names and values below it, each on a line of its own',
};
const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
const either = (words: readonly string[]): string => words.join(' or ');

/** Told of a value of the right type. */
const isOfItsKind = ({ code, path }: Issue): boolean =>
  path.length > 0 || !['invalid_type', 'invalid_value', 'invalid_union'].includes(code);

function nameOf(key: string): string {
  return /^[\w.-]{1,64}$/.test(key) ? key : JSON.stringify(key.slice(0, 64));
}

/** @param root the outline of the schema */
export function explainIssue(issue: Issue, settings: Settings, root: Outline): readonly Mistake[] {
  const path = issue.path.filter((name) => typeof name !== 'symbol');
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => explainUnknown(path, key, settings, root));
  if (settings.isTold(path)) return [];

  const kindAt = (at: Path): unknown => settings.at([...at, 'kind']);
  const part = partAt(root, path, kindAt);
  const about = part?.description ?? partAt(root, path.slice(0, -1), kindAt)?.description ?? '';
  const make = (message: string, hint: string, place = settings.place(path)): readonly Mistake[] => [
    { ...place, path: path.join('.'), message, hint },
  ];
  const values = part === undefined ? 'text' : valuesOf(part);
  const expected = values === 'text' || values === 'settings' ? '' : sentence(values);
  const hint = [expected, about].filter((text) => text !== '').join(' ');

  if (!settings.has(path)) {
    const kinds = issue.code === 'invalid_union' ? `One of ${[...kindsOf(parentOf(path, root)).keys()].join(', ')}.` : hint;
    return make('is missing', kinds, settings.keyPlace(path));
  }
  const ways = issue.code === 'invalid_union' ? issue.errors : [];
  if (ways.length > 0) {
    // Of the ways to write it, the one whose kind of value it is says what is wrong.
    const meant = ways.find((found) => found.every(({ path: at }) => at.length > 0) || found.some(isOfItsKind));
    if (meant === undefined) return make(`must be ${values}`, about);
    return meant.flatMap((found) => explainIssue({ ...found, path: [...issue.path, ...found.path] }, settings, root));
  }
  const value = settings.at(path);
  if (value === null) return make('has no value', `${hint} Leave the line out for its default.`.trim(), settings.keyPlace(path));
  switch (issue.code) {
    case 'invalid_type': {
      const quote =
        issue.expected === 'string' && typeof value !== 'object' && values === 'text'
          ? 'Put the value in quotation marks.'
          : hint;
      return make(`must be ${types[issue.expected] ?? issue.expected}`, quote);
    }
    case 'invalid_value':
    case 'invalid_union': {
      const values = issue.code === 'invalid_value' ? issue.values.map(String) : [...kindsOf(parentOf(path, root)).keys()];
      const meant = typeof value === 'string' && !settings.isExpanded(path) ? nearest(value, values) : undefined;
      return make(
        `must be ${either(values.map((word) => `\`${word}\``))}`,
        meant === undefined ? about : `Did you mean \`${meant}\`?`,
      );
    }
    case 'invalid_key': {
      const inner = issue.issues[0]?.message ?? 'a name of another form';
      return make(`has a name that must be ${inner}`, about, settings.keyPlace(path));
    }
    case 'too_small':
      if (issue.origin === 'string') return make('must not be empty', hint);
      if (issue.origin === 'array') return make(`needs ${String(issue.minimum)} entry or more`, hint);
      return make(`must be ${String(issue.minimum)} or more`, hint);
    case 'too_big':
      if (issue.origin === 'string') return make(`must have at most ${String(issue.maximum)} characters`, hint);
      return make(`must be ${String(issue.maximum)} or less`, hint);
    case 'invalid_format':
    case 'custom':
      return make(`must be ${issue.message}`, about);
    default:
      return make('is not right', hint);
  }
}

function parentOf(path: Path, root: Outline): Outline {
  let part: Outline | undefined = root;
  for (const name of path.slice(0, -1)) part = typeof name === 'number' ? part?.items : part?.properties?.[name];
  return part ?? {};
}

function explainUnknown(path: Path, key: string, settings: Settings, root: Outline): Mistake {
  const part = partAt(root, path, (at) => settings.at([...at, 'kind']));
  const known = Object.keys((part && longForm(part))?.properties ?? {});
  const meant = nearest(key, known);
  const elsewhere = whereIs(root, key).filter((place) => !place.startsWith(`${String(path[0])}[]`));
  let hint = `Known ${path.length === 0 ? 'sections' : 'settings'} here: ${known.join(', ')}.`;
  if (meant !== undefined) hint = `Did you mean ${meant}?`;
  else if (elsewhere.length > 0) hint = `It belongs at ${either(elsewhere)}; look at the indentation.`;
  return {
    ...settings.keyPlace([...path, key]),
    path: [...path, nameOf(key)].join('.'),
    message: 'is not a known setting',
    hint,
  };
}
