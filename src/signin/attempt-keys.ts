/** Under what the attempts at an account, or from a network, are counted. */
import { hash } from 'node:crypto';

/** UTF-16 code units of a name that are looked at; no directory holds longer ones. */
const nameLimit = 256;

/**
 * One form for the names that may mean the same person: DOMAIN\ and @suffix left out, and what directories do not tell apart
 * (letter case, accents, width, blanks). Two people who share it share its attempts.
 */
function foldName(name: string): string {
  const bounded = name.trim().slice(0, nameLimit).normalize('NFKD');
  const behind = bounded.slice(bounded.lastIndexOf('\\') + 1);
  const suffix = behind.lastIndexOf('@');
  return (suffix < 0 ? behind : behind.slice(0, suffix))
    .toLowerCase()
    .replace(/[\p{M}\p{Cc}\p{Cf}]/gu, '')
    .replace(/\s+/gu, ' ')
    .trim();
}

/** Hashed, so that the store does not show who tried to sign in. */
const keyOf = (of: 'name' | 'place' | 'person' | 'network' | 'suspected', what: string): string =>
  hash('sha256', `${of}\0${what}`, 'base64url');

/** @param name as typed, or any other of theirs */
export const nameKey = (name: string): string => keyOf('name', foldName(name));
/** For attempts from a network that is familiar under that name: whoever shares the name, and is at home elsewhere, is not in the way. */
export const placedNameKey = (name: string, network: string): string => keyOf('place', `${foldName(name)}\0${network}`);
export const personKey = (objectGUID: string): string => keyOf('person', objectGUID.toLowerCase());
export const suspectedKey = (objectGUID: string): string => keyOf('suspected', objectGUID.toLowerCase());
/** @param network as `networkOf` gives it */
export const networkKey = (network: string): string => keyOf('network', network);
