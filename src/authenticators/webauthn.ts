/** Security keys and passkeys as a second factor, or as the first for a typed name (W3C WebAuthn, level 3). */
import { generateAuthenticationOptions } from '@simplewebauthn/server';
import type { Clock, Random } from '../clock.ts';
import { KeyMistake } from '../keys/key-mistake.ts';
import { Refusal } from '../refusal.ts';
import type { Factor } from './authenticator.ts';
import type { EnrolmentRecords } from './enrolments.ts';
import { bytesOf, challengeOf, newState, timeout } from './webauthn/challenge-state.ts';
import { pretendedKeys, type KeyDescriptor } from './webauthn/pretended-keys.ts';
import { readAssertion } from './webauthn/read-credential.ts';
import type { RelyingParty } from './webauthn/relying-party.ts';
import { createUseKey } from './webauthn/use-key.ts';
import { userHandleOf } from './webauthn/user-handle.ts';

/** @param parts `secret`: 32 bytes, the same on every node; keys of people who have none are made up from it. @throws KeyMistake */
export function createWebauthn(parts: {
  party: RelyingParty;
  enrolments: EnrolmentRecords;
  secret: () => Buffer;
  clock: Pick<Clock, 'now'>;
  random: Random;
}): Factor {
  const { party, enrolments, secret, random } = parts;
  const useKey = createUseKey(parts);

  /** Made up for whoever it is, so that nobody learns by a refusal who has none. @throws Refusal factor-unavailable */
  function pretended(name: string): readonly KeyDescriptor[] {
    try {
      return pretendedKeys(secret(), name);
    } catch (error) {
      throw error instanceof KeyMistake ? new Refusal('factor-unavailable', { factor: 'webauthn', cause: error.message }) : error;
    }
  }

  const verifiesPerson = party.userVerification === 'required';

  return {
    name: 'webauthn',
    enrolled: async ({ objectGUID }) => (await enrolments.of(objectGUID)).webauthn.length > 0,
    async challenge(person, { name = '' }) {
      const { webauthn } = await enrolments.of(person?.objectGUID ?? 'nobody');
      const none = pretended(name);
      const keys = webauthn.length > 0 ? webauthn : none;
      const state = newState(random, person?.objectGUID);
      const options = await generateAuthenticationOptions({
        rpID: party.id,
        challenge: bytesOf(state.challenge),
        timeout,
        userVerification: party.userVerification,
        allowCredentials: keys.map(({ id, transports }) => ({ id, transports: [...transports] })),
      });
      return { kind: 'webauthn', options, state };
    },
    async verify(person, { response = '' }, { state }) {
      const challenge = challengeOf(state, person?.objectGUID);
      const assertion = readAssertion(response);
      const { userHandle } = assertion;
      // W3C WebAuthn §7.2 step 6: a key that names its person must name this one.
      const isOwn =
        userHandle === undefined ||
        (person !== undefined && userHandle === userHandleOf(person.objectGUID).toString('base64url'));
      await useKey(
        person?.objectGUID,
        { assertion, challenge, verifiesPerson },
        {
          allows: () => isOwn,
          ...(person !== undefined && { distinguishedName: person.distinguishedName }),
        },
      );
      return { verdict: 'accepted' };
    },
  };
}
