/** Sign-ins of several tabs, browsers and people that cross each other: nobody is ever issued on another's evidence. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openHouse, type House } from '../fixtures/house.ts';
import { responseOf, statusOf, textOf, Visitor, type Page } from '../fixtures/visitor.ts';

const password = 'Passw0rd!';
const force = { attributes: { ForceAuthn: 'true' } };
let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const handleOf = (page: Page): string => page.form?.fields.signin ?? '';
const nameIdOf = (page: Page): string | undefined => textOf(responseOf(page).xml, 'NameID');
const asks = (page: Page): boolean => page.form?.action === '/signin/password';

describe('crossing sign-ins', () => {
  it('in two tabs each answer their own request', async () => {
    const visitor = new Visitor(house.url);
    const first = await visitor.arrive({ id: '_first' }, 'one');
    const second = await visitor.arrive({ id: '_second' }, 'two');
    const answers = [await visitor.fill(second, 'bob', password), await visitor.visit(`/signin?id=${handleOf(first)}`)];
    assert.deepEqual(
      answers.map(responseOf).map(({ xml, relayState }) => [/InResponseTo="([^"]+)"/.exec(xml)?.[1], relayState]),
      [
        ['_second', 'two'],
        ['_first', 'one'],
      ],
    );
  });

  it('of two people at one browser: the last to sign in is who is issued, in every tab', async () => {
    const visitor = new Visitor(house.url);
    const [one, two, three] = [await visitor.arrive(), await visitor.arrive(), await visitor.arrive()];
    assert.equal(nameIdOf(await visitor.fill(one, 'bob', password)), 'bob@example.com');
    assert.equal(nameIdOf(await visitor.fill(two, 'alice', password)), 'alice.liddell@example.com');
    assert.equal(nameIdOf(await visitor.visit(`/signin?id=${handleOf(three)}`)), 'alice.liddell@example.com');
  });

  it('hand a stranger’s handle over to nobody: each browser is issued for its own person', async () => {
    const bob = new Visitor(house.url);
    const alice = new Visitor(house.url);
    await alice.signIn('alice', password);
    const page = await bob.arrive({}, 'of bob');
    await bob.signIn('bob', password);
    const answer = await alice.visit(`/signin?id=${handleOf(page)}`);
    assert.equal(nameIdOf(answer), 'alice.liddell@example.com');
    assert.equal((await bob.visit(`/signin?id=${handleOf(page)}`)).status, 400);
  });
});

describe('ForceAuthn', () => {
  it('takes no password that was given before, for another request, or by another browser', async () => {
    const visitor = new Visitor(house.url);
    await visitor.signIn('bob', password);
    const forced = await visitor.arrive(force);
    assert.ok(asks(forced));
    assert.ok(asks(await visitor.visit(`/signin?id=${handleOf(forced)}`)));
    const other = await visitor.arrive(force);
    responseOf(await visitor.fill(other, 'bob', password));
    assert.ok(asks(await visitor.visit(`/signin?id=${handleOf(forced)}`)), 'evidence for one counts for the other');
    const elsewhere = new Visitor(house.url);
    responseOf(await elsewhere.fill(forced, 'bob', password));
    assert.equal((await visitor.visit(`/signin?id=${handleOf(forced)}`)).status, 400);
  });

  it('is not met by a session that learnt of the handle but saw another person’s password', async () => {
    const visitor = new Visitor(house.url);
    const thief = new Visitor(house.url);
    await thief.signIn('alice', password);
    const forced = await visitor.arrive(force);
    const { form } = forced;
    const posted = await visitor.request('/signin/password', {
      method: 'POST',
      headers: { Origin: house.url },
      body: new URLSearchParams({ ...form?.fields, name: 'bob', password }),
    });
    assert.equal(posted.status, 303);
    assert.ok(asks(await thief.visit(`/signin?id=${handleOf(forced)}`)));
    assert.equal(nameIdOf(await visitor.visit(`/signin?id=${handleOf(forced)}`)), 'bob@example.com');
  });

  for (const signedIn of [false, true]) {
    it(`with IsPassive is refused ${signedIn ? 'whatever session there is' : 'without a session'}`, async () => {
      const visitor = new Visitor(house.url);
      if (signedIn) await visitor.signIn('bob', password);
      const page = await visitor.arrive({ attributes: { ForceAuthn: '1', IsPassive: '1' } });
      assert.deepEqual(statusOf(responseOf(page).xml), ['Responder', 'NoPassive']);
      assert.doesNotMatch(responseOf(page).xml, /<saml:Assertion/);
    });
  }
});
