/** Which of several keys a typed code is of, and of which time step, without telling by the time it takes. */
import { timingSafeEqual } from 'node:crypto';
import { oneTimePassword } from './one-time-password.ts';

/**
 * RFC 6238 §5.2: one step each way, for clocks that are off and people who type slowly. The earliest one first: where two steps
 * happen to have one code, that of the first, used, is not taken for that of the second.
 */
const drift = [-1, 0, 1];
const digits = 6;
/** Characters: what surrounds the digits is left out, but not without end. */
const longest = 64;

/** The six digits as they are computed, typed in full width or not, with blanks and hyphens or not; undefined for anything else. */
export function readCode(typed: string): string | undefined {
  if (typed.length > longest) return undefined;
  const code = typed.normalize('NFKC').replaceAll(/[\s\p{Cf}\p{Pd}]/gu, '');
  return /^[0-9]{6}$/.test(code) ? code : undefined;
}

/** The first of `keys` whose code it is at one of the steps about `step`; every key is asked for each, whatever was found. */
export function judgeCode(
  code: string | undefined,
  keys: readonly Uint8Array[],
  step: number,
): { readonly index: number; readonly step: number } | undefined {
  const typed = Buffer.from(code ?? '-'.repeat(digits));
  let found: { readonly index: number; readonly step: number } | undefined;
  for (const [index, key] of keys.entries()) {
    for (const by of drift) {
      const isRight = timingSafeEqual(typed, Buffer.from(oneTimePassword(key, step + by, digits)));
      if (isRight && found === undefined) found = { index, step: step + by };
    }
  }
  return found;
}
