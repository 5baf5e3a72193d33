/** Why a directory did not take a password. */
import type { Reason } from '../refusal.ts';
import type { LdapResult } from './connection.ts';

/** The `data` codes of Active Directory: Windows error numbers (MS-ERREF §2.2), in hexadecimal. */
const codes: ReadonlyMap<string, Reason> = new Map([
  ['525', 'password-wrong'],
  ['52e', 'password-wrong'],
  ['530', 'logon-hours'],
  ['531', 'logon-workstation'],
  ['532', 'password-expired'],
  ['533', 'person-disabled'],
  ['568', 'too-many-groups'],
  ['701', 'person-expired'],
  ['773', 'password-must-change'],
  ['775', 'person-locked'],
]);

/** The controller reached no other one that could judge: a read-only one, or one whose trust is broken. Nobody's password was judged. */
const unjudged = new Set(['1f', '51f', '6fb', '6fc', '6fd', '6fe']);

/** The errors of the password policy control (draft-behera-ldap-password-policy-11 §6.2). */
const policies: ReadonlyMap<number, Reason> = new Map([
  [0, 'password-expired'],
  [1, 'person-locked'],
  [2, 'password-must-change'],
]);

const INVALID_CREDENTIALS = 49;
const INAPPROPRIATE_AUTHENTICATION = 48;
const STRONGER_AUTH_REQUIRED = 8;
const CONFIDENTIALITY_REQUIRED = 13;
/** Operations error, time limit, busy, unavailable, other: the server is not well, and nobody's password was judged. */
const unwell = new Set([1, 3, 51, 52, 80]);

/** Whether it says that the password was right and must be replaced. */
export const hasEnded = (reason: Reason): boolean => reason === 'password-expired' || reason === 'password-must-change';

/** Whether that LDAP code says that the server could not answer just now. */
export const isUnwell = (code: number): boolean => unwell.has(code);

/** The `data` code in Active Directory's words, such as 52e; the rest of them varies between its versions. */
export const dataCodeOf = (message: string): string | undefined => /\bdata ([0-9a-f]+)/.exec(message)?.[1];

/** Whether Active Directory says that the account may not be used in this way (ERROR_ACCOUNT_RESTRICTION), without saying why. */
export const isAccountRestriction = ({ code, message }: LdapResult): boolean =>
  code === INVALID_CREDENTIALS && dataCodeOf(message) === '52f';

/** The reason that the answer to a person's bind stands for; undefined where the password was taken. */
export function bindRefusal({ code, message, policy }: LdapResult): Reason | undefined {
  if (code === 0) {
    // OpenLDAP lets people bind whose password was reset, and tells so; Active Directory refuses the same with 773.
    return policy === 2 ? 'password-must-change' : undefined;
  }
  if (isUnwell(code)) {
    return 'directory-unavailable';
  }
  if (code === STRONGER_AUTH_REQUIRED || code === CONFIDENTIALITY_REQUIRED) {
    return 'directory-refused';
  }
  if (code === INAPPROPRIATE_AUTHENTICATION) {
    return 'password-wrong';
  }
  if (code !== INVALID_CREDENTIALS) {
    return 'bind-refused';
  }
  const data = dataCodeOf(message);
  if (data !== undefined) {
    if (unjudged.has(data)) return 'directory-unavailable';
    return codes.get(data) ?? 'bind-refused';
  }
  return (policy === undefined ? undefined : policies.get(policy)) ?? 'password-wrong';
}
