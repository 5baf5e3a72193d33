/** What the directory calls a person, as far as an address can be made of it. */
import type { SurveyedPerson } from '../directory/survey/survey.ts';
import type { Mapping } from '../mapping/prepare-mapping.ts';
import { stemOf } from './mapping-advice-addresses.ts';
import { longestUserName, userNameFrom } from './name-guidelines.ts';

type Source = Mapping['source'];

const localOf = (value: string | undefined): string => value?.split('@', 1)[0] ?? '';

/** Values that may be addresses already, the likeliest first. */
export const otherAddresses = (
  { primarySmtp, userPrincipalName, mail, otherSmtps = [] }: SurveyedPerson,
  source: Source,
): readonly (string | undefined)[] =>
  source === 'mail' ? [primarySmtp, userPrincipalName, ...otherSmtps] : [mail, primarySmtp, ...otherSmtps];

/** What an OpenLDAP calls a person by, as far as it needs no unescaping. */
const uidOf = ({ distinguishedName }: SurveyedPerson): string | undefined => /^uid=([^,+\\"]+)/i.exec(distinguishedName)?.[1];

/** User names, the likeliest first. @param isStrange whether the address that they have is another organisation’s */
export function namesOf(person: SurveyedPerson, source: Source, isStrange: boolean): readonly string[] {
  const now = localOf(person[source]);
  const others = [
    person.sAMAccountName ?? uidOf(person),
    localOf(source === 'mail' ? person.userPrincipalName : person.mail),
    person.displayName,
  ];
  // What somebody is called elsewhere says little; what was cut short says less.
  const texts = (isStrange ? [...others, now] : [now, ...others]).filter((text) => text !== undefined);
  const short = texts.filter((text) => text.length <= longestUserName);
  const long = texts.filter((text) => text.length > longestUserName);
  return [...new Set([...short, ...long].map(userNameFrom))].filter((name) => name !== '');
}

/** Stems of all addresses that may be proposed to the person. */
export const stemsOf = (person: SurveyedPerson, source: Source): readonly string[] =>
  [...otherAddresses(person, source).map(localOf), ...namesOf(person, source, false)].map(stemOf);
