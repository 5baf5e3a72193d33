/** Neighbours behind the same address fill the room for strangers, so that nobody there signs out of the other service providers. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, it } from 'node:test';
import { bring, shownStates, signInAt, follow } from '../fixtures/logout-journey.ts';
import { Visitor } from '../fixtures/visitor.ts';
import { openSignOutScene, type SignOutScene } from './sign-out-scene.ts';

let scene: SignOutScene;
before(async () => {
  scene = await openSignOutScene({
    throttle: { floor: '1ms', attemptsPerAccount: 50, attemptsPerAddress: 10_000, megabytesPerAddress: 1 },
  });
});
after(() => scene.house.close());

it('the others are told all the same, whoever begins', async () => {
  const { house, wiki, payroll, singleLogout } = scene;
  const [first, second] = [new Visitor(house.url), new Visitor(house.url)];
  await signInAt(first, wiki);
  await signInAt(first, payroll);
  const known = await signInAt(second, wiki);
  await signInAt(second, payroll);
  for (let size = 30_000; size >= 1;) {
    const relayState = randomBytes(size).toString('hex');
    const fields = wiki.postFields(wiki.authnRequest(`${house.url}/saml/sso`), { relayState, sign: false });
    const neighbour = await new Visitor(house.url).request('/saml/sso', { method: 'POST', body: new URLSearchParams(fields) });
    if (neighbour.status !== 303) size = Math.floor(size / 4);
  }
  assert.equal(house.events.at(-1)?.reason, 'address-room-exhausted');
  const here = await follow(first, await first.request('/signout'));
  assert.deepEqual(shownStates(here), { wiki: 'current', payroll: 'waiting' });
  const there = await bring(second, wiki, 'post', wiki.logoutRequest(singleLogout, known.nameID));
  assert.deepEqual(shownStates(there), { payroll: 'current' });
});
