/** What is told on a terminal of a command that takes longer than a second: one line, gone before anything else is said. */
import type { Io } from './command.ts';
import { plain } from './plain.ts';

const period = 500;
const firstAfter = 1_000;
/** Erases the line that the cursor stands in. */
const erase = '\r\u001B[2K';
const longest = 100;

export interface Progress {
  /** The world of the command, in which `doing` says what it is at. */
  readonly io: Io;
  end(): void;
}

/** @param name of the command */
export function createProgress(io: Io, name: string): Progress {
  if (io.errorLog.isTTY !== true) return { io, end: () => undefined };
  const began = io.clock.now();
  let doing = 'working';
  let isShown = false;

  const hide = (): void => {
    if (isShown) io.stderr(erase);
    isShown = false;
  };
  const stop = io.repeat(period, () => {
    const passed = io.clock.now() - began;
    if (passed < firstAfter) return;
    hide();
    isShown = true;
    io.stderr(`passerelle ${name}: ${doing}, ${String(Math.floor(passed / 1_000))} s`.slice(0, longest));
  });
  return {
    io: {
      ...io,
      stdout(text) {
        hide();
        io.stdout(text);
      },
      stderr(text) {
        hide();
        io.stderr(text);
      },
      ask(question, fallback) {
        stop();
        hide();
        return io.ask(question, fallback);
      },
      doing(text) {
        doing = plain(text);
      },
    },
    end() {
      stop();
      hide();
    },
  };
}
