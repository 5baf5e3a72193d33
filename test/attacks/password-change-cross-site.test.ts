/** Changing somebody's password, or their session, by a form on another site or by an identifier that was slipped in. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openHouse, type House } from '../fixtures/house.ts';
import { passingPeople, type PassingPeople } from '../fixtures/passing-people.ts';
import { responseOf, textOf, Visitor } from '../fixtures/visitor.ts';
import type { DirectoryServer } from '../testbed/directory-server.ts';
import { samba } from '../testbed/samba.ts';

const password = 'Passw0rd!';
const next = 'Quiet-Harbour-71';

let server: DirectoryServer;
let people: PassingPeople;
let house: House;
before(async () => {
  server = await samba();
  people = passingPeople(server);
  house = await openHouse({ directory: server });
});
after(async () => {
  await house.close();
  await people.removeAll();
});

const other = 'https://evil.example.net';
const origins: readonly (readonly [string, () => Record<string, string>])[] = [
  ['no word of where it comes from', () => ({})],
  ['another Origin', () => ({ Origin: other })],
  ['Origin: null', () => ({ Origin: 'null' })],
  ['Sec-Fetch-Site: cross-site', () => ({ Origin: house.url, 'Sec-Fetch-Site': 'cross-site' })],
  ['Sec-Fetch-Site: same-site', () => ({ 'Sec-Fetch-Site': 'same-site' })],
];

describe('a new password posted from elsewhere', () => {
  for (const [what, headers] of origins) {
    for (const path of ['/password', '/signin/new-password']) {
      it(`is refused at ${path}: ${what}`, async () => {
        const { name } = await people.make();
        const visitor = new Visitor(house.url);
        const signin = (await visitor.arrive()).form?.fields.signin ?? '';
        const page = await visitor.post(path, { signin, name, password, next, repeat: next }, headers());
        assert.equal(page.status, 400);
        assert.equal(house.events.at(-1)?.reason, 'form-malformed');
        assert.equal(visitor.cookie, undefined);
        responseOf(await new Visitor(house.url).signIn(name, password));
      });
    }
  }

  for (const type of ['text/plain', 'application/json']) {
    it(`is no form as ${type}`, async () => {
      const body = Buffer.from(new URLSearchParams({ name: 'bob', password, next, repeat: next }).toString());
      const page = await new Visitor(house.url).request('/password', {
        method: 'POST',
        body,
        headers: { Origin: house.url, 'Content-Type': type },
      });
      assert.equal(page.status, 400);
    });
  }

  it('takes no part of it from the URL', async () => {
    const { name } = await people.make();
    const query = new URLSearchParams({ name, password, next, repeat: next }).toString();
    const page = await new Visitor(house.url).visit(`/password?${query}`);
    assert.equal(page.form?.fields.name, '');
    const posted = await new Visitor(house.url).post(`/password?${query}`, { name: '', password: '', next: '', repeat: '' });
    assert.ok(posted.status >= 400);
    responseOf(await new Visitor(house.url).signIn(name, password));
  });

  it('is one form: a field that comes twice is refused', async () => {
    const body = `name=bob&password=a&next=b&next=c&repeat=b`;
    const page = await new Visitor(house.url).request('/password', {
      method: 'POST',
      body,
      headers: { Origin: house.url, 'Content-Type': 'application/x-www-form-urlencoded' },
    });
    assert.equal(page.status, 400);
  });
});

describe('a session', () => {
  it('has another token after the change within a sign-in, and the one before is worth nothing', async () => {
    const [attacker, victim] = [await people.make(), await people.makeMustChange()];
    const planted = new Visitor(house.url);
    await planted.signIn(attacker.name, password);
    const visitor = new Visitor(house.url);
    visitor.cookie = planted.cookie;
    const page = await visitor.signIn(victim.name, password, { attributes: { ForceAuthn: 'true' } });
    const fields = { ...page.form?.fields, name: victim.name, password, next, repeat: next };
    const answer = await visitor.post('/signin/new-password', fields);
    assert.equal(textOf(responseOf(answer).xml, 'NameID'), `${victim.name}@example.com`);
    assert.notEqual(visitor.cookie, planted.cookie);
    assert.equal((await planted.arrive()).form?.action, '/signin/password', 'the planted session is over');
  });

  it('is not made, taken over or ended at /password', async () => {
    const [owner, guest] = [await people.make(), await people.make()];
    const visitor = new Visitor(house.url);
    await visitor.signIn(owner.name, password);
    const { cookie } = visitor;
    assert.equal((await visitor.post('/password', { name: guest.name, password, next, repeat: next })).status, 200);
    assert.equal(visitor.cookie, cookie);
    assert.equal(textOf(responseOf(await visitor.arrive()).xml, 'NameID'), `${owner.name}@example.com`);
  });

  it('of a sign-in that is over, answered or passive opens no page', async () => {
    const visitor = new Visitor(house.url);
    const passive = await visitor.arrive({ attributes: { IsPassive: 'true' } });
    responseOf(passive);
    const { name } = await people.make();
    const asked = await visitor.arrive();
    const signin = asked.form?.fields.signin ?? '';
    await visitor.fill(asked, name, password);
    for (const id of [signin, 'AAAAAAAAAAAAAAAAAAAAAA', '', '../x']) {
      assert.equal((await visitor.visit(`/signin/new-password?id=${encodeURIComponent(id)}`)).status, 400);
      const page = await visitor.post('/signin/new-password', { signin: id, name, password, next, repeat: next });
      assert.equal(page.status, 400);
    }
    responseOf(await new Visitor(house.url).signIn(name, password));
  });
});
