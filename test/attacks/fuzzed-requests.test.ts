/** Requests broken at random, the same ones each time: none provokes a fault, an assertion or a second event. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { openHouse, type House } from '../fixtures/house.ts';
import { authnRequest, Visitor } from '../fixtures/visitor.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const seed = 20_260_101;
const sound = Buffer.from(
  authnRequest({ content: '<samlp:NameIDPolicy AllowCreate="true"/>', attributes: { ForceAuthn: 'true' } }),
);

/** Bytes of the request replaced, moved or cut. */
const broken = fc
  .array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255), fc.boolean()), { minLength: 1, maxLength: 4 })
  .map((changes) => {
    const bytes = Buffer.from(sound);
    for (const [at, value, move] of changes) {
      if (move) bytes.copyWithin(at, (at * 7 + value) % bytes.length);
      else bytes[at] = value;
    }
    return bytes;
  });
const odd = fc.string({ unit: fc.constantFrom(...Array.from('%&=+;?#/\\"\'<>[]{}|^`~,:@!$()* az09-_.')), maxLength: 40 });
const names = fc.constantFrom('SAMLRequest', 'RelayState', 'SigAlg', 'Signature', 'SAMLEncoding', 'id', 'sp', 'signin', 'name');
const form = fc.array(fc.tuple(names, fc.oneof(odd, fc.string({ unit: 'binary', maxLength: 20 }))), { maxLength: 6 });

async function holds(path: string, init?: RequestInit): Promise<void> {
  const before = house.events.length;
  const page = await new Visitor(house.url).request(path, init);
  assert.ok(page.status < 500, `${String(page.status)} for ${path}`);
  assert.doesNotMatch(Buffer.from(page.form?.fields.SAMLResponse ?? '', 'base64').toString(), /<saml:Assertion/);
  const events = house.events.slice(before).map(({ event }) => event);
  assert.deepEqual(events, page.status < 400 && page.form === undefined ? [] : events.slice(0, 1));
  assert.equal(events.includes('fault'), false);
}

describe('a request broken at random', () => {
  it('as HTTP-Redirect', () =>
    fc.assert(
      fc.asyncProperty(broken, (xml) =>
        holds(`/saml/sso?SAMLRequest=${encodeURIComponent(deflateRawSync(xml).toString('base64'))}`),
      ),
      { seed, numRuns: 300 },
    ));

  it('as HTTP-POST', () =>
    fc.assert(
      fc.asyncProperty(broken, odd, (xml, relayState) =>
        holds('/saml/sso', {
          method: 'POST',
          body: new URLSearchParams({ SAMLRequest: xml.toString('base64'), RelayState: relayState }),
        }),
      ),
      { seed, numRuns: 200 },
    ));

  it('as a query of any page', () =>
    fc.assert(
      fc.asyncProperty(fc.constantFrom('/saml/sso', '/signin', '/saml/idp-initiated', '/signout', '/'), odd, (path, query) =>
        holds(`${path}?${query}`),
      ),
      { seed, numRuns: 200 },
    ));

  it('as a form', () =>
    fc.assert(
      fc.asyncProperty(fc.constantFrom('/saml/sso', '/signin/password'), form, (path, fields) =>
        holds(path, { method: 'POST', body: new URLSearchParams(fields), headers: { Origin: house.url } }),
      ),
      { seed, numRuns: 200 },
    ));
});
