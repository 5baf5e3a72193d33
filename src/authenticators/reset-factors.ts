/** Takes from a person what they enrolled, as an administrator does who was told that it is lost. */
import type { EnrolmentRecords, Enrolments } from './enrolments.ts';

/** Everything that a person enrols by themselves, in the order in which it is told. */
export const resettable = ['totp', 'webauthn', 'recovery-code'] as const;
export type Resettable = (typeof resettable)[number];

const without: Readonly<Record<Resettable, (before: Enrolments) => Enrolments>> = {
  totp: (before) => ({ ...before, totp: [] }),
  webauthn: (before) => ({ ...before, webauthn: [] }),
  'recovery-code': (before) => ({ ...before, recovery: undefined }),
};

const count = ({ totp, webauthn, recovery }: Enrolments): Readonly<Record<Resettable, number>> => ({
  totp: totp.length,
  webauthn: webauthn.length,
  'recovery-code': recovery?.hashes.length ?? 0,
});

/** Of each of `factors`, how many there were: apps, keys, codes not used. */
export async function resetFactors(
  enrolments: Pick<EnrolmentRecords, 'change'>,
  objectGUID: string,
  factors: readonly Resettable[],
): Promise<Partial<Record<Resettable, number>>> {
  let removed: Partial<Record<Resettable, number>> = {};
  await enrolments.change(objectGUID, (before) => {
    const counted = count(before);
    removed = Object.fromEntries(factors.map((factor) => [factor, counted[factor]]));
    return factors.reduce((after, factor) => without[factor](after), before);
  });
  return removed;
}
