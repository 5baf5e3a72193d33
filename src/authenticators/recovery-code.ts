/** Recovery codes: ten to keep on paper, each good once in place of what was lost (NIST SP 800-63B §5.1.2, look-up secrets). */
import { timingSafeEqual } from 'node:crypto';
import type { Clock, Random } from '../clock.ts';
import { Refusal } from '../refusal.ts';
import type { Factor } from './authenticator.ts';
import type { EnrolmentRecords } from './enrolments.ts';
import { hashWrittenCode, newCode, readWrittenCode } from './written-code.ts';

/** Makes and counts them: what a person sees of their own at /account. */
export interface RecoveryCodeIssuer {
  /** Ten new ones in place of all before, in clear for the only time. */
  generate(objectGUID: string): Promise<readonly string[]>;
  /** How many were not used yet; undefined where none were ever made. */
  left(objectGUID: string): Promise<number | undefined>;
}

const number = 10;
const saltBytes = 16;
/** In place of a person of whom there is none: its record is looked for, and never there. */
const nobody = '-';

/** Hash and salt of one code, `SALT.HASH` in base64url. All codes of a person share the salt, so that one typed is hashed once. */
const written = (salt: Buffer, hash: Buffer): string => `${salt.toString('base64url')}.${hash.toString('base64url')}`;

export function createRecoveryCodes(parts: {
  readonly enrolments: EnrolmentRecords;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Random;
}): { readonly factor: Factor; readonly issuer: RecoveryCodeIssuer } {
  const { enrolments, clock, random } = parts;

  const hashesOf = async (objectGUID: string): Promise<readonly string[]> =>
    (await enrolments.of(objectGUID)).recovery?.hashes ?? [];

  /** Takes that one away, once; answers how many are left, undefined where it was away already. */
  async function take(objectGUID: string, used: string): Promise<number | undefined> {
    let left: number | undefined;
    await enrolments.change(objectGUID, (before) => {
      const { recovery } = before;
      const hashes = recovery?.hashes.filter((hash) => hash !== used) ?? [];
      left = recovery === undefined || hashes.length === recovery.hashes.length ? undefined : hashes.length;
      return recovery === undefined || left === undefined ? before : { ...before, recovery: { ...recovery, hashes } };
    });
    return left;
  }

  const factor: Factor = {
    name: 'recovery-code',
    enrolled: async ({ objectGUID }) => (await hashesOf(objectGUID)).length > 0,
    challenge: () => Promise.resolve({ kind: 'code' }),
    async verify(person, presented) {
      // Whoever it is, what is no such code costs nothing.
      const typed = readWrittenCode(presented.code ?? '');
      if (typed === undefined) throw new Refusal('code-wrong', { factor: 'recovery-code', cause: 'no such code is ever issued' });
      const objectGUID = person?.objectGUID ?? nobody;
      const hashes = await hashesOf(objectGUID);
      const [salt = ''] = hashes[0]?.split('.') ?? [];
      const saltUsed = salt === '' ? random(saltBytes) : Buffer.from(salt, 'base64url');
      const hash = Buffer.from(written(saltUsed, await hashWrittenCode(typed, saltUsed, objectGUID)));
      const never = Buffer.alloc(hash.length);
      let found: string | undefined;
      for (let index = 0; index < number; index += 1) {
        const kept = Buffer.from(hashes[index] ?? '');
        if (timingSafeEqual(hash, kept.length === hash.length ? kept : never)) found = hashes[index];
      }
      if (hashes.length === 0) throw new Refusal('factor-not-enrolled', { factor: 'recovery-code' });
      if (found === undefined) throw new Refusal('code-wrong', { factor: 'recovery-code', cause: 'none of those left' });
      const left = await take(objectGUID, found);
      if (left === undefined) throw new Refusal('code-wrong', { factor: 'recovery-code', cause: 'used before' });
      return { verdict: 'accepted', detail: { left } };
    },
  };

  const issuer: RecoveryCodeIssuer = {
    async generate(objectGUID) {
      const salt = random(saltBytes);
      const codes = Array.from({ length: number }, () => newCode(random));
      const hashes: string[] = [];
      // One after the other: together they would keep everybody else from the threads that hash.
      for (const code of codes) hashes.push(written(salt, await hashWrittenCode(code.replaceAll('-', ''), salt, objectGUID)));
      await enrolments.change(objectGUID, (before) => ({ ...before, recovery: { hashes, createdAt: clock.now() } }));
      return codes;
    },
    left: async (objectGUID) => (await enrolments.of(objectGUID)).recovery?.hashes.length,
  };
  return { factor, issuer };
}
