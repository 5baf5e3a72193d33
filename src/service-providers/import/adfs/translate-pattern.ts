/** Translates a .NET regular expression, as claim rules have them, into a pattern of our own, where it says the same. */
import { matchPattern } from '../../../config/match-pattern.ts';
import { parsePattern, PatternMistake } from '../../../config/pattern.ts';

export interface Translated {
  /** For the whole of a value. */
  readonly pattern: string;
  /** The number of each group that has a name there, or a number. */
  readonly groups: ReadonlyMap<string, number>;
  /** Which of its groups is what stands before the match, and which behind it; undefined where the match reaches that end. */
  readonly before: number | undefined;
  readonly behind: number | undefined;
  /** Whether it fits nothing at all, too. */
  readonly fitsNothing: boolean;
}

const anything = '[\\s\\S]*';
const longest = 200;
const isPlain = /^[A-Za-z0-9 @_:/,;#%&='"<>~!`-]$/;
const escapable = /^[\^$\\.*+?()[\]{}|/\-@ ]$/;
const mark = /[\^$\\.*+?()[\]{}|/]/;

/** In either case. */
function folded(letter: string): string {
  const [lower, upper] = [letter.toLowerCase(), letter.toUpperCase()];
  return lower === upper ? letter : `[${lower}${upper}]`;
}

interface Parts {
  readonly pattern: string;
  readonly names: readonly (string | undefined)[];
  /** Whether it takes all that is left, such as `.*` does. */
  readonly isRepeatedEnd: boolean;
}

/** The inside of it, without anchors at its ends; a string says why not. */
function translateInside(text: string, ignoresCase: boolean): Parts | string {
  let made = '';
  let depth = 0;
  let isRepeatedEnd = false;
  let hasAlternatives = false;
  const names: (string | undefined)[] = [];
  const characters = [...text];
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? '';
    const next = characters[at + 1] ?? '';
    isRepeatedEnd &&= character === ')' && !hasAlternatives;
    if (character === '\\') {
      at += 1;
      if (next === 'd' || next === 's' || next === 'S') made += `\\${next}`;
      else if (escapable.test(next)) made += mark.test(next) ? `\\${next}` : next;
      else return `\\${next} means something else there`;
    } else if (character === '[') {
      const end = characters.indexOf(']', at + (next === '^' ? 3 : 2));
      const set = characters.slice(at, end + 1).join('');
      if (end < 0 || set.slice(1, -1).includes('[')) return 'a set of characters cannot be read';
      if (/\\[^dsS\\\]^.@-]/.test(set)) return 'a set of characters holds an escape that means something else there';
      if (ignoresCase && /[A-Za-z]/.test(set.replace(/\\[dsS]/g, ''))) return 'it ignores case within a set of characters';
      // What .NET takes for itself within a set needs its backslash here all the same.
      made += set;
      at = end;
    } else if (character === '(') {
      depth += 1;
      const group = /^\(\?(?:<([A-Za-z_]\w{0,30})>|'([A-Za-z_]\w{0,30})'|(:))/.exec(characters.slice(at, at + 40).join(''));
      if (group !== null) {
        const name = group[1] ?? group[2];
        if (name === undefined) made += '(?:';
        else {
          names.push(name);
          made += '(';
        }
        at += group[0].length - 1;
      } else if (next === '?') return 'it looks around, or has options inside';
      else {
        names.push(undefined);
        made += '(';
      }
    } else if (character === ')') {
      depth -= 1;
      made += ')';
    } else if (character === '|') {
      if (depth === 0) return 'it has alternatives outside brackets';
      hasAlternatives = true;
      made += character;
    } else if (character === '^' || character === '$') return `${character} stands inside it`;
    else if (character === '.' || '*+?{}'.includes(character)) {
      if (character === '{') {
        const counts = /^\{\d{1,3}(?:,\d{0,3})?\}/.exec(characters.slice(at, at + 10).join(''))?.[0];
        if (counts === undefined) return 'a brace cannot be read';
        made += counts;
        at += counts.length - 1;
      } else if (character === '}') return 'a brace cannot be read';
      else made += character;
      isRepeatedEnd = (character === '*' || character === '+') && characters[at - 1] === '.' && characters[at - 2] !== '\\';
    } else if (ignoresCase && /[A-Za-z]/.test(character)) made += folded(character);
    else if (isPlain.test(character) || (character.codePointAt(0) ?? 0) > 0x7f) {
      if (ignoresCase && (character.codePointAt(0) ?? 0) > 0x7f) return 'it ignores case of letters beyond ASCII';
      made += mark.test(character) ? `\\${character}` : character;
    } else return 'it holds a character that cannot be taken over';
  }
  return depth === 0 ? { pattern: made, names, isRepeatedEnd } : 'its brackets do not match';
}

/** @returns why not, where it is a text */
export function translatePattern(written: string): Translated | string {
  if (written.length > longest) return 'its regular expression is too long';
  let text = written;
  // Wherever they stand at the beginning, they hold for all of it.
  const options = /^(\^?)\(\?i\)(\^?)/.exec(text);
  const ignoresCase = options !== null;
  if (options !== null) text = `${options[1] ?? ''}${options[2] ?? ''}${text.slice(options[0].length)}`.replace(/^\^\^/, '^');
  const begins = text.startsWith('^');
  const ends = /(?:^|[^\\])(?:\\\\)*\$$/.test(text);
  const inside = translateInside(text.slice(begins ? 1 : 0, ends ? -1 : undefined), ignoresCase);
  if (typeof inside === 'string') return inside;
  const endsAnyway = ends || inside.isRepeatedEnd;
  const shift = begins ? 0 : 1;
  const pattern = `${begins ? '' : `(${anything}?)`}${inside.pattern}${endsAnyway ? '' : `(${anything})`}`;
  let fitsNothing: boolean;
  try {
    const parsed = parsePattern(pattern);
    if (parsed.groups > 9) return 'its regular expression has too many groups';
    fitsNothing = matchPattern(parsed, '') !== undefined;
  } catch (error) {
    if (error instanceof PatternMistake) return 'its regular expression has no like here';
    throw error;
  }
  // .NET numbers groups without a name first.
  const groups = new Map<string, number>();
  let number = 0;
  for (const [index, name] of inside.names.entries()) {
    if (name !== undefined) continue;
    number += 1;
    groups.set(String(number), index + 1 + shift);
  }
  for (const [index, name] of inside.names.entries()) {
    if (name === undefined || groups.has(name)) continue;
    number += 1;
    groups.set(name, index + 1 + shift);
    groups.set(String(number), index + 1 + shift);
  }
  return {
    pattern,
    groups,
    before: begins ? undefined : 1,
    behind: endsAnyway ? undefined : inside.names.length + 1 + shift,
    fitsNothing,
  };
}

const plainDollar = (text: string): string => text.replaceAll('$', '$$$$');

/** What a replacement text of .NET becomes, around it what the pattern leaves alone; a text without `=` in front says why not. */
export function translateReplacement(written: string, translated: Translated): { becomes: string } | string {
  const { groups, before, behind, fitsNothing } = translated;
  if (behind !== undefined) return 'its regular expression has no end ($), so that it may fit several times';
  // Behind what it fitted it fits the empty end once more.
  if (before !== undefined && fitsNothing) return 'its regular expression also fits nothing, so that it may fit several times';
  let made = '';
  let at = 0;
  for (const found of written.matchAll(/\$(?:\{(\w+)\}|(\d)(?!\d)|(\$))|\$/g)) {
    made += plainDollar(written.slice(at, found.index));
    at = found.index + found[0].length;
    const name = found[1] ?? found[2];
    if (found[3] !== undefined) made += '$$';
    else {
      const group = name === undefined ? undefined : groups.get(name);
      if (group === undefined) return 'what it is replaced by cannot be taken over';
      made += `$${String(group)}`;
    }
  }
  made += plainDollar(written.slice(at));
  const becomes = `${before === undefined ? '' : `$${String(before)}`}${made}`;
  return becomes === '' ? 'it is replaced by nothing' : { becomes };
}
