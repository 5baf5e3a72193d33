/** Nothing that an anonymous visitor can see or measure tells an account that exists from one that does not. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openHouse, type House } from '../fixtures/house.ts';
import { openPeople, type People } from '../fixtures/people.ts';
import { Visitor, type Page } from '../fixtures/visitor.ts';

/** Everything but what is new with every answer. */
function seen(page: Page): unknown {
  const body = page.body
    .replaceAll(/nonce="[^"]+"/g, '')
    .replace(/name="signin" value="[^"]+"/, '')
    .replace(/<code>[^<]+<\/code>/, '')
    .replace(/(id="name"[^>]* value=")[^"]*"/, '$1"');
  const headers = [...page.headers].filter(([name]) => name !== 'date' && name !== 'content-security-policy');
  return { status: page.status, body, headers: headers.filter(([name]) => name !== 'content-length'), url: page.url };
}

describe('a wrong password', () => {
  let house: House;
  before(async () => {
    house = await openHouse();
  });
  after(() => house.close());

  const states = ['bob', 'disabled', 'expired', 'pwexpired', 'mustchange', 'nohours', 'workstation', 'locked', 'svc-ldap'];
  const names = [...states, 'shared@example.com', 'CORP\\bob', 'ELSEWHERE\\bob', 'bob@elsewhere.net', ' bob ', 'engineering'];
  for (const name of names) {
    it(`shows for ${name} what it shows for nobody`, async () => {
      const absent = await new Visitor(house.url).signIn('x'.repeat(name.length), 'wrong');
      const present = await new Visitor(house.url).signIn(name, 'wrong');
      assert.equal(present.status, 401);
      assert.deepEqual(seen(present), seen(absent));
      assert.equal(house.events.at(-1)?.event, 'signin.refused');
    });
  }
});

describe('the directory', () => {
  let people: People;
  let house: House;
  before(async () => {
    people = await openPeople([{ name: 'alice', password: 'a-Passw0rd', upn: 'ally@corp.example.com', mail: 'a@example.com' }]);
    house = await openHouse({
      ldap: people.ldap,
      config: { throttle: { floor: '1ms', attemptsPerAccount: 3, attemptsPerAddress: 1_000 } },
    });
    // What is tried first also brings policies into memory.
    for (let turn = 0; turn < 2; turn += 1) await new Visitor(house.url).signIn('warm', 'up');
  });
  after(async () => {
    await house.close();
    await people.close();
  });

  async function askedFor(name: string): Promise<readonly number[]> {
    const before = people.asked.length;
    assert.equal((await new Visitor(house.url).signIn(name, 'wrong')).status, 401);
    return people.asked.slice(before);
  }

  it('is asked the same for a name that exists, in whatever form, and even once the person was tried too often', async () => {
    const absent = await askedFor('nobody');
    assert.deepEqual(absent, [0x63, 0x63, 0x60], 'one search for the person, one for what failed elsewhere, one bind');
    assert.deepEqual(await askedFor('nobody'), absent);
    for (const name of ['alice', 'ally@corp.example.com', 'a@example.com', 'ALICE', 'CORP\\alice']) {
      assert.deepEqual(await askedFor(name), absent, name);
    }
    assert.equal(house.events.at(-1)?.reason, 'person-attempts-exhausted');
  });
});
