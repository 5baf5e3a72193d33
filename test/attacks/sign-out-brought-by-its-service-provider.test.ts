/** A service provider brings its LogoutRequest itself, to read where else the person goes and by which names. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { bring, hasSession, signInAt } from '../fixtures/logout-journey.ts';
import { Visitor } from '../fixtures/visitor.ts';
import { answerOf, idOf, openSignOutScene, persistent, type SignOutScene } from './sign-out-scene.ts';

let scene: SignOutScene;
before(async () => {
  scene = await openSignOutScene();
});
after(() => scene.house.close());

describe('whoever brings a LogoutRequest without the cookie of the session', () => {
  for (const binding of ['redirect', 'post'] as const) {
    for (const [who, cookieOf] of [
      ['no cookie', () => Promise.resolve(undefined)],
      ['a cookie of its own making', () => Promise.resolve(`__Host-passerelle=${'A'.repeat(43)}`)],
      [
        'a session of somebody else',
        async () => {
          const other = new Visitor(scene.house.url);
          await signInAt(other, scene.wiki, { name: 'bob', password: 'Passw0rd!' });
          return other.cookie;
        },
      ],
    ] as const) {
      it(`learns of no other service provider, with ${who}, by ${binding}`, async () => {
        const { house, wiki, payroll, singleLogout } = scene;
        const victim = new Visitor(house.url);
        const known = await signInAt(victim, wiki, undefined, persistent);
        const { nameID } = await signInAt(victim, payroll, undefined, persistent);
        const itself = new Visitor(house.url);
        itself.cookie = await cookieOf();
        const request = wiki.logoutRequest(singleLogout, known.nameID, [known.sessionIndex]);
        const page = await bring(itself, wiki, binding, request, { relayState: 'mine' });
        const seen = [...page.headers.values(), page.body, decodeURIComponent(page.url)].join(' ');
        assert.doesNotMatch(seen, /payroll/i);
        assert.ok(!seen.includes(/>([^<]+)</.exec(nameID)?.[1] ?? ''));
        const { status, inResponseTo, relayState } = answerOf(page);
        assert.deepEqual([status, inResponseTo, relayState], [['Success', 'PartialLogout'], idOf(request), 'mine']);
        assert.equal(await hasSession(victim, payroll), false, 'the session ends all the same');
        assert.deepEqual(house.events.findLast(({ event }) => event === 'logout.partial')?.detail, {
          done: [],
          failed: [`${payroll.entityID}: the browser was not the one that was signed in`],
        });
        if (itself.cookie !== undefined && who === 'a session of somebody else')
          assert.equal(await hasSession(itself, payroll), true, 'nor does it lose its own');
      });
    }
  }

  it('learns nothing by coming back to the page', async () => {
    const { house, wiki, payroll, singleLogout } = scene;
    const victim = new Visitor(house.url);
    const known = await signInAt(victim, wiki, undefined, persistent);
    await signInAt(victim, payroll, undefined, persistent);
    const itself = new Visitor(house.url);
    const page = await bring(itself, wiki, 'redirect', wiki.logoutRequest(singleLogout, known.nameID));
    const again = await itself.request(page.url);
    assert.equal(again.status, 400);
    assert.doesNotMatch(again.body, /payroll/i);
  });
});
