/** Somebody with the password begins more sessions than a sign-out looks through, so that it misses the one that it means. */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { bring, hasSession, signInAt } from '../fixtures/logout-journey.ts';
import { Visitor } from '../fixtures/visitor.ts';
import { answerOf, openSignOutScene, persistent, type SignOutScene } from './sign-out-scene.ts';

/** Enough that the one which is meant is seldom among the first hundred. */
const decoys = 130;

let scene: SignOutScene;
before(async () => {
  scene = await openSignOutScene();
});
after(() => scene.house.close());

it('each session ends that the request names, and every one where it names none', async () => {
  const { house, wiki, payroll, singleLogout } = scene;
  const meant = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const visitor = new Visitor(house.url);
      return { visitor, known: await signInAt(visitor, wiki, undefined, persistent) };
    }),
  );
  const others = Array.from({ length: decoys }, () => new Visitor(house.url));
  for (const visitor of others) await signInAt(visitor, wiki, undefined, persistent);
  for (const { visitor, known } of meant) {
    const page = await bring(visitor, wiki, 'redirect', wiki.logoutRequest(singleLogout, known.nameID, [known.sessionIndex]));
    assert.deepEqual(answerOf(page).status, ['Success']);
    assert.equal(await hasSession(visitor, payroll), false);
  }
  const [{ known } = assert.fail()] = meant;
  await bring(new Visitor(house.url), wiki, 'redirect', wiki.logoutRequest(singleLogout, known.nameID));
  for (const visitor of others) assert.equal(await hasSession(visitor, payroll), false);
});
