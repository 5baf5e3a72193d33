/** Small words of a story: instants, spans of time, URNs as people know them. */
import { forbiddenByDefault, signatureAlgorithms } from '../config/algorithm-names.ts';

const algorithms: ReadonlyMap<string, string> = new Map([
  ...Object.entries(signatureAlgorithms).map(([name, { uri }]) => [uri, name] as const),
  ...Object.entries(forbiddenByDefault).map(([name, uri]) => [uri, name] as const),
]);

/** Such as `2026-11-22 09:41:07 UTC`; to the second. What no calendar has, as it was kept. */
export function instant(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? `instant ${String(at)}` : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Such as `3.2 ms`, or `1.4 s`. */
export const span = (milliseconds: number): string =>
  milliseconds >= 1_000 ? `${(milliseconds / 1_000).toFixed(1)} s` : `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`;

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** Such as `3 hours`. */
export function long(milliseconds: number): string {
  const [unit, length] = units.find(([, each]) => milliseconds >= each) ?? (['second', 1_000] as const);
  const number = Math.round(milliseconds / length);
  return `${String(number)} ${unit}${number === 1 ? '' : 's'}`;
}

/** The last part of a URN of SAML or of an algorithm's URI, which is what people call it. */
export function short(uri: string | undefined): string {
  if (uri === undefined) return '';
  if (/^urn:oasis:names:tc:SAML:[0-9.]+:(bindings|ac:classes|nameid-format|status|attrname-format):/.test(uri))
    return uri.slice(uri.lastIndexOf(':') + 1);
  return algorithms.get(uri) ?? uri;
}

/** `one`, `one and two`, `one, two and three`. */
export function all(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}

export const quote = (text: string): string => `“${text}”`;
export const some = (words: readonly (string | undefined | false)[]): readonly string[] =>
  words.filter((word) => typeof word === 'string' && word !== '') as readonly string[];
