/** Refusals of people: unknown, not proven, or not allowed now. */
import { again, person, type Row } from './row.ts';

export const personRows = {
  // Who the person is. Those that share 'not-accepted' must not be told apart from outside.
  'person-unknown': again('not-accepted', 'No person of that name in the directory (or the entry is not a person).'),
  'person-ambiguous': again('not-accepted', 'Several people answer to that name. Sign in with the user principal name.'),
  'password-wrong': again('not-accepted', 'The directory refused the password (data 52e).'),
  'password-unusable': again('not-accepted', 'The password is empty, too long or holds NUL; it never reached the directory.'),
  'person-locked': again('not-accepted', 'The account is locked out in the directory (data 775).'),
  // It may come before the password is judged, as data 52f does for members of Protected Users.
  'bind-refused': again(
    'not-accepted',
    'The directory refused the bind with a code that Passerelle does not know; see the code in the event.',
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
  'directory-refused': again(
    'directory-unavailable',
    'The directory answered with an error to the service account: check its password and rights.',
    503,
  ),
  'person-disabled': person('person-disabled', 'The account is disabled in the directory.'),
  'person-expired': person('person-disabled', 'The account has expired in the directory (accountExpires).'),
  'person-gone': person(
    'person-disabled',
    'The person was deleted from the directory, or moved out of baseDn, after signing in.',
    'UnknownPrincipal',
  ),
  'password-expired': person('password-expired', 'The password has expired.'),
  'password-must-change': person('password-expired', 'The person must change the password before the next sign-in.'),
  'logon-hours': person('logon-restricted', 'The account may not sign in at this hour (logonHours).'),
  'logon-workstation': person('logon-restricted', 'The account may sign in at named workstations only (userWorkstations).'),
} as const satisfies Record<string, Row>;
