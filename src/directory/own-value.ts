/** The first value of an attribute of an entry, as text. */
import type { Entry } from './connection.ts';

/** @param attribute its name in lower case. Undefined where it has no value, or an empty one. */
export function ownValue(entry: Entry, attribute: string): string | undefined {
  const value = entry.attributes.get(attribute)?.[0];
  return value === undefined || value.length === 0 ? undefined : value.toString();
}
