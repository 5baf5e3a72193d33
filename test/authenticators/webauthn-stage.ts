/** Security keys of several people on one store: set up, used, and lied about. */
import type { Asking, Factor } from '../../src/authenticators/authenticator.ts';
import { openWebauthn, type OpenWebauthn } from '../../src/authenticators/webauthn/open-webauthn.ts';
import { schema } from '../../src/config/schema.ts';
import type { Known, Person } from '../../src/directory/directory.ts';
import { Refusal } from '../../src/refusal.ts';
import { createSoftwareAuthenticator, type Lie, type SoftwareAuthenticator } from '../fixtures/software-authenticator.ts';
import { somebody } from '../signin/somebody.ts';
import { asking, factorStage, type FactorStage } from './factor-stage.ts';

const publicUrl = 'https://sso.example.com';

export const ada = somebody('5b6f1c1e-0a51-4a3e-9d5a-0123456789ab', {
  userPrincipalName: 'ada@corp.example',
  displayName: 'Ada L.',
});
export const bob = somebody('6c7f2d2f-1b62-4b4f-8e6b-123456789abc', { sAMAccountName: 'bob' });

type Settings = Parameters<typeof openWebauthn>[0];

export interface WebauthnStage extends FactorStage {
  /** With other settings, on the same store. */
  open(settings?: Partial<Settings>, read?: (file: string) => string): OpenWebauthn;
  /** Who is in the directory, by objectGUID; and what it was asked. */
  readonly people: Map<string, Person>;
  readonly asked: Known[];
  /** Sets a key up for somebody. */
  enrol(person: Person, key: SoftwareAuthenticator, lie?: Lie, at?: OpenWebauthn): Promise<void>;
  /** Asks somebody for a key, and presents what `answer` makes of the question. */
  use(person: Person | undefined, answer: (options: object) => string, at?: Factor, more?: Partial<Asking>): Promise<void>;
  key(traits?: Partial<Parameters<typeof createSoftwareAuthenticator>[0]>): SoftwareAuthenticator;
}

export async function webauthnStage(start: number): Promise<WebauthnStage> {
  const stage = await factorStage(start);
  const people = new Map([ada, bob].map((person) => [person.objectGUID, person]));
  const asked: Known[] = [];
  const directory = {
    async read(known: Known): Promise<Person> {
      asked.push(known);
      const person = people.get(known.objectGUID);
      if (person === undefined) throw new Refusal('person-gone');
      return person;
    },
  };
  const defaults = schema.shape.factors.parse({}).webauthn;
  const unread = (file: string): string => {
    throw new Error(file);
  };
  const open: WebauthnStage['open'] = (settings = {}, read = unread) =>
    openWebauthn({ ...defaults, ...settings }, { publicUrl, name: 'Passerelle' }, { ...stage, directory, read });
  const standard = open();
  return {
    ...stage,
    open,
    people,
    asked,
    async enrol(person, key, lie, { enroller } = standard) {
      const { state, ...setup } = await enroller.begin(person);
      if (setup.kind !== 'webauthn') throw new Error(setup.kind);
      await enroller.complete(person, { response: key.create(setup.options, lie) }, { state, label: 'My key' });
    },
    async use(person, answer, factor = standard.factor, more = {}) {
      const challenge = await factor.challenge(person, { ...asking, ...more });
      if (challenge.kind !== 'webauthn') throw new Error(challenge.kind);
      const { options, state } = challenge;
      await factor.verify(person, { response: answer(options) }, { ...asking, ...more, state });
    },
    key: (traits = {}) => createSoftwareAuthenticator({ origin: publicUrl, ...traits }),
  };
}
