/** What the name of an organisational unit or container says of the accounts in it. */
import { relativeNames } from '../directory/distinguished-name.ts';

/** Names without blanks and signs, since `Service-Accounts` is `service accounts`. */
const services: ReadonlySet<string> = new Set([
  ...[
    'serviceaccount',
    'serviceaccounts',
    'svcaccounts',
    'managedserviceaccounts',
    'serviceusers',
    'serviceidentities',
    'serviceids',
  ],
  ...['systemaccounts', 'applicationaccounts', 'technicalaccounts', 'functionalaccounts', 'genericaccounts', 'sharedaccounts'],
  ...['sharedmailboxes', 'resourceaccounts', 'resourcemailboxes', 'roommailboxes', 'robotaccounts', 'monitoringmailboxes'],
  ...[
    'microsoftexchangesystemobjects',
    'dienstkonten',
    'servicekonten',
    'servicebenutzer',
    'technischekonten',
    'technischebenutzer',
  ],
  ...['comptesdeservice', 'comptesdeservices', 'cuentasdeservicio', 'accountdiservizio'],
]);
const guests: ReadonlySet<string> = new Set([
  ...['guest', 'guests', 'guestaccounts', 'guestusers', 'external', 'externals', 'externalusers', 'externalaccounts'],
  ...['externalstaff', 'contractor', 'contractors', 'subcontractors', 'vendors', 'vendoraccounts', 'suppliers', 'freelancers'],
  ...[
    'gäste',
    'gastkonten',
    'externe',
    'externebenutzer',
    'externemitarbeiter',
    'invités',
    'prestataires',
    'invitados',
    'externos',
  ],
]);

type Says = 'service' | 'guest' | undefined;

/** What the innermost name that says anything says. */
function says(container: string): Says {
  for (const name of relativeNames(container)) {
    const [, kind, value = ''] = /^(ou|cn|o)=(.*)$/su.exec(name) ?? [];
    if (kind === undefined) continue;
    const word = value.replace(/[^\p{L}\p{N}]/gu, '');
    if (services.has(word)) return 'service';
    if (guests.has(word)) return 'guest';
  }
  return undefined;
}

/** Answers by the distinguished name of an account, whose own name counts for nothing; each container is looked at once. */
export function containerKind(): (distinguishedName: string) => Says {
  const known = new Map<string, Says>();
  return (distinguishedName) => {
    const container = distinguishedName.replace(/^(?:\\.|[^,\\])*,?/su, '');
    if (!known.has(container)) known.set(container, says(container));
    return known.get(container);
  };
}
