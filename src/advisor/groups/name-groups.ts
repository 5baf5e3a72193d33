/** What groups would be called in Google, and who else would be called so. */
import type { SurveyedGroup } from '../../directory/survey/survey.ts';
import { mapAddress } from '../../mapping/address.ts';
import { type GroupNamingRule, mapGroup } from '../../mapping/group-address.ts';
import { sharedForm } from '../../mapping/judge-everybody.ts';
import { prepareMapping, type Mapping, type PreparedMapping } from '../../mapping/prepare-mapping.ts';
import { Refusal } from '../../refusal.ts';
import type { GroupNaming, Named } from '../advice.ts';
import { type Facts, named } from '../facts.ts';
import { inOrder } from '../in-order.ts';
import type { ListedGroups } from './list-groups.ts';

export type Outcome = 'mapped' | 'withoutValue' | 'notAnEmailAddress' | 'foreign' | 'shared';

export interface NamedGroups {
  /** Of each group; lower case where there is one. */
  readonly addresses: readonly (string | undefined)[];
  readonly outcomes: readonly Outcome[];
  /** Addresses that several have, and the places of those who have them. */
  readonly shared: ReadonlyMap<string, readonly number[]>;
}

const outcomeOf = {
  'without value': 'withoutValue',
  'not an e-mail address': 'notAnEmailAddress',
  foreign: 'foreign',
} as const;

/**
 * Groups that the system made are never brought, so that they take an address from nobody: one of the same cn stands in each domain.
 * @param ruleOf undefined for a group that is left out: it counts as one without value
 */
export function nameGroups(
  groups: readonly SurveyedGroup[],
  ruleOf: (group: SurveyedGroup) => GroupNamingRule | undefined,
  mapping: PreparedMapping,
): NamedGroups {
  const addresses: (string | undefined)[] = [];
  const outcomes: Outcome[] = [];
  const holders = new Map<string, number[]>();
  for (const [place, group] of groups.entries()) {
    const rule = ruleOf(group);
    const result = rule === undefined ? undefined : mapGroup(group, rule, mapping);
    const form = result?.address === undefined ? undefined : sharedForm(result.address);
    addresses.push(form);
    outcomes.push(result === undefined ? 'withoutValue' : result.address === undefined ? outcomeOf[result.trouble] : 'mapped');
    if (form === undefined || group.builtIn) continue;
    const others = holders.get(form);
    if (others === undefined) holders.set(form, [place]);
    else others.push(place);
  }
  const shared = new Map([...holders].filter(([, places]) => places.length > 1));
  for (const places of shared.values()) for (const place of places) outcomes[place] = 'shared';
  return { addresses, outcomes, shared };
}

/** Of addresses of groups, those that people or other accounts have under the mapping, and of those who have it the first of lists. */
export function heldByPeople({ survey }: Facts, mapping: Mapping, addresses: ReadonlySet<string>): ReadonlyMap<string, Named> {
  const prepared = prepareMapping(mapping);
  const held = new Map<string, Named>();
  for (const person of survey.people) {
    let form: string;
    try {
      form = sharedForm(mapAddress(person, prepared).address);
    } catch (error) {
      if (error instanceof Refusal) continue;
      throw error;
    }
    if (!addresses.has(form)) continue;
    const who = named(survey, person);
    const before = held.get(form);
    if (before === undefined || inOrder(who, before) < 0) held.set(form, who);
  }
  return held;
}

const count = (outcomes: readonly Outcome[], outcome: Outcome): number =>
  outcomes.reduce((sum, one) => (one === outcome ? sum + 1 : sum), 0);

const byAddress = (one: { readonly address: string }, other: { readonly address: string }): number =>
  one.address < other.address ? -1 : one.address > other.address ? 1 : 0;

/** All groups are counted once, be it as mapped, as having none, or among the holders of a collision; whoever people hold is counted so too. */
export function describeNaming(
  by: GroupNaming['by'],
  { addresses, outcomes, shared }: NamedGroups,
  held: ReadonlyMap<string, Named>,
  groups: readonly SurveyedGroup[],
  { names, order, rank }: ListedGroups,
): GroupNaming {
  const inLists = (one: number, other: number): number => (rank[one] ?? 0) - (rank[other] ?? 0);
  return {
    by,
    mapped: count(outcomes, 'mapped'),
    withoutValue: count(outcomes, 'withoutValue'),
    notAnEmailAddress: count(outcomes, 'notAnEmailAddress'),
    foreign: count(outcomes, 'foreign'),
    collisions: [...shared]
      .map(([address, places]) => ({
        address,
        holders: places.toSorted(inLists).flatMap((place) => names.slice(place, place + 1)),
      }))
      .sort(byAddress),
    heldByPeople: order
      .flatMap((place) => {
        const address = addresses[place];
        const person = address === undefined ? undefined : held.get(address);
        const group = names[place];
        const isSystem = groups[place]?.builtIn === true;
        return address === undefined || person === undefined || group === undefined || isSystem
          ? []
          : [{ address, group, person }];
      })
      .sort(byAddress),
  };
}
