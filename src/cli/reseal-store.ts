/** Seals by the newest key whatever older ones sealed, in small batches, and says what is left. */
import { resealEnrolments } from '../authenticators/sealed-secret.ts';
import { resealTokens, tokenRecord } from '../signin/metadata-tokens.ts';
import type { Enrolments } from '../authenticators/enrolments.ts';
import { KeyMistake } from '../keys/key-mistake.ts';
import type { Seal } from '../keys/seal.ts';
import type { Store } from '../store/store.ts';

export interface Resealed {
  /** People whose enrolments were sealed anew. */
  readonly resealed: number;
  /** People whose enrolments no key opens. */
  readonly unopened: number;
  /** Other records that hold what an old key sealed, which end by themselves. */
  readonly elsewhere: number;
  /** When the last of them ends: milliseconds since the epoch. */
  readonly until: number;
}

interface Work {
  readonly store: Store;
  readonly seal: Seal;
  /** The ids of the old keys. */
  readonly old: ReadonlySet<string>;
  readonly signal: AbortSignal;
}

/** What is written at a time. */
const batchSize = 20;
/** As `seal` makes them: a key’s id, and a nonce and a tag of 28 bytes or more. */
const sealedText = /"([0-9a-f]{8})\.[A-Za-z0-9_-]{38,}"/g;

const holdsAny = (json: string, old: ReadonlySet<string>): boolean =>
  [...json.matchAll(sealedText)].some(([, id = '']) => old.has(id));

/** @throws Refusal store-unavailable, StoreUnavailable; what was sealed anew by then stays */
export async function reseal({ store, seal, old, signal }: Work): Promise<Resealed> {
  let [resealed, unopened, elsewhere, until] = [0, 0, 0, 0];

  async function resealOne(objectGUID: string): Promise<void> {
    try {
      await store.update('enrolment', objectGUID, (record) => {
        if (record === undefined) return undefined;
        const before = record.value as Enrolments;
        const after = resealEnrolments(seal, objectGUID, before);
        return after === before ? record : { value: after, expiresAt: record.expiresAt };
      });
      resealed += 1;
    } catch (error) {
      if (!(error instanceof KeyMistake)) throw error;
      unopened += 1;
    }
  }

  /** One that no key opens is of no use any more: URLs by it are told apart from none. */
  async function resealKeyOfTokens(): Promise<void> {
    await store.update('metadata-fetch', tokenRecord, (record) => {
      if (record === undefined) return undefined;
      try {
        return { value: resealTokens(seal, record.value), expiresAt: record.expiresAt };
      } catch (error) {
        if (error instanceof KeyMistake) return undefined;
        throw error;
      }
    });
  }

  for await (const batch of store.snapshot()) {
    const found = batch.filter(({ json }) => holdsAny(json, old));
    for (const { kind, key, expiresAt } of found.filter((one) => one.kind !== 'enrolment')) {
      if (kind === 'metadata-fetch' && key === tokenRecord) {
        await resealKeyOfTokens();
        continue;
      }
      elsewhere += 1;
      until = Math.max(until, expiresAt);
    }
    const people = found.filter(({ kind }) => kind === 'enrolment').map(({ key }) => key);
    for (let at = 0; at < people.length; at += batchSize) {
      if (signal.aborted) throw new Error('Ended before all was sealed anew; run it once more.');
      await Promise.all(people.slice(at, at + batchSize).map(resealOne));
    }
  }
  return { resealed, unopened, elsewhere, until };
}
