/** What is wrong with a configuration file: every mistake at once, each with its place and what to do about it. */

export interface Mistake {
  /** Counted from 1; 0 where the mistake is the file itself. */
  readonly line: number;
  /** Counted from 1, in UTF-16 code units; 0 where the mistake is the file itself. */
  readonly column: number;
  /** The setting, such as `directory.urls.0`; empty where it is the file as a whole. */
  readonly path: string;
  /** Reads on after the path: "must be a whole number". Never holds a value of the file. */
  readonly message: string;
  /** What to do, as a sentence; may be empty. */
  readonly hint: string;
}

/** One mistake as two lines for people: place, path and message; then the hint, indented. */
export function describeMistake(file: string, mistake: Mistake): string {
  const place = mistake.line === 0 ? file : `${file}:${String(mistake.line)}:${String(mistake.column)}`;
  const words = mistake.path === '' ? mistake.message : `${mistake.path} ${mistake.message}`;
  return mistake.hint === '' ? `${place}: ${words}` : `${place}: ${words}\n    ${mistake.hint}`;
}

/** In the order of the file. */
export function sortMistakes(mistakes: readonly Mistake[]): readonly Mistake[] {
  return mistakes.toSorted((a, b) => a.line - b.line || a.column - b.column || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

export class ConfigurationMistakes extends Error {
  override readonly name = 'ConfigurationMistakes';
  readonly file: string;
  readonly mistakes: readonly Mistake[];

  /** @param file as people call it */
  constructor(file: string, mistakes: readonly Mistake[]) {
    const sorted = sortMistakes(mistakes);
    const count = sorted.length === 1 ? 'a mistake' : `${String(sorted.length)} mistakes`;
    super([`${file} has ${count}.`, ...sorted.map((mistake) => describeMistake(file, mistake))].join('\n'));
    this.file = file;
    this.mistakes = sorted;
  }
}
