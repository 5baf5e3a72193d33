/**
 * Notices one password that is tried on many accounts, from however many networks. A password is known by its HMAC under a key of
 * this process alone: neither is stored, written anywhere or sent.
 */
import { createHmac } from 'node:crypto';
import type { Clock, Random } from '../clock.ts';

/** Of one password, as it came to be noticed. */
export interface Sprayed {
  readonly accounts: number;
  readonly networks: number;
}

export interface SprayedPasswords {
  /** Whether it was noticed within the window. */
  has(password: string): boolean;
  /**
   * It was refused, or not judged, for that account (any name for it) from that network. Answers where it comes to be noticed by
   * that, once a window.
   */
  refused(password: string, account: string, network: string): Sprayed | undefined;
}

interface Trail {
  /** By account, from where and when it was tried last. */
  readonly accounts: Map<string, { readonly network: string; readonly at: number }>;
  noticedUntil: number;
}

/** Passwords remembered at most. */
const most = 10_000;
/** Beyond that no directory is asked. */
const longest = 1_024;

/** @param parts `accounts` is how many make it a spray, `window` the milliseconds within which */
export function createSprayedPasswords(parts: {
  clock: Clock;
  random: Random;
  accounts: number;
  window: number;
}): SprayedPasswords {
  const { clock, random, accounts: enough, window } = parts;
  const key = random(32);
  /** By HMAC, the one that was tried last at the end. */
  const trails = new Map<string, Trail>();

  const markOf = (password: string): string => createHmac('sha256', key).update(password).digest('base64');
  /** After the clock was set back, it is for a window from now at most. */
  function isNoticed(trail: Trail | undefined): boolean {
    if (trail === undefined) return false;
    trail.noticedUntil = Math.min(trail.noticedUntil, clock.now() + window);
    return trail.noticedUntil > clock.now();
  }

  const isUsable = (password: string): boolean => password !== '' && password.length <= longest;

  function trailOf(mark: string): Trail {
    const trail = trails.get(mark) ?? { accounts: new Map(), noticedUntil: 0 };
    trails.delete(mark);
    trails.set(mark, trail);
    const [oldest] = trails.keys();
    if (trails.size > most && oldest !== undefined) trails.delete(oldest);
    return trail;
  }

  return {
    has: (password) => isUsable(password) && isNoticed(trails.get(markOf(password))),

    refused(password, account, network) {
      if (!isUsable(password)) return undefined;
      const now = clock.now();
      const trail = trailOf(markOf(password));
      if (isNoticed(trail)) return undefined;
      trail.accounts.delete(account);
      trail.accounts.set(account, { network, at: now });
      for (const [name, tried] of trail.accounts) {
        if (tried.at + window <= now) trail.accounts.delete(name);
        else if (tried.at > now) trail.accounts.set(name, { ...tried, at: now });
      }
      if (trail.accounts.size < enough) return undefined;
      const networks = new Set([...trail.accounts.values()].map((tried) => tried.network));
      const sprayed = { accounts: trail.accounts.size, networks: networks.size };
      trail.accounts.clear();
      trail.noticedUntil = now + window;
      return sprayed;
    },
  };
}
