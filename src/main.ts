/** Argv, signals and exit codes: the only file that touches process. */
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { isatty } from 'node:tty';
import { inHelpings, type Clock } from './clock.ts';
import { describeFault } from './cli/describe-fault.ts';
import { dispatch } from './cli/dispatch.ts';

// A graceful stop takes 10 s at most; longer than that, something hangs.
const patience = 10_000;
// setTimeout takes 31 bits.
const longestTimer = 2 ** 31 - 1;

/** Of our descriptors those that are a terminal. */
const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
const stop = new AbortController();
/** The shell's convention where it ended early: 128 and the number of the signal. */
const exitCodes: Readonly<Record<string, number>> = { SIGINT: 130, SIGTERM: 143, EPIPE: 141 };
/** Whether somebody asked for the end. */
let isAsked = false;
/** SIGHUP that comes while the command is still loaded: whoever asks a service for a reload must not end it. */
const missed: 'SIGHUP'[] = [];
const miss = (): void => {
  missed.push('SIGHUP');
};
if (process.argv[2] === 'start') process.on('SIGHUP', miss);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (isAsked) return;
    isAsked = true;
    if (!stop.signal.aborted) stop.abort(signal);
    const giveUp = (): void => {
      process.stderr.write(`passerelle: not stopped ${String(patience / 1_000)} s after ${signal}; giving up.\n`);
      process.exit(1);
    };
    setTimeout(giveUp, patience).unref();
  });
}
let isUnwritable = false;
process.stdout.on('error', ({ code = 'unknown' }: NodeJS.ErrnoException) => {
  // What would be written from here on reaches nobody.
  if (!stop.signal.aborted) stop.abort(code);
  // Whoever read our output has gone, as `| head` does, and misses nothing; a disk that is full is another matter.
  if (code === 'EPIPE' || isUnwritable) return;
  isUnwritable = true;
  process.exitCode = 1;
  process.stderr.write(`passerelle: standard output takes no more (${code}).\n`);
});
// There is nowhere to tell it; what was begun is done to its end.
process.stderr.on('error', () => undefined);

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
  const code = await dispatch(process.argv.slice(2), {
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    drained: () =>
      new Promise((resolve) => {
        if (process.stdout.writableNeedDrain) process.stdout.once('drain', resolve);
        else resolve();
      }),
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
    repeat(milliseconds, work) {
      const timer = setInterval(work, milliseconds).unref();
      return () => {
        clearInterval(timer);
      };
    },
    doing: () => undefined,
    runtime: {
      node: process.versions.node,
      processorTime() {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1_000;
      },
      residentMemory: () => process.memoryUsage.rss(),
    },
    pid: process.pid,
    onHangup(listener) {
      const hear = (): void => {
        // The terminal was closed, and whoever sat there does not mean that this goes on.
        if (terminals.some((descriptor) => !isatty(descriptor))) process.kill(process.pid, 'SIGTERM');
        else listener();
      };
      process.on('SIGHUP', hear);
      process.off('SIGHUP', miss);
      if (missed.splice(0).length > 0) hear();
      return () => process.off('SIGHUP', hear);
    },
    signal: stop.signal,
  });
  process.exitCode ??= code;
} catch (error) {
  if (!stop.signal.aborted) process.stderr.write(`passerelle: ${describeFault(error)}\n`);
  process.exitCode = exitCodes[String(stop.signal.reason)] ?? 1;
}
// A write of the log to a pipe that nobody reads would keep the process for ever; what a command says is waited for.
setInterval(() => {
  if (process.stdout.writableLength + process.stderr.writableLength === 0) process.exit();
}, 1_000).unref();
