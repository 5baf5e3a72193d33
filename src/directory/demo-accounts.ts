/** Whether the demo directory takes a password: account states and the lockout, in Active Directory's codes. */
import type { Clock } from '../clock.ts';
import { type DemoEntries, type DemoEntry, pathOf } from './demo-entries.ts';
import { fold } from './fold.ts';

export interface DemoAccounts {
  /** Tries a password; answers the entry, or the code after `data` in Active Directory's answer. */
  bind(name: string, password: string): DemoEntry | string;
}

const LOCKOUT_THRESHOLD = 5;
const LOCKOUT_MILLISECONDS = 30 * 60_000;
const PASSWORD_LIFE_DAYS = 365;
const DAY = 86_400_000;
const EPOCH_1601 = 11_644_473_600_000;
const ACCOUNTDISABLE = 0x2;
const DONT_EXPIRE_PASSWORD = 0x10000;

export function createDemoAccounts(entries: DemoEntries, dnsDomain: string, clock: Clock): DemoAccounts {
  const failures = new Map<DemoEntry, { count: number; last: number }>();
  const netbios = dnsDomain.split('.')[0] ?? '';

  const text = (entry: DemoEntry, attribute: string): string | undefined =>
    entry.attributes.get(attribute)?.values[0]?.toString();
  /** Milliseconds since the epoch; 0 where the attribute is 0 or missing. */
  const time = (entry: DemoEntry, attribute: string): number => {
    const value = Number(text(entry, attribute) ?? 0);
    return value === 0 ? 0 : value / 10_000 - EPOCH_1601;
  };
  const holder = (attribute: string, value: string): DemoEntry | undefined => entries.index.get(attribute)?.get(fold(value))?.[0];

  function named(name: string): DemoEntry | undefined {
    const backslash = name.indexOf('\\');
    if (!name.includes('=') && backslash >= 0) {
      const domain = fold(name.slice(0, backslash));
      return domain === netbios || domain === dnsDomain ? holder('samaccountname', name.slice(backslash + 1)) : undefined;
    }
    const at = name.lastIndexOf('@');
    const byPrincipal = holder('userprincipalname', name);
    if (byPrincipal !== undefined || (at > 0 && fold(name.slice(at + 1)) === dnsDomain)) {
      return byPrincipal ?? holder('samaccountname', name.slice(0, at));
    }
    return entries.byPath.get(pathOf(name));
  }

  function locked(entry: DemoEntry, now: number): boolean {
    const failed = failures.get(entry);
    const byFailures = failed !== undefined && failed.count >= LOCKOUT_THRESHOLD && now < failed.last + LOCKOUT_MILLISECONDS;
    return byFailures || now < time(entry, 'lockouttime') + LOCKOUT_MILLISECONDS;
  }

  function fail(entry: DemoEntry, now: number): void {
    const failed = failures.get(entry);
    const count = failed !== undefined && now < failed.last + LOCKOUT_MILLISECONDS ? failed.count + 1 : 1;
    failures.set(entry, { count, last: now });
  }

  /** What stands against the account although the password is right. */
  function bar(entry: DemoEntry, now: number): string | undefined {
    const control = Number(text(entry, 'useraccountcontrol') ?? 0);
    const expires = time(entry, 'accountexpires');
    const set = time(entry, 'pwdlastset');
    if ((control & ACCOUNTDISABLE) !== 0) {
      return '533';
    }
    if (expires !== 0 && expires <= now) {
      return '701';
    }
    if (entry.attributes.get('logonhours')?.values[0]?.every((byte) => byte === 0) === true) {
      return '530';
    }
    if (entry.attributes.has('userworkstations')) {
      return '531';
    }
    if (text(entry, 'pwdlastset') === '0') {
      return '773';
    }
    const lives = (control & DONT_EXPIRE_PASSWORD) !== 0 || set === 0 || now < set + PASSWORD_LIFE_DAYS * DAY;
    return lives ? undefined : '532';
  }

  return {
    bind(name, password) {
      const entry = named(name);
      const now = clock.now();
      if (entry?.password === undefined || password === '') {
        return '52e';
      }
      if (locked(entry, now)) {
        return '775';
      }
      if (password !== entry.password) {
        fail(entry, now);
        return '52e';
      }
      const barred = bar(entry, now);
      if (barred !== undefined) {
        return barred;
      }
      failures.delete(entry);
      return entry;
    },
  };
}
