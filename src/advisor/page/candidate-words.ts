/** The names of what is counted, as the page says them. */
import type { AccountKind, CandidateName, Outcomes, Trouble } from '../advice.ts';

export const candidateNames: Readonly<Record<CandidateName, string>> = {
  configured: 'As configured',
  upn: 'UPN',
  mail: 'Mail',
  'upn-substituted': 'UPN, domains replaced',
  'mail-substituted': 'Mail, domains replaced',
};

/** What keeps somebody from an address, in the order of the charts. */
export const obstacles: readonly { readonly key: Exclude<keyof Outcomes, 'mapped'>; readonly name: string }[] = [
  { key: 'withoutValue', name: 'No value' },
  { key: 'notAnEmailAddress', name: 'No e-mail address' },
  { key: 'foreignDomain', name: 'Foreign domain' },
  { key: 'duplicate', name: 'Duplicate' },
  { key: 'consumerDomain', name: 'Consumer domain' },
  { key: 'unregistrableDomain', name: 'Unregistrable domain' },
];

export const unmapped = (outcomes: Outcomes): number => obstacles.reduce((sum, { key }) => sum + outcomes[key], 0);

export const troubleNames: Readonly<Record<Trouble, string>> = {
  'without-value': 'No value',
  'not-an-email-address': 'No e-mail address',
  'foreign-domain': 'Foreign domain',
  'consumer-domain': 'Consumer domain',
  'unregistrable-domain': 'Unregistrable domain',
  duplicate: 'Duplicate',
  'against-guidelines': 'Against Google’s rules',
};

export const kindNames: Readonly<Record<AccountKind, string>> = {
  person: 'People',
  service: 'Service accounts',
  disabled: 'Disabled accounts',
  guest: 'Guests',
};

/** One account of the kind. */
export const kindName: Readonly<Record<AccountKind, string>> = {
  person: 'person',
  service: 'service account',
  disabled: 'disabled',
  guest: 'guest',
};
