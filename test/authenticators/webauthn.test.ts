/** Security keys as a factor: of every algorithm, several a person, and nothing that a liar, a thief or a copy presents. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { OpenWebauthn } from '../../src/authenticators/webauthn/open-webauthn.ts';
import { KeyMistake } from '../../src/keys/key-mistake.ts';
import { Refusal } from '../../src/refusal.ts';
import type { Algorithm, Lie, SoftwareAuthenticator } from '../fixtures/software-authenticator.ts';
import { somebody } from '../signin/somebody.ts';
import { asking, isRefusal } from './factor-stage.ts';
import { ada, bob, webauthnStage, type WebauthnStage } from './webauthn-stage.ts';

const start = Date.UTC(2026, 0, 1);

interface Asked {
  readonly challenge: string;
  readonly rpId: string;
  readonly userVerification: string;
  readonly allowCredentials: readonly { readonly id: string; readonly transports: readonly string[] }[];
}

const stranger = (): ReturnType<typeof somebody> => {
  const hex = randomBytes(16).toString('hex');
  return somebody(`${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`);
};

describe('a security key', () => {
  let stage: WebauthnStage;
  let adas: SoftwareAuthenticator;
  let bobs: SoftwareAuthenticator;
  let strict: OpenWebauthn;

  before(async () => {
    stage = await webauthnStage(start);
    strict = stage.open({ userVerification: 'required' });
    adas = stage.key();
    bobs = stage.key();
    await stage.enrol(ada, adas);
    await stage.enrol(bob, bobs);
  });
  after(() => stage.close());

  const asks = async (person: typeof ada | undefined, name = '', { factor } = strict): Promise<Asked> => {
    const challenge = await factor.challenge(person, { ...asking, name });
    assert.equal(challenge.kind, 'webauthn');
    return challenge.options as Asked;
  };

  for (const algorithm of ['ES256', 'EdDSA', 'RS256'] satisfies Algorithm[]) {
    it(`of ${algorithm} is taken, and its use is kept`, async () => {
      const person = stranger();
      const key = stage.key({ algorithm });
      assert.equal(await strict.factor.enrolled(person), false);
      await stage.enrol(person, key);
      assert.equal(await strict.factor.enrolled(person), true);
      stage.clock.set(start + 5_000);
      await stage.use(person, (options) => key.get(options, { backedUp: true }), strict.factor);
      const [record] = (await stage.enrolments.of(person.objectGUID)).webauthn;
      assert.deepEqual(
        [record?.counter, record?.backedUp, record?.lastUsedAt, record?.createdAt],
        [2, true, start + 5_000, start],
      );
      stage.clock.set(start);
    });
  }

  it('is one of several, each under its name, and only the person’s own are asked for', async () => {
    const person = stranger();
    const keys = [stage.key(), stage.key({ counts: false }), stage.key({ algorithm: 'EdDSA' })];
    for (const key of keys) await stage.enrol(person, key);
    const { allowCredentials, rpId } = await asks(person);
    assert.equal(rpId, 'sso.example.com');
    assert.deepEqual(
      allowCredentials.map(({ id, transports }) => [id, [...transports].sort()]),
      keys.map(({ id }) => [id, ['nfc', 'usb']]),
    );
    for (const key of [...keys, ...keys]) await stage.use(person, (options) => key.get(options));
  });

  it('is asked for a PIN where the configuration says so', async () => {
    assert.equal((await asks(ada)).userVerification, 'required');
    assert.equal((await asks(ada, '', stage.open())).userVerification, 'preferred');
    const unverified = (options: object): string => adas.get(options, { userVerified: false });
    await stage.use(ada, unverified);
    await assert.rejects(stage.use(ada, unverified, strict.factor), isRefusal('code-wrong', /verification/));
  });

  it('may be bound to a parent of our host', async () => {
    const { factor, enroller } = stage.open({ rpId: 'Example.com' });
    const person = stranger();
    const key = stage.key();
    await stage.enrol(person, key, {}, { ...strict, enroller });
    await stage.use(person, (options) => key.get(options), factor);
    await assert.rejects(
      stage.use(person, (options) => key.get(options, { rpId: 'example.com' })),
      isRefusal('code-wrong', /RP ID/),
      'of another domain',
    );
  });

  const lies: readonly (readonly [what: string, lie: Lie | (() => Lie), cause: RegExp])[] = [
    ['another origin', { origin: 'https://sso.example.com.evil.example' }, /origin/],
    ['plain http', { origin: 'http://sso.example.com' }, /origin/],
    ['another port', { origin: 'https://sso.example.com:8443' }, /origin/],
    ['another domain', { rpId: 'example.com' }, /RP ID/],
    ['another challenge', { challenge: randomBytes(32).toString('base64url') }, /challenge/],
    ['no challenge', { challenge: '' }, /challenge/],
    ['a registration', { type: 'webauthn.create' }, /type/],
    ['a page within a page', { clientData: { crossOrigin: true } }, /within a page/],
    ['a page within a named page', { clientData: { topOrigin: 'https://evil.example' } }, /within a page/],
    ['crossOrigin of another type', { clientData: { crossOrigin: 'no' } }, /within a page/],
    ['nobody there', { userPresent: false }, /not present/],
    ['nobody verified', { userVerified: false }, /verification/],
    ['a key of somebody else', () => ({ id: bobs.id, privateKey: bobs.privateKey }), /no key of that person/],
    ['their id, another key', () => ({ privateKey: bobs.privateKey }), /signature/],
    ['an unknown key', { id: randomBytes(32).toString('base64url') }, /no key of that person/],
    ['another person’s handle', { userHandle: Buffer.alloc(16, 7).toString('base64url') }, /no key of that person/],
    ['a copy whose counter stands still', { counter: 1 }, /counter .* went back from \d+ to 1/],
    ['a copy whose counter is gone', { counter: 0 }, /counter .* to 0/],
    ['a single key that is backed up', { authenticatorData: (data) => Buffer.from(data.map((b, at) => (at === 32 ? 0x15 : b))) }, /backed up/],
    ['data cut off', { authenticatorData: (data) => data.subarray(0, 36) }, /37 bytes/],
    ['data with more behind it', { authenticatorData: (data) => Buffer.concat([data, Buffer.from([0])]) }, /Leftover/],
    ['extensions cut off', { authenticatorData: (data) => Buffer.from(data.map((b, at) => (at === 32 ? b | 0x80 : b))) }, /./],
    ['a key within that is cut off', { authenticatorData: (data) => Buffer.concat([data.subarray(0, 32), Buffer.from([0x45]), data.subarray(33), Buffer.alloc(18)]) }, /./],
    ['nested without end', { authenticatorData: (data) => Buffer.concat([data.subarray(0, 32), Buffer.from([0x85]), data.subarray(33), Buffer.alloc(9_000, 0x81)]) }, /./],
    ['lists of billions', { authenticatorData: (data) => Buffer.concat([data.subarray(0, 32), Buffer.from([0x85]), data.subarray(33), Buffer.from('9bffffffffffffffff', 'hex')]) }, /./],
  ]; // prettier-ignore
  for (const [what, lie, cause] of lies) {
    it(`is refused: ${what}`, async () => {
      // Two honest uses, so that there is a counter to fall behind.
      await stage.use(ada, (options) => adas.get(options));
      await stage.use(ada, (options) => adas.get(options), strict.factor);
      const before = await stage.enrolments.of(ada.objectGUID);
      const told = typeof lie === 'function' ? lie() : lie;
      await assert.rejects(
        stage.use(ada, (options) => adas.get(options, told), strict.factor),
        isRefusal('code-wrong', cause),
      );
      assert.deepEqual(await stage.enrolments.of(ada.objectGUID), before, 'nothing was changed by it');
      await stage.use(ada, (options) => adas.get(options), strict.factor);
    });
  }

  const junk: readonly (readonly [what: string, spoil: (honest: string) => string, cause: RegExp])[] = [
    ['nothing', () => '', /no JSON/],
    ['no JSON', () => '{"id":', /no JSON/],
    ['null', () => 'null', /no JSON/],
    ['a list', (honest) => `[${honest}]`, /no JSON/],
    ['a number', () => '1e999', /no JSON/],
    ['an empty object', () => '{}', /id is no base64url/],
    ['an inherited id', () => '{"__proto__":{"id":"AAAA"}}', /id is no base64url/],
    ['another rawId', (honest) => honest.replace('"rawId":"', '"rawId":"A'), /rawId/],
    ['another type', (honest) => honest.replace('public-key', 'password'), /public-key/],
    ['no response', (honest) => honest.replace('"response"', '"reply"'), /response is no object/],
    ['a response that is a list', (honest) => honest.replace(/"response":\{.*\}\}/, '"response":[]}'), /response is no object/],
    ['a signature that is a number', (honest) => honest.replace(/"signature":"[^"]*"/, '"signature":1'), /signature/],
    ['an empty signature', (honest) => honest.replace(/"signature":"[^"]*"/, '"signature":""'), /signature/],
    ['base64 in place of base64url', (honest) => honest.replace(/"signature":"[^"]*"/, '"signature":"+/=="'), /signature/],
    ['a spelling that is not the only one', (honest) => honest.replace(/"signature":"[^"]*"/, '"signature":"AB"'), /signature/],
    ['a handle that is an object', (honest) => honest.replace(/"userHandle":"[^"]*"/, '"userHandle":{}'), /userHandle/],
    ['a handle of 65 bytes', (honest) => honest.replace(/"userHandle":"[^"]*"/, `"userHandle":"${'A'.repeat(87)}"`), /userHandle/],
    ['client data that is no JSON', (honest) => honest.replace(/"clientDataJSON":"[^"]*"/, '"clientDataJSON":"AAAA"'), /clientDataJSON/],
    ['client data that is null', (honest) => honest.replace(/"clientDataJSON":"[^"]*"/, '"clientDataJSON":"bnVsbA"'), /clientDataJSON/],
    ['more than 16 kB', (honest) => honest.replace('{', `{"more":"${'A'.repeat(16_384)}",`), /16 kB/],
    ['an id of 2 kB', (honest) => honest.replace(/"(id|rawId)":"[^"]*"/g, `"$1":"${'A'.repeat(2_048)}"`), /id is no base64url/],
  ]; // prettier-ignore
  for (const [what, spoil, cause] of junk) {
    it(`is refused: ${what}`, async () => {
      await assert.rejects(
        stage.use(ada, (options) => spoil(adas.get(options)), strict.factor),
        isRefusal('code-wrong', cause),
      );
    });
  }

  it('answers one question, once, of that person alone', async () => {
    const { factor } = strict;
    const first = await factor.challenge(ada, asking);
    const second = await factor.challenge(ada, asking);
    assert.ok(first.kind === 'webauthn' && second.kind === 'webauthn');
    const response = adas.get(first.options);
    await assert.rejects(
      factor.verify(ada, { response }, { ...asking, state: second.state }),
      isRefusal('code-wrong', /challenge/),
    );
    await factor.verify(ada, { response }, { ...asking, state: first.state });
    await assert.rejects(
      factor.verify(ada, { response }, { ...asking, state: first.state }),
      isRefusal('code-wrong', /counter/),
      'even where a question is put twice',
    );
    for (const state of [first.state, undefined, null, 'x', {}, { challenge: 1, person: bob.objectGUID }]) {
      const attempt = factor.verify(bob, { response: bobs.get(first.options) }, { ...asking, state });
      await assert.rejects(attempt, isRefusal('challenge-lapsed'));
    }
  });

  it('counts once where the same answer comes twice at a time', async () => {
    const { factor } = strict;
    const challenge = await factor.challenge(ada, asking);
    assert.ok(challenge.kind === 'webauthn');
    const response = adas.get(challenge.options);
    const all = await Promise.allSettled(
      Array.from({ length: 4 }, () => factor.verify(ada, { response }, { ...asking, state: challenge.state })),
    );
    assert.equal(all.filter(({ status }) => status === 'fulfilled').length, 1);
  });

  it('that was removed meanwhile is no key', async () => {
    const person = stranger();
    const key = stage.key();
    await stage.enrol(person, key);
    await assert.rejects(
      stage.use(person, (options) => {
        void stage.enrolments.forget(person.objectGUID);
        return key.get(options);
      }),
      isRefusal('code-wrong', /no key of that person|removed/),
    );
  });

  it('names the key whose copy may exist, and keeps the counter that it had', async () => {
    const person = stranger();
    const key = stage.key();
    await stage.enrol(person, key);
    await stage.use(person, (options) => key.get(options, { counter: 40 }));
    await assert.rejects(
      stage.use(person, (options) => key.get(options, { counter: 39 })),
      (error) => error instanceof Refusal && error.detail.key === key.id && error.detail.label === 'My key',
    );
    assert.equal((await stage.enrolments.of(person.objectGUID)).webauthn[0]?.counter, 40);
    await stage.use(person, (options) => key.get(options, { counter: 41 }));
  });

  it('says nothing of a counter to whoever cannot sign', async () => {
    await assert.rejects(
      stage.use(ada, (options) => adas.get(options, { counter: 0, privateKey: bobs.privateKey })),
      isRefusal('code-wrong', /signature/),
    );
  });

  it('is made up for nobody: the same for each spelling of a name, another one for another name', async () => {
    const ids = async (name: string, person?: typeof ada): Promise<string> =>
      (await asks(person, name)).allowCredentials.map(({ id, transports }) => `${id} ${transports.join()}`).join(' ');
    const eve = await ids('eve');
    for (const name of ['eve', 'EVE', ' Eve', 'CORP\\eve', 'eve@corp.example.com']) assert.equal(await ids(name), eve, name);
    assert.equal(await ids('eve', stranger()), eve, 'as for somebody who has none');
    assert.notEqual(await ids('eva'), eve);
    assert.notEqual((await asks(undefined, 'eve')).challenge, (await asks(undefined, 'eve')).challenge);
    assert.deepEqual(Object.keys(await asks(undefined, 'eve')), Object.keys(await asks(ada, 'ada')), 'of the same shape');
    const names = Array.from({ length: 60 }, (_, index) => `name-${String(index)}`);
    const counts = await Promise.all(names.map(async (name) => (await asks(undefined, name)).allowCredentials.length));
    assert.deepEqual([...new Set(counts)].sort(), [1, 2]);
  });

  it('is asked of nobody while the keys that pretend are gone, whoever has one: a refusal, and no fault', async () => {
    stage.keys.trouble = new KeyMistake('the file is gone.');
    try {
      for (const person of [ada, undefined])
        await assert.rejects(asks(person, 'eve'), isRefusal('factor-unavailable', /the file is gone/));
    } finally {
      stage.keys.trouble = undefined;
    }
  });

  it('of nobody is never right', async () => {
    const key = stage.key();
    const { allowCredentials } = await asks(undefined, 'eve');
    const id = allowCredentials[0]?.id ?? '';
    const attempt = stage.use(undefined, (options) => key.get(options, { id }), strict.factor, { name: 'eve' });
    await assert.rejects(attempt, isRefusal('code-wrong', /no key of that person/));
  });

  it('takes no assertion with anything in it changed', async () => {
    const { factor } = strict;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('clientDataJSON', 'authenticatorData', 'signature'),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (field, at, flip) => {
          const challenge = await factor.challenge(ada, asking);
          assert.ok(challenge.kind === 'webauthn');
          const honest = JSON.parse(adas.get(challenge.options)) as { response: Record<string, string> };
          const bytes = Buffer.from(honest.response[field] ?? '', 'base64url');
          // Of the signature its last number alone: how DER writes the lengths before it is signed by nobody.
          const from = field === 'signature' ? bytes.length - 24 : 0;
          const index = from + (at % (bytes.length - from));
          bytes[index] = (bytes[index] ?? 0) ^ flip;
          const response = JSON.stringify({ ...honest, response: { ...honest.response, [field]: bytes.toString('base64url') } });
          await assert.rejects(factor.verify(ada, { response }, { ...asking, state: challenge.state }), isRefusal('code-wrong'));
        },
      ),
      { numRuns: 80 },
    );
  });
});
