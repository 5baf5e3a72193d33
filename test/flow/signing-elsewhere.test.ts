/** A house whose key lies elsewhere: it signs as any other does; where it does not sign nothing goes out, and readiness tells. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openHouse, type House } from '../fixtures/house.ts';
import { takeKey } from '../fixtures/ready-keys.ts';
import { openSigningService, type Behaviour, type SigningService } from '../fixtures/signing-service.ts';
import { responseOf, Visitor } from '../fixtures/visitor.ts';
import { assertVerifiedByXmlsec } from '../fixtures/xml-judges.ts';

let house: House;
let device: SigningService;
before(async () => {
  device = await openSigningService('device', await takeKey('house'), { patience: 400 });
  house = await openHouse({ holdKeys: (ring) => ({ ...ring, active: device.key, published: [device.key] }) });
});
after(async () => {
  await house.close();
  await device.close();
});

const metadata = async (): Promise<{ status: number; text: string }> => {
  const response = await fetch(`${house.url}/saml/metadata`);
  return { status: response.status, text: await response.text() };
};
const readiness = async (): Promise<readonly [number, unknown]> => {
  // An answer about readiness holds for a second.
  house.advance(1_000);
  const response = await fetch(`${house.url}/readyz`);
  return [response.status, ((await response.json()) as Record<string, unknown>).keys];
};

describe('a key that lies elsewhere', () => {
  it('gives no metadata and is not ready while it has never signed', async () => {
    device.behave('hangs up');
    assert.equal((await metadata()).status, 503);
    assert.deepEqual(await readiness(), [503, 'failed']);
    device.behave('signs');
    assert.deepEqual(await readiness(), [200, 'ok']);
  });

  it('signs metadata, Responses and assertions', async () => {
    const certificate = device.key.certificate.toString();
    assertVerifiedByXmlsec((await metadata()).text, 'EntityDescriptor', certificate);
    const { xml } = responseOf(await new Visitor(house.url).signIn('bob', 'Passw0rd!'));
    assertVerifiedByXmlsec(xml, 'Response', certificate);
    assertVerifiedByXmlsec(xml, 'Assertion', certificate);
  });

  for (const behaviour of [
    'refuses',
    'hangs up',
    'is silent',
    'signs something else',
    'babbles',
  ] as const satisfies Behaviour[]) {
    it(`lets nothing out unsigned where it ${behaviour}, and the same person in once it signs again`, async () => {
      device.behave(behaviour);
      assert.deepEqual(await readiness(), [503, 'failed']);
      const visitor = new Visitor(house.url);
      const page = await visitor.signIn('bob', 'Passw0rd!');
      assert.equal(page.status, 503);
      assert.ok(!page.body.includes('SAMLResponse'));
      const event = house.events.at(-1);
      assert.equal(event?.event, 'signin.refused');
      assert.equal(event.reason, 'signing-unavailable');
      assert.equal(event.reference, page.reference);
      assert.equal(event.detail?.key, 'device');
      // What tells a service provider of a refusal would have to be signed as well.
      const passive = await new Visitor(house.url).arrive({ attributes: { IsPassive: 'true' }, issueInstant: house.now() });
      assert.equal(passive.status, 503);
      assert.ok(!passive.body.includes('SAMLResponse'));
      // Metadata that were signed before are as good as they were.
      assert.equal((await metadata()).status, 200);
      device.behave('signs');
      const again = /href="([^"]*signin\?id=[^"]*)"/.exec(page.body)?.[1] ?? assert.fail(page.body);
      assert.ok(responseOf(await visitor.visit(again.replaceAll('&amp;', '&'))).xml.includes('<saml:Assertion'));
      assert.deepEqual(await readiness(), [200, 'ok']);
    });
  }

  it('gives out the metadata of yesterday where it cannot sign today’s, as long as they are valid', async () => {
    const { text } = await metadata();
    device.behave('refuses');
    house.advance(2 * 24 * 3_600_000);
    assert.equal((await metadata()).text, text);
    house.advance(30 * 24 * 3_600_000);
    assert.equal((await metadata()).status, 503);
    device.behave('signs');
    assert.notEqual((await metadata()).text, text);
  });
});
