/** Sets up security keys and passkeys: as many as a person has devices, within bounds. */
import { generateRegistrationOptions } from '@simplewebauthn/server';
import type { Clock, Random } from '../clock.ts';
import type { Person } from '../directory/directory.ts';
import { Refusal } from '../refusal.ts';
import type { Enroller } from './authenticator.ts';
import { enrolmentLabel } from './enrolment-label.ts';
import type { EnrolmentRecords, Enrolments, WebauthnEnrolment } from './enrolments.ts';
import { bytesOf, challengeOf, newState, timeout } from './webauthn/challenge-state.ts';
import { readAttestation, refuseKey } from './webauthn/read-credential.ts';
import type { RelyingParty } from './webauthn/relying-party.ts';
import { userHandleOf } from './webauthn/user-handle.ts';
import { algorithms, createVerifyNewKey, type Admission } from './webauthn/verify-new-key.ts';

const mostKeys = 20;
/** W3C WebAuthn §6.4.1: keys may cut names off beyond 64 bytes. */
const longestName = 64;

/** The name under which a key lists its person. */
const nameOf = ({ userPrincipalName, mail, sAMAccountName, displayName }: Person): string =>
  (userPrincipalName ?? mail ?? sAMAccountName ?? displayName ?? '').slice(0, longestName);

/** @throws Refusal enrolment-full */
function verifyRoom({ webauthn }: Enrolments): void {
  if (webauthn.length >= mostKeys) throw new Refusal('enrolment-full', { keys: webauthn.length });
}

/** `begin` and `complete` also throw Refusal enrolment-full, and `complete` key-not-allowed. */
export function createWebauthnEnroller(parts: {
  party: RelyingParty;
  admission: Admission;
  attestation: 'none' | 'direct';
  enrolments: EnrolmentRecords;
  clock: Pick<Clock, 'now'>;
  random: Random;
}): Enroller {
  const { party, attestation, enrolments, clock, random } = parts;
  const verifyNewKey = createVerifyNewKey(parts);

  return {
    name: 'webauthn',
    async begin(person) {
      const enrolled = await enrolments.of(person.objectGUID);
      verifyRoom(enrolled);
      const state = newState(random, person.objectGUID);
      const options = await generateRegistrationOptions({
        rpName: party.name,
        rpID: party.id,
        userName: nameOf(person),
        userDisplayName: (person.displayName ?? nameOf(person)).slice(0, longestName),
        userID: Uint8Array.from(userHandleOf(person.objectGUID)),
        challenge: bytesOf(state.challenge),
        timeout,
        attestationType: attestation,
        excludeCredentials: enrolled.webauthn.map(({ id }) => ({ id })),
        authenticatorSelection: {
          residentKey: 'preferred',
          userVerification: party.userVerification === 'required' ? 'required' : 'preferred',
        },
        supportedAlgorithmIDs: [...algorithms],
      });
      return { kind: 'webauthn', options, state };
    },
    async complete(person, { response = '' }, { state, label }) {
      const challenge = challengeOf(state, person.objectGUID);
      const made = await verifyNewKey(readAttestation(response), challenge);
      const now = clock.now();
      const key: WebauthnEnrolment = {
        ...made,
        label: enrolmentLabel(label, now),
        createdAt: now,
        distinguishedName: person.distinguishedName,
      };
      await enrolments.change(person.objectGUID, (before) => {
        verifyRoom(before);
        // The browser sees to it, too: whoever gets here with one did not use ours.
        if (before.webauthn.some(({ id }) => id === key.id)) throw refuseKey('the key is set up already', key);
        return { ...before, webauthn: [...before.webauthn, key] };
      });
    },
  };
}
