/** What there is to complete of a command, as its help tells it. */

export interface CompletedOption {
  /** With its hyphens, such as `-c` and `--config`. */
  readonly flags: readonly string[];
  /** What it takes, such as `FILE`; undefined where it takes nothing. */
  readonly value: string | undefined;
  readonly words: string;
}

export interface Completed {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CompletedOption[];
}

/** An option at the beginning of a line of the help: short form, long form, what it takes, and what it means. */
const line = /^ +(?:(-[a-zA-Z]), )?(--[a-z][a-z-]*)(?: ([A-Z][A-Z0-9_:|-]*|[a-z]+(?:\|[a-z]+)+))?(?: {2,}(\S.*))?$/;

export function describeOptions(usage: string): readonly CompletedOption[] {
  const options = usage.split('\n').flatMap((text): CompletedOption[] => {
    const [, short, long, value, words = ''] = line.exec(text) ?? [];
    return long === undefined ? [] : [{ flags: short === undefined ? [long] : [short, long], value, words }];
  });
  return [...options, { flags: ['-h', '--help'], value: undefined, words: 'options and an example' }];
}

export const isFile = (value: string): boolean => value.includes('FILE');
export const isFolder = (value: string): boolean => value.includes('FOLDER');
