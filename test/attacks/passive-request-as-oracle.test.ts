/** A request with IsPassive asks nobody, so that its sign-in must not become a place to try names and passwords quietly. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openHouse, type House } from '../fixtures/house.ts';
import { authnRequest, responseOf, statusOf, textOf, Visitor, type Page } from '../fixtures/visitor.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

/** By HTTP-POST the request waits, since no cookie comes along; its handle stands in the redirect. */
async function handleOf(visitor: Visitor): Promise<string> {
  const SAMLRequest = Buffer.from(authnRequest({ attributes: { IsPassive: 'true' } })).toString('base64');
  const page = await visitor.request('/saml/sso', { method: 'POST', body: new URLSearchParams({ SAMLRequest }) });
  assert.equal(page.status, 303);
  return new URL(page.headers.get('location') ?? '', house.url).searchParams.get('id') ?? '';
}

async function guess(name: string, password: string): Promise<Page> {
  const visitor = new Visitor(house.url);
  const signin = await handleOf(visitor);
  const page = await visitor.post('/signin/password', { signin, name, password });
  assert.equal(visitor.cookie, undefined);
  return page;
}

describe('a password posted to a passive request', () => {
  for (const [name, password] of [
    ['alice', 'wrong'],
    ['alice', 'Passw0rd!'],
    ['nobody-at-all', 'wrong'],
    ['locked', 'wrong'],
    ['shared@example.com', 'wrong'],
  ] as const) {
    it(`is not tried, and tells nothing: ${name}, ${password}`, async () => {
      const before = house.events.length;
      const { xml } = responseOf(await guess(name, password));
      assert.deepEqual(statusOf(xml), ['Responder', 'NoPassive']);
      assert.match(textOf(xml, 'StatusMessage') ?? '', /^passive-impossible, reference /);
      assert.deepEqual(
        house.events.slice(before).map(({ event, reason }) => [event, reason]),
        [['signin.refused', 'passive-impossible']],
      );
    });
  }
});
