/** How a search of the journal is done, the same for every store: by which index, with what, within which bounds. */
import type { JournalEntry, JournalPlace, JournalQuery } from './journal.ts';

/** The column whose index is read, in the order of time. */
export type By = 'reference' | 'person' | 'serviceProvider' | 'event' | 'time';
export type Order = JournalQuery['order'];
export const bys: readonly By[] = ['reference', 'person', 'serviceProvider', 'event', 'time'];
export const orders: readonly Order[] = ['oldest first', 'newest first'];

/** What a search is run with: null holds for all. */
export interface SearchValues extends Readonly<Record<string, string | number | null>> {
  readonly reference: string | null;
  readonly person: string | null;
  readonly serviceProvider: string | null;
  /** Names parted by spaces; one alone where the search goes by event. */
  readonly events: string | null;
  readonly except: string | null;
  readonly from: number;
  readonly before: number;
  readonly afterAt: number;
  readonly afterNumber: number;
  readonly limit: number;
}

export interface JournalPlan {
  readonly by: By;
  readonly order: Order;
  /** Each is run once; `merged` makes one answer of what they find. */
  readonly runs: readonly SearchValues[];
}

export type Found = JournalEntry & { readonly place: JournalPlace };

const batchLimit = 1_000;
const pageLimit = 1_000;
const eventsLimit = 64;
/** Each of so few is looked for by itself; of more, all that happened is read. */
const fewEvents = 8;
/** UTF-16 code units. */
const wordLimit = 512;
const textLimit = 64 * 1024;
const batchTextLimit = 4 * 1024 * 1024;

/** @throws RangeError for what not every store could keep, or what is beyond the bounds */
export function boundedEntries(entries: readonly JournalEntry[]): readonly JournalEntry[] {
  if (entries.length > batchLimit) throw new RangeError(`at most ${batchLimit} entries are appended at once`);
  let size = 0;
  for (const { at, event, reference, person, serviceProvider, text, expiresAt } of entries) {
    boundedInstant(at);
    boundedInstant(expiresAt);
    boundedEvent(event);
    for (const word of [reference, person, serviceProvider]) boundedWord(word);
    if (text.length > textLimit) throw new RangeError(`the text of an entry has at most ${textLimit} characters`);
    keepable(text);
    size += text.length;
  }
  if (size > batchTextLimit) throw new RangeError(`entries of at most ${batchTextLimit} characters are appended at once`);
  return entries;
}

/** @throws RangeError for a query that is beyond the bounds */
export function planOf(query: JournalQuery): JournalPlan {
  const {
    reference,
    person,
    serviceProvider,
    events,
    except,
    from = 0,
    before = Number.MAX_SAFE_INTEGER,
    after,
    order,
    limit,
  } = query;
  for (const word of [reference, person, serviceProvider]) boundedWord(word);
  if (!Number.isInteger(limit) || limit < 0 || limit > pageLimit) throw new RangeError(`a limit is 0 to ${pageLimit}`);
  if (events !== undefined && events.length > eventsLimit) throw new RangeError(`at most ${eventsLimit} events are asked for`);
  events?.forEach(boundedEvent);
  if (except !== undefined) boundedEvent(except);
  const isOldestFirst = order === 'oldest first';
  const edge = isOldestFirst ? -1 : Number.MAX_SAFE_INTEGER;
  const { at: afterAt, number: afterNumber } = after ?? { at: edge, number: edge };
  for (const instant of [from, before, ...(after === undefined ? [] : [afterAt, afterNumber])]) boundedInstant(instant);
  const values = {
    reference: reference ?? null,
    person: person ?? null,
    serviceProvider: serviceProvider ?? null,
    events: null,
    except: except ?? null,
    // What lies before the place need not be read.
    from: isOldestFirst ? Math.max(from, afterAt) : from,
    before: isOldestFirst ? before : Math.min(before, afterAt < Number.MAX_SAFE_INTEGER ? afterAt + 1 : afterAt),
    afterAt,
    afterNumber,
    limit,
  };
  if (events?.length === 0) return { by: 'time', order, runs: [] };
  const by =
    reference !== undefined
      ? 'reference'
      : person !== undefined
        ? 'person'
        : serviceProvider !== undefined
          ? 'serviceProvider'
          : events !== undefined && events.length <= fewEvents
            ? 'event'
            : 'time';
  const sets = events === undefined ? [null] : by === 'event' ? [...new Set(events)] : [events.join(' ')];
  return { by, order, runs: sets.map((names) => ({ ...values, events: names })) };
}

export function merged(found: readonly (readonly Found[])[], { order, limit }: JournalQuery): readonly Found[] {
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const sign = order === 'oldest first' ? 1 : -1;
  const compare = (a: Found, b: Found) => sign * (a.place.at - b.place.at || a.place.number - b.place.number);
  return found.flat().sort(compare).slice(0, limit);
}

/** Of a row as either driver gives it. */
export function foundOf(row: Readonly<Record<string, unknown>>): Found {
  const word = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  const at = Number(row.at);
  return {
    at,
    event: String(row.event),
    reference: word(row.reference),
    person: word(row.person),
    serviceProvider: word(row.service_provider),
    text: String(row.text),
    expiresAt: Number(row.expires_at),
    place: { at, number: Number(row.number) },
  };
}

function boundedInstant(instant: number): void {
  if (!Number.isSafeInteger(instant) || instant < 0) throw new RangeError('a time is whole milliseconds since the epoch');
}

function boundedEvent(event: string): void {
  if (!/^[\w.-]{1,64}$/.test(event)) throw new RangeError('the name of an event is 1 to 64 letters, digits, dots and hyphens');
}

function boundedWord(word: string | undefined): void {
  if (word === undefined) return;
  if (word.length > wordLimit) throw new RangeError(`what an entry is found by has at most ${wordLimit} characters`);
  keepable(word);
}

function keepable(text: string): void {
  if (!text.isWellFormed() || text.includes('\0')) throw new RangeError('the journal takes well-formed Unicode without NUL');
}
