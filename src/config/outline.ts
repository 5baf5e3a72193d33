/** The schema as an outline of settings: what the reference page, the editors' schema and the hints are made from. */
import { z } from 'zod';
import { schema } from './schema.ts';
import type { Path } from './settings.ts';

/** A part of the JSON schema, as far as it is read; `values` and `without` are ours. */
export interface Outline {
  readonly type?: string;
  readonly description?: string;
  readonly default?: string | number | boolean | object;
  readonly const?: string | number | boolean;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Outline>>;
  readonly additionalProperties?: Outline | false;
  readonly items?: Outline;
  readonly oneOf?: readonly Outline[];
  /** Shorter and longer ways to write the same. */
  readonly anyOf?: readonly Outline[];
  /** The values in words, where the schema alone says too little. */
  readonly values?: string;
  /** What happens where an optional setting without a default is left out. */
  readonly without?: string;
}

/** The outline of the whole configuration as a person writes it. */
export const outline = (): Outline => z.toJSONSchema(schema, { io: 'input', target: 'draft-7' }) as Outline;

/** Each kind of a list of alternatives, by the value of its `kind`. */
export function kindsOf(part: Outline): ReadonlyMap<string, Outline> {
  return new Map((part.oneOf ?? []).map((kind) => [String(kind.properties?.kind?.const), kind]));
}

/** What every value of a map is. */
function valueOf(part: Outline): Outline | undefined {
  return part.additionalProperties === false ? undefined : part.additionalProperties;
}

/** The longer way to write a part, where there is a shorter one. */
export const longForm = (part: Outline): Outline => part.anyOf?.find(({ type }) => type === 'object' || type === 'array') ?? part;

/** The part at that path; `kindAt` answers the `kind` that the file gives an entry. */
export function partAt(root: Outline, path: Path, kindAt: (path: Path) => unknown): Outline | undefined {
  let part: Outline | undefined = root;
  for (const [index, name] of path.entries()) {
    if (part.oneOf !== undefined) part = kindsOf(part).get(String(kindAt(path.slice(0, index))));
    if (part === undefined) return undefined;
    part = longForm(part);
    part = typeof name === 'number' ? part.items : (part.properties?.[name] ?? valueOf(part));
    if (part === undefined) return undefined;
  }
  return part.oneOf === undefined ? part : (kindsOf(part).get(String(kindAt(path))) ?? part);
}

/** What may be written there, in words. */
export function valuesOf(part: Outline): string {
  if (part.values !== undefined) return part.values;
  if (part.const !== undefined) return `\`${String(part.const)}\``;
  if (part.enum !== undefined) return part.enum.map((value) => `\`${String(value)}\``).join(' or ');
  switch (part.type) {
    case 'integer':
      return `a whole number from ${String(part.minimum)} to ${String(part.maximum)}`;
    case 'boolean':
      return '`true` or `false`';
    case 'array':
      return `a list, each ${part.items === undefined || part.items.oneOf !== undefined || part.items.properties !== undefined ? 'as below' : valuesOf(part.items)}`;
    case 'object':
      if (part.properties !== undefined) return 'settings';
      return `names, each with ${part.additionalProperties ? valuesOf(part.additionalProperties) : 'a value'}`;
    default:
      return part.oneOf === undefined ? 'text' : 'settings';
  }
}

/** Every setting of that name, wherever it belongs; those of a list's entries as `list[].name`. */
export function whereIs(root: Outline, name: string): readonly string[] {
  const found = new Set<string>();
  const visit = (part: Outline, path: string): void => {
    for (const [key, below] of Object.entries(part.properties ?? {})) {
      const here = path === '' ? key : `${path}.${key}`;
      if (key === name) found.add(here);
      visit(below, here);
    }
    for (const kind of part.items?.oneOf ?? []) visit(kind, `${path}[]`);
    if (part.items !== undefined) visit(part.items, `${path}[]`);
  };
  visit(root, '');
  return [...found];
}
