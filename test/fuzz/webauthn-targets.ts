/** What a browser posts of a security key: when one is set up, and when it is used. */
import { createWebauthnEnroller } from '../../src/authenticators/webauthn-enroller.ts';
import type { EnrolmentRecords, Enrolments } from '../../src/authenticators/enrolments.ts';
import { createWebauthn } from '../../src/authenticators/webauthn.ts';
import type { RelyingParty } from '../../src/authenticators/webauthn/relying-party.ts';
import { asking } from '../authenticators/factor-stage.ts';
import { createSoftwareAuthenticator, packed } from '../fixtures/software-authenticator.ts';
import { somebody } from '../signin/somebody.ts';
import type { Target } from './fuzz.ts';
import { meant } from './meant.ts';

const party: RelyingParty = {
  id: 'sso.example.com',
  origin: 'https://sso.example.com',
  name: 'Passerelle',
  userVerification: 'preferred',
};
const person = somebody('5b6f1c1e-0a51-4a3e-9d5a-0123456789ab');
const state = { challenge: Buffer.alloc(32, 7).toString('base64url'), person: person.objectGUID };
const user = { id: 'HhxvW1EKPkqdWgEjRWeJqw' };
const key = createSoftwareAuthenticator({ origin: party.origin, counts: false });
const created = key.create({ ...state, rp: party, user });
const used = key.get({ ...state, rpId: party.id });

let held: Enrolments = { totp: [], webauthn: [], recovery: undefined };
const enrolments: EnrolmentRecords = {
  of: () => Promise.resolve(held),
  change: (_, change) => Promise.resolve(change(held)),
  forget: () => Promise.resolve(held),
};
held = {
  ...held,
  webauthn: [
    {
      ...{ id: key.id, publicKey: key.publicKey.toString('base64url'), counter: 0, transports: [], passkey: true },
      ...{ backedUp: false, aaguid: '', distinguishedName: '', label: '', createdAt: 0 },
    },
  ],
};
const parts = { party, enrolments, clock: { now: () => 0 }, random: (bytes: number) => Buffer.alloc(bytes) };
const factor = createWebauthn({ ...parts, secret: () => Buffer.alloc(32) });
const admission = { aaguids: [], makers: [] };
const lenient = createWebauthnEnroller({ ...parts, attestation: 'none', admission: { ...admission, makers: undefined } });
const strict = createWebauthnEnroller({ ...parts, attestation: 'direct', admission });

interface Posted {
  readonly response: Record<string, string>;
}
const objectOf = (text: string): Buffer =>
  Buffer.from((JSON.parse(text) as Posted).response.attestationObject ?? '', 'base64url');
const dataOf = (text: string): Buffer => Buffer.from((JSON.parse(text) as Posted).response.authenticatorData ?? '', 'base64url');
const withField = (text: string, name: string, bytes: Buffer): string => {
  const posted = JSON.parse(text) as Posted;
  return JSON.stringify({ ...posted, response: { ...posted.response, [name]: bytes.toString('base64url') } });
};
const words = [
  '\xa1',
  '\xa3cfmt',
  'dnone',
  'gattStmt',
  'hauthData',
  'cx5c',
  'csig',
  'calg',
  '\x9b\xff\xff\xff\xff',
  '\x81',
  '\x58\xff',
  '\xbf',
  '\xc0',
  '\xfb',
];

export const webauthnTargets: readonly Target[] = [
  {
    name: 'webauthn-answer',
    seeds: [used, created],
    dictionary: [
      '{',
      '}',
      '"id"',
      '"rawId"',
      '"response"',
      '"userHandle":null',
      '"type":"public-key"',
      '"__proto__":',
      'null',
      '[]',
      '\\u0000',
    ],
    most: 4_000,
    async run(input) {
      const response = input.toString();
      await meant(() => factor.verify(person, { response }, { ...asking, state }));
      await meant(() => lenient.complete(person, { response }, { state, label: '' }));
    },
  },
  {
    name: 'webauthn-data',
    seeds: [dataOf(used), objectOf(created), objectOf(key.create({ ...state, rp: party, user }, { attestation: packed() }))],
    dictionary: words,
    most: 4_000,
    async run(input) {
      const response = withField(created, 'attestationObject', input);
      await meant(() => factor.verify(person, { response: withField(used, 'authenticatorData', input) }, { ...asking, state }));
      await meant(() => lenient.complete(person, { response }, { state, label: '' }));
      await meant(() => strict.complete(person, { response }, { state, label: '' }));
    },
  },
];
