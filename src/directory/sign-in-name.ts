/** What a typed sign-in name means: a UPN or mail address, DOMAIN\user, or a bare sAMAccountName; and whom it fits. */
import type { Filter } from 'ldapts';
import { Refusal } from '../refusal.ts';
import { anyOf, equals } from './filters.ts';
import { fold } from './fold.ts';

export type SignInName =
  | {
      readonly kind: 'principal';
      readonly text: string;
      /** Before the last @, and after it. The suffix is folded. */
      readonly account: string;
      readonly suffix: string;
    }
  | {
      readonly kind: 'account';
      readonly account: string;
      /** Before the backslash, folded; undefined for a bare name. */
      readonly domain: string | undefined;
    };

/** Characters, not bytes; a UPN has 1,024 at most in theory and 113 in practice. */
const LONGEST = 256;

/** @throws Refusal person-unknown where it can mean nobody */
export function parseSignInName(typed: string): SignInName {
  const text = typed.trim().normalize('NFC');
  if (text === '' || text.length > LONGEST || /\p{Cc}/u.test(text) || !text.isWellFormed()) {
    throw new Refusal('person-unknown', { cause: 'no possible name' });
  }
  const backslash = text.indexOf('\\');
  if (backslash >= 0) {
    const domain = fold(text.slice(0, backslash));
    const account = text.slice(backslash + 1);
    if (account === '' || domain === '') throw new Refusal('person-unknown', { cause: 'half a name' });
    return { kind: 'account', account, domain };
  }
  const at = text.lastIndexOf('@');
  if (at < 0) return { kind: 'account', account: text, domain: undefined };
  return { kind: 'principal', text, account: text.slice(0, at), suffix: fold(text.slice(at + 1)) };
}

/** Which form of name somebody typed, in words. */
export function formOf(typed: string): string {
  if (typed.includes('\\')) return 'DOMAIN\\account';
  return typed.includes('@') ? 'user principal name or mail' : 'account name';
}

/** Whether it may be an implicit UPN of that domain: an account name there, @, and the domain's DNS name. */
const isImplicit = (name: SignInName, dnsDomain: string | undefined): boolean =>
  name.kind === 'principal' && name.account !== '' && name.suffix === dnsDomain;

/**
 * What finds the people in these domains that `name` may mean.
 * @param withMail also those whose mail it is
 */
export function filterOf(name: SignInName, dnsDomains: readonly (string | undefined)[], withMail: boolean): Filter {
  if (name.kind === 'account') return equals('sAMAccountName', name.account);
  const filters = [equals('userPrincipalName', name.text)];
  if (dnsDomains.some((dnsDomain) => isImplicit(name, dnsDomain))) filters.push(equals('sAMAccountName', name.account));
  if (withMail) filters.push(equals('mail', name.text));
  return anyOf(filters);
}

/**
 * How well somebody of that domain fits the typed name: the less the better; undefined where the server compared more loosely
 * than we do, or the name means an account of another domain.
 */
export function rankOf(
  name: SignInName,
  dnsDomain: string | undefined,
  valuesOf: (attribute: 'sAMAccountName' | 'userPrincipalName' | 'mail') => readonly (string | undefined)[],
): number | undefined {
  const holds = (attribute: 'sAMAccountName' | 'userPrincipalName' | 'mail', text: string): boolean => {
    const wanted = fold(text);
    return valuesOf(attribute).some((value) => value !== undefined && fold(value) === wanted);
  };
  if (name.kind === 'account') return holds('sAMAccountName', name.account) ? 0 : undefined;
  if (holds('userPrincipalName', name.text)) return 0;
  if (isImplicit(name, dnsDomain) && holds('sAMAccountName', name.account)) return 1;
  return holds('mail', name.text) ? 2 : undefined;
}
