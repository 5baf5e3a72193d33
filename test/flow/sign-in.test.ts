/** One sign-in, end to end over HTTP: what the browser sees, what the service provider gets, what the log keeps. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { SAML } from '@node-saml/node-saml';
import { acs, entityID, openHouse, type House } from '../fixtures/house.ts';
import { authnRequest, redirectQuery, responseOf, statusOf, textOf, Visitor } from '../fixtures/visitor.ts';
import { assertValidBySchema } from '../fixtures/xml-judges.ts';

const password = 'Passw0rd!';
let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

async function certificate(): Promise<string> {
  return (await fetch(`${house.url}/saml/certificate.pem`)).text();
}

describe('a sign-in', () => {
  it('leads from Google’s request to a Response that another implementation accepts', async () => {
    const visitor = new Visitor(house.url);
    const id = `_${'a'.repeat(32)}`;
    const relayState = 'https://mail.google.com/a?x=1&y=%20"<>ü\n';
    const page = await visitor.signIn('alice.liddell@example.com', password, { id }, relayState);
    const { location, raw, xml, relayState: echoed } = responseOf(page);
    assert.equal(location, acs);
    // A browser’s form turns line ends into CR LF when it posts them; the page carries what came.
    assert.equal(echoed, relayState);
    const judge = new SAML({
      callbackUrl: acs,
      entryPoint: `${house.url}/saml/sso`,
      issuer: entityID,
      audience: entityID,
      idpCert: await certificate(),
      idpIssuer: `${house.url}/saml/metadata`,
      wantAuthnResponseSigned: true,
      wantAssertionsSigned: true,
    });
    const { profile } = await judge.validatePostResponseAsync({ SAMLResponse: raw });
    assert.equal(profile?.nameID, 'alice.liddell@example.com');
    assert.equal(profile.inResponseTo, id);
    assertValidBySchema([xml], 'protocol');
    assert.match(visitor.cookie ?? '', /^__Host-passerelle=/);
  });

  for (const name of [
    'alice',
    'ALICE',
    'CORP\\alice',
    'corp.example.com\\alice',
    'alice.liddell@example.com',
    'alice@corp.example.com',
    'alice@example.com',
  ]) {
    it(`knows ${name}`, async () => {
      const page = await new Visitor(house.url).signIn(name, password);
      assert.equal(textOf(responseOf(page).xml, 'NameID'), 'alice.liddell@example.com');
    });
  }

  it('takes the HTTP-POST binding, and a sign-in by it ends in the same Response', async () => {
    const visitor = new Visitor(house.url);
    const body = new URLSearchParams({ SAMLRequest: Buffer.from(authnRequest()).toString('base64'), RelayState: 'r' });
    const page = await visitor.visit('/saml/sso', { method: 'POST', body });
    const answer = responseOf(await visitor.fill(page, 'bob', password));
    assert.equal(answer.relayState, 'r');
    assert.equal(textOf(answer.xml, 'NameID'), 'bob@example.com');
  });

  it('echoes a RelayState of 64 KiB byte for byte, by either binding', async () => {
    const relayState = 'ä%&+ "<'.repeat(10_000).slice(0, 65_536 / 2);
    const visitor = new Visitor(house.url);
    assert.equal(responseOf(await visitor.signIn('bob', password, {}, relayState)).relayState, relayState);
    const body = new URLSearchParams({ SAMLRequest: Buffer.from(authnRequest()).toString('base64'), RelayState: relayState });
    assert.equal(responseOf(await visitor.visit('/saml/sso', { method: 'POST', body })).relayState, relayState);
  });

  it('answers an IdP-initiated sign-in without InResponseTo', async () => {
    const visitor = new Visitor(house.url);
    const page = await visitor.visit(`/saml/idp-initiated?sp=${encodeURIComponent(entityID)}&RelayState=deep`);
    const answer = responseOf(await visitor.fill(page, 'bob', password));
    assert.equal(answer.location, acs);
    assert.equal(answer.relayState, 'deep');
    assert.doesNotMatch(answer.xml, /InResponseTo/);
  });

  it('prefills the name from login_hint, and nothing of it is believed', async () => {
    for (const parameter of ['login_hint', 'LoginHint']) {
      const page = await new Visitor(house.url).visit(
        `/saml/sso?${redirectQuery(authnRequest())}&${parameter}=${encodeURIComponent('"><script>bob')}`,
      );
      assert.equal(page.form?.fields.name, '"><script>bob');
      assert.doesNotMatch(page.body, /<script>bob/);
    }
  });

  it('keeps one reference on page and log, and no password anywhere in it', async () => {
    const page = await new Visitor(house.url).signIn('alice', 'sEcret-wrong-passw0rd');
    const event = house.events.at(-1);
    assert.equal(page.status, 401);
    assert.equal(event?.reason, 'password-wrong');
    assert.equal(event.reference, page.reference);
    assert.doesNotMatch(JSON.stringify(house.events) + page.body, /sEcret/);
  });
});

describe('a session', () => {
  it('answers a second request and a second service provider without a page in between', async () => {
    const visitor = new Visitor(house.url);
    const first = textOf(responseOf(await visitor.signIn('bob', password)).xml, 'NameID');
    const again = await visitor.request(`/saml/sso?${redirectQuery(authnRequest())}`);
    assert.equal(again.status, 200);
    assert.equal(textOf(responseOf(again).xml, 'NameID'), first);
  });

  it('gets a new identifier with each sign-in, and the old one is worth nothing', async () => {
    const visitor = new Visitor(house.url);
    await visitor.signIn('bob', password);
    const old = visitor.cookie;
    await visitor.signIn('bob', password, { attributes: { ForceAuthn: 'true' } });
    assert.notEqual(visitor.cookie, old);
    const thief = new Visitor(house.url);
    thief.cookie = old;
    assert.equal((await thief.arrive()).form?.action, '/signin/password');
  });

  it('asks again for ForceAuthn, and a different person then takes over whole', async () => {
    const visitor = new Visitor(house.url);
    await visitor.signIn('bob', password);
    const page = await visitor.arrive({ attributes: { ForceAuthn: 'true' } });
    assert.equal(textOf(responseOf(await visitor.fill(page, 'alice', password)).xml, 'NameID'), 'alice.liddell@example.com');
    assert.equal(textOf(responseOf(await visitor.arrive()).xml, 'NameID'), 'alice.liddell@example.com');
  });

  it('answers IsPassive from a live session, and NoPassive without one, by either binding', async () => {
    const visitor = new Visitor(house.url);
    const passive = { attributes: { IsPassive: 'true' } };
    assert.deepEqual(statusOf(responseOf(await visitor.arrive(passive)).xml), ['Responder', 'NoPassive']);
    const body = new URLSearchParams({ SAMLRequest: Buffer.from(authnRequest(passive)).toString('base64') });
    assert.deepEqual(statusOf(responseOf(await visitor.visit('/saml/sso', { method: 'POST', body })).xml), [
      'Responder',
      'NoPassive',
    ]);
    await visitor.signIn('bob', password);
    assert.deepEqual(statusOf(responseOf(await visitor.arrive(passive)).xml), ['Success']);
  });

  it('ends by /signout, for good', async () => {
    const visitor = new Visitor(house.url);
    await visitor.signIn('bob', password);
    const { cookie } = visitor;
    const page = await visitor.visit('/signout');
    assert.equal(page.status, 200);
    assert.equal(visitor.cookie, undefined);
    visitor.cookie = cookie;
    assert.equal((await visitor.arrive()).form?.action, '/signin/password');
    assert.equal(house.events.filter(({ event }) => event === 'session.ended').length, 1);
  });

  it('survives a restart', async () => {
    const visitor = new Visitor(house.url);
    await visitor.signIn('bob', password);
    await house.restart();
    assert.deepEqual(statusOf(responseOf(await visitor.arrive()).xml), ['Success']);
  });
});
