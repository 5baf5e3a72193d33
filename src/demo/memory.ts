/** What the demo remembers: requests that wait for an answer, assertions taken, and results to show. All of it bounded. */

interface Kept<Value> {
  readonly value: Value;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Values by key until they expire; beyond `most` the oldest make way. */
export class Memory<Value> {
  readonly #kept = new Map<string, Kept<Value>>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  set(key: string, value: Value, expiresAt: number, now: number): void {
    for (const [old, kept] of this.#kept) {
      if (kept.expiresAt > now && this.#kept.size < this.#most) break;
      this.#kept.delete(old);
    }
    this.#kept.set(key, { value, expiresAt });
  }

  get(key: string, now: number): Value | undefined {
    const kept = this.#kept.get(key);
    return kept === undefined || kept.expiresAt <= now ? undefined : kept.value;
  }

  delete(key: string): void {
    this.#kept.delete(key);
  }
}
