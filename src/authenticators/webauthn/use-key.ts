/** Judges what a key signed against what is enrolled of it (W3C WebAuthn §7.2), and keeps its counter in one atomic step. */
import { verifyAuthenticationResponse } from '@simplewebauthn/server';
import type { Clock } from '../../clock.ts';
import type { EnrolmentRecords, WebauthnEnrolment } from '../enrolments.ts';
import { bytesOf } from './challenge-state.ts';
import { refuseKey, type Assertion } from './read-credential.ts';
import type { RelyingParty } from './relying-party.ts';

export interface Use {
  readonly assertion: Assertion;
  /** In base64url. */
  readonly challenge: string;
  /** Whether the key must have verified its person, by PIN or finger, not merely that somebody is there. */
  readonly verifiesPerson: boolean;
}

interface Signed {
  readonly counter: number;
  readonly backedUp: boolean;
}

/** The P-256 generator as a COSE key (RFC 9053 §7.1.1): it stands in for the key of nobody, and nothing that it verifies counts. */
const nobodysKey = Buffer.from(
  'a5010203262001215820' +
    '6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296' +
    '225820' +
    '4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5',
  'hex',
).toString('base64url');

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'unreadable');

/** @throws Refusal code-wrong */
async function verifySigned(party: RelyingParty, { publicKey }: Pick<WebauthnEnrolment, 'publicKey'>, use: Use): Promise<Signed> {
  const { assertion, challenge, verifiesPerson } = use;
  const { id, clientDataJSON, authenticatorData, signature, userHandle } = assertion;
  let verified: Awaited<ReturnType<typeof verifyAuthenticationResponse>>;
  try {
    verified = await verifyAuthenticationResponse({
      response: {
        id,
        rawId: id,
        type: 'public-key',
        clientExtensionResults: {},
        response: { clientDataJSON, authenticatorData, signature, ...(userHandle !== undefined && { userHandle }) },
      },
      expectedChallenge: challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: verifiesPerson,
      // It would judge the counter before the signature, so that anybody could have one reported; here it comes last.
      credential: { id, publicKey: bytesOf(publicKey), counter: 0 },
    });
  } catch (error) {
    // Whatever it makes of what was sent: it parses nothing else.
    throw refuseKey(messageOf(error));
  }
  if (!verified.verified) throw refuseKey('the signature is not of that key');
  const { newCounter, credentialBackedUp } = verified.authenticationInfo;
  return { counter: newCounter, backedUp: credentialBackedUp };
}

export type UseKey = (
  objectGUID: string | undefined,
  use: Use,
  /** Which keys may be used here; where they lie, once that is known. */
  about: { readonly allows: (key: WebauthnEnrolment) => boolean; readonly distinguishedName?: string },
) => Promise<WebauthnEnrolment>;

/** @returns finds the key among those of a person and gives it back as it is then; the function throws Refusal code-wrong */
export function createUseKey(parts: {
  party: RelyingParty;
  enrolments: Pick<EnrolmentRecords, 'of' | 'change'>;
  clock: Pick<Clock, 'now'>;
}): UseKey {
  const { party, enrolments, clock } = parts;
  return async (objectGUID = 'nobody', use, { allows, distinguishedName }) => {
    const { id } = use.assertion;
    const { webauthn } = await enrolments.of(objectGUID);
    const key = webauthn.find((one) => one.id === id && allows(one));
    if (key === undefined) {
      await verifySigned(party, { publicKey: nobodysKey }, use).catch(() => undefined);
      throw refuseKey('no key of that person');
    }
    const signed = await verifySigned(party, key, use);

    const outcome: { used?: WebauthnEnrolment; before?: number } = {};
    await enrolments.change(objectGUID, (enrolled) => {
      delete outcome.used;
      const current = enrolled.webauthn.find((one) => one.id === id && one.publicKey === key.publicKey);
      if (current === undefined) return enrolled;
      outcome.before = current.counter;
      // W3C WebAuthn §6.1.1: a counter that does not rise tells of two keys that are the same; one that counts nothing stays at 0.
      if ((signed.counter > 0 || current.counter > 0) && signed.counter <= current.counter) return enrolled;
      const used: WebauthnEnrolment = {
        ...current,
        counter: signed.counter,
        backedUp: signed.backedUp,
        lastUsedAt: clock.now(),
        ...(distinguishedName !== undefined && { distinguishedName }),
      };
      outcome.used = used;
      return { ...enrolled, webauthn: enrolled.webauthn.map((one) => (one === current ? used : one)) };
    });
    const { used, before } = outcome;
    if (used !== undefined) return used;
    throw before === undefined
      ? refuseKey('the key was removed meanwhile')
      : refuseKey(`the counter of a key went back from ${before} to ${signed.counter}: there may be a copy of it`, key);
  };
}
