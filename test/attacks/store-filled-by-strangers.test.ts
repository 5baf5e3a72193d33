/** Filling the disk, or breaking the store, by requests that nobody ever signs in for. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { entityID, openHouse, type House, type HouseOptions } from '../fixtures/house.ts';
import { authnRequest, redirectQuery, responseOf, statusOf, Visitor, type Page } from '../fixtures/visitor.ts';

const houses: House[] = [];
async function open(config: HouseOptions['config'] = {}): Promise<House> {
  const house = await openHouse({ config });
  houses.push(house);
  return house;
}
after(() => Promise.all(houses.map((house) => house.close())));

const encoded = (): string => encodeURIComponent(Buffer.from(authnRequest()).toString('base64'));
const post = (house: House, body: string, headers: Record<string, string> = {}): Promise<Page> =>
  new Visitor(house.url).request('/saml/sso', {
    method: 'POST',
    body,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
  });
const sizeOf = ({ configuration: { store } }: House): number =>
  ['', '-wal'].reduce((sum, suffix) => sum + (statSync(store.file + suffix, { throwIfNoEntry: false })?.size ?? 0), 0);

describe('a request that is remembered', () => {
  const rows: readonly (readonly [string, () => string])[] = [
    ['a parameter of quotation marks', () => `SAMLRequest=${encoded()}&x=${'"'.repeat(300_000)}`],
    ['a hint of backslashes', () => `SAMLRequest=${encoded()}&login_hint=${'\\'.repeat(300_000)}`],
    ['a RelayState of quotation marks', () => `SAMLRequest=${encoded()}&RelayState=${'"'.repeat(65_536)}`],
    ['a RelayState of encoded NUL', () => `SAMLRequest=${encoded()}&RelayState=${'%00'.repeat(65_536)}`],
    [
      '63 parameters',
      () => `SAMLRequest=${encoded()}${Array.from({ length: 62 }, (_, n) => `&${String(n)}=${'"'.repeat(4_000)}`).join('')}`,
    ],
  ];
  for (const [what, body] of rows) {
    it(`with ${what} is no fault`, async () => {
      const house = houses[0] ?? (await open());
      const page = await post(house, body());
      assert.equal(page.status, 303);
      assert.equal((await new Visitor(house.url).visit(page.headers.get('location') ?? '')).form?.action, '/signin/password');
    });
  }

  it('without being asked for, by 64 KiB of NUL, is no fault either', async () => {
    const house = houses[0] ?? (await open());
    const path = `/saml/idp-initiated?sp=${encodeURIComponent(entityID)}&RelayState=${'%00'.repeat(65_536)}`;
    assert.equal((await new Visitor(house.url).visit(path)).form?.action, '/signin/password');
  });

  it('keeps nothing that nobody reads', async () => {
    const house = await open();
    const before = sizeOf(house);
    for (let turn = 0; turn < 20; turn += 1) {
      await post(house, `SAMLRequest=${encoded()}&x=${randomBytes(100_000).toString('hex')}`);
    }
    assert.ok(sizeOf(house) - before < 1_000_000, `${String(sizeOf(house) - before)} bytes`);
  });
});

describe('one network', () => {
  const relayState = 'r'.repeat(65_536);
  const flood = async (house: House, from: string): Promise<Page[]> => {
    const pages: Page[] = [];
    for (let turn = 0; turn < 20; turn += 1) {
      pages.push(await post(house, `SAMLRequest=${encoded()}&RelayState=${relayState}`, { 'X-Forwarded-For': from }));
    }
    return pages;
  };

  it('fills no more than its room; another network, and whoever has a session, notice nothing', async () => {
    const house = await open({ throttle: { floor: '1ms', megabytesPerAddress: 1 }, trustProxy: ['127.0.0.1'] });
    const signedIn = new Visitor(house.url);
    await signedIn.signIn('bob', 'Passw0rd!');
    const pages = await flood(house, '192.0.2.1');
    const refused = pages.filter(({ status }) => status === 429);
    assert.equal(pages.filter(({ status }) => status === 303).length, 15);
    assert.equal(refused.length, 5);
    assert.deepEqual(statusOf(responseOf(refused[0]!).xml), ['Responder', 'RequestDenied']);
    assert.equal(house.events.at(-1)?.reason, 'address-room-exhausted');
    assert.ok((await flood(house, '192.0.2.2')).slice(0, 15).every(({ status }) => status === 303));
    responseOf(await signedIn.visit(`/saml/sso?${redirectQuery(authnRequest())}`));
    // And its room is free again when what it left there has expired.
    house.advance(11 * 60_000);
    const query = redirectQuery(authnRequest({ issueInstant: house.now() }));
    const later = await new Visitor(house.url).request(`/saml/sso?${query}`, { headers: { 'X-Forwarded-For': '192.0.2.1' } });
    assert.equal(later.status, 303);
  });
});
