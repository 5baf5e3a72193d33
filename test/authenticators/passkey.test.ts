/** Passkeys as the first factor: the key names the person, and is believed only as far as it proves it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Passkey } from '../../src/authenticators/passkey.ts';
import type { Lie, SoftwareAuthenticator } from '../fixtures/software-authenticator.ts';
import { asking, isRefusal } from './factor-stage.ts';
import { ada, bob, webauthnStage, type WebauthnStage } from './webauthn-stage.ts';

const start = Date.UTC(2026, 0, 1);
const handle = (objectGUIDBytes: string): string => Buffer.from(objectGUIDBytes, 'hex').toString('base64url');
/** The 16 bytes of their objectGUIDs, as the directory keeps them. */
const bobsHandle = handle('2f2d7f6c621b4f4b8e6b123456789abc');

describe('a passkey', () => {
  let stage: WebauthnStage;
  let passkey: Passkey;
  let adas: SoftwareAuthenticator;
  let bobs: SoftwareAuthenticator;
  let touched: SoftwareAuthenticator;

  before(async () => {
    stage = await webauthnStage(start);
    ({ passkey } = stage.open());
    adas = stage.key();
    bobs = stage.key();
    touched = stage.key({ verifies: false });
    await stage.enrol(ada, adas);
    await stage.enrol(bob, bobs);
    await stage.enrol(bob, touched);
  });
  after(() => stage.close());

  async function recognise(key: SoftwareAuthenticator, lie?: Lie): Promise<typeof ada> {
    const { options, state } = await passkey.begin();
    return passkey.recogniser(state).recognise({ response: key.get(options, lie) }, asking);
  }

  it('is asked for without a name, and must verify its person', async () => {
    const { options, state } = await passkey.begin();
    const { challenge, ...rest } = JSON.parse(JSON.stringify(options)) as Record<string, unknown>;
    assert.equal(typeof challenge, 'string');
    assert.deepEqual(rest, { rpId: 'sso.example.com', timeout: 300_000, userVerification: 'required' });
    assert.ok(JSON.stringify(state).length < 200);
  });

  it('names its person, who is read from where they were', async () => {
    stage.asked.length = 0;
    assert.equal(await recognise(adas), ada);
    assert.equal(await recognise(bobs), bob);
    assert.deepEqual(stage.asked, [
      { objectGUID: ada.objectGUID, distinguishedName: ada.distinguishedName, server: undefined },
      { objectGUID: bob.objectGUID, distinguishedName: bob.distinguishedName, server: undefined },
    ]);
  });

  it('learns where its person is now, whenever it is used beside a password', async () => {
    const moved = { ...ada, distinguishedName: 'CN=Ada,OU=New,DC=corp,DC=example' };
    await stage.use(moved, (options) => adas.get(options));
    stage.asked.length = 0;
    await recognise(adas);
    assert.equal(stage.asked[0]?.distinguishedName, moved.distinguishedName);
  });

  const refused: readonly (readonly [what: string, key: () => SoftwareAuthenticator, lie: Lie | (() => Lie), cause: RegExp])[] = [
    ['without a handle', () => adas, { userHandle: null }, /names no person/],
    ['with the handle of somebody else', () => adas, { userHandle: bobsHandle }, /no key of that person/],
    ['with somebody else’s handle and id, signed by its own key', () => adas, () => ({ userHandle: bobsHandle, id: bobs.id }), /signature/],
    ['with a handle of another length', () => adas, { userHandle: handle('01') }, /no key of that person/],
    ['with a handle of 64 bytes', () => adas, { userHandle: handle('ff'.repeat(64)) }, /no key of that person/],
    ['with the handle of nobody', () => adas, { userHandle: handle('00'.repeat(16)) }, /no key of that person/],
    ['that verified nobody', () => adas, { userVerified: false }, /verification/],
    ['that is a key for beside a password alone', () => touched, { userVerified: true }, /no key of that person/],
    ['of another origin', () => adas, { origin: 'https://evil.example' }, /origin/],
    ['of another challenge', () => adas, { challenge: 'AAAA' }, /challenge/],
    ['whose counter went back', () => adas, { counter: 1 }, /counter/],
    ['within a page of somebody else', () => adas, { clientData: { crossOrigin: true } }, /within a page/],
  ]; // prettier-ignore
  for (const [what, key, lie, cause] of refused) {
    it(`is refused: ${what}`, async () => {
      await recognise(adas);
      stage.asked.length = 0;
      await assert.rejects(recognise(key(), typeof lie === 'function' ? lie() : lie), isRefusal('code-wrong', cause));
      assert.deepEqual(stage.asked, [], 'and the directory is asked nothing');
    });
  }

  it('answers its own question, once, and no question that was put to somebody', async () => {
    const first = await passkey.begin();
    const second = await passkey.begin();
    const response = adas.get(first.options);
    const present = (state: unknown) => passkey.recogniser(state).recognise({ response }, asking);
    await assert.rejects(present(second.state), isRefusal('code-wrong', /challenge/));
    await present(first.state);
    await assert.rejects(present(first.state), isRefusal('code-wrong', /counter/));
    const { factor } = stage.open();
    const { state } = await factor.challenge(ada, asking);
    for (const wrong of [state, undefined, null, 1, {}]) await assert.rejects(present(wrong), isRefusal('challenge-lapsed'));
    await assert.rejects(passkey.recogniser(second.state).recognise({}, asking), isRefusal('code-wrong', /no JSON/));
  });

  it('of somebody who is gone, or whose objectGUID another one bears there, is nobody’s', async () => {
    stage.people.delete(bob.objectGUID);
    await assert.rejects(recognise(bobs), isRefusal('person-gone'));
    stage.people.set(bob.objectGUID, ada);
    await assert.rejects(recognise(bobs), isRefusal('person-gone'));
    stage.people.set(bob.objectGUID, bob);
    await recognise(bobs);
  });
});
