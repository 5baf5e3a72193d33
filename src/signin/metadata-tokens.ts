/**
 * The tokens in the URLs by which single service providers fetch our metadata: an HMAC of the entity ID, so that nobody claims a
 * fetch for another. Its key is drawn once, lies sealed in the store, and is sealed anew when the sealing keys change: URLs that
 * were given out hold over restarts, on all nodes, and over every change of keys.
 */
import { createHmac } from 'node:crypto';
import type { Random } from '../clock.ts';
import type { Seal } from '../keys/seal.ts';
import type { Store } from '../store/store.ts';

/** Of one entity ID always the same: 128 bits in base64url. */
export type TokenOf = (entityID: string) => string;

interface Parts {
  readonly store: Pick<Store, 'get' | 'update'>;
  readonly seal: Seal;
}

export const tokenRecord = 'tokens';
/** What the sealed key is bound to. */
const bound = 'metadata tokens';
const never = Number.MAX_SAFE_INTEGER;

interface Kept {
  readonly sealed: string;
}

function tokensBy(seal: Seal, { sealed }: Kept): TokenOf {
  const key = Buffer.from(seal.open(sealed, bound), 'base64url');
  return (entityID) => createHmac('sha256', key).update(entityID).digest().subarray(0, 16).toString('base64url');
}

/** Undefined where nobody was given such a URL yet. @throws KeyMistake, Refusal store-unavailable */
export async function findTokens({ store, seal }: Parts): Promise<TokenOf | undefined> {
  // The store holds only what this file wrote.
  const kept = (await store.get('metadata-fetch', tokenRecord)) as Kept | undefined;
  return kept && tokensBy(seal, kept);
}

/** `renew`: URLs that were given out count no more. @throws KeyMistake, Refusal store-unavailable */
export async function findOrMakeTokens({
  store,
  seal,
  random,
  renew = false,
}: Parts & { readonly random: Random; readonly renew?: boolean }): Promise<TokenOf> {
  const sealed = seal.seal(random(32).toString('base64url'), bound);
  const kept = await store.update('metadata-fetch', tokenRecord, (record) =>
    record === undefined || renew ? { value: { sealed } satisfies Kept, expiresAt: never } : record,
  );
  return tokensBy(seal, (kept?.value as Kept | undefined) ?? { sealed });
}

/** The record sealed by the newest key; itself where it is already. @throws KeyMistake */
export function resealTokens(seal: Seal, value: unknown): unknown {
  const { sealed } = value as Kept;
  return seal.isCurrent(sealed) ? value : ({ sealed: seal.seal(seal.open(sealed, bound), bound) } satisfies Kept);
}
