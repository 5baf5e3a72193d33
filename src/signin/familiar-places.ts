/**
 * From where people signed in before: the networks of each, which a stranger does not share. Told of a person in clear, since an
 * administrator must see them; of a name by hashes alone, since a name is looked up before anybody knows whose it is.
 */
import { hash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Person } from '../directory/directory.ts';
import type { Store, StoredRecord } from '../store/store.ts';
import { nameKey, personKey } from './attempt-keys.ts';

/** Instants in milliseconds since the epoch. */
export interface Place {
  /** As `networkOf` gives it. */
  readonly network: string;
  readonly since: number;
  /** To the day: it is written anew once a day at most. */
  readonly last: number;
}

export interface FamiliarPlaces {
  /** Those of the person, the newest first. */
  of(objectGUID: string): Promise<readonly Place[]>;
  /** Whether somebody signed in under that name from there. */
  knowsName(name: string, network: string): Promise<boolean>;
  /** The person signed in from there, under that name or one that they bear. */
  remember(person: Person, name: string | undefined, network: string): Promise<void>;
  forget(person: Person): Promise<void>;
}

const most = 20;
const touchAfter = 24 * 3_600_000;
/** What stands for an address that is none, which is no place. */
const nowhere = 'unknown';

const hashed = (name: string, network: string): string => hash('sha256', `${name}\0${network}`, 'base64url');

function isPlace(value: unknown): value is Place {
  if (typeof value !== 'object' || value === null || !('network' in value && 'since' in value && 'last' in value)) return false;
  return typeof value.network === 'string' && Number.isInteger(value.since) && Number.isInteger(value.last);
}

function placesOf(value: unknown): readonly Place[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every(isPlace)) return value;
  throw new Error('a record of familiar places is not a list of them');
}

/** The keys of the names that a person bears. */
function namesOf(person: Person, typed?: string): readonly string[] {
  const names = [typed, person.sAMAccountName, person.userPrincipalName, person.mail].filter((name) => name !== undefined);
  return [...new Set(names.map(nameKey))];
}

/** @param parts `keep` is how long a place stays familiar without a sign-in from there, in milliseconds */
export function createFamiliarPlaces(parts: { store: Store; clock: Clock; keep: number }): FamiliarPlaces {
  const { store, clock, keep } = parts;

  const living = (value: unknown): readonly Place[] => placesOf(value).filter(({ last }) => last + keep > clock.now());

  function added(record: StoredRecord | undefined, network: string): StoredRecord | undefined {
    const now = clock.now();
    const places = living(record?.value);
    const known = places.find((place) => place.network === network);
    if (record !== undefined && known !== undefined && now - known.last < touchAfter) return record;
    const others = places.filter((place) => place !== known);
    return { value: [{ network, since: known?.since ?? now, last: now }, ...others].slice(0, most), expiresAt: now + keep };
  }

  return {
    of: async (objectGUID) => living(await store.get('familiar', personKey(objectGUID))),

    async knowsName(name, network) {
      if (network === nowhere) return false;
      const key = nameKey(name);
      const place = hashed(key, network);
      return living(await store.get('familiar', key)).some((known) => known.network === place);
    },

    async remember(person, name, network) {
      if (network === nowhere) return;
      await Promise.all([
        store.update('familiar', personKey(person.objectGUID), (record) => added(record, network)),
        ...namesOf(person, name).map((key) => store.update('familiar', key, (record) => added(record, hashed(key, network)))),
      ]);
    },

    async forget(person) {
      const keys = [personKey(person.objectGUID), ...namesOf(person)];
      await Promise.all(keys.map((key) => store.delete('familiar', key)));
    },
  };
}
