/** What a command is, what it is handed, and how its arguments are read. */
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import type { Runtime } from '../audit/measure-process.ts';
import type { Clock, Random } from '../clock.ts';

/** The world around a command: everything that is the process's, handed in. */
export interface Io {
  stdout(text: string): void;
  /** Until standard output can take more, for what is long. */
  drained(): Promise<void>;
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
  /** Does it every so many milliseconds, which keeps nothing from ending, until what it gives back is called. */
  repeat(milliseconds: number, work: () => void): () => void;
  /**
   * Says what is being done, to whoever waits at a terminal: a few words such as `asking dc1.example.com`.
   * @param share how much of it is done, from 0 to 1, where that is known
   */
  doing(text: string, share?: number): void;
  /** What the process says of itself. */
  readonly runtime: Runtime;
  /** Of the process. */
  readonly pid: number;
  /** From now on SIGHUP ends nothing: `listener` is called instead, until what it gives back is. */
  onHangup(listener: () => void): () => void;
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
  /** Whether it goes on until it is stopped, so that nobody waits for its end. */
  readonly lasts?: boolean;
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

/**
 * @param positionals names of the words without a flag, all of them needed
 * @param further whether more of them may follow
 * @throws UsageMistake
 */
export function parseArguments<T extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: T,
  positionals: readonly string[] = [],
  further = false,
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
  if (extra !== undefined && !further) throw new UsageMistake(`Unexpected argument '${extra}'.`);
  const missing = positionals[parsed.positionals.length];
  if (missing !== undefined) throw new UsageMistake(`Missing argument ${missing}.`);
  return parsed;
}
