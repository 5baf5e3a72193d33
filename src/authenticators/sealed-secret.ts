/** The keys of authenticator apps as the store holds them: sealed, each for its person and its enrolment alone. */
import type { Seal } from '../keys/seal.ts';
import type { Enrolments } from './enrolments.ts';

const boundTo = (objectGUID: string, id: string): string => `totp ${objectGUID} ${id}`;

/** @throws KeyMistake */
export const sealSecret = (seal: Seal, objectGUID: string, id: string, secret: string): string =>
  seal.seal(secret, boundTo(objectGUID, id));

/** @throws KeyMistake */
export const openSecret = (seal: Seal, objectGUID: string, id: string, sealed: string): string =>
  seal.open(sealed, boundTo(objectGUID, id));

/** What a person enrolled, sealed by the newest key; the very value where it is already. @throws KeyMistake */
export function resealEnrolments(seal: Seal, objectGUID: string, enrolments: Enrolments): Enrolments {
  if (enrolments.totp.every(({ secret }) => seal.isCurrent(secret))) return enrolments;
  const totp = enrolments.totp.map((app) =>
    seal.isCurrent(app.secret)
      ? app
      : { ...app, secret: sealSecret(seal, objectGUID, app.id, openSecret(seal, objectGUID, app.id, app.secret)) },
  );
  return { ...enrolments, totp };
}
