/** What a sign-in would make of each of many people under one mapping: their address, or the refusal. */
import type { Person } from '../directory/directory.ts';
import { Refusal, type Reason } from '../refusal.ts';
import { mapAddress } from './address.ts';
import { prepareMapping, type Mapping, type PreparedMapping } from './prepare-mapping.ts';

export type Judged = Pick<Person, 'objectGUID' | 'domain' | 'userPrincipalName' | 'mail' | 'barred'>;

export interface Verdict {
  /** Undefined where the mapping gives none; there also for who is barred, and for who shares it. */
  readonly address: string | undefined;
  /** Undefined where the address would be the NameID. */
  readonly refused: Reason | undefined;
  /** What stood in the way of an address. */
  readonly because?: string | undefined;
}

/** An objectGUID is one person's within a forest; who rules another forest may give somebody there the same. */
export const isSame = (one: Judged, other: Judged): boolean => one.objectGUID === other.objectGUID && one.domain === other.domain;

/** Letter case tells no two accounts apart at Google, whatever case it holds. */
export const sharedForm = (address: string): string => address.toLowerCase();

/** Whether that person has the address too. */
export function mapsTo(person: Judged, address: string, mapping: PreparedMapping): boolean {
  try {
    return sharedForm(mapAddress(person, mapping).address) === sharedForm(address);
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** @param refusals those so far, so that many who lack the same thing share one verdict */
function judge(person: Judged, mapping: PreparedMapping, refusals: Map<string, Verdict>): Verdict {
  try {
    return { address: mapAddress(person, mapping).address, refused: person.barred };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const refused = person.barred ?? error.reason;
    const because = String(error.detail.because ?? '');
    const key = `${refused} ${because}`;
    const verdict = refusals.get(key) ?? { address: undefined, refused, because };
    refusals.set(key, verdict);
    return verdict;
  }
}

/**
 * In the order of `people`, who must be everybody in all forests: an address that two of them have is neither's, barred or not.
 * A barred person is refused as such before anything else, since they do not get past the password.
 * @throws MappingMistake where the configuration contradicts itself
 */
export function judgeEverybody(people: readonly Judged[], mapping: Mapping | PreparedMapping): readonly Verdict[] {
  const prepared = prepareMapping(mapping);
  const refusals = new Map<string, Verdict>();
  const verdicts = people.map((person) => judge(person, prepared, refusals));
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const { address } of verdicts) {
    if (address === undefined) continue;
    const form = sharedForm(address);
    if (seen.has(form)) shared.add(form);
    else seen.add(form);
  }
  if (shared.size === 0) return verdicts;
  return verdicts.map((verdict) =>
    verdict.address !== undefined && verdict.refused === undefined && shared.has(sharedForm(verdict.address))
      ? { ...verdict, refused: 'address-not-unique' }
      : verdict,
  );
}
