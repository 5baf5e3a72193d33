/** Passkeys: a key that finds its person by itself and verified them proves who they are, without a name and a password. */
import { generateAuthenticationOptions } from '@simplewebauthn/server';
import type { Clock, Random } from '../clock.ts';
import type { Directory } from '../directory/directory.ts';
import { Refusal } from '../refusal.ts';
import type { Recogniser } from './authenticator.ts';
import type { EnrolmentRecords } from './enrolments.ts';
import { bytesOf, challengeOf, newState, timeout } from './webauthn/challenge-state.ts';
import { readAssertion, refuseKey } from './webauthn/read-credential.ts';
import type { RelyingParty } from './webauthn/relying-party.ts';
import { createUseKey } from './webauthn/use-key.ts';
import { personOf } from './webauthn/user-handle.ts';

export interface Passkey {
  /** What `parseRequestOptionsFromJSON` takes, and what is kept on the server until the answer comes; a JSON value of 200 bytes. */
  begin(): Promise<{ readonly options: object; readonly state: unknown }>;
  /** Judges one answer, once: `response` of what is presented. */
  recogniser(state: unknown): Recogniser;
}

export function createPasskey(parts: {
  party: RelyingParty;
  enrolments: EnrolmentRecords;
  directory: Pick<Directory, 'read'>;
  clock: Pick<Clock, 'now'>;
  random: Random;
}): Passkey {
  const { party, directory, random } = parts;
  const useKey = createUseKey(parts);

  return {
    async begin() {
      const state = newState(random);
      const options = await generateAuthenticationOptions({
        rpID: party.id,
        challenge: bytesOf(state.challenge),
        timeout,
        userVerification: 'required',
      });
      return { options, state };
    },
    recogniser: (state) => ({
      name: 'passkey',
      async recognise({ response = '' }) {
        const challenge = challengeOf(state);
        const assertion = readAssertion(response);
        if (assertion.userHandle === undefined) throw refuseKey('the key names no person');
        const objectGUID = personOf(assertion.userHandle);
        const use = { assertion, challenge, verifiesPerson: true };
        const key = await useKey(objectGUID, use, { allows: ({ passkey }) => passkey });
        if (objectGUID === undefined) throw refuseKey('the key names no person');
        const person = await directory.read({ objectGUID, distinguishedName: key.distinguishedName, server: undefined });
        // Whoever rules another forest can make somebody there of any objectGUID: the directory answers for the one that it read.
        if (person.objectGUID !== objectGUID) throw new Refusal('person-gone');
        return person;
      },
    }),
  };
}
