/** The way of events and trails into the store: gathered, appended in batches, within bounds that strangers cannot exceed for others. */
import type { Clock } from '../clock.ts';
import type { Audit, AuditEvent } from './audit.ts';
import { readChainLine, readObject } from './chain-line.ts';
import { events } from './events.ts';
import { type Allowances, createJournalRoom, type Guest } from './journal-room.ts';
import { causeOf, createLossCount, type Losses } from './outlets.ts';
import { presentableText } from './presentable.ts';
import { aboutTrail, trailText } from './trail-text.ts';
import type { Trail } from './trail.ts';

/** As the store's journal takes it. */
export interface OutletEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly event: string;
  readonly reference: string | undefined;
  readonly person: string | undefined;
  readonly serviceProvider: string | undefined;
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

type Append = (entries: readonly OutletEntry[]) => Promise<void>;

/** What of an event it is found by; milliseconds since the epoch. */
export type OutletEvent = Pick<AuditEvent, 'event' | 'reference' | 'person' | 'serviceProvider'> & { readonly at: number };

export interface JournalOutlet {
  /** From now on entries go there; what came before has waited, within bounds. */
  into(append: Append): void;
  /** @param text the line of the event, as it was added to its chain */
  event(event: OutletEvent, text: string): void;
  trail(trail: Trail): void;
  /** Resolves once all that was taken is appended or given up. */
  flush(): Promise<void>;
}

/** Milliseconds that the first entry waits for others. */
const gathering = 250;
/** Of one batch, so that nobody who writes to the store waits for it; characters of text. */
const mostEntries = 50;
const mostText = 128 * 1_024;
/** What the journal takes of one; no event of ours is longer, and none can be cut, since its hash is in it. */
const longestText = 64 * 1_024;
/** Bytes that wait at most while the store does not take them, and what is left of it for those of whom less is known. */
const mostWaiting = 8 * 1_024 * 1_024;
const shares = { stranger: 0.25, refused: 0.5, trail: 0.75, outcome: 1 } as const;
/** Beside its text, in bytes: what it is found by. */
const overhead = 256;
/** Milliseconds between two tellings of what was left out; ranges of a chain that are told at once. */
const silence = 60_000;
const mostRanges = 20;

/** Text as the journal finds it: what is searched for must have gone through the same. */
export const foundBy = (text: string): string => presentableText(text).slice(0, 512).toWellFormed();

const shareOf = ({ person, remoteAddress, succeeded, isTrail }: Guest): number => {
  if (person === undefined && remoteAddress !== undefined) return shares.stranger;
  if (!succeeded && remoteAddress !== undefined) return shares.refused;
  return isTrail ? shares.trail : shares.outcome;
};

export interface JournalOutletParts {
  /** Milliseconds. */
  readonly retention: number;
  readonly trail: 'none' | number;
  readonly clock: Pick<Clock, 'now' | 'until'>;
  readonly note: Audit['note'];
  /** Told of lines that will never be there. */
  readonly lost?: (losses: Losses) => void;
  readonly allowances?: Allowances;
  /** Milliseconds until what failed is tried again. */
  readonly patience?: number;
}

export function createJournalOutlet(parts: JournalOutletParts): JournalOutlet {
  const { retention, trail: trailRetention, clock, note, lost = () => undefined, allowances, patience = 1_000 } = parts;
  const room = createJournalRoom({ clock, ...(allowances !== undefined && { allowances }) });
  const losses = createLossCount();
  let append: Append | undefined;
  let queue: OutletEntry[] = [];
  let waiting = 0;
  let working: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;
  let hurry = Promise.withResolvers<undefined>();
  /** Of what was left out since it was told last. */
  let out = { events: 0, trails: 0, ranges: 0, last: -1 };
  let toldAt = -Infinity;

  const sizeOf = ({ text }: OutletEntry): number => text.length + overhead;

  function leaveOut({ event, text }: OutletEntry): void {
    if (event === 'trail') out.trails += 1;
    else {
      out.events += 1;
      const line = readChainLine(text);
      if (line !== undefined) {
        losses.add(line);
        if (line.seq !== out.last + 1) out.ranges += 1;
        out.last = line.seq;
      }
    }
  }

  /** Once a minute; at once where the ranges would become too many to be told. */
  function tellLeftOut(isLast = false): void {
    const isDue = isLast || clock.now() - toldAt >= silence || out.ranges >= mostRanges;
    if (retry !== undefined || (out.events === 0 && out.trails === 0) || !isDue) return;
    const { events, trails } = out;
    out = { events: 0, trails: 0, ranges: 0, last: -1 };
    toldAt = clock.now();
    note('warn', 'events were left out of the store: too many of one network or person, or it was away for too long', {
      ...{ events, trails },
    });
    const lines = losses.take();
    if (lines !== undefined) lost(lines);
  }

  function add(entry: OutletEntry, guest: Guest): void {
    const size = sizeOf(entry);
    const isTooMuch = entry.text.length > longestText || waiting + size > mostWaiting * shareOf(guest);
    if (isTooMuch || !room.enter(guest, size)) leaveOut(entry);
    else {
      queue.push(entry);
      waiting += size;
    }
    start();
  }

  function nextBatch(): readonly OutletEntry[] {
    let text = 0;
    const end = queue.findIndex((entry, index) => {
      text += entry.text.length;
      return index > 0 && (index >= mostEntries || text > mostText);
    });
    return end === -1 ? queue : queue.slice(0, end);
  }

  /** What the store can never take is given up alone. @throws Refusal store-unavailable */
  async function give(into: Append, batch: readonly OutletEntry[]): Promise<void> {
    try {
      await into(batch);
    } catch (error) {
      if (meansAway(error)) throw error;
      const [only] = batch;
      if (only === undefined) return;
      if (batch.length > 1) {
        for (const entry of batch) await give(into, [entry]);
        return;
      }
      note('error', 'an event cannot be kept in the store', {
        event: only.event,
        reference: only.reference,
        cause: causeOf(error),
      });
      leaveOut(only);
    }
  }

  async function work(into: Append): Promise<void> {
    await Promise.race([clock.until(clock.now() + gathering), hurry.promise]);
    try {
      while (queue.length > 0) {
        const batch = [...nextBatch()];
        await give(into, batch);
        queue = queue.slice(batch.length);
        waiting -= batch.reduce((sum, entry) => sum + sizeOf(entry), 0);
      }
    } catch {
      retry = setTimeout(() => {
        retry = undefined;
        start();
      }, patience).unref();
    }
    working = undefined;
    tellLeftOut();
  }

  function start(): void {
    if (append === undefined || retry !== undefined || working !== undefined) return;
    if (queue.length > 0) working = work(append);
    else tellLeftOut();
  }

  return {
    into(given) {
      append = given;
      start();
    },

    event({ event, reference, person, serviceProvider, at }, text) {
      const succeeded = events[event].severity === 'info';
      const entry = {
        ...{ at, event, text, expiresAt: at + retention, reference: foundBy(reference) },
        person: person === undefined ? undefined : foundBy(person),
        serviceProvider: serviceProvider === undefined ? undefined : foundBy(serviceProvider),
      };
      const isCertain = person !== undefined && succeeded;
      const remoteAddress = isCertain ? undefined : readObject(text)?.remoteAddress;
      add(entry, {
        remoteAddress: typeof remoteAddress === 'string' ? remoteAddress : undefined,
        person,
        succeeded,
        isTrail: false,
      });
    },

    trail(trail) {
      if (trailRetention === 'none') return;
      const { person, succeeded } = aboutTrail(trail);
      const { begunAt: at, remoteAddress } = trail;
      const guest = { remoteAddress, person, succeeded, isTrail: true };
      const entry = {
        ...{ at, event: 'trail', reference: foundBy(trail.reference), expiresAt: at + trailRetention },
        person: person === undefined ? undefined : foundBy(person),
        ...{ serviceProvider: undefined, text: trailText(trail) },
      };
      add(entry, guest);
    },

    async flush() {
      clearTimeout(retry);
      retry = undefined;
      tellLeftOut(true);
      start();
      hurry.resolve(undefined);
      await working;
      hurry = Promise.withResolvers();
    },
  };
}

/** Whether it may be taken later: the store said so. */
const meansAway = (error: unknown): boolean =>
  error instanceof Error && 'reason' in error && error.reason === 'store-unavailable';
