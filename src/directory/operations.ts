/** What is asked of a directory server, and what it answers. */
import type { Filter } from 'ldapts';

/** An entry as it came: attribute names in lower case, values as bytes. */
export interface Entry {
  readonly dn: string;
  readonly attributes: ReadonlyMap<string, readonly Buffer[]>;
}

/** How an operation ended (RFC 4511 §4.1.9). */
export interface LdapResult {
  readonly code: number;
  readonly message: string;
  /** What the password policy control said: 0 expired, 1 locked, 2 must change; undefined where it said nothing. */
  readonly policy: number | undefined;
  /** Where the next page begins; undefined after the last. */
  readonly cookie: Buffer | undefined;
}

export interface Search {
  readonly base: string;
  readonly scope: 'base' | 'sub';
  readonly filter: Filter;
  readonly attributes: string[];
  /** Entries wanted at most; 0 for all. */
  readonly limit: number;
  /** Entries a page, and where it begins. */
  readonly page?: { readonly size: number; readonly cookie: Buffer | undefined };
}
