/** Argv, signals and exit codes: the only file that touches process. */
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { inHelpings, type Clock } from './clock.ts';
import { dispatch } from './cli/dispatch.ts';

// A graceful stop takes 10 s at most; longer than that, something hangs.
const patience = 10_000;
// setTimeout takes 31 bits.
const longestTimer = 2 ** 31 - 1;

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) return;
    stop.abort(signal);
    const giveUp = (): void => {
      process.stderr.write(`passerelle: not stopped ${String(patience / 1_000)} s after ${signal}; giving up.\n`);
      process.exit(1);
    };
    setTimeout(giveUp, patience).unref();
  });
}
// Whoever read our output has gone, as `| head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const clock: Clock = {
  now: () => Date.now(),
  until: (instant) =>
    new Promise((resolve) => {
      const wait = (): void => {
        const left = instant - Date.now();
        if (left <= 0) resolve();
        else setTimeout(wait, Math.min(left, longestTimer));
      };
      wait();
    }),
};

async function ask(question: string, fallback: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const closed = new Promise<never>((_, reject) => {
      terminal.once('close', () => {
        reject(new Error('Nothing more to read; nothing was done.'));
      });
    });
    const asked = terminal.question(`${question}${fallback === '' ? '' : ` [${fallback}]`}: `, { signal: stop.signal });
    return (await Promise.race([asked, closed])).trim() || fallback;
  } finally {
    terminal.close();
  }
}

try {
  process.exitCode = await dispatch(process.argv.slice(2), {
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    log: { fd: process.stdout.fd, isTTY: process.stdout.isTTY },
    errorLog: { fd: process.stderr.fd, isTTY: process.stderr.isTTY },
    environment: process.env,
    setVariable: (name, value) => {
      process.env[name] = value;
    },
    workingDirectory: process.cwd(),
    isInteractive: process.stdin.isTTY && process.stderr.isTTY,
    ask,
    clock,
    random: inHelpings(randomBytes),
    signal: stop.signal,
  });
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  if (!stop.signal.aborted) process.stderr.write(`passerelle: ${message.split('\n', 1)[0] ?? ''}\n`);
  // The shell's convention: 128 and the number of the signal.
  process.exitCode = !stop.signal.aborted ? 1 : stop.signal.reason === 'SIGTERM' ? 143 : 130;
}
