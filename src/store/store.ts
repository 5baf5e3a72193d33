/** The store's contract: small records with an expiry; what every store must do, proved by test/contract/store.ts. */

/** One word a kind of record; the key is unique within it. */
export type Kind =
  | 'request'
  | 'signin'
  | 'hand-over'
  | 'session'
  | 'attempts'
  | 'familiar'
  | 'name-id'
  | 'participant'
  | 'logout'
  | 'artifact'
  | 'metadata';

export interface StoredRecord {
  /** A JSON value. */
  readonly value: unknown;
  /** Milliseconds since the epoch; from then on the record is as good as deleted. */
  readonly expiresAt: number;
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
  /** Deletes at most `limit` expired records; answers how many. */
  sweep(limit: number): Promise<number>;
  /** Throws where the store cannot read and write. */
  check(): Promise<void>;
  close(): Promise<void>;
}
