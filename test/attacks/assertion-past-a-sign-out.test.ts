/** An assertion asked for at the very moment of the sign-out, so that its service provider is never told of the end. */
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { after, before, it } from 'node:test';
import { follow, shownStates, signInAt } from '../fixtures/logout-journey.ts';
import { Visitor } from '../fixtures/visitor.ts';
import { openSignOutScene, type SignOutScene } from './sign-out-scene.ts';

let scene: SignOutScene;
before(async () => {
  scene = await openSignOutScene();
});
after(() => scene.house.close());

it('whoever gets an assertion is told of the end', async () => {
  const { house, wiki, payroll } = scene;
  const slipped: number[] = [];
  for (let delay = 0; delay < 24; delay += 1) {
    const visitor = new Visitor(house.url);
    await signInAt(visitor, wiki);
    const [inFlight, leaving] = [new Visitor(house.url), new Visitor(house.url)];
    inFlight.cookie = leaving.cookie = visitor.cookie;
    const query = payroll.redirectQuery(payroll.authnRequest(`${house.url}/saml/sso`));
    const answering = inFlight.visit(`/saml/sso?${query}`);
    await setTimeout(delay / 2);
    const page = await follow(leaving, await leaving.request('/signout'));
    const answer = Buffer.from((await answering).form?.fields.SAMLResponse ?? '', 'base64').toString();
    if (answer.includes('<saml:Assertion ') && !('payroll' in shownStates(page))) slipped.push(delay);
  }
  assert.deepEqual(slipped, []);
});
