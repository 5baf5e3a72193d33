/** Lines of PowerShell for whoever mends accounts of Active Directory. */
import type { Mending, Named } from './advice.ts';
import { powershellText } from './powershell.ts';

const parameters = { userPrincipalName: '-UserPrincipalName', mail: '-EmailAddress' } as const;

type Account = Pick<Named, 'objectGUID' | 'domain'>;

const which = ({ objectGUID, domain }: Account): string =>
  `-Identity ${powershellText(objectGUID)}${domain === null ? '' : ` -Server ${powershellText(domain)}`}`;

export const setAddress = (account: Account, attribute: Mending['attribute'], value: string): string =>
  `Set-ADUser ${which(account)} ${parameters[attribute]} ${powershellText(value)}`;

/** Shows what a human needs to decide, and changes nothing. */
export const lookAtAccounts = (accounts: readonly Account[]): string =>
  accounts
    .map((account) => `Get-ADUser ${which(account)} -Properties mail,proxyAddresses,displayName,whenCreated,lastLogonDate`)
    .join('; ');

const notHere = '# No Active Directory:';

/** Where these commands reach nothing: a remark, which does nothing when it is run. */
export const setElsewhere = ({ distinguishedName }: Named, attribute: Mending['attribute'], value: string): string =>
  `${notHere} set ${attribute} to ${powershellText(value)} by LDAP in ${powershellText(distinguishedName)}`;

export const lookElsewhere = (accounts: readonly Named[]): string =>
  `${notHere} look by LDAP at ${accounts.map(({ distinguishedName }) => powershellText(distinguishedName)).join(', ')}`;
