/** What is told on a terminal of a command that takes longer than a second: one line, gone before anything else is said. */
import type { Io } from './command.ts';
import { plain } from './plain.ts';

const period = 500;
const firstAfter = 1_000;
/** Erases the line that the cursor stands in. */
const erase = '\r\u001B[2K';
/** Of most terminals: what wraps cannot be erased. */
const longest = 79;
const barLength = 20;

export interface Progress {
  /** The world of the command, in which `doing` says what it is at. */
  readonly io: Io;
  end(): void;
}

/** `[#####...............]` of a share from 0 to 1. */
function renderBar(share: number): string {
  const bounded = Math.min(Math.max(share, 0), 1);
  const filled = Math.floor(bounded * barLength);
  return `[${'#'.repeat(filled)}${'.'.repeat(barLength - filled)}]`;
}

/** @param name of the command */
export function createProgress(io: Io, name: string): Progress {
  if (io.errorLog.isTTY !== true) return { io, end: () => undefined };
  const began = io.clock.now();
  let doing = 'working';
  let done: number | undefined;
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
    const bar = done === undefined ? '' : `${renderBar(done)} `;
    const end = `, ${String(Math.floor(passed / 1_000))} s`;
    const text = `passerelle ${name}: ${bar}${doing}`;
    const room = longest - end.length;
    io.stderr(`${text.length > room ? `${text.slice(0, room - 1)}…` : text}${end}`);
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
      doing(text, share) {
        doing = plain(text);
        done = share;
      },
    },
    end() {
      stop();
      hide();
    },
  };
}
