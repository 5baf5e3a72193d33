/** Takes the claim rule language of AD FS apart into words; strings in it know no escapes. */

export interface Token {
  readonly kind: 'word' | 'string' | 'mark';
  /** Without quotation marks. */
  readonly text: string;
  /** Where it begins and where it ends. */
  readonly from: number;
  readonly to: number;
}

const marks = ['=>', '==', '=~', '!=', '!~', '&&', '=', '(', ')', '[', ']', ':', ';', ',', '.', '+', '@', '<', '>', '-'] as const;
const word = /[A-Za-z_][A-Za-z0-9_]*|\d+/y;
const blank = /\s+/y;

/** Undefined where something stands there that the language does not have. */
export function ruleTokens(text: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  let at = 0;
  const take = (kind: Token['kind'], text: string, to: number): void => {
    tokens.push({ kind, text, from: at, to });
    at = to;
  };
  while (at < text.length) {
    blank.lastIndex = at;
    const space = blank.exec(text);
    if (space !== null) {
      at = blank.lastIndex;
      continue;
    }
    if (text[at] === '"') {
      const end = text.indexOf('"', at + 1);
      if (end < 0) return undefined;
      take('string', text.slice(at + 1, end), end + 1);
      continue;
    }
    word.lastIndex = at;
    const found = word.exec(text);
    if (found !== null) {
      take('word', found[0], word.lastIndex);
      continue;
    }
    const from = at;
    const mark = marks.find((each) => text.startsWith(each, from));
    if (mark === undefined) return undefined;
    take('mark', mark, at + mark.length);
  }
  return tokens;
}

/** The rules of a set, each with its semicolon; one that never ends is the rest of the text. */
export function splitRules(text: string): readonly string[] {
  const rules: string[] = [];
  let [from, at] = [0, 0];
  while (at < text.length) {
    const next = /[";]/.exec(text.slice(at, at + 65_536));
    if (next === null) {
      at += 65_536;
      continue;
    }
    at += next.index;
    if (text[at] === '"') {
      const end = text.indexOf('"', at + 1);
      if (end < 0) break;
      at = end + 1;
      continue;
    }
    at += 1;
    rules.push(text.slice(from, at).trim());
    from = at;
  }
  const rest = text.slice(from).trim();
  return rest === '' ? rules : [...rules, rest];
}
