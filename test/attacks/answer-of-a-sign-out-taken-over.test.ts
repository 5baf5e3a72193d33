/** A service provider that takes part claims the answer of a sign-out that runs in another browser, or has it never sent. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { answer, bring, follow, type Known, shownStates, signInAt } from '../fixtures/logout-journey.ts';
import { type Page, Visitor } from '../fixtures/visitor.ts';
import { answerOf, idOf, openSignOutScene, persistent, type SignOutScene } from './sign-out-scene.ts';

const asynchronous =
  '<samlp:Extensions><aslo:Asynchronous xmlns:aslo="urn:oasis:names:tc:SAML:2.0:protocol:ext:async-slo"/></samlp:Extensions>';

let scene: SignOutScene;
before(async () => {
  scene = await openSignOutScene();
});
after(() => scene.house.close());

describe('a sign-out that runs', () => {
  let victim: Visitor;
  let atPayroll: Known;
  let request: string;
  let page: Page;
  beforeEach(async () => {
    const { house, wiki, payroll, expenses, singleLogout } = scene;
    victim = new Visitor(house.url);
    const known = await signInAt(victim, wiki, undefined, persistent);
    await signInAt(victim, expenses, undefined, persistent);
    atPayroll = await signInAt(victim, payroll, undefined, persistent);
    request = wiki.logoutRequest(singleLogout, known.nameID);
    page = await bring(victim, wiki, 'redirect', request, { relayState: 'of the wiki' });
  });

  /** The sign-out comes to its end in the browser of the victim, and the wiki gets its answer. */
  async function assertUnchanged(): Promise<void> {
    const { payroll, expenses } = scene;
    page = await answer(victim, expenses, page);
    assert.deepEqual(shownStates(page), { expenses: 'done', payroll: 'current' });
    const { location, inResponseTo, relayState, status } = answerOf(await answer(victim, payroll, page));
    assert.equal(location, 'https://wiki.example.net/slo');
    assert.deepEqual([inResponseTo, relayState, status], [idOf(request), 'of the wiki', ['Success']]);
  }

  for (const binding of ['redirect', 'post'] as const) {
    for (const [how, content] of [
      ['answered', ''],
      ['without an answer', asynchronous],
    ] as const) {
      it(`is not taken over from another browser, by ${binding}, ${how}`, async () => {
        const { house, payroll, singleLogout } = scene;
        const elsewhere = new Visitor(house.url);
        const claim = payroll.logoutRequest(singleLogout, atPayroll.nameID, [], { content });
        const refused = await bring(elsewhere, payroll, binding, claim, { relayState: 'https://evil.example' });
        assert.doesNotMatch(refused.body, /expenses|wiki/i);
        await assertUnchanged();
      });
    }
  }

  it('goes on after a request that is refused on the way', async () => {
    const { payroll, expenses, singleLogout } = scene;
    await answer(victim, expenses, page);
    const refused = await bring(victim, payroll, 'redirect', payroll.logoutRequest(singleLogout, '<saml:NameID>x</saml:NameID>'));
    assert.deepEqual(answerOf(refused).status, ['Requester', 'UnknownPrincipal']);
    const again = await follow(victim, await victim.request('/signout'));
    assert.deepEqual(shownStates(again), { expenses: 'done', payroll: 'current' });
    assert.equal(answerOf(await answer(victim, payroll, again)).relayState, 'of the wiki');
  });

  it('is continued once at a time, so that nobody fills the store with the same one', async () => {
    const { payroll, singleLogout } = scene;
    const elsewhere = new Visitor(scene.house.url);
    const ask = () => {
      const claim = payroll.logoutRequest(singleLogout, atPayroll.nameID);
      return elsewhere.request(`/saml/slo?${payroll.redirectQuery(claim)}`);
    };
    const [first, last] = [await ask(), await ask()].map(({ headers }) => headers.get('location') ?? '');
    assert.equal((await elsewhere.request(first ?? '')).status, 400);
    assert.deepEqual(answerOf(await elsewhere.request(last ?? '')).status, ['Success', 'PartialLogout']);
    await assertUnchanged();
  });

  it('answers whoever waits for it, though another wants no answer later', async () => {
    const { payroll, expenses, singleLogout } = scene;
    const claim = payroll.logoutRequest(singleLogout, atPayroll.nameID, [], { content: asynchronous });
    const shown = await bring(victim, payroll, 'post', claim);
    assert.deepEqual(shownStates(shown), { expenses: 'current', payroll: 'done' });
    const { inResponseTo, relayState } = answerOf(await answer(victim, expenses, shown));
    assert.deepEqual([inResponseTo, relayState], [idOf(request), 'of the wiki']);
  });
});
