/** Codes of an authenticator app (RFC 6238). A person may have several apps; each code of each counts once. */
import type { Clock, Random } from '../clock.ts';
import type { Person } from '../directory/directory.ts';
import { KeyMistake } from '../keys/key-mistake.ts';
import type { Seal } from '../keys/seal.ts';
import { Refusal } from '../refusal.ts';
import type { Enroller, Factor } from './authenticator.ts';
import { decodeBase32, encodeBase32 } from './base32.ts';
import { enrolmentLabel } from './enrolment-label.ts';
import type { EnrolmentRecords, TotpEnrolment } from './enrolments.ts';
import { judgeCode, readCode } from './judge-code.ts';
import { stepAt } from './one-time-password.ts';
import { otpauthUri } from './otpauth-uri.ts';
import { openSecret, sealSecret } from './sealed-secret.ts';

interface TotpParts {
  readonly enrolments: EnrolmentRecords;
  readonly seal: Seal;
  readonly clock: Clock;
  readonly random: Random;
}

/** The apps of one person; as many keys are asked at every code. */
const mostApps = 5;
/** RFC 4226 §4, R6: 160 bits. */
const keyBytes = 20;
/** In place of a person of whom there is none: its record is looked for, and never there. */
const nobody = '-';

/** The key, or why it cannot be had. Of what cannot be opened, the operator must hear. */
function openKey(seal: Seal, objectGUID: string, { id, secret }: Pick<TotpEnrolment, 'id' | 'secret'>): Buffer | KeyMistake {
  try {
    return decodeBase32(openSecret(seal, objectGUID, id, secret)) ?? new KeyMistake('what was sealed is no key of an app.');
  } catch (error) {
    if (error instanceof KeyMistake) return error;
    throw error;
  }
}

const unavailable = (mistake: KeyMistake): Refusal =>
  new Refusal('factor-unavailable', { factor: 'totp', cause: mistake.message });

/** @throws Refusal factor-unavailable */
function sealKey(seal: Seal, objectGUID: string, id: string, key: string): string {
  try {
    return sealSecret(seal, objectGUID, id, key);
  } catch (error) {
    throw error instanceof KeyMistake ? unavailable(error) : error;
  }
}

export function createTotpFactor({ enrolments, seal, clock, random }: TotpParts): Factor {
  /** As much work as a key that is enrolled: sealed and opened alike by one pass of the cipher. */
  function decoy(): Buffer | KeyMistake {
    const key = random(keyBytes);
    try {
      sealSecret(seal, nobody, nobody, encodeBase32(key));
      return key;
    } catch (error) {
      if (error instanceof KeyMistake) return error;
      throw error;
    }
  }

  /** Takes the code of that step from the app, once. */
  async function take(objectGUID: string, { id }: TotpEnrolment, step: number): Promise<boolean> {
    let isTaken = false;
    await enrolments.change(objectGUID, (before) => {
      // A step before the last one counts as used: a clock that was set back brings no code back (RFC 6238 §5.2).
      isTaken = before.totp.some((app) => app.id === id && app.lastStep < step);
      if (!isTaken) return before;
      const used = { lastStep: step, lastUsedAt: clock.now() };
      return { ...before, totp: before.totp.map((app) => (app.id === id ? { ...app, ...used } : app)) };
    });
    return isTaken;
  }

  return {
    name: 'totp',
    enrolled: async ({ objectGUID }) => (await enrolments.of(objectGUID)).totp.length > 0,
    challenge: () => Promise.resolve({ kind: 'code' }),
    async verify(person, presented) {
      const objectGUID = person?.objectGUID ?? nobody;
      const { totp } = await enrolments.of(objectGUID);
      const apps = totp.slice(0, mostApps);
      const opened = Array.from({ length: mostApps }, (_, index) => {
        const app = apps[index];
        return app === undefined ? decoy() : openKey(seal, objectGUID, app);
      });
      const keys = opened.map((key) => (key instanceof KeyMistake ? random(keyBytes) : key));
      const found = judgeCode(readCode(presented.code ?? ''), keys, stepAt(clock.now()));
      const mistake = opened.find((key) => key instanceof KeyMistake);
      const app = found === undefined || opened[found.index] instanceof KeyMistake ? undefined : apps[found.index];
      if (found === undefined || app === undefined) {
        // It may have been the code of the key that cannot be opened.
        if (mistake !== undefined) throw unavailable(mistake);
        if (apps.length === 0) throw new Refusal('factor-not-enrolled', { factor: 'totp' });
        throw new Refusal('code-wrong', { factor: 'totp', cause: 'no code of this time' });
      }
      if (!(await take(objectGUID, app, found.step))) throw new Refusal('code-wrong', { factor: 'totp', cause: 'used before' });
      return { verdict: 'accepted' };
    },
  };
}

/** What `begin` left for `complete`. */
function readState(state: unknown): Pick<TotpEnrolment, 'id' | 'secret'> | undefined {
  if (typeof state !== 'object' || state === null || !('id' in state && 'secret' in state)) return undefined;
  const { id, secret } = state;
  return typeof id === 'string' && typeof secret === 'string' ? { id, secret } : undefined;
}

/** @param parts `issuer` is the name under which an app lists its codes */
export function createTotpEnroller({
  enrolments,
  seal,
  clock,
  random,
  issuer,
}: TotpParts & { readonly issuer: string }): Enroller {
  const full = (): Refusal => new Refusal('enrolment-full', { factor: 'totp', most: mostApps });

  /** @throws Refusal enrolment-full, challenge-lapsed */
  async function add(person: Person, app: TotpEnrolment): Promise<void> {
    let trouble: Refusal | undefined;
    await enrolments.change(person.objectGUID, (before) => {
      trouble = undefined;
      if (before.totp.some(({ id }) => id === app.id)) trouble = new Refusal('challenge-lapsed', { cause: 'enrolled already' });
      else if (before.totp.length >= mostApps) trouble = full();
      return trouble === undefined ? { ...before, totp: [...before.totp, app] } : before;
    });
    if (trouble !== undefined) throw trouble;
  }

  return {
    name: 'totp',
    async begin(person) {
      const { objectGUID } = person;
      if ((await enrolments.of(objectGUID)).totp.length >= mostApps) throw full();
      const id = random(9).toString('base64url');
      const key = encodeBase32(random(keyBytes));
      const state = { id, secret: sealKey(seal, objectGUID, id, key) };
      return { kind: 'totp', uri: otpauthUri(person, issuer, key), key, state };
    },
    resume(person, state) {
      const begun = readState(state);
      if (begun === undefined) throw new Refusal('challenge-lapsed', { cause: 'no app was begun' });
      const opened = openKey(seal, person.objectGUID, begun);
      if (opened instanceof KeyMistake) throw unavailable(opened);
      const key = encodeBase32(opened);
      return { kind: 'totp', uri: otpauthUri(person, issuer, key), key, state: begun };
    },
    async complete(person, presented, { state, label }) {
      const { objectGUID } = person;
      const begun = readState(state);
      if (begun === undefined) throw new Refusal('challenge-lapsed', { cause: 'no app was begun' });
      const key = openKey(seal, objectGUID, begun);
      if (key instanceof KeyMistake) throw unavailable(key);
      const now = clock.now();
      const found = judgeCode(readCode(presented.code ?? ''), [key], stepAt(now));
      if (found === undefined) throw new Refusal('code-wrong', { factor: 'totp', cause: 'no code of this time' });
      // Sealed anew: the keys may have changed since it was begun, and those that went are forgotten some time.
      const secret = sealKey(seal, objectGUID, begun.id, encodeBase32(key));
      await add(person, { id: begun.id, secret, label: enrolmentLabel(label, now), createdAt: now, lastStep: found.step });
    },
  };
}
