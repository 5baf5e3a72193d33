/** Every group as lists name it, and its place in the order of lists. */
import type { Survey } from '../../directory/survey/survey.ts';
import type { NamedGroup } from '../advice.ts';
import { named } from '../facts.ts';
import { inOrder } from '../in-order.ts';

export interface ListedGroups {
  /** In the order of the survey. */
  readonly names: readonly NamedGroup[];
  /** Places in the survey, in the order of lists. */
  readonly order: readonly number[];
  /** Of each of the survey, its place in `order`. */
  readonly rank: Uint32Array;
}

export function listGroups(survey: Survey): ListedGroups {
  const names = survey.groups.map((group): NamedGroup => ({ ...named(survey, group), scope: group.scope ?? 'none' }));
  const ordered = [...names.entries()].sort(([, one], [, other]) => inOrder(one, other));
  const order = ordered.map(([place]) => place);
  const rank = new Uint32Array(order.length);
  for (const [index, place] of order.entries()) rank[place] = index;
  return { names, order, rank };
}

/** Their names; one that several of them have, in several domains, with its domain. */
export function namesOf(list: readonly { readonly name: string; readonly domain: string | null }[]): readonly string[] {
  const domains = new Map<string, string | null>();
  const several = new Set<string>();
  for (const { name, domain } of list) {
    if (!domains.has(name)) domains.set(name, domain);
    else if (domains.get(name) !== domain) several.add(name);
  }
  return list.map(({ name, domain }) => (several.has(name) && domain !== null ? `${name} (${domain})` : name));
}
