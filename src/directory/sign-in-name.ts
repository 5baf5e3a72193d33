/** What a typed sign-in name means: a UPN or mail address, DOMAIN\user, or a bare sAMAccountName. */
import { Refusal } from '../refusal.ts';
import { fold } from './fold.ts';

export type SignInName =
  | {
      readonly kind: 'principal';
      readonly text: string;
      /** The part before the @ where the part after it is the DNS domain of the directory: an implicit UPN. */
      readonly account: string | undefined;
    }
  | { readonly kind: 'account'; readonly account: string };

/** Characters, not bytes; a UPN has 1,024 at most in theory and 113 in practice. */
const LONGEST = 256;

/**
 * @param domains names accepted before the backslash, and `dnsDomain` besides; case does not matter
 * @throws Refusal person-unknown where it can mean nobody
 */
export function parseSignInName(typed: string, domains: readonly string[], dnsDomain: string | undefined): SignInName {
  const text = typed.trim().normalize('NFC');
  if (text === '' || text.length > LONGEST || /\p{Cc}/u.test(text) || !text.isWellFormed()) {
    throw new Refusal('person-unknown', { cause: 'no possible name' });
  }
  const backslash = text.indexOf('\\');
  if (backslash >= 0) {
    const domain = fold(text.slice(0, backslash));
    const account = text.slice(backslash + 1);
    if (account === '' || (domain !== dnsDomain && !domains.some((name) => fold(name) === domain))) {
      throw new Refusal('person-unknown', { cause: 'not our domain' });
    }
    return { kind: 'account', account };
  }
  const at = text.lastIndexOf('@');
  if (at < 0) {
    return { kind: 'account', account: text };
  }
  return { kind: 'principal', text, account: at > 0 && fold(text.slice(at + 1)) === dnsDomain ? text.slice(0, at) : undefined };
}
