/** By what an account is told to be no person's: rules in the order in which they are asked; the first that holds decides. */
import type { SurveyedPerson } from '../directory/survey/survey.ts';
import type { AccountKind } from './advice.ts';
import { containerKind } from './account-kind-container.ts';
import { isOutside } from './account-kind-target.ts';

export interface KindRule {
  readonly kind: Exclude<AccountKind, 'person'>;
  /** What it goes by, for whoever reads the report. */
  readonly rule: string;
  readonly holds: (account: SurveyedPerson) => boolean;
}

/** userAccountControl (MS-ADTS §2.2.16). */
const control = {
  temporaryDuplicate: 0x100,
  interdomainTrust: 0x800,
  workstationTrust: 0x1000,
  serverTrust: 0x2000,
  neverExpires: 0x10000,
  delegation: 0x80000,
  protocolTransition: 0x1000000,
} as const;
const has = ({ userAccountControl }: SurveyedPerson, bits: number): boolean => (userAccountControl & bits) !== 0;

/** The part before the @ of the UPN where there is no sAMAccountName, as in an OpenLDAP. */
const nameOf = ({ sAMAccountName, userPrincipalName }: SurveyedPerson): string =>
  sAMAccountName ?? userPrincipalName?.slice(0, userPrincipalName.lastIndexOf('@')) ?? '';

/** Names that Windows, Exchange and the synchronisers of Microsoft and Google give to accounts that they make. */
const made =
  /^(?:krbtgt(?:_\d+)?|(?:HealthMailbox|SM_|(?:MSOL|AAD|Sync|ADToAADSyncServiceAccount)_)[0-9a-f_]{7,}|(?:Migration|FederatedEmail)\.[0-9a-f-]{8,}|(?:System|DiscoverySearch)Mailbox ?\{.*|\$[0-9a-z]{6}-[0-9a-z]{12}|(?:IUSR|IWAM)_.+|ASPNET|SUPPORT_[0-9a-f]{8})$/i;
/** No name of a person begins or ends so: `svc` alone may be initials, parted from the rest it is not. */
const plainService =
  /^(?:svc|srvc|svcacct|serviceaccount|service[-_.]account|gmsa|msa)[-_.]|[-_.](?:svc|srvc|svcacct|gmsa|msa)$/i;
/** So are accounts of services called, yet a head of the service desk may be, too, or somebody with these initials. */
const perhapsService = /^(?:svc|service|(?:sa|srv|sys)[-_])|[-_.]service$/i;
const saysServiceAccount =
  /\b(?:service account|service-account|dienstkonto|servicekonto|compte de service|cuenta de servicio)\b/i;

/** A person’s password ends one day, and people have mail; what has neither and is called so is a service. */
const isUnattended = (account: SurveyedPerson): boolean =>
  has(account, control.neverExpires) || account.mail === undefined || account.mail === '';

const serviceWords: ReadonlySet<string> = new Set([
  ...[
    'service',
    'svc',
    'service account',
    'serviceaccount',
    'system',
    'system account',
    'application',
    'app',
    'application account',
  ],
  ...['robot', 'bot', 'rpa', 'technical', 'technical account', 'functional', 'functional account', 'generic', 'generic account'],
  ...[
    'shared',
    'shared account',
    'shared mailbox',
    'resource',
    'room',
    'room mailbox',
    'equipment',
    'equipment mailbox',
    'machine',
  ],
  ...['non-person', 'nonperson', 'non person', 'non-human', 'nonhuman', 'dienst', 'dienstkonto', 'servicekonto', 'technisch'],
]);
const guestWords: ReadonlySet<string> = new Set([
  ...[
    'guest',
    'guests',
    'external',
    'externals',
    'extern',
    'externe',
    'externer',
    'externo',
    'esterno',
    'contractor',
    'contractors',
  ],
  ...[
    'subcontractor',
    'vendor',
    'vendors',
    'supplier',
    'suppliers',
    'freelancer',
    'freelance',
    'visitor',
    'customer',
    'thirdparty',
  ],
  ...['gast', 'invité', 'invitado', 'ospite', 'prestataire', 'dienstleister', 'lieferant', 'freiberufler'],
]);
/** Say nothing beside a word that does: `external consultant` is a guest, a consultant or a partner alone may be anybody. */
const fillers: ReadonlySet<string> = new Set([
  ...['employee', 'staff', 'worker', 'user', 'account', 'person', 'consultant', 'partner', 'company', 'personnel', 'mitarbeiter'],
]);

const isService = (employeeType: string): boolean =>
  serviceWords.has(
    employeeType
      .trim()
      .toLowerCase()
      .replaceAll(/[\s_]+/g, ' '),
  );

/** Each word must be known: customer service is where people work. */
function isGuest(employeeType: string): boolean {
  const words = employeeType.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.some((word) => guestWords.has(word)) && words.every((word) => guestWords.has(word) || fillers.has(word));
}

/** @param own domains that targetAddress may name of people of the organisation */
export function kindRules(own: ReadonlySet<string>): readonly KindRule[] {
  const containers = containerKind();
  return [
    { kind: 'disabled', rule: 'the account is disabled', holds: ({ barred }) => barred === 'person-disabled' },
    { kind: 'disabled', rule: 'the account has expired', holds: ({ barred }) => barred !== undefined },
    { kind: 'guest', rule: 'the built-in Guest (RID 501)', holds: ({ rid }) => rid === 501 },
    {
      kind: 'service',
      rule: 'the built-in Administrator or krbtgt (RID 500 or 502)',
      holds: ({ rid }) => rid === 500 || rid === 502,
    },
    { kind: 'service', rule: 'isCriticalSystemObject is set', holds: ({ isCriticalSystemObject }) => isCriticalSystemObject },
    {
      kind: 'service',
      rule: 'userAccountControl says that it is the account of a trust, a controller or a computer',
      holds: (account) => has(account, control.interdomainTrust | control.workstationTrust | control.serverTrust),
    },
    {
      kind: 'service',
      rule: 'sAMAccountName ends in $, as of computers and managed service accounts',
      holds: ({ sAMAccountName }) => sAMAccountName?.endsWith('$') === true,
    },
    { kind: 'service', rule: 'it has a servicePrincipalName', holds: ({ hasServicePrincipalName }) => hasServicePrincipalName },
    {
      kind: 'service',
      rule: 'userAccountControl trusts it for delegation',
      holds: (account) => has(account, control.delegation | control.protocolTransition),
    },
    {
      kind: 'service',
      rule: 'a name that Windows, Exchange or a synchroniser gives, such as HealthMailbox… or MSOL_…',
      holds: (account) => made.test(nameOf(account)),
    },
    {
      kind: 'service',
      rule: 'employeeType says service, system, shared, resource or the like',
      holds: ({ employeeType }) => employeeType !== undefined && isService(employeeType),
    },
    {
      kind: 'guest',
      rule: '#EXT# in the UPN',
      holds: ({ userPrincipalName }) => userPrincipalName?.toUpperCase().includes('#EXT#') === true,
    },
    {
      kind: 'guest',
      rule: 'employeeType says guest, external, contractor, vendor or the like',
      holds: ({ employeeType }) => employeeType !== undefined && isGuest(employeeType),
    },
    {
      kind: 'guest',
      rule: 'userAccountControl says that the account doubles one of another domain',
      holds: (account) => has(account, control.temporaryDuplicate),
    },
    {
      kind: 'service',
      rule: 'it lies in an OU or container called Service Accounts or the like',
      holds: ({ distinguishedName }) => containers(distinguishedName) === 'service',
    },
    {
      kind: 'guest',
      rule: 'it lies in an OU or container called Guests, External Users, Contractors or the like',
      holds: ({ distinguishedName }) => containers(distinguishedName) === 'guest',
    },
    {
      kind: 'service',
      rule: 'a name such as svc-backup, svc_backup or backup-svc',
      holds: (account) => plainService.test(nameOf(account)),
    },
    {
      kind: 'service',
      rule: 'a name such as service-backup, sa-backup or “Service Account …”, and a password that never expires or no mail',
      holds: (account) =>
        isUnattended(account) && (perhapsService.test(nameOf(account)) || saysServiceAccount.test(account.displayName ?? '')),
    },
    {
      kind: 'guest',
      rule: 'targetAddress leads out of the organisation',
      holds: ({ targetAddress }) => targetAddress !== undefined && isOutside(targetAddress, own),
    },
  ];
}
