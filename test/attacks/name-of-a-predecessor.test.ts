/** Somebody who bears the account name of another, gone by now, and would be taken for them. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ForeignServiceProvider, makeCredential } from '../fixtures/foreign-service-provider.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { openPeople, type People } from '../fixtures/people.ts';
import { responseOf, statusOf, Visitor } from '../fixtures/visitor.ts';

const password = 'Passw0rd!';
const persistent = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
const site = new ForeignServiceProvider(await makeCredential());
const anyName = `<samlp:NameIDPolicy Format="${persistent}" AllowCreate="true"/>`;
const minute = 60_000;

let first: People;
let second: People;
let house: House;
before(async () => {
  const person = (objectGUID: string) =>
    openPeople([{ name: 'sam', password, upn: 'sam@example.com', attributes: { objectGUID } }]);
  [first, second] = [await person('the first of two'), await person('the other of two')];
  house = await openHouse({
    ldap: first.ldap,
    metadata: [{ xml: site.metadata(), nameId: { format: 'emailAddress' } }],
  });
});
after(async () => {
  await house.close();
  await second.close();
});

async function answer(content: string, visitor = new Visitor(house.url)): Promise<string> {
  const request = site.authnRequest(undefined, { issueInstant: house.now(), content });
  const page = await visitor.visit(`/saml/sso?${site.redirectQuery(request, { sign: false })}`);
  return responseOf(page.form?.action === '/signin/password' ? await visitor.fill(page, 'sam', password) : page).xml;
}
const nameIDOf = (xml: string): string => /<saml:NameID.*?<\/saml:NameID>/s.exec(xml)?.[0] ?? '';
const subject = (nameID: string): string => `<saml:Subject>${nameID}</saml:Subject>`;

describe('a name that was given anew', () => {
  it('brings no persistent name along, no answer about the one before, and nothing by their session', async () => {
    const old = new Visitor(house.url);
    const name = nameIDOf(await answer(anyName, old));
    assert.match(name, />[A-Z2-7]{32}</);
    assert.deepEqual(statusOf(await answer('', old)), ['Success']);
    const { directory } = house.configuration;
    const controllers = (second.ldap.urls ?? []).map((url) => ({ url, priority: 1 }));
    const forests = directory.forests.map((forest) => ({
      ...forest,
      domains: forest.domains.map((domain) => ({ ...domain, controllers })),
    }));
    await house.restart({ directory: { ...directory, forests } });
    await first.close();
    house.advance(minute);

    // Deleted and made again: the same account name, password and address, and another objectGUID.
    const young = new Visitor(house.url);
    assert.deepEqual(statusOf(await answer(subject(name), young)), ['Responder', 'UnknownPrincipal']);
    const others = nameIDOf(await answer(anyName, young));
    assert.match(others, />[A-Z2-7]{32}</);
    assert.notEqual(others, name);
    assert.deepEqual(statusOf(await answer(subject(others), young)), ['Success']);

    house.advance(minute);
    const before = house.events.length;
    assert.deepEqual(statusOf(await answer(anyName, old)), ['Responder', 'UnknownPrincipal']);
    assert.equal(house.events.slice(before).at(-1)?.reason, 'person-gone');
    assert.equal(
      (await old.arrive({ issuer: site.entityID, attributes: { AssertionConsumerServiceURL: site.acs } })).form?.action,
      '/signin/password',
    );
  });
});
