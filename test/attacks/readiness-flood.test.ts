/** Wearing out the directory by asking, without any name or password, whether Passerelle is ready. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openHouse, type House } from '../fixtures/house.ts';
import { openPeople, type People } from '../fixtures/people.ts';

const SEARCH = 0x63;
let people: People;
let house: House;
before(async () => {
  people = await openPeople([]);
  house = await openHouse({ ldap: people.ldap });
});
after(async () => {
  await house.close();
  await people.close();
});

describe('/readyz', () => {
  it('asks the directory once a second, however often it is asked itself', async () => {
    const searches = (): number => people.asked.filter((operation) => operation === SEARCH).length;
    const started = Date.now();
    for (let round = 0; round < 3; round += 1) {
      const answers = await Promise.all(Array.from({ length: 30 }, () => fetch(`${house.url}/readyz`)));
      assert.ok(answers.every(({ status }) => status === 200));
    }
    assert.ok(searches() <= 1 + Math.ceil((Date.now() - started) / 1_000), String(searches()));
    const before = searches();
    house.advance(1_000);
    assert.equal((await fetch(`${house.url}/readyz`)).status, 200);
    assert.equal(searches(), before + 1);
  });
});
