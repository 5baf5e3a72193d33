/** Which of our algorithms a service provider takes, and which it does not. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { dataCiphers, keyTransports, oaepDigests, signatureAlgorithms } from '../../src/config/algorithm-names.ts';
import type { Abilities } from './abilities.ts';
import { Browser } from './browser.ts';
import type { Scene } from './describe-partner.ts';
import { messagesOf } from './messages.ts';
import { signIn, until } from './stage.ts';

/** Signs in afresh; what came, and whether it was taken. */
async function attempt({ partner }: Scene): Promise<{ readonly xml: string; readonly taken: boolean }> {
  const browser = new Browser();
  const page = await signIn(browser, partner.signIn['HTTP-Redirect']);
  const { xml } = messagesOf(browser.visits).find(({ name }) => name === 'Response') ?? assert.fail('no Response');
  return { xml, taken: partner.learned(page) !== undefined };
}

export function describeAlgorithms(scene: () => Scene, abilities: Abilities): void {
  const { decrypts, decryptsNot, verifies, verifiesNot, namesNot, nameIDFormat } = abilities;
  /** It learns of a new key in its own time. */
  function taking(): ReturnType<typeof attempt> {
    const ask = async () => {
      const one = await attempt(scene());
      return one.taken ? one : undefined;
    };
    return until('a sign-in by the other key', ask, () => scene().trouble());
  }

  for (const each of [...decrypts, ...decryptsNot]) {
    const { algorithm, keyTransport, digest } = each;
    const can = decrypts.includes(each);
    it(`decrypts ${algorithm} with ${keyTransport} and ${digest}: ${can ? 'yes' : 'no'}`, async () => {
      await scene().reopen({ encrypt: 'assertion', encryption: each });
      const { xml, taken } = await attempt(scene());
      for (const uri of [dataCiphers[algorithm].uri, keyTransports[keyTransport], oaepDigests[digest]]) {
        assert.ok(xml.includes(`"${uri}"`), uri);
      }
      assert.equal(taken, can, scene().trouble());
    });
  }

  it('decrypts a NameID that is encrypted alone', async () => {
    await scene().reopen({ encrypt: 'nameId', encryption: {} });
    const { xml, taken } = await attempt(scene());
    assert.match(xml, /<saml:EncryptedID>/);
    assert.equal(taken, true, scene().trouble());
  });

  for (const algorithm of [...verifies, ...verifiesNot]) {
    const can = verifies.includes(algorithm);
    it(`verifies ${algorithm}: ${can ? 'yes' : 'no'}`, async () => {
      const elliptic = signatureAlgorithms[algorithm].scheme === 'ecdsa';
      const key = elliptic ? await scene().addEllipticKey() : undefined;
      await scene().reopen({ encrypt: 'never', encryption: {}, signature: { algorithm, key } });
      if (elliptic) await scene().partner.refresh();
      const { xml, taken } = await (elliptic && can ? taking() : attempt(scene()));
      const wanted = `<ds:SignatureMethod Algorithm="${signatureAlgorithms[algorithm].uri}">`;
      assert.equal(xml.split(wanted).length, 3, 'Response and assertion are signed so');
      assert.ok(xml.includes(`${nameIDFormat}"`), 'its NameID is of another format');
      assert.equal(taken, can, scene().trouble());
    });
  }

  for (const algorithm of namesNot) {
    it(`is not sent ${algorithm}, of which its metadata does not speak`, async () => {
      await scene().reopen({ encrypt: 'never', encryption: {}, signature: { algorithm } });
      await signIn(new Browser(), scene().partner.signIn['HTTP-Redirect']);
      assert.equal(scene().house.events.at(-1)?.reason, 'algorithms-not-shared');
    });
  }

  it('signs in as before with our own choice of algorithms', async () => {
    await scene().reopen({ encrypt: undefined, encryption: {}, signature: {} });
    const { xml, taken } = await attempt(scene());
    assert.match(xml, /EncryptedAssertion/);
    assert.equal(taken, true, scene().trouble());
  });
}
