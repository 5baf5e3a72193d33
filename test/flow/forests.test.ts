/** Signing in where there are several forests: by a full name, by a bare one, and while one of the forests is down. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Stage, openStage, passwordIn } from '../directory/forest-stage.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { responseOf, textOf, Visitor } from '../fixtures/visitor.ts';

describe('a house of two forests', () => {
  let stage: Stage;
  let house: House;
  before(async () => {
    stage = await openStage([
      {
        domains: [
          {
            dns: 'north.test',
            netbios: 'NORTH',
            people: [
              { account: 'sam', upn: 'sam.north@example.com' },
              { account: 'nora', upn: 'nora@example.com' },
              { account: 'twin', upn: 'twin@example.com' },
            ],
          },
          { dns: 'child.north.test', netbios: 'CHILD', people: [{ account: 'cleo', upn: 'cleo@example.com' }] },
        ],
        suffixes: ['example.com'],
        catalog: true,
      },
      {
        domains: [
          {
            dns: 'south.test',
            netbios: 'SOUTH',
            people: [
              { account: 'sam', upn: 'sam.south@example.org' },
              { account: 'twin2', upn: 'twin@example.com' },
            ],
          },
        ],
        suffixes: ['example.org'],
      },
    ]);
    const forests = stage.forests.map(({ name = '', bindDn, password, globalCatalogs, domains }) => ({
      name,
      bindDn,
      password,
      globalCatalogs: [...globalCatalogs],
      domains: domains.map(({ baseDn, controllers }) => ({ baseDn, controllers: controllers.map(({ url }) => ({ url })) })),
    }));
    house = await openHouse({ ldap: { forests } });
  });
  after(async () => {
    await house.close();
    await stage.close();
  });

  const signIn = (name: string, dns: string) => new Visitor(house.url).signIn(name, passwordIn(dns));

  for (const [name, dns, address] of [
    ['sam.north@example.com', 'north.test', 'sam.north@example.com'],
    ['NORTH\\sam', 'north.test', 'sam.north@example.com'],
    ['sam@south.test', 'south.test', 'sam.south@example.org'],
    ['south\\sam', 'south.test', 'sam.south@example.org'],
    ['cleo@example.com', 'child.north.test', 'cleo@example.com'],
    ['cleo', 'child.north.test', 'cleo@example.com'],
  ] as const) {
    it(`signs in ${name} as ${address}`, async () => {
      assert.equal(textOf(responseOf(await signIn(name, dns)).xml, 'NameID'), address);
    });
  }

  it('refuses a bare name alike, whether two people have it or nobody, and asks for it in full', async () => {
    const told: string[] = [];
    for (const [name, reason] of [
      ['sam', 'person-ambiguous'],
      ['nobody', 'person-unknown'],
      ['nora', 'password-wrong'],
    ] as const) {
      const { status, body } = await signIn(name, 'south.test');
      assert.equal(house.events.at(-1)?.reason, reason);
      told.push(`${String(status)} ${/<div class="notice"[^]*?<code>/.exec(body)?.[0] ?? ''}`);
    }
    assert.equal(new Set(told).size, 1, told.join('\n'));
    assert.match(told[0] ?? '', /^401 .*Type the name in full/s);
    const full = await signIn('nobody@south.test', 'south.test');
    assert.doesNotMatch(full.body, /Type the name in full/);
    assert.match(full.body, /In full: name@domain/);
  });

  it('tells nobody’s address by somebody of another forest', async () => {
    for (const [name, dns] of [
      ['NORTH\\twin', 'north.test'],
      ['SOUTH\\twin2', 'south.test'],
    ] as const) {
      assert.equal((await signIn(name, dns)).status, 403);
      assert.equal(house.events.at(-1)?.reason, 'address-not-unique');
    }
  });

  it('while a forest is down refuses those whose address it could hold too, and names it in the audit', async () => {
    await stage.stop('south.test');
    const page = await signIn('NORTH\\nora', 'north.test');
    assert.equal(page.status, 503);
    const { reason, detail } = house.events.at(-1) ?? {};
    assert.equal(reason, 'directory-unavailable');
    assert.equal((detail as { forest?: string }).forest, 'south.test');
    assert.ok(house.events.some(({ event, name }) => event === 'password.accepted' && name === 'NORTH\\nora'));
    assert.equal((await new Visitor(house.url).request('/readyz')).status, 200);
  });
});
