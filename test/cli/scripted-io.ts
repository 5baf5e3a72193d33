/** The world of a command, held in memory: what it says is kept, what it asks is answered from a list. */
import type { Io } from '../../src/cli/command.ts';
import { dispatch } from '../../src/cli/dispatch.ts';

export interface Told {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** The questions, each with its default. */
  readonly asked: readonly string[];
}

/** Runs a command line; `answers` undefined means that nobody is at the keyboard. */
export async function run(
  args: readonly string[],
  parts: {
    folder: string;
    environment?: Io['environment'];
    answers?: readonly string[];
    random?: Io['random'];
    errorLog?: Io['errorLog'];
    clock?: Io['clock'];
    signal?: AbortSignal;
    onHangup?: Io['onHangup'];
    /** Told of what is written to standard output, as it is. */
    heard?: (text: string) => void;
  },
): Promise<Told> {
  let [out, err] = ['', ''];
  const asked: string[] = [];
  const code = await dispatch(args, {
    stdout: (text) => {
      out += text;
      parts.heard?.(text);
    },
    stderr: (text) => {
      err += text;
    },
    drained: () => Promise.resolve(),
    log: { fd: 1 },
    errorLog: parts.errorLog ?? { fd: 2 },
    environment: parts.environment ?? {},
    setVariable: () => undefined,
    workingDirectory: parts.folder,
    isInteractive: parts.answers !== undefined,
    ask: (question, fallback) => {
      const answer = parts.answers?.[asked.length];
      asked.push(`${question} [${fallback}]`);
      return answer === undefined
        ? Promise.reject(new Error('asked too much'))
        : Promise.resolve(answer === '' ? fallback : answer);
    },
    clock: parts.clock ?? { now: () => 0, until: () => Promise.resolve() },
    random: parts.random ?? ((bytes) => Buffer.alloc(bytes)),
    repeat: () => () => undefined,
    doing: () => undefined,
    runtime: { node: '24.0.0', processorTime: () => 0, residentMemory: () => 0 },
    pid: 1,
    onHangup: parts.onHangup ?? (() => () => undefined),
    signal: parts.signal ?? new AbortController().signal,
  });
  return { code, out, err, asked };
}
