/** Refusals of new passwords, told to whoever wants to change theirs. */
import { again, change, person, type Row } from './row.ts';

export const passwordRows = {
  // Told before anything is asked of the directory, so that they tell nothing of anybody.
  'new-password-mismatch': again('new-password-mismatch', 'The new password was typed in two ways.', 422),
  'new-password-same': again('new-password-same', 'The new password is the current one.', 422),
  'new-password-unusable': again(
    'new-password-unusable',
    'The new password is empty, longer than 256 characters or holds a control character; it never reached the directory.',
    422,
  ),
  // Told to whoever knew the current password.
  'new-password-short': change(
    'new-password-short',
    'The new password is shorter than the policy demands: the domain’s (minPwdLength) or a fine-grained one, which the event names.',
  ),
  'new-password-simple': change(
    'new-password-simple',
    'The new password has characters of fewer than three kinds, which the policy demands (complexity).',
  ),
  'new-password-name': change(
    'new-password-name',
    'The new password contains the account name, or a part of the display name, which the policy forbids (complexity).',
  ),
  'new-password-used': change(
    'new-password-used',
    'The directory refused a password that keeps the policy otherwise: it was used before (history), or a password filter of yours forbids it.',
  ),
  'password-too-young': change(
    'password-too-young',
    'The password was changed less than its minimum age ago (minPwdAge); the event tells in how many minutes it may be changed.',
  ),
  'password-refused': change(
    'password-refused',
    'The directory refused the new password for a reason that it did not tell; see the code in the event.',
  ),
  'password-change-forbidden': person(
    'password-change-forbidden',
    'The account may not change its password (User cannot change password).',
  ),
  'password-change-unsupported': person(
    'password-change-forbidden',
    'The directory has no way in which this person can change the password: neither that of Active Directory nor RFC 3062, or its access rules forbid it.',
  ),
  'password-change-uncertain': again(
    'password-change-uncertain',
    'The connection ended before the directory answered: whether the password was changed is not known. It was not tried again. Where the event says changed, it was, and no directory server took the new one just then.',
    503,
  ),
} as const satisfies Record<string, Row>;
