/** Reads the text of a configuration file into plain values that remember where they stand. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type ErrorCode, type Node } from 'yaml';
import type { Mistake } from './configuration-mistakes.ts';
import { expandEnvironment, type Environment } from './expand-environment.ts';

export type Path = readonly (string | number)[];
export type Place = Pick<Mistake, 'line' | 'column'>;

/** The values of a file, before any schema. */
export interface Settings {
  /** Plain values; undefined where a value could not be made out, which is then among the mistakes. */
  readonly value: unknown;
  /** Whether the text could be read at all; where not, nothing else can be said of it. */
  readonly readable: boolean;
  readonly mistakes: readonly Mistake[];
  /** Whether something is written there, be it sound or not. */
  has(path: Path): boolean;
  /** The sound value there. */
  at(path: Path): unknown;
  /** Whether a mistake at that path or above it has been told already. */
  isTold(path: Path): boolean;
  /** Whether a text there was made from environment variables. */
  isExpanded(path: Path): boolean;
  /** Puts another value in place of the one there. */
  put(path: Path, value: unknown): void;
  /** Where the value stands; where it is missing, the nearest setting around it. */
  place(path: Path): Place;
  /** Where the key stands. */
  keyPlace(path: Path): Place;
}

const limits = { depth: 16, nodes: 10_000, aliases: 100, scalar: 8_192, errors: 20 };
const coreTags = ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`);

// Our own words: those of the parser may quote the text, which may be a secret.
const syntax: Partial<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'An alias (*name) takes neither tag nor anchor.',
  BAD_DIRECTIVE: 'Leave out lines that begin with %.',
  BAD_DQ_ESCAPE: 'In double quotes a backslash is written \\\\; or use single quotes.',
  BAD_INDENT: 'Look at the indentation and at brackets that are not closed.',
  BAD_PROP_ORDER: 'Anchors and tags stand before the value.',
  BAD_SCALAR_START: 'Quote a value that begins with one of @ ` % & * ! | > { [ # or a quotation mark.',
  BLOCK_AS_IMPLICIT_KEY: 'Quote a value that holds a colon and a space; or look at the indentation.',
  BLOCK_IN_FLOW: 'Within { } or [ ] every value stays in brackets.',
  KEY_OVER_1024_CHARS: 'A key is shorter than 1,024 characters.',
  MISSING_CHAR: 'A quotation mark, a bracket, a comma or a colon with a space is missing.',
  MULTILINE_IMPLICIT_KEY: 'A key stands on one line, with a colon and a space after it.',
  MULTIPLE_ANCHORS: 'A value has one anchor at most.',
  MULTIPLE_DOCS: 'The file is one document: leave out the line ---.',
  MULTIPLE_TAGS: 'A value has one tag at most.',
  RESOURCE_EXHAUSTION: 'It nests too deeply.',
  TAB_AS_INDENT: 'Indent with spaces; YAML takes no tabs.',
};

const keyOf = (path: Path): string => JSON.stringify(path.map(String));
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function wordOf(key: unknown): string | undefined {
  if (typeof key === 'number' || typeof key === 'boolean') return String(key);
  return typeof key === 'string' && key !== '__proto__' ? key : undefined;
}

function step(value: unknown, name: string | number): unknown {
  if (Array.isArray(value)) return value[Number(name)] as unknown;
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** @param environment answers the `${NAME}` of strings */
export function parseSettings(text: string, environment: Environment): Settings {
  const lines = new LineCounter();
  const mistakes: Mistake[] = [];
  const values = new Map<string, number>();
  const keys = new Map<string, number>();
  const told = new Set<string>();
  const expanded = new Set<string>();
  let nodes = 0;
  let aliases = 0;

  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const tell = (offset: number, path: Path, message: string, hint: string): unknown => {
    mistakes.push({ ...placeOf(offset), path: path.join('.'), message, hint });
    told.add(keyOf(path));
    return undefined;
  };

  function build(document: Document, node: Node | null, path: Path, offset: number): unknown {
    const start = node?.range?.[0] ?? offset;
    if (!values.has(keyOf(path))) values.set(keyOf(path), start);
    nodes += 1;
    aliases += isAlias(node) ? 1 : 0;
    if (nodes > limits.nodes || aliases > limits.aliases) {
      // Told once, at the root, so that nothing of the file is judged.
      if (told.has(keyOf([]))) return undefined;
      return tell(
        start,
        [],
        'the file holds too many values or aliases',
        'Aliases (*name) that repeat one another make it grow.',
      );
    }
    if (path.length > limits.depth) return tell(start, path, 'nests too deeply', 'No setting lies that deep.');
    if (isAlias(node)) {
      const target = node.resolve(document);
      return target === undefined
        ? tell(start, path, 'is an alias of nothing', 'Quote a value that begins with *; or set the anchor (&name) before it.')
        : build(document, target, path, start);
    }
    if (node?.tag !== undefined && !coreTags.includes(node.tag)) {
      return tell(start, path, 'has a tag that means nothing here', 'Quote a value that begins with an exclamation mark.');
    }
    if (isMap(node)) {
      const made: Record<string, unknown> = {};
      for (const { key, value } of node.items) {
        const keyStart = (key as Node | null)?.range?.[0] ?? start;
        const name = isScalar(key) ? wordOf(key.value) : undefined;
        if (name === undefined) {
          tell(keyStart, path, 'has a key that is not a plain word', 'Look at the brackets and question marks around it.');
          continue;
        }
        const below = [...path, name];
        if (Object.hasOwn(made, name)) {
          // Not told of the setting as such: the first one is judged on its own.
          const hint = `It stands in line ${String(placeOf(keys.get(keyOf(below)) ?? 0).line)} already.`;
          mistakes.push({ ...placeOf(keyStart), path: below.join('.'), message: 'is given twice', hint });
          continue;
        }
        if (!keys.has(keyOf(below))) keys.set(keyOf(below), keyStart);
        made[name] = build(document, value as Node | null, below, keyStart);
      }
      return made;
    }
    if (isSeq(node)) return node.items.map((item, index) => build(document, item as Node | null, [...path, index], start));
    if (!isScalar(node)) return null;
    if (typeof node.value !== 'string') return node.value;
    const result = expandEnvironment(node.value, environment);
    if ('message' in result) return tell(start, path, result.message, result.hint);
    if (result.text.length > limits.scalar)
      return tell(start, path, 'is too long', `At most ${String(limits.scalar)} characters.`);
    if (result.expanded) expanded.add(keyOf(path));
    return result.text;
  }

  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    version: '1.2',
    schema: 'core',
    merge: false,
    // Told by `build`, which knows the first place and is not quadratic.
    uniqueKeys: false,
    // A lower one hides a second document.
    logLevel: 'error',
  });
  for (const error of document.errors.slice(0, limits.errors)) {
    tell(
      error.pos[0],
      [],
      'this is not well-formed YAML',
      syntax[error.code] ?? 'Look at the indentation, the brackets and the quotation marks.',
    );
  }
  if (document.directives.yaml.explicit === true && document.directives.yaml.version !== '1.2') {
    tell(0, [], 'the file asks for another YAML than 1.2', 'Leave out the line that begins with %YAML.');
  }
  const value = mistakes.length > 0 ? undefined : build(document, document.contents, [], 0);
  if (mistakes.length === 0 && value === null)
    tell(0, [], 'the file is empty', 'passerelle init --force writes a starting file.');
  else if (mistakes.length === 0 && !isRecord(value)) {
    tell(values.get(keyOf([])) ?? 0, [], 'the file must hold settings', 'Each is a name, a colon, a space and its value.');
  }

  const isTold = (path: Path): boolean =>
    path.some((_, index) => told.has(keyOf(path.slice(0, index + 1)))) || told.has(keyOf([]));
  const around = (path: Path): number => {
    for (let length = path.length; length > 0; length -= 1) {
      const offset = keys.get(keyOf(path.slice(0, length))) ?? values.get(keyOf(path.slice(0, length)));
      if (offset !== undefined) return offset;
    }
    return values.get(keyOf([])) ?? 0;
  };
  return {
    value,
    readable: !told.has(keyOf([])),
    mistakes,
    has: (path) => values.has(keyOf(path)),
    at: (path) => (isTold(path) ? undefined : path.reduce(step, value)),
    isTold,
    isExpanded: (path) => expanded.has(keyOf(path)),
    put: (path, replacement) => {
      const around = path.slice(0, -1).reduce(step, value);
      const last = path.at(-1);
      if (last === undefined) return;
      if (Array.isArray(around)) around[Number(last)] = replacement;
      else if (isRecord(around)) Object.assign(around, { [last]: replacement });
    },
    place: (path) => placeOf(values.get(keyOf(path)) ?? around(path)),
    keyPlace: (path) => placeOf(around(path)),
  };
}
