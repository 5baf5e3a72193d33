/** What provokes each refusal of what is asked beside the password, for the table of all refusals. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ConfigInput } from '../../src/config/schema.ts';
import type { Reason } from '../../src/refusal.ts';
import type { factorRows } from '../../src/refusal/factor-rows.ts';
import { createAuthenticatorApp, keyOn } from '../fixtures/authenticator-app.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { createSoftwareAuthenticator } from '../fixtures/software-authenticator.ts';
import { Visitor, type Page } from '../fixtures/visitor.ts';

type Proof = () => Promise<{ readonly page: Page; readonly at: House }>;
type Refused = keyof typeof factorRows | 'store-unavailable';

const password = 'Passw0rd!';
type Sets = NonNullable<NonNullable<ConfigInput['policy']>[number]['require']>;

/** It says whatever is typed as its code. */
const moduleText = `export default () => ({
  title: 'Proof',
  enrolled: () => true,
  challenge: () => ({ kind: 'code' }),
  verify: (_person, { code }) => ({ verdict: 'refused', reason: code }),
});
`;

/** Where the page asks again; undefined: it does not. */
export const askedAgainAt: Readonly<Partial<Record<Reason, string | undefined>>> = {
  'code-wrong': '/signin/own',
  'challenge-lapsed': '/signin/own',
  'factor-denied': '/signin/own',
  'factor-unanswered': '/signin/own',
  'factor-unavailable': '/signin/own',
  'factor-not-enrolled': '/signin/totp',
  'factor-attempts-exhausted': '/signin/enrol',
  'enrolment-pass-wrong': '/signin/enrol',
  'key-not-allowed': '/signin/enrol/webauthn',
  'enrolment-full': undefined,
  'store-unavailable': undefined,
  'signing-unavailable': undefined,
};

/** @param later is told what to do after all tests */
export function factorProofs({ later }: { later: (close: () => Promise<void>) => void }): Readonly<Record<Refused, Proof>> {
  const houses = new Map<string, Promise<House>>();

  /** One for those that want the same. */
  function houseOf(name: string, config: ConfigInput['factors'], require: Sets, more: Partial<ConfigInput> = {}): Promise<House> {
    const known = houses.get(name);
    if (known !== undefined) return known;
    const opening = openHouse({ config: { factors: config ?? {}, policy: [{ name: 'everybody', require }], ...more } });
    houses.set(name, opening);
    later(async () => (await opening).close());
    return opening;
  }

  function ownModule(): string {
    const folder = mkdtempSync(join(tmpdir(), 'passerelle-own-'));
    later(() => {
      rmSync(folder, { recursive: true });
      return Promise.resolve();
    });
    const file = join(folder, 'factor.mjs');
    writeFileSync(file, moduleText);
    return file;
  }

  const byOwn =
    (code: string): Proof =>
    async () => {
      const at = await (houses.get('own') ?? houseOf('own', { own: { module: ownModule() } }, [['password'], ['own']]));
      const visitor = new Visitor(at.url);
      const asked = await visitor.signIn('alice', password);
      assert.equal(asked.form?.action, '/signin/own', asked.body.slice(0, 2_000));
      return { page: await visitor.post(asked.form.action, { ...asked.form.fields, code }), at };
    };

  /** With a pass that is none, so many times. */
  const byPass =
    (times: number): Proof =>
    async () => {
      const enrolment = { pass: 'required' as const };
      const throttle = { floor: '1ms', attemptsPerAccount: 2 };
      const at = await houseOf(`pass ${String(times)}`, { enrolment }, [['password'], ['totp']], { throttle });
      const visitor = new Visitor(at.url);
      let page = await visitor.signIn('alice', password);
      for (let tries = 0; tries < times; tries += 1)
        page = await visitor.post('/signin/enrol', { ...page.form?.fields, pass: 'x' });
      return { page, at };
    };

  return {
    'code-wrong': byOwn('code-wrong'),
    'challenge-lapsed': byOwn('challenge-lapsed'),
    'factor-denied': byOwn('factor-denied'),
    'factor-unanswered': byOwn('factor-unanswered'),
    'factor-unavailable': byOwn('factor-unavailable'),
    'factor-not-enrolled': async () => {
      const at = await houseOf('first', {}, [['totp'], ['password']]);
      const visitor = new Visitor(at.url);
      const named = await visitor.post('/signin/totp', { ...(await visitor.arrive()).form?.fields, name: 'nobody' });
      return { page: await visitor.post('/signin/totp', { ...named.form?.fields, code: '123456' }), at };
    },
    'enrolment-pass-wrong': byPass(1),
    'factor-attempts-exhausted': byPass(3),
    'enrolment-full': async () => {
      const at = await houseOf('account', {}, [['password']]);
      const visitor = new Visitor(at.url);
      await visitor.fill(await visitor.visit('/account'), 'alice', password);
      for (let added = 0; added < 5; added += 1) {
        const app = createAuthenticatorApp(keyOn(await visitor.visit('/account/add/totp')), at);
        await visitor.post('/account/add/totp', { code: app.code() });
      }
      return { page: await visitor.visit('/account/add/totp'), at };
    },
    'key-not-allowed': async () => {
      const webauthn = { attestation: 'direct' as const, aaguids: ['cb69481e-8ff7-4039-93ec-0a2729a154a8'] };
      const at = await houseOf('key', { webauthn }, [['password'], ['webauthn']]);
      const visitor = new Visitor(at.url);
      const shown = await visitor.signIn('alice', password);
      const options = JSON.parse(/data-options="([^"]+)"/.exec(shown.body)?.[1]?.replaceAll('&quot;', '"') ?? '') as object;
      const response = createSoftwareAuthenticator({ origin: at.url }).create(options);
      return { page: await visitor.post('/signin/enrol/webauthn', { ...shown.form?.fields, response }), at };
    },
    'no-way-left': async () => {
      const at = await houseOf('closed', { enrolment: { networks: ['192.0.2.0/24'] } }, [['password'], ['totp']]);
      return { page: await new Visitor(at.url).signIn('alice', password), at };
    },
    'policy-refused': async () => {
      const when = { groups: ['CN=sales,OU=Groups,DC=corp,DC=example,DC=com'] };
      const at = await houseOf('refusing', {}, [['password']], {
        policy: [
          { name: 'sales', when, require: [['password']] },
          { name: 'nobody else', refuse: true },
        ],
      });
      return { page: await new Visitor(at.url).signIn('alice', password), at };
    },
    // As after a disk that lost its pages.
    'store-unavailable': async () => {
      const at = await houseOf('store', {}, [['password']]);
      const visitor = new Visitor(at.url);
      const asked = await visitor.arrive();
      const file = new DatabaseSync(at.configuration.store.file);
      for (const { name } of file.prepare("select name from sqlite_master where type = 'table'").all()) {
        if (!String(name).startsWith('sqlite_')) file.exec(`drop table "${String(name)}"`);
      }
      file.close();
      return { page: await visitor.fill(asked, 'alice', password), at };
    },
  };
}
