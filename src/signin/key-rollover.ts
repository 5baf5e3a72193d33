/** Whether each service provider would accept what another key of ours signs, as far as is known. */
import { fingerprintOf, type HeldKey } from '../keys/key-ring.ts';
import type { Knowledge } from './key-knowledge.ts';
import type { Party } from './key-parties.ts';

export type Standing =
  /** It is answered by the same key before and after. */
  | { readonly state: 'own-key'; readonly key: string }
  /** It has verified by that key before, which was published ever since. */
  | { readonly state: 'signed-before' }
  /** It fetched metadata with the key. */
  | { readonly state: 'fetched'; readonly at: number }
  /** Somebody noted that it was told; what it was told counts from then on. */
  | { readonly state: 'told'; readonly at: number; readonly counts: number }
  /** It fetched metadata, and the key was not in them. */
  | { readonly state: 'outdated'; readonly at: number }
  | { readonly state: 'never' }
  /** It takes no algorithm of that key. */
  | { readonly state: 'unfit' };

export interface PartyStanding {
  readonly party: Party;
  readonly standing: Standing;
  /** Whether it would not break. */
  readonly ready: boolean;
}

/** Milliseconds that Google may take until it verifies by what was uploaded. */
const googleTakes = 24 * 3_600_000;

/** By which keys a party is answered before and after, by name; undefined where none of ours would do. */
export interface Signing {
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** @param now milliseconds since the epoch. @param hasSigned whether the key has signed before for everybody, who knew it */
export function partyStanding(
  party: Party,
  key: HeldKey,
  { knowledge, signing, hasSigned, now }: { knowledge: Knowledge; signing: Signing; hasSigned: boolean; now: number },
): PartyStanding {
  const standing = standingOf();
  return { party, standing, ready: isReady(standing) };

  function isReady({ state, ...said }: Standing): boolean {
    if (state === 'told') return 'counts' in said && said.counts <= now;
    // Whom none of our keys would do for cannot break by this one.
    return readyStates.has(state) || (state === 'unfit' && signing.before === undefined);
  }

  function standingOf(): Standing {
    if (signing.after === undefined) return { state: 'unfit' };
    if (signing.after !== key.name || signing.before === signing.after) return { state: 'own-key', key: signing.after };
    const fingerprint = fingerprintOf(key);
    const { fetched } = knowledge;
    if (fetched?.keys.includes(fingerprint) === true) return { state: 'fetched', at: fetched.at };
    const told = knowledge.told[fingerprint];
    // What it fetched since took the place of what it was told.
    if (told !== undefined && (fetched === undefined || fetched.at < told))
      return { state: 'told', at: told, counts: told + (party.kind === 'google' ? googleTakes : 0) };
    if (hasSigned) return { state: 'signed-before' };
    return fetched === undefined ? { state: 'never' } : { state: 'outdated', at: fetched.at };
  }
}

const readyStates: ReadonlySet<Standing['state']> = new Set<Standing['state']>(['own-key', 'signed-before', 'fetched']);
