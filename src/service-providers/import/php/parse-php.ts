/** Reads the values that a PHP file assigns to `$metadata`: it is parsed and never run. */
import { Engine, type Node } from 'php-parser';
import { ImportMistake } from '../imported.ts';
import { constantNamed } from './constants.ts';
import { isShape, mayChange, type Shape, shapes } from './may-change.ts';

/** An array keeps its order; keys are as PHP has them. */
export type PhpValue = string | number | boolean | null | PhpArray | NotPlainPhp;
export type PhpArray = ReadonlyMap<string | number, PhpValue>;

/** What is computed, where the file is run; told by its own text. */
export class NotPlainPhp {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export interface PhpMetadata {
  /** By entity ID. */
  readonly entries: ReadonlyMap<string, PhpArray>;
  /** Statements that are nothing of the kind, or entries that are not plain. */
  readonly notPlain: readonly string[];
  /** Whether something that is not plain may have made another one of that entry. */
  readonly isDoubtful: (entityId: string) => boolean;
}

const mostEntries = 5_000;
const mostCharacters = 8_388_608;
const mostItems = 20_000;
const deepest = 100;
const longestText = 300;

/** As PHP makes keys of arrays: a text that is a whole number is one. */
const keyOf = (value: PhpValue): string | number | undefined =>
  typeof value === 'string'
    ? /^(?:0|-?[1-9]\d{0,14})$/.test(value)
      ? Number(value)
      : value
    : typeof value === 'number'
      ? Math.trunc(value)
      : typeof value === 'boolean'
        ? Number(value)
        : undefined;

class Reader {
  readonly #text: string;
  /** Names of classes that `use` gives others. */
  readonly #aliases = new Map<string, string>();
  #items = 0;
  /** Whether a value does more than to be one. */
  mayChange = false;

  constructor(text: string) {
    this.#text = text;
  }

  alias(item: Shape): void {
    const name = typeof item.name === 'string' ? item.name.replace(/^\\/, '') : '';
    const alias = isShape(item.alias) && typeof item.alias.name === 'string' ? item.alias.name : name.replace(/^.*\\/, '');
    this.#aliases.set(alias, name);
  }

  textOf({ loc }: Shape): string {
    return loc === undefined || loc === null ? '' : this.#text.slice(loc.start.offset, loc.end.offset).slice(0, longestText);
  }

  value(node: unknown, depth: number): PhpValue {
    if (!isShape(node)) return new NotPlainPhp('');
    const notPlain = new NotPlainPhp(this.textOf(node));
    if (depth > deepest) return notPlain;
    switch (node.kind) {
      case 'string':
      case 'nowdoc':
        return typeof node.value === 'string' ? node.value : notPlain;
      case 'number': {
        const written = String(node.value).replaceAll('_', '');
        const number = /^0[0-7]+$/.test(written) ? Number.parseInt(written, 8) : Number(written);
        return Number.isFinite(number) ? number : notPlain;
      }
      case 'boolean':
        return node.value === true;
      case 'nullkeyword':
        return null;
      case 'unary': {
        const value = this.value(node.what, depth + 1);
        return typeof value !== 'number' ? notPlain : node.type === '-' ? -value : node.type === '+' ? value : notPlain;
      }
      case 'bin': {
        if (node.type !== '.') return notPlain;
        const [left, right] = [this.value(node.left, depth + 1), this.value(node.right, depth + 1)];
        return typeof left === 'string' && typeof right === 'string' ? left + right : notPlain;
      }
      case 'staticlookup': {
        const [what, offset] = [node.what, node.offset];
        if (!isShape(what) || !isShape(offset) || typeof what.name !== 'string' || typeof offset.name !== 'string')
          return notPlain;
        const [first = '', ...rest] = what.name.replace(/^\\/, '').split('\\');
        const name = what.name.startsWith('\\') ? what.name.slice(1) : [this.#aliases.get(first) ?? first, ...rest].join('\\');
        return constantNamed(name, offset.name) ?? notPlain;
      }
      case 'array':
        return this.array(node, depth, notPlain);
      case 'encapsed': {
        // A heredoc without variables.
        const parts = shapes(node.value).map((part) => this.value(part.expression, depth + 1));
        return parts.every((part) => typeof part === 'string') ? parts.join('') : notPlain;
      }
      default:
        return notPlain;
    }
  }

  /** The value of an assignment. */
  assigned(node: unknown): PhpValue {
    this.mayChange ||= mayChange(node);
    return this.value(node, 0);
  }

  array(node: Shape, depth: number, notPlain: NotPlainPhp): PhpValue {
    const made = new Map<string | number, PhpValue>();
    let next = 0;
    for (const item of shapes(node.items)) {
      this.#items += 1;
      if (this.#items > mostItems) throw new ImportMistake(`The file holds more than ${String(mostItems)} values.`);
      if (item.kind !== 'entry' || item.unpack === true || item.byRef === true) return notPlain;
      const key = isShape(item.key) ? keyOf(this.value(item.key, depth + 1)) : next;
      if (key === undefined) return notPlain;
      if (typeof key === 'number') next = Math.max(next, key + 1);
      made.set(key, this.value(item.value, depth + 1));
    }
    return made;
  }
}

/** Of `$metadata['…']`, or of something within that, the entity ID. */
function target(node: unknown, reader: Reader): { readonly entityId: PhpValue; readonly isWhole: boolean } | undefined {
  if (!isShape(node) || node.kind !== 'offsetlookup' || !isShape(node.what)) return undefined;
  const { what } = node;
  if (what.kind === 'variable' && what.name === 'metadata') return { entityId: reader.value(node.offset, 0), isWhole: true };
  const outer = target(what, reader);
  return outer && { ...outer, isWhole: false };
}

const isVariable = (node: unknown): node is Shape & { readonly name: string } =>
  isShape(node) && node.kind === 'variable' && typeof node.name === 'string';

function parse(text: string): Shape {
  const engine = new Engine({ parser: { extractDoc: false, suppressErrors: false }, ast: { withPositions: true } });
  let program: Node;
  try {
    // What the converter of the administration page shows has no opening tag.
    program = /<\?php/i.test(text) ? engine.parseCode(text, '') : engine.parseEval(text);
  } catch (error) {
    // Of nesting that is too deep, and of whatever else a parser of 10,000 lines may stumble over.
    const line =
      error instanceof SyntaxError && 'lineNumber' in error ? ` Line ${String(error.lineNumber)} cannot be understood.` : '';
    throw new ImportMistake(`The file is no PHP that can be read.${line}`);
  }
  if (!isShape(program)) throw new ImportMistake('The file is no PHP that can be read.');
  return program;
}

/** @throws ImportMistake */
export function parsePhp(text: string): PhpMetadata {
  if (text.length > mostCharacters) throw new ImportMistake('The file is larger than 8 MiB.');
  const reader = new Reader(text);
  const entries = new Map<string, PhpArray>();
  const notPlain: string[] = [];
  const doubtful = new Set<string>();
  let areAllDoubtful = false;

  function put(entityId: string, value: PhpArray): boolean {
    if (entries.size >= mostEntries && !entries.has(entityId)) return false;
    entries.set(entityId, value);
    doubtful.delete(entityId);
    return true;
  }

  /** Whether it is one that is plain. */
  function assign({ left, right, operator }: Shape): boolean {
    const value = reader.assigned(right);
    const to = target(left, reader);
    if (typeof to?.entityId === 'string') {
      if (operator === '=' && to.isWhole && value instanceof Map) return put(to.entityId, value);
      // What it has become stands nowhere; where a part of it was replaced, the rest is told with that doubt.
      if (operator === '=' && to.isWhole) entries.delete(to.entityId);
      doubtful.add(to.entityId);
      return false;
    }
    if (isVariable(left) && operator === '=') {
      if (left.name !== 'metadata') return !(value instanceof NotPlainPhp);
      const all = value instanceof Map ? [...(value as PhpArray)] : [];
      const isPlain = value instanceof Map && all.every(([key, each]) => typeof key === 'string' && each instanceof Map);
      if (isPlain) {
        entries.clear();
        return all.every(([key, each]) => put(String(key), each as PhpArray));
      }
    }
    areAllDoubtful = true;
    return false;
  }

  const walk = (statement: Shape): void => {
    if (statement.kind === 'usegroup') {
      for (const item of shapes(statement.items)) reader.alias(item);
      return;
    }
    if (statement.kind === 'namespace' || statement.kind === 'declare') {
      for (const each of shapes(statement.children)) walk(each);
      return;
    }
    if (statement.kind === 'noop' || (statement.kind === 'inline' && String(statement.value).trim() === '')) return;
    const expression = statement.kind === 'expressionstatement' ? statement.expression : undefined;
    if (isShape(expression) && expression.kind === 'assign') {
      if (assign(expression)) return;
    } else areAllDoubtful ||= mayChange(statement);
    notPlain.push(reader.textOf(statement));
  };
  try {
    for (const statement of shapes(parse(text).children)) walk(statement);
  } catch (error) {
    if (error instanceof RangeError) throw new ImportMistake('The file nests too deeply.');
    throw error;
  }
  return { entries, notPlain, isDoubtful: (entityId) => areAllDoubtful || reader.mayChange || doubtful.has(entityId) };
}
