/** Somebody with the password signs in as a client over and over, so that a sign-out no longer finds the session of the browser. */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { ForeignServiceProvider, makeCredential, post } from '../fixtures/foreign-service-provider.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { bring, signInAt, sloService, type Known } from '../fixtures/logout-journey.ts';
import { basic, envelope, paos, soapPost } from '../fixtures/soap-client.ts';
import { responseOf, statusOf, Visitor } from '../fixtures/visitor.ts';

/** More than a sign-out looks through. */
const clients = 150;
const persistent = '<samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" AllowCreate="true"/>';

let house: House;
let wiki: ForeignServiceProvider;
before(async () => {
  wiki = new ForeignServiceProvider(await makeCredential(), 'https://wiki.example.net');
  const service = (index: number, binding: string): string =>
    `<md:AssertionConsumerService index="${String(index)}" Binding="${binding}" Location="${wiki.acs}"/>`;
  const xml = wiki.metadata({
    endpoints: sloService('redirect', `${wiki.origin}/slo`),
    assertionConsumerServices: service(0, post) + service(1, paos),
  });
  house = await openHouse({ config: { ecp: { enabled: true } }, metadata: [{ xml, nameId: { format: 'persistent' } }] });
});
after(() => house.close());

async function signInByClient(): Promise<string> {
  const request = wiki.authnRequest(undefined, { content: persistent });
  const answer = await soapPost(`${house.url}/saml/ecp`, envelope(request), basic('alice', 'Passw0rd!'));
  const sessionIndex = answer.value('//saml:AuthnStatement/@SessionIndex');
  assert.notEqual(sessionIndex, '', answer.text);
  return sessionIndex;
}

async function signOut({ nameID }: Known, sessionIndexes: readonly string[]): Promise<void> {
  const request = wiki.sign(wiki.logoutRequest(`${house.url}/saml/slo`, nameID, sessionIndexes));
  await bring(new Visitor(house.url), wiki, 'post', request, { sign: false });
}

async function isLive(browser: Visitor): Promise<boolean> {
  const passive = wiki.authnRequest(undefined, { attributes: { IsPassive: 'true' } });
  const page = await browser.visit(`/saml/sso?${wiki.redirectQuery(passive, { sign: false })}`);
  return statusOf(responseOf(page).xml)[0] === 'Success';
}

it('the session of the browser ends all the same, and a client’s was over before', async () => {
  const [first, second] = [new Visitor(house.url), new Visitor(house.url)];
  const known = await signInAt(first, wiki, undefined, persistent);
  await signInAt(second, wiki, undefined, persistent);
  const [client = ''] = await Promise.all(Array.from({ length: clients }, signInByClient));
  await signOut(known, [client]);
  assert.equal(house.events.at(-1)?.reason, 'logout-principal-unknown');
  assert.deepEqual([await isLive(first), await isLive(second)], [true, true]);
  await signOut(known, [known.sessionIndex]);
  assert.deepEqual([await isLive(first), await isLive(second)], [false, true]);
  await signOut(known, []);
  assert.equal(await isLive(second), false);
});
