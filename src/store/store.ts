/** The store's contract: small records with an expiry; what every store must do, proved by test/contract/store.ts. */
import type { Journal } from './journal.ts';

/** One word a kind of record; the key is unique within it. */
export const kinds = [
  'request',
  'signin',
  'hand-over',
  'session',
  'session-of',
  'attempts',
  'familiar',
  'name-id',
  'participant',
  'logout',
  'artifact',
  'metadata',
  'enrolment',
  'enrolment-pass',
  'challenge',
  'device',
  'cut-off',
  'ticket',
  'sprayed',
  'history',
  'metadata-fetch',
] as const;
export type Kind = (typeof kinds)[number];

export function isKind(word: string): word is Kind {
  return kinds.some((kind) => kind === word);
}

/** The kinds of which caches are kept: every write of theirs is told to those who listen. */
const watchedKinds = ['metadata', 'cut-off'] as const satisfies readonly Kind[];
export type WatchedKind = (typeof watchedKinds)[number];

export function isWatched(kind: string): kind is WatchedKind {
  return watchedKinds.some((watched) => watched === kind);
}

export interface StoredRecord {
  /** A JSON value. */
  readonly value: unknown;
  /** Milliseconds since the epoch; from then on the record is as good as deleted. */
  readonly expiresAt: number;
}

/** A record as it lies there; nobody has read the JSON. */
export interface RawRecord {
  /** Mostly a `Kind`; of another version of Passerelle, another word. */
  readonly kind: string;
  readonly key: string;
  readonly json: string;
  readonly expiresAt: number;
}

export interface Subscription {
  /**
   * Whether what was remembered is still good: true while nothing can be missed for longer than three seconds (mostly it is told within
   * milliseconds). A cache answers from memory only then.
   */
  isLive(): boolean;
  end(): void;
}

export interface Store {
  /** Adds a record and answers true; answers false, changing nothing, where a live one is present. Atomic. */
  create(kind: Kind, key: string, value: unknown, expiresAt: number): Promise<boolean>;
  /** The live record's value, or undefined. */
  get(kind: Kind, key: string): Promise<unknown>;
  /**
   * Reads, changes and writes in one atomic step. `change` gets the live record or undefined, must be pure, and gives back the
   * record to keep or undefined to delete it. Answers what was kept.
   */
  update(
    kind: Kind,
    key: string,
    change: (record: StoredRecord | undefined) => StoredRecord | undefined,
  ): Promise<StoredRecord | undefined>;
  /** Deletes the record; answers whether a live one was there. */
  delete(kind: Kind, key: string): Promise<boolean>;
  /** Live records of a kind whose key begins with `prefix`, in the order of keys, at most `limit`. */
  list(kind: Kind, prefix: string, limit: number): Promise<readonly { readonly key: string; readonly value: unknown }[]>;
  /**
   * How many records of that kind there are, those that expired and were not swept yet included. In steps, so that nobody waits for it;
   * as it takes time where there are very many, nothing that a person waits for asks it.
   */
  count(kind: Kind): Promise<number>;
  /** What happened, which is no record: it is neither exported nor moved to another store. */
  readonly journal: Journal;
  /** Deletes at most `limit` expired records and entries of the journal; answers how many. */
  sweep(limit: number): Promise<number>;
  /**
   * All live records of one instant, in batches, in the order of kinds and keys; of those kinds, or of all. Writes go on meanwhile.
   */
  snapshot(kinds?: readonly string[]): AsyncIterable<readonly RawRecord[]>;
  /**
   * Tells `listener` the key of each record of that kind that any process changed, or undefined where any of them may have changed:
   * after the connection was lost, and where only that much is known.
   */
  subscribe(kind: WatchedKind, listener: (key: string | undefined) => void): Subscription;
  /** Throws where the store cannot read and write. */
  check(): Promise<void>;
  close(): Promise<void>;
}
