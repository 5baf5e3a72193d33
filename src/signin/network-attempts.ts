/** What is remembered of one network: its failures by spans, at how many accounts they were, and until when it is held for that. */
import type { StoredRecord } from '../store/store.ts';
import { forgottenAt, type Span, spansOf } from './network-failures.ts';

/** An account, by a short hash of its name, and when it was tried last (milliseconds since the epoch). */
export type Tried = readonly [account: string, at: number];

export interface NetworkAttempts {
  readonly spans: readonly Span[];
  readonly tried: readonly Tried[];
  /** Guessing at many accounts was seen from there: those to whom the network is strange wait until then. */
  readonly heldUntil: number;
}

const hashLength = 12;

/** Of a stored record; nothing where there is none. */
export function networkAttemptsOf(record: StoredRecord | undefined): NetworkAttempts {
  if (record === undefined) return { spans: [], tried: [], heldUntil: 0 };
  const { value } = record;
  if (typeof value === 'object' && value !== null && 'spans' in value && 'tried' in value && 'heldUntil' in value) {
    const { tried, heldUntil } = value;
    if (Array.isArray(tried) && tried.every(isTried) && typeof heldUntil === 'number') {
      return { spans: spansOf({ ...record, value: value.spans }), tried, heldUntil };
    }
  }
  throw new Error('a record of a network holds no attempts');
}

function isTried(value: unknown): value is Tried {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && Number.isInteger(value[1]);
}

export function keepNetworkAttempts(attempts: NetworkAttempts, window: number): StoredRecord | undefined {
  const { spans, tried, heldUntil } = attempts;
  if (spans.length === 0 && tried.length === 0 && heldUntil === 0) return undefined;
  const last = Math.max(0, ...tried.map(([, at]) => at + window));
  return { value: attempts, expiresAt: Math.max(spans.length === 0 ? 0 : forgottenAt(spans, window), last, heldUntil) };
}

/**
 * One more account was tried from there, to which the network is strange.
 * @param most accounts within the window, from which on it is taken for guessing at many
 */
export function addTried(
  attempts: NetworkAttempts,
  account: string,
  now: number,
  { most, window }: { readonly most: number; readonly window: number },
): { readonly attempts: NetworkAttempts; readonly sprayed: number | undefined } {
  const name = account.slice(0, hashLength);
  const recent = attempts.tried
    .filter(([other, at]) => other !== name && at + window > now)
    // After a clock was set back, what lies in the future is taken for now, so that it ends in time.
    .map(([other, at]): Tried => [other, Math.min(at, now)]);
  const tried: readonly Tried[] = [...recent, [name, now]];
  if (tried.length < most) return { attempts: { ...attempts, tried }, sprayed: undefined };
  return { attempts: { ...attempts, tried: [], heldUntil: now + window }, sprayed: tried.length };
}
