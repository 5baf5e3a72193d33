/** How often others are asked about one person: nobody is sent message after message, by whoever knows their password or their name. */
import { hash } from 'node:crypto';
import type { FactorName } from '../authenticators/authenticator.ts';
import type { Clock } from '../clock.ts';
import type { Person } from '../directory/directory.ts';
import { Refusal } from '../refusal.ts';
import type { Store } from '../store/store.ts';
import { nameKey, personKey } from './attempt-keys.ts';
import type { FamiliarPlaces } from './familiar-places.ts';
import { networkOf } from '../audit/network.ts';
import { count, forgottenAt, spansOf } from './network-failures.ts';

/** Counts a new question; `name` as typed where there is no person. @throws Refusal factor-attempts-exhausted */
export type CountAsked = (
  factor: FactorName,
  whom: { readonly person: Person | undefined; readonly name: string | undefined },
  remoteAddress: string,
) => Promise<void>;

/** They send messages to the person, or let themselves be paid. */
const outside: ReadonlySet<FactorName> = new Set<FactorName>(['radius', 'webhook', 'duo', 'own']);
/** New questions for one person within the window: from each familiar place, and from all others together, which use up none of those. */
const mostAsked = 10;

/** @param parts `places` are where people passed a factor; `window` in milliseconds */
export function createCountAsked(parts: {
  store: Pick<Store, 'update'>;
  places: Pick<FamiliarPlaces, 'of'>;
  clock: Pick<Clock, 'now'>;
  window: number;
}): CountAsked {
  const { store, places, clock, window } = parts;
  return async (factor, { person, name }, remoteAddress) => {
    if (!outside.has(factor)) return;
    const network = networkOf(remoteAddress);
    const known = person === undefined ? [] : await places.of(person.objectGUID);
    const from = known.some((place) => place.network === network) ? network : '';
    const who = person === undefined ? nameKey(name ?? '') : personKey(person.objectGUID);
    let started: number | undefined;
    await store.update('attempts', hash('sha256', `asked\0${factor}\0${who}\0${from}`, 'base64url'), (record) => {
      const { start, counted } = count(spansOf(record), clock.now(), { limit: mostAsked, window });
      started = start;
      return start === undefined ? record : { value: counted, expiresAt: forgottenAt(counted, window) };
    });
    if (started === undefined) throw new Refusal('factor-attempts-exhausted', { factor, minutes: window / 60_000 });
  };
}
