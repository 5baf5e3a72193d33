/** The words of the pages: one file a language, all with the same keys and the same placeholders. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Locale, locales } from './locale.ts';

/** The sentence of a key such as `password.title`, its placeholders filled; plain text, to be escaped where it is shown. */
export type Say = (key: string, values?: Readonly<Record<string, string | number>>) => string;

type Sentence = readonly (string | { readonly placeholder: string })[];

/** Reads every language and throws where one lacks a word, has one too many, or fills other placeholders than English does. */
export function readWords(folder: string): Readonly<Record<Locale, Say>> {
  const read = Object.fromEntries(locales.map((locale) => [locale, readSentences(join(folder, `${locale}.json`))])) as Record<
    Locale,
    Map<string, Sentence>
  >;
  const mistakes = locales.flatMap((locale) => compare(locale, read.en, read[locale]));
  if (mistakes.length > 0) throw new Error(`the words of the pages differ between languages:\n${mistakes.join('\n')}`);
  return Object.fromEntries(locales.map((locale) => [locale, speaker(locale, read[locale])])) as Record<Locale, Say>;
}

function readSentences(file: string): Map<string, Sentence> {
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const sentences = new Map<string, Sentence>();
  for (const [group, words] of entries(content, file)) {
    for (const [word, text] of entries(words, `${file}, ${group}`)) {
      if (typeof text !== 'string' || text.trim() === '') throw new Error(`${file}: ${group}.${word} is not a sentence`);
      sentences.set(`${group}.${word}`, parse(text));
    }
  }
  return sentences;
}

function entries(value: unknown, where: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${where}: not an object`);
  return Object.entries(value);
}

/** Splitting once, before any value is known, means that no value is ever read as a placeholder. */
function parse(text: string): Sentence {
  return text
    .split(/(\{[A-Za-z]+\})/)
    .filter((piece) => piece !== '')
    .map((piece) => (/^\{[A-Za-z]+\}$/.test(piece) ? { placeholder: piece.slice(1, -1) } : piece));
}

function placeholders(sentence: Sentence): string {
  return sentence
    .flatMap((piece) => (typeof piece === 'string' ? [] : [piece.placeholder]))
    .sort()
    .join(', ');
}

function compare(locale: Locale, english: Map<string, Sentence>, other: Map<string, Sentence>): string[] {
  const mistakes: string[] = [];
  for (const [key, sentence] of english) {
    const theirs = other.get(key);
    if (theirs === undefined) mistakes.push(`${locale}: ${key} is missing`);
    else if (placeholders(theirs) !== placeholders(sentence)) mistakes.push(`${locale}: ${key} fills other placeholders`);
  }
  for (const key of other.keys()) if (!english.has(key)) mistakes.push(`${locale}: ${key} is not among the English words`);
  return mistakes;
}

function speaker(locale: Locale, sentences: Map<string, Sentence>): Say {
  return (key, values = {}) => {
    const sentence = sentences.get(key);
    if (sentence === undefined) throw new Error(`no words for ${key} in ${locale}`);
    let text = '';
    for (const piece of sentence) {
      const value = typeof piece === 'string' ? piece : values[piece.placeholder];
      if (value === undefined) throw new Error(`a placeholder of ${key} is not filled`);
      text += String(value);
    }
    return text;
  };
}
