/** What LDAP result codes, and the `data` codes of Active Directory, mean in words. */
import { dataCodeOf } from './bind-refusal.ts';

/** RFC 4511 Appendix A.2. */
const results: ReadonlyMap<number, string> = new Map([
  [0, 'success'],
  [1, 'the server is in trouble, or nobody is bound (operationsError)'],
  [2, 'the server did not understand (protocolError)'],
  [3, 'it took the server too long (timeLimitExceeded)'],
  [4, 'there are more than were asked for (sizeLimitExceeded)'],
  [7, 'that way of signing in is not supported (authMethodNotSupported)'],
  [8, 'the server wants TLS or a stronger way of signing in (strongerAuthRequired)'],
  [10, 'another server is responsible (referral)'],
  [11, 'a limit of the server is exceeded (adminLimitExceeded)'],
  [12, 'the server lacks an extension that is needed (unavailableCriticalExtension)'],
  [13, 'the server wants TLS (confidentialityRequired)'],
  [16, 'the attribute is not there (noSuchAttribute)'],
  [19, 'the value breaks a rule of the directory (constraintViolation)'],
  [20, 'the value is there already (attributeOrValueExists)'],
  [32, 'nothing is there (noSuchObject)'],
  [34, 'the distinguished name is malformed (invalidDNSyntax)'],
  [48, 'the account cannot sign in in that way (inappropriateAuthentication)'],
  [49, 'the credentials were not taken (invalidCredentials)'],
  [50, 'the account lacks the right (insufficientAccessRights)'],
  [51, 'the server is busy (busy)'],
  [52, 'the server cannot answer now (unavailable)'],
  [53, 'the server refuses to do it (unwillingToPerform)'],
  [65, 'the entry would break the schema (objectClassViolation)'],
  [80, 'the server is in trouble (other)'],
]);

/** MS-ERREF §2.2, in hexadecimal as controllers write it. */
const datas: ReadonlyMap<string, string> = new Map([
  ['525', 'there is nobody of that name'],
  ['52e', 'the password is wrong'],
  ['52f', 'the account may not be used in this way: Protected Users, perhaps'],
  ['530', 'the account may not sign in at this hour'],
  ['531', 'the account may not sign in at this workstation'],
  ['532', 'the password has expired'],
  ['533', 'the account is disabled'],
  ['568', 'the person is in more groups than a token holds'],
  ['701', 'the account has expired'],
  ['773', 'the password must be changed first'],
  ['775', 'the account is locked out'],
  ['1f', 'the controller reached no other one that could judge'],
  ['51f', 'the controller reached no other one that could judge'],
  ['6fb', 'the trust between domains is broken'],
  ['6fc', 'the trust between domains is broken'],
  ['6fd', 'the trust between domains is broken'],
  ['6fe', 'the trust between domains is broken'],
]);

/** draft-behera-ldap-password-policy-11 §6.2 */
const policies: readonly string[] = [
  'the password has expired',
  'the account is locked out',
  'the password must be changed first',
  'the password may not be changed by its person',
  'the old password must be given',
  'the new password is too simple',
  'the new password is too short',
  'the password is too young to be changed',
  'the new password was used before',
];

/** Such as `LDAP code 49: the credentials were not taken (invalidCredentials); data 52e: the password is wrong`. */
export function describeResult({
  code,
  message,
  policy,
}: {
  code: number;
  message?: string | undefined;
  policy?: number | undefined;
}): string {
  const data = code === 0 || message === undefined ? undefined : dataCodeOf(message);
  const known = data === undefined ? undefined : datas.get(data);
  return [
    `LDAP code ${String(code)}: ${results.get(code) ?? 'not one of those that are known here'}`,
    ...(data === undefined ? [] : [`data ${data}${known === undefined ? '' : `: ${known}`}`]),
    ...(policy === undefined ? [] : [policies[policy] ?? `password policy error ${String(policy)}`]),
  ].join('; ');
}
