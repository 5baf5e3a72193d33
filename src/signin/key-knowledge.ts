/** What is known of which of our keys a service provider knows: when it fetched our metadata, and what it was told by hand. */
import { hash } from 'node:crypto';
import type { Store } from '../store/store.ts';

export interface Knowledge {
  /** The last fetch by its own URL: when (milliseconds since the epoch), and of which keys (fingerprints) the document told. */
  readonly fetched?: { readonly at: number; readonly keys: readonly string[] } | undefined;
  /** When somebody noted that it was told of a key by hand: by fingerprint, milliseconds since the epoch. */
  readonly told: Readonly<Record<string, number>>;
}

export interface KeyKnowledge {
  /** `party` is an entity ID, or the name of a source of metadata. @throws Refusal store-unavailable */
  of(party: string): Promise<Knowledge>;
  /** @throws Refusal store-unavailable */
  fetched(party: string, fetch: NonNullable<Knowledge['fetched']>): Promise<void>;
  /** `at` undefined: it was not, after all. `known`: fingerprints of our keys, the only ones to be remembered. @throws Refusal store-unavailable */
  told(party: string, key: string, at: number | undefined, known: readonly string[]): Promise<void>;
}

const never = Number.MAX_SAFE_INTEGER;
const nothing: Knowledge = { told: {} };
/** Entity IDs are longer than a key may be. */
const recordOf = (party: string): string => `of ${hash('sha256', party, 'base64url')}`;

export function createKeyKnowledge({ store }: { store: Pick<Store, 'get' | 'update'> }): KeyKnowledge {
  async function change(party: string, after: (before: Knowledge) => Knowledge): Promise<void> {
    await store.update('metadata-fetch', recordOf(party), (record) => ({
      // The store holds only what this file wrote.
      value: after((record?.value as Knowledge | undefined) ?? nothing),
      expiresAt: never,
    }));
  }

  return {
    of: async (party) => ((await store.get('metadata-fetch', recordOf(party))) as Knowledge | undefined) ?? nothing,
    fetched: (party, fetched) => change(party, (before) => ({ ...before, fetched })),
    told: (party, key, at, known) =>
      change(party, (before) => {
        const others = Object.entries(before.told).filter(([each]) => each !== key && known.includes(each));
        return { ...before, told: Object.fromEntries(at === undefined ? others : [...others, [key, at]]) };
      }),
  };
}
