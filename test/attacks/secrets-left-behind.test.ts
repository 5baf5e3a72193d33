/** Reading secrets where they were left: in events, notes, pages, URLs or the file of the store. */
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openHouse, type House } from '../fixtures/house.ts';
import { openCutConnection } from '../fixtures/cut-connection.ts';
import { passingPeople } from '../fixtures/passing-people.ts';
import { responseOf, Visitor, type Page } from '../fixtures/visitor.ts';
import { samba } from '../testbed/samba.ts';

const wrong = 'wr0ng-Secret-Passphrase';
let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const bytesOf = ({ configuration }: House = house): string =>
  ['', '-wal']
    .map((suffix) => configuration.store.file + suffix)
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

describe('after changes of passwords that succeed, fail and break', () => {
  it('neither password is left where somebody else could read it', async () => {
    const current = 'Passw0rd!';
    const next = 'Quiet-Harbour-71';
    const mistyped = 'Mistyped-Harbour-72';
    const second = 'Second-Harbour-73';
    const simple = 'nothingbutletters';
    const server = await samba();
    const people = passingPeople(server);
    const between = await openCutConnection(server);
    const at = await openHouse({ directory: server, ldap: between.ldap });
    try {
      const [one, must] = [await people.make(), await people.makeMustChange()];
      const pages: Page[] = [];
      const post = async (visitor: Visitor, path: string, fields: Readonly<Record<string, string>>): Promise<number> => {
        const page = await visitor.post(path, fields);
        pages.push(page);
        return page.status;
      };
      const visitor = new Visitor(at.url);
      const change = (fields: Readonly<Record<string, string>>) =>
        post(visitor, '/password', { name: one.name, password: current, next, repeat: fields.next ?? next, ...fields });
      assert.equal(await change({ password: wrong }), 401);
      assert.equal(await change({ repeat: mistyped }), 422);
      assert.equal(await change({ next: simple }), 422);
      assert.equal(await change({}), 200);
      between.cutNext('answer');
      assert.equal(await change({ password: next, next: second }), 503);
      const query = new URLSearchParams({ name: one.name, password: second, next, repeat: mistyped }).toString();
      for (const path of ['/password', '/signin/new-password', '/.well-known/change-password'])
        pages.push(await visitor.visit(`${path}?${query}`));
      assert.equal(await post(visitor, `/password/${mistyped}`, { password: second }), 404);
      const body = `name=${one.name}&password=${second}&next=${next}&next=${next}&repeat=%ED%A0%80${mistyped}`;
      pages.push(await visitor.visit('/password', { method: 'POST', body, headers: { Origin: at.url } }));

      const asked = await visitor.arrive();
      const signin = asked.form?.fields.signin ?? '';
      pages.push(await visitor.fill(asked, must.name, current));
      const choose = (fields: Readonly<Record<string, string>>) =>
        post(visitor, '/signin/new-password', { signin, name: must.name, password: current, next, repeat: next, ...fields });
      assert.equal(await choose({ password: wrong }), 401);
      assert.equal(await choose({ repeat: mistyped }), 422);
      assert.equal(await choose({}), 200);
      const token = visitor.cookie?.split('=')[1] ?? '';

      const told = JSON.stringify([at.events, at.notes, pages.map(({ body: shown, headers }) => [shown, [...headers]])]);
      const left = bytesOf(at);
      for (const secret of [wrong, current, next, mistyped, second, simple, token]) {
        assert.ok(secret.length > 8);
        for (const form of [secret, Buffer.from(secret).toString('base64'), Buffer.from(secret, 'utf16le').toString('latin1')]) {
          assert.ok(!told.includes(form), `${secret} is told`);
          assert.ok(!left.includes(form), `${secret} is in the store`);
        }
      }
    } finally {
      await at.close();
      await between.close();
      await people.removeAll();
    }
  });
});
