/** Time and chance, always handed in, so that tests can hold them still. */

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves at or after that instant (milliseconds since the epoch). */
  until(instant: number): Promise<void>;
}

/** `bytes` random bytes, fit for keys and identifiers. */
export type Random = (bytes: number) => Buffer;

const helping = 4_096;

/** The same bytes drawn in large helpings: a draw from the system costs more than what it brings. None is given out twice or kept. */
export function inHelpings(draw: Random): Random {
  let drawn: Buffer = Buffer.alloc(0);
  let given = 0;
  return (bytes) => {
    if (bytes > helping) return draw(bytes);
    if (given + bytes > drawn.length) {
      drawn = draw(helping);
      given = 0;
    }
    const part = Buffer.from(drawn.subarray(given, given + bytes));
    drawn.fill(0, given, given + bytes);
    given += bytes;
    return part;
  };
}
