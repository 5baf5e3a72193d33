/** Getting in by changing a password where the password alone would not let in. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Reason } from '../../src/refusal.ts';
import { openOneDomain, optionsFor } from '../directory/options.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { passingPeople, type PassingPeople } from '../fixtures/passing-people.ts';
import { responseOf, statusOf, Visitor, type Page } from '../fixtures/visitor.ts';
import { modify, type DirectoryServer } from '../testbed/directory-server.ts';
import { samba } from '../testbed/samba.ts';

const password = 'Passw0rd!';
const next = 'Quiet-Harbour-71';
const never = Buffer.alloc(21).toString('base64');

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

const quoted = Buffer.from(`"${password}"`, 'utf16le').toString('base64');

describe('whoever must change a password', () => {
  const rows: readonly (readonly [what: string, changes: readonly string[], reason: Reason])[] = [
    ['outside the hours', [`replace: logonHours\nlogonHours:: ${never}\n`], 'logon-hours'],
    ['at no workstation of theirs', ['replace: userWorkstations\nuserWorkstations: DESK-7\n'], 'logon-workstation'],
    [
      'by a smart card alone',
      // The flag sets a password that nobody knows.
      [
        'replace: userAccountControl\nuserAccountControl: 262656\n',
        `replace: unicodePwd\nunicodePwd:: ${quoted}\n`,
        'replace: pwdLastSet\npwdLastSet: 0\n',
      ],
      'smart-card-required',
    ],
    ['when disabled', ['replace: userAccountControl\nuserAccountControl: 514\n'], 'person-disabled'],
    ['when expired', ['replace: accountExpires\naccountExpires: 131000000000000000\n'], 'person-expired'],
    [
      'when locked',
      [`replace: lockoutTime\nlockoutTime: ${String((BigInt(Date.now()) + 11_644_473_600_000n) * 10_000n)}\n`],
      'person-locked-unfamiliar',
    ],
  ];
  for (const [kind, make] of [
    ['by an administrator’s word', () => people.makeMustChange()],
    ['by its age', () => people.makeAged(400)],
  ] as const) {
    for (const [what, changes, reason] of rows) {
      for (const door of ['/signin/new-password', '/password']) {
        it(`${kind} is not let in ${what}: ${door}`, async () => {
          const person = await make();
          for (const each of changes) await modify(server, `dn: ${person.dn}\nchangetype: modify\n${each}`);
          const visitor = new Visitor(house.url);
          const signin = (await visitor.arrive()).form?.fields.signin ?? '';
          const page = await visitor.post(door, { signin, name: person.name, password, next, repeat: next });
          assert.equal(house.events.at(-1)?.reason, reason, JSON.stringify(house.events.at(-1)));
          assert.ok(page.status >= 400, String(page.status));
          assert.equal(visitor.cookie, undefined);
        });
      }
    }
  }
});

describe('whoever must change a password and never does', () => {
  it('is in nowhere: by the way back, another tab, another service provider or without being asked', async () => {
    const { name } = await people.makeMustChange();
    const visitor = new Visitor(house.url);
    const asked = await visitor.arrive();
    const signin = asked.form?.fields.signin ?? '';
    assert.equal((await visitor.fill(asked, name, password)).form?.action, '/signin/new-password');
    assert.equal(visitor.cookie, undefined);
    const asks: readonly (() => Promise<Page>)[] = [
      () => visitor.visit(`/signin?id=${signin}`),
      () => visitor.visit(`/signin?id=${signin}&later=1`),
      () => visitor.arrive(),
      () => visitor.arrive({ attributes: { ForceAuthn: 'true' } }),
    ];
    for (const ask of asks) assert.equal((await ask()).form?.action, '/signin/password');
    assert.equal((await visitor.visit(`/signin/new-password?id=${signin}`)).form?.fields.name, '', 'nobody is known yet');
    assert.deepEqual(statusOf(responseOf(await visitor.arrive({ attributes: { IsPassive: 'true' } })).xml), [
      'Responder',
      'NoPassive',
    ]);
  });
});

describe('a password of which several changes are asked at once', () => {
  for (const [kind, make] of [
    ['stands', () => people.make()],
    ['must be changed', () => people.makeMustChange()],
  ] as const) {
    it(`is changed by one of them, and by that one alone anybody is in: it ${kind}`, async () => {
      const { name } = await make();
      const from = house.events.length;
      const chosen = Array.from({ length: 4 }, (_, turn) => `${next}-${String(turn)}`);
      const pages = await Promise.all(
        chosen.map(async (each) => {
          const visitor = new Visitor(house.url);
          const signin = (await visitor.arrive()).form?.fields.signin ?? '';
          const page = await visitor.post('/signin/new-password', { signin, name, password, next: each, repeat: each });
          return { page, each, isIn: visitor.cookie !== undefined };
        }),
      );
      const [winner, ...others] = pages.filter(({ isIn }) => isIn);
      assert.ok(winner !== undefined && others.length === 0, JSON.stringify(house.events.slice(from)));
      assert.deepEqual(statusOf(responseOf(winner.page).xml), ['Success']);
      assert.equal(house.events.slice(from).filter(({ event }) => event === 'password.changed').length, 1);
      // The directory itself, since the throttle holds off whoever comes after the failures of the others.
      const directory = openOneDomain(optionsFor(server));
      try {
        await directory.authenticate(await directory.find(name), winner.each);
      } finally {
        await directory.close();
      }
    });
  }
});
