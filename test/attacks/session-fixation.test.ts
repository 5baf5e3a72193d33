/** Riding on a session: one that the attacker chose, one that was ended, one tossed in beside it. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { openHouse, type House } from '../fixtures/house.ts';
import { authnRequest, redirectQuery, responseOf, textOf, Visitor, type Page } from '../fixtures/visitor.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const name = '__Host-passerelle';
const token = (): string => randomBytes(32).toString('base64url');
const asks = (page: Page): boolean => page.form?.action === '/signin/password';

async function signedIn(person: string): Promise<Visitor> {
  const visitor = new Visitor(house.url);
  responseOf(await visitor.signIn(person, 'Passw0rd!'));
  return visitor;
}

describe('a session', () => {
  it('never begins under a token that the browser brought', async () => {
    const chosen = `${name}=${token()}`;
    const victim = new Visitor(house.url);
    victim.cookie = chosen;
    responseOf(await victim.signIn('alice', 'Passw0rd!'));
    assert.notEqual(victim.cookie, chosen);
    const attacker = new Visitor(house.url);
    attacker.cookie = chosen;
    assert.ok(asks(await attacker.arrive()));
  });

  it('is bound to the very host, out of reach of scripts and of other sites', async () => {
    const visitor = new Visitor(house.url);
    const { form } = await visitor.arrive();
    const page = await visitor.request('/signin/password', {
      method: 'POST',
      headers: { Origin: house.url },
      body: new URLSearchParams({ ...form?.fields, name: 'bob', password: 'Passw0rd!' }),
    });
    const [cookie, ...others] = page.headers.getSetCookie();
    assert.deepEqual(others, []);
    assert.match(cookie ?? '', /^__Host-passerelle=[A-Za-z0-9_-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax$/);
    assert.equal(page.headers.get('cache-control'), 'no-store');
  });

  const headers: readonly (readonly [string, (own: string) => string, boolean])[] = [
    ['its own cookie', (own) => `${name}=${own}`, true],
    ['its own among others', (own) => `a=b; ${name}=${own}; c=d`, true],
    ['a token one letter longer', (own) => `${name}=${own}A`, false],
    ['a token one letter shorter', (own) => `${name}=${own.slice(0, -1)}`, false],
    ['a token in other letter case', (own) => `${name}=${own.toUpperCase()}`, false],
    ['a token in quotes', (own) => `${name}="${own}"`, false],
    ['the token as another cookie', (own) => `passerelle=${own}; Host-passerelle=${own}; x${name}=${own}`, false],
    ['the name in other letter case', (own) => `${name.toUpperCase()}=${own}`, false],
    ['the cookie within the value of another', (own) => `a=${name}=${own}`, false],
  ];
  for (const [what, header, taken] of headers) {
    it(`is ${taken ? 'found' : 'not found'} by ${what}`, async () => {
      const visitor = await signedIn('bob');
      visitor.cookie = header(visitor.cookie?.split('=')[1] ?? '');
      const page = await visitor.visit(`/saml/sso?${redirectQuery(authnRequest())}`);
      assert.equal(asks(page), !taken);
    });
  }

  it('that was signed out answers nothing any more, not even a sign-in that was open in another tab', async () => {
    const visitor = await signedIn('bob');
    const { cookie } = visitor;
    const other = await visitor.arrive({ attributes: { ForceAuthn: 'true' } });
    await visitor.visit('/signout');
    visitor.cookie = cookie;
    assert.ok(asks(await visitor.arrive()));
    assert.ok(asks(await visitor.visit(`/signin?id=${other.form?.fields.signin ?? ''}`)));
    assert.ok(asks(await visitor.arrive({ attributes: { ForceAuthn: 'true' } })));
  });

  it('that was signed out is not revived by an answer under way', async () => {
    const visitor = await signedIn('bob');
    const { cookie } = visitor;
    house.advance(60_000);
    const issueInstant = house.now();
    await Promise.all([
      ...Array.from({ length: 5 }, () => visitor.arrive({ issueInstant })),
      visitor.visit('/signout'),
      ...Array.from({ length: 5 }, () => visitor.arrive({ issueInstant })),
    ]);
    visitor.cookie = cookie;
    assert.ok(asks(await visitor.arrive({ issueInstant })));
  });

  it('of one person ends where another signs in, and its token is worth nothing', async () => {
    const visitor = await signedIn('bob');
    const old = visitor.cookie;
    const page = await visitor.signIn('alice', 'Passw0rd!', { issueInstant: house.now(), attributes: { ForceAuthn: 'true' } });
    assert.equal(textOf(responseOf(page).xml, 'NameID'), 'alice.liddell@example.com');
    visitor.cookie = old;
    assert.ok(asks(await visitor.arrive({ issueInstant: house.now() })));
  });
});
