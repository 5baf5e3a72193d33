/** Why a directory did not take a new password. */
import type { Reason } from '../refusal.ts';
import type { LdapResult } from './connection.ts';

/** Windows error numbers (MS-ERREF §2.2) that begin the message of Active Directory. */
const INVALID_PASSWORD = '00000056';
const ACCESS_DENIED = '00000005';
/** It is said of every breach of the policy, so that which one it was must be found out otherwise. */
const PASSWORD_RESTRICTION = '0000052D';

const PROTOCOL_ERROR = 2;
const STRONGER_AUTH_REQUIRED = 8;
const CONFIDENTIALITY_REQUIRED = 13;
const CONSTRAINT_VIOLATION = 19;
const INSUFFICIENT_ACCESS_RIGHTS = 50;
const UNWILLING_TO_PERFORM = 53;

/** The errors of the password policy control (draft-behera-ldap-password-policy-11 §6.2). */
const policies: ReadonlyMap<number, Reason> = new Map([
  [3, 'password-change-forbidden'],
  [5, 'new-password-simple'],
  [6, 'new-password-short'],
  [7, 'password-too-young'],
  [8, 'new-password-used'],
]);

/** Active Directory's answer to delete and add of unicodePwd; `policy` where the policy was breached; undefined where it was taken. */
export function modifyRefusal({ code, message }: LdapResult): Reason | 'policy' | undefined {
  if (code === 0) return undefined;
  const error = /^([0-9A-F]{8}):/i.exec(message)?.[1]?.toUpperCase();
  if (code === CONSTRAINT_VIOLATION || code === UNWILLING_TO_PERFORM) {
    if (error === INVALID_PASSWORD) return 'password-wrong';
    if (error === PASSWORD_RESTRICTION) return 'policy';
  }
  // Where the right is denied, Samba answers as to a breach, and in words of its own.
  const denied = error === ACCESS_DENIED || (code === CONSTRAINT_VIOLATION && message.startsWith('error in module acl'));
  if (code === INSUFFICIENT_ACCESS_RIGHTS || denied) return 'password-change-forbidden';
  return code === STRONGER_AUTH_REQUIRED || code === CONFIDENTIALITY_REQUIRED ? 'directory-refused' : 'password-refused';
}

/** The answer to the extended operation of RFC 3062; undefined where the password was taken. */
export function passwordModifyRefusal({ code, policy, message }: LdapResult): Reason | undefined {
  if (code === 0) return undefined;
  const known = policy === undefined ? undefined : policies.get(policy);
  if (known !== undefined) return known;
  // The old password is right, as was proven: in OpenLDAP's words, whoever asks may not even have it compared.
  const unverified = code === UNWILLING_TO_PERFORM && message.includes('verify old password');
  if (unverified || code === PROTOCOL_ERROR || code === INSUFFICIENT_ACCESS_RIGHTS) return 'password-change-unsupported';
  return code === STRONGER_AUTH_REQUIRED || code === CONFIDENTIALITY_REQUIRED ? 'directory-refused' : 'password-refused';
}
