/** Notes who fetched our metadata by a URL of their own, and of which keys the document told them. */
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import { KeyMistake } from '../keys/key-mistake.ts';
import { fingerprintOf, type NamedCertificate } from '../keys/key-ring.ts';
import type { Seal } from '../keys/seal.ts';
import { Refusal } from '../refusal.ts';
import type { Store } from '../store/store.ts';
import { createKeyKnowledge } from './key-knowledge.ts';
import { findTokens } from './metadata-tokens.ts';

export interface MetadataFetches {
  /**
   * Somebody holds a document that tells of these keys, and presented that token. Does nothing where it is nobody's, and does not
   * reject: whoever fetched has been answered.
   */
  fetched(
    token: string,
    keys: readonly NamedCertificate[],
    from: { readonly reference: string; readonly remoteAddress: string },
  ): Promise<void>;
}

/** Milliseconds between two notes of one service provider, unless the keys are others. */
const noteEvery = 3_600_000;
/** Milliseconds after which other URLs may have been given out, or there are others to have one. */
const holdersLast = 5_000;

export function createMetadataFetches(parts: {
  store: Pick<Store, 'get' | 'update'>;
  seal: Seal;
  /** Entity IDs of those who have a URL of their own. */
  holders: () => readonly string[];
  audit: Audit;
  clock: Pick<Clock, 'now'>;
}): MetadataFetches {
  const { store, seal, holders, audit, clock } = parts;
  const knowledge = createKeyKnowledge({ store });
  /** Entity IDs by their tokens, so that whoever makes one up costs next to nothing. */
  let known: { readonly at: number; readonly holders: Promise<ReadonlyMap<string, string>> } | undefined;
  /** Of which keys a note is being made, by entity ID, so that whoever fetches many times at once is noted once. */
  const noting = new Map<string, string>();

  async function readHolders(): Promise<ReadonlyMap<string, string>> {
    const tokenOf = await findTokens({ store, seal });
    return new Map(tokenOf && holders().map((entityID) => [tokenOf(entityID), entityID]));
  }

  function currentHolders(): Promise<ReadonlyMap<string, string>> {
    const now = clock.now();
    if (known === undefined || now < known.at || now >= known.at + holdersLast) known = { at: now, holders: readHolders() };
    return known.holders;
  }

  const isRecent = (at: number, now: number): boolean => at <= now && now < at + noteEvery;

  /** What was noted last is asked of the store each time: another node, whose keys are others, may have been asked since. */
  async function note(entityID: string, keys: readonly string[]): Promise<boolean> {
    const joined = keys.join(' ');
    if (noting.get(entityID) === joined) return false;
    noting.set(entityID, joined);
    try {
      const now = clock.now();
      const { fetched } = await knowledge.of(entityID);
      if (fetched?.keys.join(' ') === joined && isRecent(fetched.at, now)) return false;
      await knowledge.fetched(entityID, { at: now, keys });
      return true;
    } finally {
      noting.delete(entityID);
    }
  }

  return {
    async fetched(token, keys, { reference, remoteAddress }) {
      try {
        const serviceProvider = (await currentHolders()).get(token);
        if (serviceProvider === undefined || !(await note(serviceProvider, keys.map(fingerprintOf)))) return;
        const detail = { keys: keys.map(({ name }) => name) };
        audit.record({ event: 'metadata.fetched', reference, serviceProvider, remoteAddress, detail });
      } catch (error) {
        if (!(error instanceof Refusal || error instanceof KeyMistake)) throw error;
        audit.note('warn', 'who fetched our metadata could not be noted', { cause: error.message });
      }
    },
  };
}
