/** Refusals of people: unknown, not proven, or not allowed now. */
import { again, change, person, type Row } from './row.ts';

export const personRows = {
  // Who the person is. Those that share 'not-accepted' must not be told apart from outside.
  'person-unknown': again('not-accepted', 'No person of that name in the directory (or the entry is not a person).'),
  'person-ambiguous': again('not-accepted', 'Several people answer to that name. Sign in with the user principal name.'),
  'password-wrong': again(
    'not-accepted',
    'The directory refused the password (data 52e), or knows nobody under that distinguished name (data 525).',
  ),
  'password-unusable': again('not-accepted', 'The password is empty, too long or holds NUL; it never reached the directory.'),
  // Active Directory says so before it judges the password (data 775): only where this person is known to sign in may it be told.
  'person-locked': again(
    'person-locked',
    'The account is locked out in the directory (data 775), until the time in the event; where it names none, an administrator must unlock it.',
  ),
  'person-locked-unfamiliar': again(
    'not-accepted',
    'The account is locked out in the directory (data 775). Since nobody signed in to it from there before, the page does not tell.',
  ),
  'protected-user': again(
    'not-accepted',
    'The directory takes no password of members of Protected Users (data 52f), whatever it is: Kerberos or a certificate is their way.',
  ),
  'person-not-replicated': again(
    'not-accepted',
    'A directory server knows this person, but none of those that judge passwords does yet. Look at the replication between them.',
  ),
  // It may come before the password is judged, as data 52f does for members of Protected Users.
  'bind-refused': again(
    'not-accepted',
    'The directory refused the bind with a code that Passerelle does not know, or without saying why (data 52f); see the code in the event.',
  ),
  'attempts-exhausted': again(
    'too-many-attempts',
    'Too many failed attempts for this name; the directory was not asked, so that its own lockout does not begin.',
    429,
  ),
  'person-attempts-exhausted': again(
    'not-accepted',
    'Too many failed attempts for this person under several names; the password was not tried, so that the directory’s own lockout does not begin.',
  ),
  'password-sprayed': again(
    'not-accepted',
    'This password failed for many accounts within the window (throttle.accountsPerPassword). From places that are not familiar it is tried no more; the directory was not asked.',
  ),
  'address-attempts-exhausted': again('too-many-attempts', 'Too many failed attempts from this network address.', 429),
  'address-room-exhausted': person(
    'too-many-attempts',
    'Sign-ins begun from this network address fill the room in the store that it may take (throttle.megabytesPerAddress).',
    'RequestDenied',
    429,
  ),
  'directory-unavailable': again(
    'directory-unavailable',
    'No directory server answered in time. The person’s password was not judged.',
    503,
  ),
  'directory-untrusted': again(
    'directory-unavailable',
    'A directory server’s certificate is not to be trusted: expired, of another name, or of an authority that is not in caFile. The event says which. Nothing was sent to it.',
    503,
  ),
  'directory-refused': again(
    'directory-unavailable',
    'The directory answered with an error to the service account: check its password and rights.',
    503,
  ),
  'person-disabled': person('person-disabled', 'The account is disabled in the directory.'),
  'person-expired': person('person-expired', 'The account has expired in the directory (accountExpires).'),
  'access-not-granted': person(
    'access-not-granted',
    'The groups of this service provider (access.groups, access.except) do not let the person use it; the event names them.',
    'RequestDenied',
  ),
  'person-gone': person(
    'person-gone',
    'The person was deleted from the directory, or moved out of baseDn, after signing in. Another account of the same name is another person.',
    'UnknownPrincipal',
  ),
  'password-expired': change('password-expired', 'The password has expired.', 403),
  'password-must-change': change('password-must-change', 'The person must change the password before the next sign-in.', 403),
  'logon-hours': person(
    'logon-hours',
    'The account may not sign in at this hour (logonHours, data 530); the event says from when on it may.',
  ),
  'logon-workstation': person(
    'logon-workstation',
    'The account may sign in at named workstations only (userWorkstations, data 531). Windows counts the domain controller as the workstation.',
  ),
  'smart-card-required': again(
    'smart-card-required',
    'The directory took the password, but the account demands a smart card (SMARTCARD_REQUIRED in userAccountControl).',
    403,
  ),
  'too-many-groups': person(
    'too-many-groups',
    'The groups of the person do not fit into a token of Windows, which holds about 1,010 (data 568). Take the person out of some.',
  ),
} as const satisfies Record<string, Row>;
