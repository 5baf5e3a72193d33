/** Whether a new password keeps a policy, as far as the password and the names of its person tell: the rest the directory knows. */
import type { PasswordPolicy, Person } from './directory.ts';

/** What a new password may lack, each a reason of the table of refusals. */
export type Breach = 'new-password-short' | 'new-password-simple' | 'new-password-name';

// Windows' setting "Password must meet complexity requirements": three of these five kinds, and none of the person's names.
const KINDS_NEEDED = 3;
const kinds: readonly RegExp[] = [
  /[\p{Lu}\p{Lt}]/u,
  /\p{Ll}/u,
  /[0-9]/,
  /[~!@#$%^&*_\-+=`|\\(){}[\]:;"'<>,.?/]/,
  // Letters that have no case, as most scripts have none.
  /[\p{Lo}\p{Lm}]/u,
];
const betweenNames = /[,.\-_ #\t]+/;
const SHORTEST_NAME = 3;

function namesOf({ sAMAccountName = '', displayName = '' }: Pick<Person, 'sAMAccountName' | 'displayName'>): readonly string[] {
  return [sAMAccountName, ...displayName.split(betweenNames)].filter(({ length }) => length >= SHORTEST_NAME);
}

/** Pure. Every breach, in the order in which they are told. Lengths are counted in UTF-16 code units, as Active Directory does. */
export function judgePassword(
  { minLength, complex }: Pick<PasswordPolicy, 'minLength' | 'complex'>,
  person: Pick<Person, 'sAMAccountName' | 'displayName'>,
  next: string,
): readonly Breach[] {
  const breaches: Breach[] = [];
  if (next.length < minLength) breaches.push('new-password-short');
  if (!complex) return breaches;
  if (kinds.filter((kind) => kind.test(next)).length < KINDS_NEEDED) breaches.push('new-password-simple');
  const folded = next.toLowerCase();
  if (namesOf(person).some((name) => folded.includes(name.toLowerCase()))) breaches.push('new-password-name');
  return breaches;
}
