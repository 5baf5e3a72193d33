/** Making one request yield two assertions: sent twice, answered twice, by either binding, at the same moment or after a restart. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openHouse, type House } from '../fixtures/house.ts';
import { authnRequest, redirectQuery, responseOf, Visitor, type Page } from '../fixtures/visitor.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const isAnswer = ({ form }: Page): boolean => Buffer.from(form?.fields.SAMLResponse ?? '', 'base64').includes('<saml:Assertion ');
const post = (xml: string): RequestInit => ({
  method: 'POST',
  body: new URLSearchParams({ SAMLRequest: Buffer.from(xml).toString('base64') }),
});

describe('one request', () => {
  it('sent many times at once by a live session is answered once', async () => {
    const visitor = new Visitor(house.url);
    await visitor.signIn('bob', 'Passw0rd!');
    const xml = authnRequest();
    const before = house.events.length;
    const pages = await Promise.all(
      Array.from({ length: 10 }, (_, turn) =>
        turn % 2 === 0 ? visitor.visit(`/saml/sso?${redirectQuery(xml)}`) : visitor.visit('/saml/sso', post(xml)),
      ),
    );
    assert.equal(pages.filter(isAnswer).length, 1);
    const events = house.events.slice(before);
    assert.equal(events.filter(({ event }) => event === 'signin.issued').length, 1);
    assert.equal(events.filter(({ reason }) => reason === 'request-replayed').length, 9);
  });

  it('waiting for its person is answered once, however often it is fetched at that moment, and told of once', async () => {
    const visitor = new Visitor(house.url);
    const page = await visitor.arrive({ attributes: { ForceAuthn: 'true' } });
    const posted = await visitor.request('/signin/password', {
      method: 'POST',
      headers: { Origin: house.url },
      body: new URLSearchParams({ ...page.form?.fields, name: 'bob', password: 'Passw0rd!' }),
    });
    const before = house.events.length;
    const pages = await Promise.all(
      Array.from({ length: 8 }, () => visitor.request(posted.headers.get('location') ?? '', { method: 'GET' })),
    );
    assert.equal(pages.filter(isAnswer).length, 1);
    const events = house.events.slice(before);
    assert.deepEqual(events.map(({ event, reason }) => reason ?? event).toSorted(), [
      ...Array.from({ length: 7 }, () => 'signin-unknown'),
      'signin.issued',
    ]);
    assert.ok(pages.every(({ status }) => status === 200 || status === 400));
  });

  for (const [how, again] of [
    ['by the other binding', (xml: string) => new Visitor(house.url).visit('/saml/sso', post(xml))],
    ['with another RelayState', (xml: string) => new Visitor(house.url).visit(`/saml/sso?${redirectQuery(xml, 'other')}`)],
    [
      'after a restart',
      async (xml: string) => {
        await house.restart();
        return new Visitor(house.url).visit(`/saml/sso?${redirectQuery(xml)}`);
      },
    ],
    [
      'just before it is stale',
      (xml: string) => {
        house.advance(12 * 60_000);
        return new Visitor(house.url).visit(`/saml/sso?${redirectQuery(xml)}`);
      },
    ],
  ] as const) {
    it(`is refused ${how}`, async () => {
      const xml = authnRequest({ issueInstant: house.now() });
      const visitor = new Visitor(house.url);
      responseOf(await visitor.fill(await visitor.visit(`/saml/sso?${redirectQuery(xml)}`), 'bob', 'Passw0rd!'));
      const page = await again(xml);
      assert.equal(page.status, 400);
      assert.equal(house.events.at(-1)?.reason, 'request-replayed');
    });
  }

  it('is not answered by HEAD, which nobody would see', async () => {
    const visitor = new Visitor(house.url);
    await visitor.signIn('bob', 'Passw0rd!', { issueInstant: house.now() });
    const query = redirectQuery(authnRequest({ issueInstant: house.now() }));
    for (const path of [`/saml/sso?${query}`, '/signout', '/signin?id=AAAAAAAAAAAAAAAAAAAAAA']) {
      assert.equal((await visitor.request(path, { method: 'HEAD' })).status, 405);
    }
    assert.ok(isAnswer(await visitor.request(`/saml/sso?${query}`)));
  });
});
