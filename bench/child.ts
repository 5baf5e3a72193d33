/** A file of this folder as a child process that is told something and answers once. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';

export interface Child<Answer> {
  readonly process: ChildProcess;
  readonly answer: Promise<Answer>;
}

/** `Answer` is what that file sends. It ends with the connection to us. */
export function startChild<Answer>(file: string, message?: object): Child<Answer> {
  const child = fork(join(import.meta.dirname, file), { execArgv: ['--disable-warning=ExperimentalWarning'] });
  const answer = new Promise<Answer>((resolve, reject) => {
    child.once('message', (value) => {
      resolve(value as Answer);
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(new Error(`${file} ended with ${String(code)}`));
    });
  });
  if (message !== undefined) child.send(message);
  return { process: child, answer };
}
