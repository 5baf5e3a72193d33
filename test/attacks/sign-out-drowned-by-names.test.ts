/** A service provider has the browser fetch a new transient name over and over, so that the others are never told of the end. */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { follow, shownStates, signInAt } from '../fixtures/logout-journey.ts';
import { Visitor } from '../fixtures/visitor.ts';
import { openSignOutScene, transient, type SignOutScene } from './sign-out-scene.ts';

let scene: SignOutScene;
before(async () => {
  scene = await openSignOutScene();
});
after(() => scene.house.close());

it('the others are told all the same', async () => {
  const { house, wiki, payroll, expenses } = scene;
  const visitor = new Visitor(house.url);
  await signInAt(visitor, payroll, undefined, transient);
  await signInAt(visitor, expenses, undefined, transient);
  for (let round = 0; round < 70; round += 1) await signInAt(visitor, wiki, undefined, transient);
  const page = await follow(visitor, await visitor.request('/signout'));
  assert.deepEqual(shownStates(page), { payroll: 'current', expenses: 'waiting', wiki: 'waiting' });
});
