/** The journal of the store: what happened, in the order of time; appended to in batches, searched, and forgotten by its expiry. */

export interface JournalEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The name of an audit event; or `trail`, for the steps of an exchange. */
  readonly event: string;
  readonly reference: string | undefined;
  /** objectGUID. */
  readonly person: string | undefined;
  /** Entity ID. */
  readonly serviceProvider: string | undefined;
  /** The whole of it as a line of JSON, without its end. */
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Where a search stands: entries of one instant are told apart by it. */
export interface JournalPlace {
  readonly at: number;
  readonly number: number;
}

/** All that is given must hold. */
export interface JournalQuery {
  readonly reference?: string | undefined;
  readonly person?: string | undefined;
  readonly serviceProvider?: string | undefined;
  /** Any of these names. */
  readonly events?: readonly string[] | undefined;
  /** Not of this name. */
  readonly except?: string | undefined;
  /** Milliseconds since the epoch: from then on, and before then. */
  readonly from?: number | undefined;
  readonly before?: number | undefined;
  /** Only what comes after that place, in the order asked for. */
  readonly after?: JournalPlace | undefined;
  readonly order: 'oldest first' | 'newest first';
  /** At most 1,000. */
  readonly limit: number;
}

export interface Journal {
  /** Adds all of them in one step; at most 1,000. @throws Refusal store-unavailable */
  append(entries: readonly JournalEntry[]): Promise<void>;
  /** Live entries only. @throws Refusal store-unavailable */
  search(query: JournalQuery): Promise<readonly (JournalEntry & { readonly place: JournalPlace })[]>;
}
