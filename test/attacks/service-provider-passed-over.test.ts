/** A form sent twice, or kept from an earlier page, passes over a service provider that was never asked. */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { follow, shownStates, signInAt } from '../fixtures/logout-journey.ts';
import { Visitor } from '../fixtures/visitor.ts';
import { openSignOutScene, type SignOutScene } from './sign-out-scene.ts';

let scene: SignOutScene;
before(async () => {
  scene = await openSignOutScene();
});
after(() => scene.house.close());

it('each sending of the form passes over the service provider of its own page alone', async () => {
  const { house, wiki, payroll, expenses } = scene;
  const visitor = new Visitor(house.url);
  for (const each of [wiki, payroll, expenses]) await signInAt(visitor, each);
  const page = await follow(visitor, await visitor.request('/signout'));
  const form = /<form method="post" action="\/signout\/progress"[^]*?<\/form>/.exec(page.body)?.[0] ?? '';
  const fields = new URLSearchParams(
    [...form.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );
  const skip = () => visitor.request('/signout/progress', { method: 'POST', body: fields, headers: { Origin: house.url } });
  for (const { status } of await Promise.all([skip(), skip(), skip()])) assert.equal(status, 303);
  assert.equal((await skip()).status, 303);
  assert.deepEqual(shownStates(await visitor.request(page.url)), { wiki: 'failed', payroll: 'current', expenses: 'waiting' });
  for (const at of ['', '-1', '1e0', '99', '0x1', '1.5', '__proto__']) {
    fields.set('at', at);
    await skip();
  }
  assert.deepEqual(shownStates(await visitor.request(page.url)), { wiki: 'failed', payroll: 'current', expenses: 'waiting' });
});
