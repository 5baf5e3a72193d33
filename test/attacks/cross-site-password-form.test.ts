/** Signing a victim's browser in as the attacker, by a form on another site: only a page of ours may post the password. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openHouse, type House } from '../fixtures/house.ts';
import { responseOf, Visitor } from '../fixtures/visitor.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const other = 'https://evil.example.net';
const rows: readonly (readonly [string, () => Record<string, string>, boolean])[] = [
  ['no word of where it comes from', () => ({}), false],
  ['Origin: another site', () => ({ Origin: other }), false],
  ['Origin: null', () => ({ Origin: 'null' }), false],
  ['an Origin that begins as ours', () => ({ Origin: `${house.url}.evil.example.net` }), false],
  ['our Origin in another scheme', () => ({ Origin: house.url.replace('http:', 'https:') }), false],
  ['our Origin in another port', () => ({ Origin: house.url.replace(/\d+$/, '1') }), false],
  ['our Origin with a path', () => ({ Origin: `${house.url}/` }), false],
  ['two Origins', () => ({ Origin: `${house.url}, ${other}` }), false],
  ['our Host and Referer alone', () => ({ Referer: `${house.url}/signin` }), false],
  ['Sec-Fetch-Site: cross-site', () => ({ Origin: house.url, 'Sec-Fetch-Site': 'cross-site' }), false],
  ['Sec-Fetch-Site: same-site', () => ({ Origin: house.url, 'Sec-Fetch-Site': 'same-site' }), false],
  ['Sec-Fetch-Site: none', () => ({ 'Sec-Fetch-Site': 'none' }), false],
  ['same-origin of another name for this machine', () => ({ Origin: other, 'Sec-Fetch-Site': 'same-origin' }), false],
  ['our Origin', () => ({ Origin: house.url }), true],
  ['Sec-Fetch-Site: same-origin', () => ({ 'Sec-Fetch-Site': 'same-origin' }), true],
  ['both', () => ({ Origin: house.url, 'Sec-Fetch-Site': 'same-origin' }), true],
];

describe('a password posted', () => {
  for (const [from, headers, taken] of rows) {
    it(`with ${from} is ${taken ? 'taken' : 'refused, and the sign-in goes on'}`, async () => {
      const visitor = new Visitor(house.url);
      const page = await visitor.arrive();
      const fields = { ...page.form?.fields, name: 'bob', password: 'Passw0rd!' };
      const answer = await visitor.post('/signin/password', fields, headers());
      if (!taken) {
        assert.equal(answer.status, 400);
        assert.equal(visitor.cookie, undefined);
        assert.equal(house.events.at(-1)?.reason, 'form-malformed');
        responseOf(await visitor.fill(page, 'bob', 'Passw0rd!'));
      } else responseOf(answer);
    });
  }

  for (const type of ['text/plain', 'multipart/form-data; boundary=x', 'application/json', '']) {
    it(`as ${type || 'nothing in particular'} is no form`, async () => {
      const visitor = new Visitor(house.url);
      const { form } = await visitor.arrive();
      const body = new URLSearchParams({ ...form?.fields, name: 'bob', password: 'Passw0rd!' }).toString();
      const headers = { Origin: house.url, ...(type !== '' && { 'Content-Type': type }) };
      const page = await visitor.request('/signin/password', { method: 'POST', body: Buffer.from(body), headers });
      assert.equal(page.status, 400);
      assert.equal(visitor.cookie, undefined);
    });
  }
});
