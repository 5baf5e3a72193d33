/** The word by which the doctor is known to the running house: made from the sealing keys, which nobody else has, and good for some minutes. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Seal } from '../keys/seal.ts';

/** The header that bears it. */
export const doctorHeader = 'x-passerelle-doctor';

/** Milliseconds, either way, since the two clocks may differ. */
const life = 15 * 60_000;
const form = /^(\d{1,16})\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/;

const proofOf = (seal: Pick<Seal, 'derive'>, words: string): string =>
  createHmac('sha256', seal.derive('passerelle doctor')).update(words).digest('base64url');

/** @param nonce 16 bytes. @param now milliseconds since the epoch */
export function makeDoctorToken(seal: Pick<Seal, 'derive'>, nonce: Buffer, now: number): string {
  const said = `${String(now)}.${nonce.toString('base64url')}`;
  return `${said}.${proofOf(seal, said)}`;
}

/** What proves to the doctor that whoever answers has the same sealing keys. */
export const answerProof = (seal: Pick<Seal, 'derive'>, token: string): string => proofOf(seal, `answer ${token}`);

/** @param now milliseconds since the epoch. @throws KeyMistake where the sealing keys cannot be read */
export function isDoctorToken(seal: Pick<Seal, 'derive'>, token: unknown, now: number): token is string {
  const [, time = '', nonce = '', proof] = form.exec(typeof token === 'string' ? token : '') ?? [];
  if (proof === undefined || Math.abs(now - Number(time)) > life) return false;
  return timingSafeEqual(Buffer.from(proof), Buffer.from(proofOf(seal, `${time}.${nonce}`)));
}
