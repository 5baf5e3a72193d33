/** `passerelle audit tail`: the newest events, and what comes after them. */
import { once } from 'node:events';
import { Refusal } from '../refusal.ts';
import type { Journal } from '../store/journal.ts';
import { createAuditLines } from './audit-lines.ts';
import { readCount, readWishes, wishOptions, wishUsage } from './audit-wishes.ts';
import { parseArguments, type Command, type Io } from './command.ts';
import { journalPages, type Placed, type Sought } from './journal-pages.ts';
import { withJournal } from './with-journal.ts';

const usual = 20;
const most = 10_000;
/** Milliseconds between two looks. */
const period = 1_000;
/** Milliseconds by which an event may come late: each process gathers, and their clocks differ. */
const late = 30_000;

export const command: Command = {
  name: 'audit tail',
  summary: 'show the newest events of the audit trail, and go on with --follow',
  usage: `Usage: passerelle audit tail [OPTIONS]

  -n, --lines N              the newest so many, at most ${String(most)}; else ${String(usual)}
  -f, --follow               go on with what happens, of all processes and nodes, until Ctrl+C
      --json                 each event as a line of JSON
${wishUsage}

All that is given must hold. Times are UTC.

Example: passerelle audit tail --follow --event signin`,
  lasts: true,
  run(args, io) {
    const options = {
      ...wishOptions,
      lines: { type: 'string', short: 'n' },
      follow: { type: 'boolean', short: 'f', default: false },
      json: { type: 'boolean', default: false },
    } as const;
    const { values } = parseArguments(args, options);
    const wishes = readWishes(values, io.clock.now());
    const count = readCount('--lines', values.lines, usual, most);
    return withJournal({ flag: values.config, wishes }, io, async ({ journal, sought }) => {
      const line = createAuditLines({ json: values.json });
      const begun = io.clock.now();
      const newest: Placed[] = [];
      for await (const entry of journalPages(journal, sought, { order: 'newest first', io })) {
        newest.push(entry);
        if (newest.length >= count) break;
      }
      newest.reverse();
      io.stdout(newest.map(line).join(''));
      const shownFrom = newest.length < count ? -1 : (newest[0]?.at ?? -1);
      const show = (entry: Placed): void => {
        io.stdout(line(entry));
      };
      if (values.follow) await follow(journal, sought, { io, begun, newest, shownFrom, show });
      return 0;
    });
  },
};

interface Following {
  readonly io: Io;
  /** Milliseconds since the epoch. */
  readonly begun: number;
  /** Shown already. */
  readonly newest: readonly Placed[];
  /** What is as old, or older, was left out by their number. */
  readonly shownFrom: number;
  readonly show: (entry: Placed) => void;
}

/** Looks back each time, since what happened earlier may be appended later. */
async function follow(
  journal: Journal,
  { query, matches }: Sought,
  { io, begun, newest, shownFrom, show }: Following,
): Promise<void> {
  const { clock, signal } = io;
  const isOver = (): boolean => signal.aborted;
  const seen = new Map(newest.map(({ text, at }) => [text, at]));
  let lookedAt = begun;
  let serves = true;
  while (!isOver()) {
    const now = clock.now();
    const from = Math.max(0, lookedAt - late);
    try {
      for await (const entry of journalPages(journal, { query: { ...query, from }, matches }, { order: 'oldest first', io })) {
        if (seen.has(entry.text) || entry.at <= shownFrom) continue;
        seen.set(entry.text, entry.at);
        show(entry);
      }
      lookedAt = now;
      if (!serves) io.stderr('The store serves again.\n');
      serves = true;
      for (const [text, at] of seen) if (at < from) seen.delete(text);
    } catch (error) {
      if (isOver()) return;
      if (!(error instanceof Refusal)) throw error;
      if (serves) io.stderr(`${error.reason}: ${error.row.hint}\n`);
      serves = false;
    }
    // What listens is taken away each time: it may go on for weeks.
    const waited = new AbortController();
    const aborted = once(signal, 'abort', { signal: waited.signal }).catch(() => undefined);
    await Promise.race([clock.until(clock.now() + period), aborted]);
    waited.abort();
  }
}
