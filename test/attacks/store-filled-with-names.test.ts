/** Requests that would fill the store with persistent names, of which none ever expires. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import { ForeignServiceProvider, makeCredential } from '../fixtures/foreign-service-provider.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { responseOf, Visitor } from '../fixtures/visitor.ts';

const persistent = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
const site = new ForeignServiceProvider(await makeCredential());
const policy = (more = ''): string => `<samlp:NameIDPolicy Format="${persistent}" AllowCreate="true"${more}/>`;

let house: House;
before(async () => {
  house = await openHouse({ metadata: [{ xml: site.metadata() }] });
});
after(() => house.close());

const ask = (visitor: Visitor, content: string, attributes: Readonly<Record<string, string>> = {}) =>
  visitor.visit(
    `/saml/sso?${site.redirectQuery(site.authnRequest(`${house.url}/saml/sso`, { content, attributes }), { sign: false })}`,
  );
async function kept(): Promise<number> {
  const store = await createSqliteStore({
    file: house.configuration.store.file,
    clock: { now: () => house.now(), until: () => Promise.resolve() },
  });
  try {
    return (await store.list('name-id', '', 100)).length;
  } finally {
    await store.close();
  }
}

describe('a persistent name', () => {
  it('is made for nobody who did not sign in', async () => {
    for (let turn = 0; turn < 5; turn += 1) {
      const visitor = new Visitor(house.url);
      await visitor.fill(await ask(visitor, policy()), 'bob', 'wrong');
      await ask(visitor, policy(), { IsPassive: 'true' });
      await ask(visitor, policy(` SPNameQualifier="urn:${String(turn)}"`));
    }
    assert.equal(await kept(), 0);
  });

  it('is made once, however often and at once it is asked for, and for no Subject', async () => {
    const visitor = new Visitor(house.url);
    await visitor.fill(await ask(visitor, '<saml:Subject><saml:NameID>AAAA</saml:NameID></saml:Subject>'), 'alice', 'Passw0rd!');
    await ask(visitor, `<samlp:NameIDPolicy Format="${persistent}"/>`);
    assert.equal(await kept(), 0);
    const pages = await Promise.all(
      Array.from({ length: 20 }, (_, turn) => ask(visitor, policy(turn % 2 === 0 ? '' : ` SPNameQualifier="${site.entityID}"`))),
    );
    const names = pages.map((page) => />([A-Z2-7]{32})</.exec(responseOf(page).xml)?.[1]);
    assert.equal(new Set(names).size, 1);
    assert.notEqual(names[0], undefined);
    // The name and whose it is.
    assert.equal(await kept(), 2);
  });
});
