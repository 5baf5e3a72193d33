/** Addresses that a mapping would give to one person while somebody else gets the mail that is sent there. */
import type { PreparedMapping } from '../mapping/prepare-mapping.ts';
import type { SurveyedPerson } from '../directory/survey/survey.ts';
import type { Facts } from './facts.ts';
import { canonicalBy } from './mapping-advice-addresses.ts';

/** @returns whose mail it is, in words, by the place of each person who has the address and not its mail */
export function mailElsewhere(
  given: ReadonlyMap<number, string>,
  { survey, kinds }: Facts,
  mapping: PreparedMapping,
): ReadonlyMap<number, string> {
  const canonical = canonicalBy(mapping);
  const mailOf = ({ mail, primarySmtp, otherSmtps = [] }: SurveyedPerson): readonly (string | undefined)[] => [
    mail,
    primarySmtp,
    ...otherSmtps,
  ];
  // Of most people the address is where they get mail, so that few are left to look for.
  const wanted = new Map<string, number>();
  for (const [index, address] of given) {
    const person = survey.people[index];
    const form = canonical(address);
    if (person === undefined) continue;
    if (!mailOf(person).some((own) => own !== undefined && own !== '' && canonical(own) === form)) wanted.set(form, index);
  }
  const found = new Map<number, string>();
  if (wanted.size === 0) return found;
  for (const [place, person] of survey.people.entries()) {
    for (const value of mailOf(person)) {
      const index = value === undefined || value === '' ? undefined : wanted.get(canonical(value));
      if (index === undefined) continue;
      const who = `${person.sAMAccountName ?? person.distinguishedName} (${kinds[place] ?? 'person'})`;
      // Of several the first by name, in whatever order they were read.
      if (who < (found.get(index) ?? '\uffff')) found.set(index, who);
    }
  }
  return found;
}
