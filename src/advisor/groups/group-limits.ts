/** Groups and people beyond what Google allows. */
import type { Survey } from '../../directory/survey/survey.ts';
import type { GroupLimit, Named } from '../advice.ts';
import { named } from '../facts.ts';
import { inOrder } from '../in-order.ts';
import { splitAddress } from '../../mapping/address-rules.ts';
import type { Memberships } from './count-memberships.ts';
import { googleLimits } from './google-limits.ts';
import { type ListedGroups, namesOf } from './list-groups.ts';

const lengthOf = (text: string): number => [...text].length;

function limitOf(
  what: string,
  limit: number,
  count: number,
  countOf: (place: number) => number,
  whoIs: (place: number) => readonly Named[],
): GroupLimit {
  let most = 0;
  const over: { readonly who: Named; readonly count: number }[] = [];
  for (let place = 0; place < count; place += 1) {
    const found = countOf(place);
    most = Math.max(most, found);
    if (found > limit) over.push(...whoIs(place).map((who) => ({ who, count: found })));
  }
  over.sort((one, other) => inOrder(one.who, other.who));
  const names = namesOf(over.map(({ who }) => who));
  return { what, limit, most, over: over.map((one, index) => ({ name: names[index] ?? one.who.name, count: one.count })) };
}

/** Of all groups that were read but those that the system made, whose names never come to Google. */
export function adviseLimits(
  survey: Survey,
  listed: ListedGroups,
  memberships: Memberships,
  by: 'cn' | 'mail',
): readonly GroupLimit[] {
  const { people, groups } = survey;
  const person = (place: number): readonly Named[] => {
    const found = people[place];
    return found === undefined ? [] : [named(survey, found)];
  };
  const group = (place: number): readonly Named[] => listed.names.slice(place, place + 1);
  const textOf = (place: number, attribute: 'cn' | 'mail'): string => {
    const found = groups[place];
    return (found?.builtIn === false ? found[attribute] : undefined) ?? '';
  };
  const localPart = (place: number): string => (by === 'cn' ? textOf(place, 'cn') : splitAddress(textOf(place, 'mail'))[0]);
  return [
    limitOf(
      'groups that one person is in directly',
      googleLimits.directMemberships,
      people.length,
      (place) => memberships.direct[place] ?? 0,
      person,
    ),
    limitOf(
      'groups that one person is in, directly and by groups within groups',
      googleLimits.memberships,
      people.length,
      (place) => memberships.all[place] ?? 0,
      person,
    ),
    limitOf(
      `characters before the @ of a group’s address by ${by}`,
      googleLimits.localPart,
      groups.length,
      (place) => lengthOf(localPart(place)),
      group,
    ),
    limitOf(
      'characters in a group’s name',
      googleLimits.groupName,
      groups.length,
      (place) => lengthOf(textOf(place, 'cn')),
      group,
    ),
  ];
}
