/** What was read of groups, believed for some minutes: with it a person in thousands of them costs what one in few does. */
import type { Clock } from '../clock.ts';

/** A group as its entry tells it. */
export interface GroupEntry {
  readonly dn: string;
  /** S-1-5-…; undefined where the directory has none. */
  readonly sid: string | undefined;
  readonly objectGUID: string | undefined;
  /** Distinguished names of the groups that hold it directly. */
  readonly memberOf: readonly string[];
}

/** The SIDs of a person's token, and what it was computed from. */
export interface Token {
  readonly sids: readonly string[];
  /** The groups that held the person directly: where they are others now, the token is another. */
  readonly madeFrom: string;
}

export interface GroupMemory {
  /** Undefined where it is not known; null where nothing is there. */
  bySid(sid: string): GroupEntry | null | undefined;
  /** By the normal form of its distinguished name. */
  byName(key: string): GroupEntry | null | undefined;
  /** `key` is the normal form of its name; without an entry nothing is there. */
  keep(what: { readonly sid?: string | undefined; readonly key?: string | undefined }, entry: GroupEntry | null): void;
  /** By objectGUID. */
  token(person: string): Token | undefined;
  keepToken(person: string, token: Token): void;
}

/** Milliseconds that a group, or what holds it, is believed to be as it was read. */
const believed = 300_000;
const mostGroups = 50_000;
/** SIDs of all tokens together. */
const mostSids = 500_000;

interface Kept<Value> {
  readonly value: Value;
  readonly until: number;
}

/** The oldest leave first. */
function createShelf<Value>(clock: Clock, limit: number, sizeOf: (value: Value) => number) {
  const shelf = new Map<string, Kept<Value>>();
  let size = 0;
  const drop = (key: string): void => {
    const kept = shelf.get(key);
    if (kept === undefined) return;
    shelf.delete(key);
    size -= sizeOf(kept.value);
  };
  return {
    get(key: string): Value | undefined {
      const kept = shelf.get(key);
      return kept !== undefined && clock.now() < kept.until ? kept.value : undefined;
    },
    set(key: string, value: Value): void {
      drop(key);
      shelf.set(key, { value, until: clock.now() + believed });
      size += sizeOf(value);
      for (const oldest of shelf.keys()) {
        if (size <= limit) break;
        drop(oldest);
      }
    },
  };
}

export function createGroupMemory(clock: Clock): GroupMemory {
  const sids = createShelf<GroupEntry | null>(clock, mostGroups, () => 1);
  const names = createShelf<GroupEntry | null>(clock, mostGroups, () => 1);
  const tokens = createShelf<Token>(clock, mostSids, (token) => 1 + token.sids.length);
  return {
    bySid: (sid) => sids.get(sid),
    byName: (key) => names.get(key),
    keep({ sid, key }, entry) {
      if (sid !== undefined) sids.set(sid, entry);
      if (key !== undefined) names.set(key, entry);
    },
    token: (person) => tokens.get(person),
    keepToken(person, token) {
      tokens.set(person, token);
    },
  };
}
