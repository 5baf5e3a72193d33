/** Asks every Passerelle that runs on a folder of keys, by the sockets that they hold open there. */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createConnection } from 'node:net';
import type { Answers } from './control-answers.ts';
import { isDead, readName, thisOrigin } from './control-name.ts';
import { readLine } from './one-line.ts';
import { openSocketFolder } from './socket-folder.ts';

/** What one process says. */
export type Asked<Answer> =
  | { readonly pid: number; readonly answer: Answer }
  /** Why there is no answer, in one line. */
  | { readonly pid: number; readonly trouble: string };

const mostBytes = 1_048_576;
/** Milliseconds; whoever takes a configuration over may wait for metadata from elsewhere. */
const patience = { reload: 180_000, status: 10_000 } as const satisfies Record<keyof Answers, number>;

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

const mayNot = 'Run this as the user that Passerelle runs as.';
const troubles: Readonly<Record<string, string>> = {
  EACCES: `This user may not ask it. ${mayNot}`,
  EPERM: `This user may not ask it. ${mayNot}`,
};

const isAnswer = (value: unknown): value is object => typeof value === 'object' && value !== null && !('error' in value);

async function askOne<Ask extends keyof Answers>(path: string, ask: Ask): Promise<Answers[Ask] | string> {
  const socket = createConnection({ path, allowHalfOpen: true });
  try {
    await once(socket, 'connect');
    const answered = readLine(socket, { bytes: mostBytes, milliseconds: patience[ask] });
    socket.write(`${JSON.stringify({ ask })}\n`);
    const answer = await answered;
    // What runs there may be of another version.
    return isAnswer(answer) ? (answer as Answers[Ask]) : 'It gave no answer that can be read.';
  } finally {
    socket.destroy();
  }
}

/**
 * In the order of their process ids; none where nobody runs there.
 * @param path of the folder of keys, absolute
 */
export async function askControl<Ask extends keyof Answers>(path: string, ask: Ask): Promise<readonly Asked<Answers[Ask]>[]> {
  const here = thisOrigin();
  let names: readonly string[];
  try {
    names = readdirSync(path);
  } catch (error) {
    const code = String(codeOf(error));
    if (code === 'ENOENT') return [];
    throw new Error(`${path} cannot be looked into (${code}). ${mayNot}`, { cause: error });
  }
  if (!names.some((name) => readName(name) !== undefined)) return [];
  const folder = openSocketFolder(path);
  try {
    const asked = await Promise.all(
      names.map(async (name): Promise<readonly Asked<Answers[Ask]>[]> => {
        const of = readName(name);
        if (of === undefined) return [];
        const { pid } = of;
        try {
          const answer = await askOne(folder.at(name), ask);
          return [typeof answer === 'string' ? { pid, trouble: answer } : { pid, answer }];
        } catch (error) {
          const code = String(codeOf(error));
          const isGone = code === 'ENOENT' || code === 'ECONNREFUSED';
          if (isGone && isDead(of, here)) return [];
          const trouble = isGone ? 'It runs on another machine, if at all: ask it there.' : troubles[code];
          return [{ pid, trouble: trouble ?? `It cannot be asked (${code}).` }];
        }
      }),
    );
    return asked.flat().toSorted((a, b) => a.pid - b.pid);
  } finally {
    folder.close();
  }
}
