/** What a command is, what it is handed, and how its arguments are read. */
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import type { Clock, Random } from '../clock.ts';

/** The world around a command: everything that is the process's, handed in. */
export interface Io {
  stdout(text: string): void;
  stderr(text: string): void;
  /** Where a log goes, as file descriptors: standard output, and standard error. */
  readonly log: { readonly fd: number; readonly isTTY?: boolean | undefined };
  readonly errorLog: { readonly fd: number; readonly isTTY?: boolean | undefined };
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Sets a variable of it, for libraries of the system that read nothing else. */
  setVariable(name: string, value: string): void;
  /** An absolute path. */
  readonly workingDirectory: string;
  /** Whether there is somebody to ask. */
  readonly isInteractive: boolean;
  /** The typed line; `fallback` where it is empty. Rejects where nobody answers. */
  ask(question: string, fallback: string): Promise<string>;
  readonly clock: Clock;
  readonly random: Random;
  /** Aborted once somebody asks the process to end. */
  readonly signal: AbortSignal;
}

export interface Command {
  /** One word or two, such as `config check`. */
  readonly name: string;
  /** One line of the list of commands. */
  readonly summary: string;
  /** Options and an example, without the name of the command. */
  readonly usage: string;
  /** @param args those after the name. @returns the exit code. @throws UsageMistake and whatever else is said in one line */
  run(args: readonly string[], io: Io): Promise<number>;
}

/** The command was called wrongly; exit code 2. */
export class UsageMistake extends Error {
  override readonly name = 'UsageMistake';
}

interface Arguments<T extends ParseArgsOptionsConfig> {
  readonly values: ReturnType<typeof parseArgs<{ options: T; strict: true; allowPositionals: true; args: string[] }>>['values'];
  readonly positionals: readonly string[];
}

/** @param positionals names of the words without a flag, all of them needed. @throws UsageMistake */
export function parseArguments<T extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: T,
  positionals: readonly string[] = [],
): Arguments<T> {
  let parsed: Arguments<T>;
  try {
    parsed = parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // The parser's first sentence names the flag; the rest is about its own conventions.
    throw new UsageMistake(`${error.message.split(/\. |\.?\n/, 1)[0] ?? ''}.`);
  }
  const extra = parsed.positionals[positionals.length];
  if (extra !== undefined) throw new UsageMistake(`Unexpected argument '${extra}'.`);
  const missing = positionals[parsed.positionals.length];
  if (missing !== undefined) throw new UsageMistake(`Missing argument ${missing}.`);
  return parsed;
}
