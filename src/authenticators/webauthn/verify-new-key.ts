/** Verifies a key that was just made (W3C WebAuthn §7.1), and who made it where that matters. */
import { SettingsService, verifyRegistrationResponse } from '@simplewebauthn/server';
import { decodeAttestationObject } from '@simplewebauthn/server/helpers';
import type { Clock } from '../../clock.ts';
import { Refusal } from '../../refusal.ts';
import type { Certificate } from '../certificate/read-certificate.ts';
import type { WebauthnEnrolment } from '../enrolments.ts';
import { bytesOf } from './challenge-state.ts';
import { refuseKey, type Attestation } from './read-credential.ts';
import type { RelyingParty } from './relying-party.ts';
import { barsMaker } from './verify-maker.ts';

/** Which keys may be set up. */
export interface Admission {
  /** Lower case; none: every model. */
  readonly aaguids: readonly string[];
  /** Of authorities that answer for keys; undefined: nobody needs to. */
  readonly makers: readonly Certificate[] | undefined;
}

export type NewKey = Pick<WebauthnEnrolment, 'id' | 'publicKey' | 'counter' | 'transports' | 'passkey' | 'backedUp' | 'aaguid'>;

/** Ed25519, ECDSA with P-256 and RSA PKCS #1, with SHA-256 (RFC 9053, RFC 8812): every key has one of them. */
export const algorithms: readonly number[] = [-8, -7, -257];

/** Bytes: an RSA key of 8,192 bits as COSE. */
const longestKey = 1_100;

/**
 * For these the library asks nobody but us. Android's own formats are left out: one it would verify by asking addresses that the
 * key names, the other is withdrawn; telephones give none today.
 */
const formats: ReadonlySet<string> = new Set(['none', 'packed', 'fido-u2f', 'tpm', 'apple']);

type Statement = ReturnType<typeof decodeAttestationObject>;

/** @throws Refusal code-wrong, key-not-allowed */
function readStatement(attestationObject: string): { readonly format: string; readonly x5c: readonly Uint8Array[] } {
  let format: unknown;
  let x5c: unknown;
  try {
    const decoded: Statement = decodeAttestationObject(bytesOf(attestationObject));
    format = decoded.get('fmt');
    x5c = decoded.get('attStmt').get('x5c');
  } catch {
    throw refuseKey('an attestation object that cannot be read');
  }
  if (typeof format !== 'string' || !formats.has(format))
    throw new Refusal('key-not-allowed', { cause: `an attestation of format ${JSON.stringify(format ?? null).slice(0, 40)}` });
  const certificates: readonly unknown[] = Array.isArray(x5c) ? x5c : [];
  const bytes = certificates.filter((one) => one instanceof Uint8Array);
  // The library takes the first for the key's own: it must be the one that is judged here.
  if (bytes.length < certificates.length) throw refuseKey('a certificate that is no bytes');
  return { format, x5c: bytes };
}

export type VerifyNewKey = (attestation: Attestation, challenge: string) => Promise<NewKey>;

/** @returns a function that throws Refusal code-wrong, key-not-allowed */
export function createVerifyNewKey(parts: {
  party: RelyingParty;
  admission: Admission;
  clock: Pick<Clock, 'now'>;
}): VerifyNewKey {
  const { party, admission, clock } = parts;
  // It would ask addresses within certificates for revocation lists, without a limit; makers are verified here instead.
  SettingsService.setRootCertificates({ identifier: 'apple', certificates: [] });

  return async (attestation, challenge) => {
    const { id, clientDataJSON, attestationObject, transports, discoverable } = attestation;
    const { x5c } = readStatement(attestationObject);
    let made: Awaited<ReturnType<typeof verifyRegistrationResponse>>;
    try {
      made = await verifyRegistrationResponse({
        response: {
          id,
          rawId: id,
          type: 'public-key',
          clientExtensionResults: {},
          response: { clientDataJSON, attestationObject },
        },
        expectedChallenge: challenge,
        expectedOrigin: party.origin,
        expectedRPID: party.id,
        requireUserVerification: party.userVerification === 'required',
        supportedAlgorithmIDs: [...algorithms],
      });
    } catch (error) {
      throw refuseKey(error instanceof Error ? error.message : 'unreadable');
    }
    if (!made.verified) throw refuseKey('the attestation is not of that key');
    const { aaguid, credential, credentialBackedUp, userVerified } = made.registrationInfo;
    if (credential.id !== id) throw refuseKey('the key is another one than its id says');
    if (credential.publicKey.length > longestKey) throw refuseKey('a public key that is too long');
    const model = aaguid.toLowerCase();
    const bar =
      admission.aaguids.length > 0 && !admission.aaguids.includes(model)
        ? 'its model is not among factors.webauthn.aaguids'
        : admission.makers && barsMaker(x5c, admission.makers, clock.now());
    if (bar !== undefined) throw new Refusal('key-not-allowed', { cause: bar, aaguid: model });
    return {
      id,
      publicKey: Buffer.from(credential.publicKey).toString('base64url'),
      counter: credential.counter,
      transports,
      // What it said of itself is not signed; that it verified its person is.
      passkey: discoverable && userVerified,
      backedUp: credentialBackedUp,
      aaguid: model,
    };
  };
}
