/** Writes settings as YAML in which every text is quoted, so that it is a text whatever it holds. */

type Value = string | number | boolean | readonly Value[] | { readonly [name: string]: Value | undefined };

const obeyed = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu;

/** In double quotes, as YAML 1.2.2 §7.3.1 and JSON both have them. */
const quoted = (text: string): string =>
  JSON.stringify(text).replace(obeyed, (character) =>
    Array.from({ length: character.length }, (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  );

// A variable of the environment is never meant by what a stranger wrote; names of settings are not expanded.
const scalar = (value: string | number | boolean): string =>
  typeof value === 'string' ? quoted(value.replaceAll('${', () => '$${')) : String(value);
const word = /^(?!(?:true|false|null|yes|no|on|off|y|n)$)[a-z][A-Za-z]{0,40}$/;
const key = (name: string): string => (word.test(name) ? name : quoted(name));

const isList = (value: Value): value is readonly Value[] => Array.isArray(value);

/** Lines without their indentation being counted: each begins at `depth`. */
function lines(value: Value, depth: number): readonly string[] {
  const indent = '  '.repeat(depth);
  if (typeof value !== 'object') return [`${indent}${scalar(value)}`];
  if (isList(value)) {
    if (value.length === 0) return [`${indent}[]`];
    return value.flatMap((each) => {
      const [first = '', ...rest] = lines(each, depth + 1);
      return [`${indent}- ${first.trimStart()}`, ...rest];
    });
  }
  const entries = Object.entries(value).filter((entry): entry is [string, Value] => entry[1] !== undefined);
  if (entries.length === 0) return [`${indent}{}`];
  return entries.flatMap(([name, each]) => {
    if (typeof each !== 'object') return [`${indent}${key(name)}: ${scalar(each)}`];
    const below = lines(each, depth + 1);
    const only = below[0]?.trim() ?? '';
    return below.length === 1 && (only === '[]' || only === '{}')
      ? [`${indent}${key(name)}: ${only}`]
      : [`${indent}${key(name)}:`, ...below];
  });
}

export type YamlValue = Value;

/** One item of a list at depth 1, as lines. */
export const renderItem = (value: YamlValue): readonly string[] => lines([value], 1);
