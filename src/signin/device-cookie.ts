/** What a remembered browser brings: whose it is and by which secret, sealed, so that nobody else reads or makes one. */
import { KeyMistake } from '../keys/key-mistake.ts';
import type { Seal } from '../keys/seal.ts';

/** One person of one browser. */
export interface DeviceEntry {
  readonly objectGUID: string;
  /** Of the record. */
  readonly id: string;
  readonly secret: string;
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
}

/** A new text for the cookie, and for how long the browser keeps it (milliseconds). */
export interface DeviceCookieText {
  readonly text: string;
  readonly life: number;
}

const purpose = 'device-cookie';
/** People who share a browser. */
const mostEntries = 5;
const longestText = 4_000;

function isEntry(value: unknown): value is DeviceEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { objectGUID, id, secret, endsAt } = value as Partial<Record<keyof DeviceEntry, unknown>>;
  return [objectGUID, id, secret].every((each) => typeof each === 'string') && typeof endsAt === 'number';
}

/** Those of the cookie's text that have not ended, the newest first; none where we did not seal it, or the key is gone. */
export function openDevices(seal: Seal, text: string | undefined, now: number): readonly DeviceEntry[] {
  if (text === undefined || text.length > longestText) return [];
  try {
    const entries: unknown = JSON.parse(seal.open(text, purpose));
    return Array.isArray(entries) ? entries.filter(isEntry).filter(({ endsAt }) => now < endsAt) : [];
  } catch (error) {
    if (error instanceof KeyMistake) return [];
    throw error;
  }
}

/** With one more, in place of that person's; the oldest leaves where there are too many. @throws KeyMistake */
export function sealDevices(seal: Seal, before: readonly DeviceEntry[], entry: DeviceEntry, now: number): DeviceCookieText {
  const others = before.filter(({ objectGUID }) => objectGUID !== entry.objectGUID);
  const entries = [entry, ...others].slice(0, mostEntries);
  return {
    text: seal.seal(JSON.stringify(entries), purpose),
    life: Math.max(...entries.map(({ endsAt }) => endsAt)) - now,
  };
}
