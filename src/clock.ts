/** Time and chance, always handed in, so that tests can hold them still. */

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves at or after that instant (milliseconds since the epoch). */
  until(instant: number): Promise<void>;
}

/** `bytes` random bytes, fit for keys and identifiers. */
export type Random = (bytes: number) => Buffer;
