/** Reading secrets where they were left: in events, notes, pages, URLs or the file of the store. */
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openHouse, type House } from '../fixtures/house.ts';
import { responseOf, Visitor } from '../fixtures/visitor.ts';

const wrong = 'wr0ng-Secret-Passphrase';
let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const bytesOf = (): string =>
  ['', '-wal']
    .map((suffix) => house.configuration.store.file + suffix)
    .filter((file) => statSync(file, { throwIfNoEntry: false }) !== undefined)
    .map((file) => readFileSync(file, 'latin1'))
    .join('');

describe('after sign-ins that succeed, fail and break', () => {
  it('no password, token, request or assertion is left where somebody else could read it', async () => {
    const relayState = 'relay-State-of-the-person';
    const visitor = new Visitor(house.url);
    const refused = await visitor.signIn('alice', wrong, {}, relayState);
    assert.doesNotMatch(refused.body, new RegExp(wrong));
    const answer = await visitor.fill(refused, 'alice', 'Passw0rd!');
    const { raw } = responseOf(answer);
    const token = visitor.cookie?.split('=')[1] ?? '';
    await visitor.visit(`/signin/password?name=alice&password=${wrong}`);
    await visitor.post('/signin/password', { name: 'alice', password: wrong });
    await visitor.post(`/signin/${wrong}`, { password: wrong });
    await visitor.visit('/saml/sso', { method: 'POST', body: wrong, headers: { 'Content-Type': wrong } });
    await visitor.visit('/signout');

    const told = JSON.stringify([house.events, house.notes]);
    const left = bytesOf();
    for (const secret of [wrong, 'Passw0rd!', token, raw.slice(0, 60)]) {
      assert.ok(secret.length > 8);
      assert.ok(!told.includes(secret), 'the log holds a secret');
      assert.ok(!left.includes(secret), 'the store holds a secret');
    }
    assert.ok(!told.includes(relayState));
    assert.doesNotMatch(answer.url, /password|SAMLRe/i);
  });

  it('the store and the keys are for their owner alone', () => {
    const { store, keys } = house.configuration;
    for (const suffix of ['', '-wal', '-shm']) {
      const mode = statSync(store.file + suffix, { throwIfNoEntry: false })?.mode ?? 0;
      assert.equal(mode & 0o077, 0, suffix);
    }
    assert.equal(statSync(dirname(store.file)).mode & 0o077, 0);
    assert.equal(statSync(keys.folder).mode & 0o077, 0);
  });
});
