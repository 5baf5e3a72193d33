/** What specimens of reports are put together from. */
import type {
  AccountKind,
  AdvisedDomain,
  AdvisedUnit,
  Candidate,
  Named,
  NamedGroup,
  Outcomes,
  Standing,
} from '../../src/advisor/advice.ts';

export const none: Outcomes = {
  mapped: 0,
  withoutValue: 0,
  notAnEmailAddress: 0,
  foreignDomain: 0,
  consumerDomain: 0,
  unregistrableDomain: 0,
  duplicate: 0,
};
export const count = (length: number): readonly number[] => [...Array(length).keys()];
export const guid = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
export const who = (name: string, index: number, domain = 'corp.example.com'): Named => ({
  objectGUID: guid(index),
  name,
  distinguishedName: `CN=${name},OU=Staff,${domain
    .split('.')
    .map((label) => `DC=${label}`)
    .join(',')}`,
  domain,
});
export const group = (name: string, index: number): NamedGroup => ({ ...who(name, index), scope: 'global' });
export const standing = (
  person: Named,
  address: string | null,
  refused: Standing['refused'] = null,
  kind: AccountKind = 'person',
) => ({
  objectGUID: person.objectGUID,
  domain: person.domain,
  name: person.name,
  kind,
  address,
  refused,
});
export const unit = (name: string, people: number, units: readonly AdvisedUnit[] = [], below = ''): AdvisedUnit => ({
  name,
  distinguishedName: `OU=${name},DC=corp,DC=example,DC=com`,
  kind: 'unit',
  people,
  peopleBelow: people + units.reduce((sum, { peopleBelow }) => sum + peopleBelow, 0),
  otherAccounts: people % 7,
  groups: people % 5,
  orgUnitPath: `${below}/${name}`,
  units,
});
export const domain = (name: string, more: Partial<AdvisedDomain>): AdvisedDomain => ({
  name,
  unicode: name,
  kind: 'public',
  because: 'under the public suffix com',
  registrable: name,
  userPrincipalNames: 0,
  mails: 0,
  primarySmtps: 0,
  accounts: 0,
  owned: ['suffix'],
  role: 'none',
  target: null,
  exchangers: { answer: 'found', hosts: [`mx1.${name}`, `mx2.${name}`] },
  ...more,
});
export const candidate = (name: Candidate['name'], source: 'userPrincipalName' | 'mail', outcomes: Outcomes): Candidate => ({
  name,
  mapping: {
    source,
    substitute: name.endsWith('substituted') ? { 'corp.local': 'example.com' } : {},
    domains: { primary: 'example.com', secondary: [], aliases: {} },
    letterCase: 'lower',
  },
  outcomes: { person: outcomes, service: { ...none, mapped: 2 }, disabled: { ...none, withoutValue: 1 }, guest: none },
  collisions: [],
  againstGuidelines: [],
});
