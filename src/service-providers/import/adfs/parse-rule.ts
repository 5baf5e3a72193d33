/** Parses one claim rule of AD FS. */
import { ruleTokens, type Token } from './rule-tokens.ts';

export interface Test {
  /** Type, Value, Issuer, OriginalIssuer, ValueType, or Properties. */
  readonly property: string;
  readonly operator: '==' | '!=' | '=~' | '!~';
  readonly text: string;
}

export interface Condition {
  readonly how: 'each' | 'exists' | 'not exists';
  /** What the claim is called in what is issued. */
  readonly variable: string | undefined;
  readonly tests: readonly Test[];
}

export type Expression =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'property'; readonly variable: string; readonly property: string }
  | { readonly kind: 'call'; readonly name: string; readonly values: readonly Expression[] }
  | { readonly kind: 'joined'; readonly parts: readonly Expression[] }
  | { readonly kind: 'list'; readonly values: readonly Expression[] }
  | { readonly kind: 'variable'; readonly variable: string };

export interface Given {
  /** In lower case: type, value, store, types, query, param, claim, properties … */
  readonly name: string;
  /** In brackets behind it. */
  readonly key: string | undefined;
  readonly value: Expression;
}

export interface ClaimRule {
  /** @RuleName */
  readonly name: string | undefined;
  readonly conditions: readonly Condition[];
  readonly action: 'issue' | 'add';
  readonly given: readonly Given[];
}

const mostParts = 500;
const deepest = 20;

/** The text is no rule that we can read. */
class Unreadable extends Error {}

class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  rule(): ClaimRule {
    let name: string | undefined;
    while (this.#takes('@')) {
      const what = this.#word();
      this.#demand('=');
      const value = this.#string();
      if (what === 'rulename') name = value;
    }
    const conditions: Condition[] = [];
    if (!this.#is('=>')) {
      do conditions.push(this.#condition());
      while (this.#takes('&&'));
    }
    this.#demand('=>');
    const action = this.#word();
    if (action !== 'issue' && action !== 'add') throw new Unreadable();
    this.#demand('(');
    const given: Given[] = [];
    do given.push(this.#given());
    while (this.#takes(','));
    this.#demand(')');
    this.#demand(';');
    if (this.#at !== this.#tokens.length) throw new Unreadable();
    return { name, conditions, action, given };
  }

  #is(mark: string): boolean {
    const token = this.#tokens[this.#at];
    return token?.kind === 'mark' && token.text === mark;
  }

  #takes(mark: string): boolean {
    const found = this.#is(mark);
    if (found) this.#at += 1;
    return found;
  }

  #demand(mark: string): void {
    if (!this.#takes(mark)) throw new Unreadable();
  }

  #next(kind: Token['kind']): string {
    const token = this.#tokens[this.#at];
    if (token?.kind !== kind) throw new Unreadable();
    this.#at += 1;
    return token.text;
  }

  #string(): string {
    return this.#next('string');
  }

  /** Words of the language are compared without regard to case. */
  #word(): string {
    return this.#next('word').toLowerCase();
  }

  #isWord(word: string): boolean {
    const token = this.#tokens[this.#at];
    return token?.kind === 'word' && token.text.toLowerCase() === word;
  }

  #condition(): Condition {
    let how: Condition['how'] = 'each';
    if (this.#isWord('not')) {
      this.#word();
      how = 'not exists';
    }
    if (this.#isWord('exists')) {
      this.#word();
      if (how === 'each') how = 'exists';
      this.#demand('(');
      const tests = this.#tests();
      this.#demand(')');
      return { how, variable: undefined, tests };
    }
    if (how === 'not exists') throw new Unreadable();
    let variable: string | undefined;
    if (!this.#is('[')) {
      variable = this.#word();
      this.#demand(':');
    }
    return { how, variable, tests: this.#tests() };
  }

  #tests(): readonly Test[] {
    this.#demand('[');
    const tests: Test[] = [];
    while (!this.#takes(']')) {
      if (tests.length > 0) this.#demand(',');
      const property = this.#word();
      if (this.#takes('[')) {
        this.#string();
        this.#demand(']');
      }
      const operator = this.#next('mark');
      if (operator !== '==' && operator !== '!=' && operator !== '=~' && operator !== '!~') throw new Unreadable();
      tests.push({ property, operator, text: this.#string() });
    }
    return tests;
  }

  #given(): Given {
    const name = this.#word();
    let key: string | undefined;
    if (this.#takes('[')) {
      key = this.#string();
      this.#demand(']');
    }
    this.#demand('=');
    return { name, key, value: this.#expression(0) };
  }

  #expression(depth: number): Expression {
    const first = this.#term(depth);
    const parts = [first];
    while (this.#takes('+')) {
      if (parts.length >= mostParts) throw new Unreadable();
      parts.push(this.#term(depth));
    }
    return parts.length === 1 ? first : { kind: 'joined', parts };
  }

  #values(depth: number): readonly Expression[] {
    if (depth >= deepest) throw new Unreadable();
    this.#demand('(');
    const values: Expression[] = [];
    do values.push(this.#expression(depth + 1));
    while (this.#takes(',') && values.length < mostParts);
    this.#demand(')');
    return values;
  }

  #term(depth: number): Expression {
    if (this.#is('(')) return { kind: 'list', values: this.#values(depth) };
    if (this.#tokens[this.#at]?.kind === 'string') return { kind: 'text', text: this.#string() };
    const word = this.#word();
    if (this.#takes('.')) {
      const property = this.#word();
      if (this.#is('[')) throw new Unreadable();
      return { kind: 'property', variable: word, property };
    }
    return this.#is('(') ? { kind: 'call', name: word, values: this.#values(depth) } : { kind: 'variable', variable: word };
  }
}

/** @param text with its semicolon. @returns undefined where it is none that we can read */
export function parseRule(text: string): ClaimRule | undefined {
  const tokens = ruleTokens(text);
  if (tokens === undefined) return undefined;
  try {
    return new Reader(tokens).rule();
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}
