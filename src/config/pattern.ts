/** Patterns of administrators: a part of regular expressions that is matched in time linear in the text, whatever is written. */

/** Whether a code point fits. */
type Fits = (codePoint: number) => boolean;

export type Step =
  | { readonly op: 'character'; readonly fits: Fits; readonly next: number }
  | { readonly op: 'split'; first: number; second: number }
  | { readonly op: 'save'; readonly slot: number; readonly next: number }
  | { readonly op: 'forget'; readonly from: number; readonly to: number; readonly next: number }
  | { readonly op: 'beginning' | 'end'; readonly next: number }
  | { readonly op: 'done' };

/** A pattern as steps of a machine that never goes back in the text. */
export interface Pattern {
  readonly steps: readonly Step[];
  readonly start: number;
  /** How many groups capture. */
  readonly groups: number;
}

type Node =
  | { readonly kind: 'character'; readonly fits: Fits }
  | { readonly kind: 'beginning' | 'end' }
  | { readonly kind: 'sequence' | 'either'; readonly parts: readonly Node[] }
  | { readonly kind: 'group'; readonly number: number; readonly part: Node }
  | { readonly kind: 'repeat'; readonly part: Node; readonly least: number; readonly most: number; readonly lazy: boolean };

/** Why a text is no pattern; completes the sentence "must be …". */
export class PatternMistake extends Error {
  override readonly name = 'PatternMistake';
}

const limits = { length: 256, depth: 20, repeats: 255, steps: 1_000 } as const;

const isDigit: Fits = (code) => code >= 0x30 && code <= 0x39;
const isWord: Fits = (code) => isDigit(code) || code === 0x5f || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
const isSpace: Fits = (code) => /\s/u.test(String.fromCodePoint(code));
const not =
  (fits: Fits): Fits =>
  (code) =>
    !fits(code);
const kinds: Readonly<Record<string, Fits>> = {
  d: isDigit,
  D: not(isDigit),
  w: isWord,
  W: not(isWord),
  s: isSpace,
  S: not(isSpace),
};
const controls: Readonly<Record<string, number>> = { t: 9, n: 10, r: 13, f: 12, v: 11 };
const escapable = /^[\^$\\.*+?()[\]{}|/]$/;

class Reader {
  readonly #characters: readonly string[];
  #at = 0;
  #depth = 0;
  groups = 0;

  constructor(text: string) {
    if (text.length > limits.length) throw new PatternMistake(`a pattern of at most ${String(limits.length)} characters`);
    this.#characters = [...text];
  }

  read(): Node {
    const node = this.#either();
    if (this.#peek() !== undefined) throw new PatternMistake('a pattern whose brackets match');
    return node;
  }

  #peek(): string | undefined {
    return this.#characters[this.#at];
  }

  #take(wanted: string): boolean {
    const found = this.#characters.slice(this.#at, this.#at + wanted.length).join('') === wanted;
    if (found) this.#at += wanted.length;
    return found;
  }

  #either(): Node {
    const parts = [this.#sequence()];
    while (this.#take('|')) parts.push(this.#sequence());
    return { kind: 'either', parts };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    for (let next = this.#peek(); next !== undefined && next !== '|' && next !== ')'; next = this.#peek()) {
      parts.push(this.#repeated(this.#atom()));
    }
    return { kind: 'sequence', parts };
  }

  #atom(): Node {
    const character = this.#peek() ?? '';
    this.#at += 1;
    switch (character) {
      case '^':
        return { kind: 'beginning' };
      case '$':
        return { kind: 'end' };
      case '.':
        return { kind: 'character', fits: (code) => code !== 10 && code !== 13 && code !== 0x2028 && code !== 0x2029 };
      case '(':
        return this.#group();
      case '[':
        return { kind: 'character', fits: this.#set() };
      case '\\':
        return { kind: 'character', fits: this.#escape().fits };
      case '*':
      case '+':
      case '?':
      case '{':
      case '}':
      case ']':
        throw new PatternMistake(`a pattern with a backslash before a ${character} that stands for itself`);
      default:
        return { kind: 'character', fits: (code) => code === character.codePointAt(0) };
    }
  }

  #group(): Node {
    this.#depth += 1;
    if (this.#depth > limits.depth) throw new PatternMistake(`a pattern of at most ${String(limits.depth)} nested brackets`);
    const plain = this.#take('?:');
    if (!plain && this.#peek() === '?') throw new PatternMistake('a pattern without (?…), apart from (?:…)');
    if (!plain) this.groups += 1;
    const number = this.groups;
    const part = this.#either();
    if (!this.#take(')')) throw new PatternMistake('a pattern whose brackets match');
    this.#depth -= 1;
    return plain ? part : { kind: 'group', number, part };
  }

  /** What follows a backslash; `code` where it is one character. */
  #escape(inSet = false): { readonly fits: Fits; readonly code?: number } {
    const character = this.#peek() ?? '';
    this.#at += 1;
    const kind = Object.hasOwn(kinds, character) ? kinds[character] : undefined;
    if (kind !== undefined) return { fits: kind };
    const code = Object.hasOwn(controls, character) ? controls[character] : character.codePointAt(0);
    if (
      code === undefined ||
      (!Object.hasOwn(controls, character) && !escapable.test(character) && !(inSet && character === '-'))
    ) {
      throw new PatternMistake(
        `a pattern without \\${character}; known are \\d \\w \\s \\D \\W \\S \\t \\n \\r and marks such as \\.`,
      );
    }
    return { fits: (candidate) => candidate === code, code };
  }

  #set(): Fits {
    const negated = this.#take('^');
    const members: Fits[] = [];
    for (;;) {
      const character = this.#peek();
      if (character === undefined) throw new PatternMistake('a pattern whose brackets match');
      this.#at += 1;
      if (character === ']') break;
      const first = character === '\\' ? this.#escape(true) : { fits: undefined, code: character.codePointAt(0) ?? 0 };
      const hyphen = this.#peek() === '-' && ![']', undefined].includes(this.#characters[this.#at + 1]);
      if (!hyphen || first.code === undefined) {
        const { code } = first;
        members.push(first.fits ?? ((candidate) => candidate === code));
        continue;
      }
      this.#at += 1;
      const second = this.#peek() ?? '';
      this.#at += 1;
      const last = second === '\\' ? this.#escape(true).code : second.codePointAt(0);
      const from = first.code;
      if (last === undefined || last < from) throw new PatternMistake('a pattern whose ranges run upwards, such as [a-z]');
      members.push((candidate) => candidate >= from && candidate <= last);
    }
    return (candidate) => members.some((fits) => fits(candidate)) !== negated;
  }

  #repeated(part: Node): Node {
    let [least, most] = [1, 1];
    if (this.#take('*')) [least, most] = [0, Infinity];
    else if (this.#take('+')) most = Infinity;
    else if (this.#take('?')) least = 0;
    else if (this.#take('{')) [least, most] = this.#counts();
    else return part;
    if (part.kind === 'beginning' || part.kind === 'end') throw new PatternMistake('a pattern that repeats neither ^ nor $');
    const lazy = this.#take('?');
    if (['*', '+', '?', '{'].includes(this.#peek() ?? '')) throw new PatternMistake('a pattern that repeats nothing twice over');
    return { kind: 'repeat', part, least, most, lazy };
  }

  #counts(): [number, number] {
    const close = this.#characters.indexOf('}', this.#at);
    const found = /^(\d{1,3})(?:(,)(\d{1,3})?)?$/.exec(this.#characters.slice(this.#at, close).join(''));
    const least = Number(found?.[1]);
    const most = found?.[3] === undefined ? (found?.[2] === undefined ? least : Infinity) : Number(found[3]);
    if (close < 0 || found === null || most < least || least > limits.repeats || (most > limits.repeats && most !== Infinity)) {
      throw new PatternMistake(`a pattern that counts as in {2}, {2,} or {2,5}, up to ${String(limits.repeats)}`);
    }
    this.#at = close + 1;
    return [least, most];
  }
}

function groupsIn(node: Node): readonly number[] {
  if (node.kind === 'group') return [node.number, ...groupsIn(node.part)];
  if (node.kind === 'repeat') return groupsIn(node.part);
  return node.kind === 'sequence' || node.kind === 'either' ? node.parts.flatMap(groupsIn) : [];
}

class Writer {
  readonly steps: Step[] = [];
  #written = 0;

  add(step: Step): number {
    if (this.steps.length >= limits.steps) throw new PatternMistake('a pattern with fewer or smaller repetitions');
    return this.steps.push(step) - 1;
  }

  /** The step where `node` begins, `next` being where it leads. */
  write(node: Node, next: number): number {
    this.#written += 1;
    // What is empty adds no step, yet may be repeated.
    if (this.#written > 10 * limits.steps) throw new PatternMistake('a pattern with fewer or smaller repetitions');
    switch (node.kind) {
      case 'character':
        return this.add({ op: 'character', fits: node.fits, next });
      case 'beginning':
      case 'end':
        return this.add({ op: node.kind, next });
      case 'sequence':
        return node.parts.reduceRight((following, part) => this.write(part, following), next);
      case 'either':
        return node.parts
          .map((part) => this.write(part, next))
          .reduceRight((second, first) => this.add({ op: 'split', first, second }));
      case 'group': {
        const end = this.add({ op: 'save', slot: 2 * node.number + 1, next });
        return this.add({ op: 'save', slot: 2 * node.number, next: this.write(node.part, end) });
      }
      case 'repeat':
        return this.#repeat(node, next);
    }
  }

  #once(part: Node, next: number): number {
    const groups = groupsIn(part);
    const start = this.write(part, next);
    const [first] = groups;
    // Each round forgets what the one before captured, as ECMA-262 has it.
    return first === undefined
      ? start
      : this.add({ op: 'forget', from: 2 * first, to: 2 * Math.max(...groups) + 2, next: start });
  }

  #split(once: number, skip: number, lazy: boolean): number {
    return this.add({ op: 'split', first: lazy ? skip : once, second: lazy ? once : skip });
  }

  #repeat({ part, least, most, lazy }: Extract<Node, { kind: 'repeat' }>, next: number): number {
    let start = next;
    if (most === Infinity) {
      const step: Step = { op: 'split', first: next, second: next };
      start = this.add(step);
      if (lazy) step.second = this.#once(part, start);
      else step.first = this.#once(part, start);
    } else {
      for (let optional = least; optional < most; optional += 1) start = this.#split(this.#once(part, start), next, lazy);
    }
    for (let count = 0; count < least; count += 1) start = this.#once(part, start);
    return start;
  }
}

/** @throws PatternMistake */
export function parsePattern(text: string): Pattern {
  const reader = new Reader(text);
  const node = reader.read();
  const writer = new Writer();
  const start = writer.write(node, writer.add({ op: 'done' }));
  return { steps: writer.steps, start, groups: reader.groups };
}
