/**
 * Persistent name identifiers (saml-core §8.3.7): a name that one person bears toward one service provider, or one affiliation of
 * them, and nobody else ever bears. It is drawn by lot and remembered, so that nothing leads back from it to the person but the
 * store; it hangs on objectGUID, so that a rename keeps it; its record never expires, so that it is never given to somebody else.
 */
import { hash } from 'node:crypto';
import type { Random } from '../clock.ts';
import type { Store } from '../store/store.ts';

export interface Pairwise {
  /** `space` names the service provider or affiliation. */
  find(objectGUID: string, space: string): Promise<string | undefined>;
  /** The same, made where there is none yet. */
  findOrCreate(objectGUID: string, space: string): Promise<string>;
}

/** 160 bits, as many as saml-core §1.3.4 wishes of an identifier. */
const bytes = 20;
/** RFC 4648 §6: one letter case alone, since some service providers do not tell cases apart. */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const never = Number.MAX_SAFE_INTEGER;
const mostTries = 8;

/** Base32 of whole groups of five bytes, hence without padding. */
export function base32(octets: Buffer): string {
  let text = '';
  let held = 0;
  let bits = 0;
  for (const octet of octets) {
    held = ((held << 8) | octet) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text += alphabet.charAt((held >> (bits - 5)) & 31);
  }
  return text;
}

export function createPairwise({ store, random }: { store: Store; random: Random }): Pairwise {
  /** Entity IDs are longer than a key may be. */
  const digestOf = (space: string): string => hash('sha256', space, 'base64url');
  const personKey = (objectGUID: string, space: string): string => `person ${digestOf(space)} ${objectGUID}`;
  const nameKey = (name: string, space: string): string => `name ${digestOf(space)} ${name}`;

  async function find(objectGUID: string, space: string): Promise<string | undefined> {
    const found = await store.get('name-id', personKey(objectGUID, space));
    // The store holds only what this file wrote.
    return (found as { readonly name: string } | undefined)?.name;
  }

  return {
    find,
    async findOrCreate(objectGUID, space) {
      for (let tries = 0; tries < mostTries; tries += 1) {
        const known = await find(objectGUID, space);
        if (known !== undefined) return known;
        const name = base32(random(bytes));
        // The name is taken before it is given: whatever stops in between, no second person is ever given it.
        if (!(await store.create('name-id', nameKey(name, space), { objectGUID, space }, never))) continue;
        if (await store.create('name-id', personKey(objectGUID, space), { name, space }, never)) return name;
        // Another request of the same person was faster.
        await store.delete('name-id', nameKey(name, space));
      }
      throw new Error('a name identifier can be neither found nor made');
    },
  };
}
