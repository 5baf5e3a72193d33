/** What a directory entry says about the use of its account: of Active Directory, and what OpenLDAP's password policy adds. */
import type { Entry } from './connection.ts';
import type { Account } from './directory.ts';
import { ownValue } from './own-value.ts';
import { generalizedTime, windowsTime } from './windows-time.ts';

/** What is asked for. A directory leaves out what it does not know, as the global catalog leaves out most. */
export const accountAttributes: readonly string[] = [
  'userAccountControl',
  'accountExpires',
  'pwdLastSet',
  'msDS-UserPasswordExpiryTimeComputed',
  'msDS-User-Account-Control-Computed',
  'badPwdCount',
  'badPasswordTime',
  'lockoutTime',
  'logonHours',
  // Operational attributes of draft-behera-ldap-password-policy-11 §5.3.
  'pwdChangedTime',
  'pwdAccountLockedTime',
  'pwdFailureTime',
  'pwdReset',
];

const SMARTCARD_REQUIRED = 0x40000;
/** Of msDS-User-Account-Control-Computed (MS-ADTS §3.1.1.4.5.17). */
const LOCKOUT = 0x10;
const LOGON_HOURS = 21;
/** An OpenLDAP administrator's lock, which no time opens (draft-behera-ldap-password-policy-11 §5.3.3). */
const FOR_GOOD = '000001010000Z';

function lockedAt(entry: Entry): number | undefined {
  const computed = ownValue(entry, 'msds-user-account-control-computed');
  // lockoutTime stays until the next sign-in that succeeds, long after the lock has opened.
  if (computed !== undefined && (Number(computed) & LOCKOUT) === 0) return undefined;
  const locked = ownValue(entry, 'lockouttime');
  if (locked !== undefined && locked !== '0') return windowsTime(locked) ?? 0;
  const byOverlay = ownValue(entry, 'pwdaccountlockedtime');
  return byOverlay === FOR_GOOD ? 0 : generalizedTime(byOverlay);
}

function passwordLastSet(entry: Entry): number | undefined {
  if (ownValue(entry, 'pwdreset')?.toUpperCase() === 'TRUE') return 0;
  return windowsTime(ownValue(entry, 'pwdlastset')) ?? generalizedTime(ownValue(entry, 'pwdchangedtime'));
}

function badPasswords(entry: Entry): Account['badPasswords'] {
  const count = Number(ownValue(entry, 'badpwdcount') ?? 0);
  const at = windowsTime(ownValue(entry, 'badpasswordtime'));
  if (count > 0 && at !== undefined) return { count, at };
  const times = (entry.attributes.get('pwdfailuretime') ?? [])
    .map((value) => generalizedTime(value.toString()))
    .filter((time) => time !== undefined);
  return times.length === 0 ? undefined : { count: times.length, at: Math.max(...times) };
}

function logonHours(entry: Entry): string | undefined {
  const hours = entry.attributes.get('logonhours')?.[0];
  return hours?.length !== LOGON_HOURS || hours.every((byte) => byte === 0xff) ? undefined : hours.toString('base64');
}

const known = accountAttributes.map((name) => name.toLowerCase());

/** Undefined where the entry says nothing about its account. */
export function accountOf(entry: Entry): Account | undefined {
  if (!known.some((name) => entry.attributes.has(name))) return undefined;
  const set = passwordLastSet(entry);
  const expires = windowsTime(ownValue(entry, 'msds-userpasswordexpirytimecomputed'));
  const bad = badPasswords(entry);
  const locked = lockedAt(entry);
  const hours = logonHours(entry);
  return {
    smartCardRequired: (Number(ownValue(entry, 'useraccountcontrol') ?? 0) & SMARTCARD_REQUIRED) !== 0,
    ...(set !== undefined && { passwordLastSet: set }),
    // 0 stands beside a password that must be changed, of which nobody can say when it expires.
    ...(expires !== undefined && expires !== 0 && { passwordExpiresAt: expires }),
    ...(bad !== undefined && { badPasswords: bad }),
    ...(locked !== undefined && { lockedAt: locked }),
    ...(hours !== undefined && { logonHours: hours }),
  };
}
