/** The bounds of a record, the same for every store: what lies beyond them is a mistake of the caller, hence a fault. */

/** UTF-16 code units. */
const keyLimit = 512;
/** Bytes of JSON in UTF-8. */
const valueLimit = 512 * 1024;
const batchLimit = 10_000;

/** @throws RangeError for a key that is empty or too long, or that not every store could keep (NUL, lone surrogates). */
export function boundedKey(key: string): string {
  if (key.length === 0 || key.length > keyLimit) throw new RangeError(`a key has 1 to ${keyLimit} characters`);
  return keepable(key);
}

/** As `boundedKey`, but may be empty. */
export function boundedPrefix(prefix: string): string {
  if (prefix.length > keyLimit) throw new RangeError(`a prefix has at most ${keyLimit} characters`);
  return keepable(prefix);
}

function keepable(text: string): string {
  if (!text.isWellFormed() || text.includes('\0')) throw new RangeError('a key is well-formed Unicode without NUL');
  return text;
}

/** The value as JSON. @throws TypeError where JSON cannot hold it, RangeError where it is too large. */
export function boundedJson(value: unknown): string {
  const json: unknown = JSON.stringify(value);
  if (typeof json !== 'string') throw new TypeError('a record holds a JSON value');
  // A UTF-16 code unit takes at most three bytes, so most values need no counting.
  if (json.length * 3 > valueLimit && Buffer.byteLength(json) > valueLimit) {
    throw new RangeError(`a record holds at most ${valueLimit} bytes of JSON`);
  }
  return json;
}

/** @throws RangeError for anything but whole milliseconds since the epoch */
export function boundedExpiry(expiresAt: number): number {
  if (!Number.isSafeInteger(expiresAt)) throw new RangeError('an expiry is whole milliseconds since the epoch');
  return expiresAt;
}

/** @throws RangeError for a limit that is not a whole number from 0 to 10,000 */
export function boundedLimit(limit: number): number {
  if (!Number.isInteger(limit) || limit < 0 || limit > batchLimit) throw new RangeError(`a limit is 0 to ${batchLimit}`);
  return limit;
}
