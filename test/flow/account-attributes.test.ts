/** Accounts over HTTP that attributes alone stand against, and those of which controllers know different things. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { refusals, type Reason } from '../../src/refusal.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { openKerberosHouse, type KerberosHouse } from '../fixtures/kerberos-house.ts';
import { onlyIn, refusedAt, sentence, told } from '../fixtures/refused-at.ts';
import { responseOf, Visitor } from '../fixtures/visitor.ts';
import { openWindows, type WindowsDomain } from '../fixtures/windows-controllers.ts';

const password = 'Passw0rd!';
const hour = 3_600_000;

describe('attributes alone, of a directory that takes the password', () => {
  let domain: WindowsDomain;
  let house: House;
  const hours = onlyIn(Date.now(), 2);
  before(async () => {
    domain = await openWindows([
      [
        { name: 'card', password, attributes: { userAccountControl: String(0x40200) } },
        { name: 'hours', password, attributes: { logonHours: hours } },
        { name: 'always', password, attributes: { logonHours: Buffer.alloc(21, 255) } },
      ],
    ]);
    house = await openHouse({ ldap: domain.ldap });
  });
  after(async () => {
    await house.close();
    await domain.close();
  });

  it('a smart card is demanded', async () => {
    refusedAt(house, await new Visitor(house.url).signIn('card', password), 'smart-card-required');
  });

  it('the hours are others, or these', async () => {
    const detail = refusedAt(house, await new Visitor(house.url).signIn('hours', password), 'logon-hours');
    assert.equal(Date.parse(String(detail.until)) % hour, 0);
    responseOf(await new Visitor(house.url).signIn('always', password));
  });

  it('tell nothing to who does not know the password', async () => {
    const absent = told(await new Visitor(house.url).signIn('nobody', 'wrong'));
    for (const name of ['card', 'hours', 'always']) {
      const page = await new Visitor(house.url).signIn(name, 'wrong');
      refusedAt(house, page, 'password-wrong');
      assert.equal(told(page), absent);
    }
  });
});

describe('attributes alone, of somebody who came with a ticket', () => {
  let stage: KerberosHouse;
  before(async () => {
    stage = await openKerberosHouse();
  });
  after(() => stage.close());

  const rows: readonly (readonly [name: string, reason: Reason | undefined])[] = [
    ['disabled', 'person-disabled'],
    ['expired', 'person-expired'],
    ['nohours', 'logon-hours'],
    ['locked', 'person-locked'],
    // The ticket stands in for the password, whatever became of that.
    ['pwexpired', undefined],
    ['mustchange', undefined],
    ['workstation', undefined],
  ];
  for (const [name, reason] of rows) {
    it(`${name}: ${reason ?? 'signs in'}`, async () => {
      const before = stage.house.events.length;
      const { page } = await stage.bring(await stage.token({ name: [name], sid: await stage.sidOf(name) }));
      const events = stage.house.events.slice(before);
      if (reason === undefined) {
        assert.ok(events.some(({ event }) => event === 'kerberos.accepted'));
        return;
      }
      const event = events.findLast(({ event: kind }) => kind.endsWith('.refused'));
      assert.equal(event?.reason, reason);
      assert.match(event.person ?? '', /^[0-9a-f-]{36}$/);
      // What may be tried again leads to the form in silence; the log tells.
      if (refusals[reason].answer === 'tell') assert.ok(page.body.includes(sentence(refusals[reason].words)));
      else assert.equal(page.form?.action, '/signin/password');
    });
  }
});

describe('controllers of which one is behind', () => {
  let domain: WindowsDomain;
  let house: House;
  const written = (milliseconds: number): string => String(BigInt(milliseconds + 11_644_473_600_000) * 10_000n);
  const sam = (typed: string, changed: number) => ({
    name: 'sam',
    password: typed,
    attributes: { pwdLastSet: written(changed) },
  });
  before(async () => {
    domain = await openWindows([[sam('New-Passw0rd-9', Date.now())], [sam('Old-Passw0rd-9', Date.now() - hour)]]);
    house = await openHouse({ ldap: domain.ldap, config: { throttle: { floor: '200ms', attemptsPerAccount: 50 } } });
  });
  after(async () => {
    await house.close();
    await domain.close();
  });

  it('a password that was just changed signs in every time, and a wrong one is tried once', async () => {
    for (let turn = 0; turn < 6; turn += 1) responseOf(await new Visitor(house.url).signIn('sam', 'New-Passw0rd-9'));
    const binds = (): number => domain.controllers.reduce((sum, controller) => sum + controller.binds('sam'), 0);
    const before = binds();
    await new Visitor(house.url).signIn('sam', 'wrong');
    assert.equal(binds() - before, 1);
    // What was learnt once spares the controller that is behind what it would count as wrong.
    assert.ok(domain.controllers[1]!.binds('sam') <= 1);
  });

  it('somebody with a wrong password and nobody read the same after the same time', async () => {
    const spent: number[] = [];
    const read: string[] = [];
    for (const name of ['sam', 'nobody-of-that-name']) {
      const visitor = new Visitor(house.url);
      const page = await visitor.arrive();
      const began = performance.now();
      read.push(told(await visitor.fill(page, name, 'wrong')));
      spent.push(performance.now() - began);
    }
    assert.equal(read[0], read[1]);
    // The floor covers whatever was found out meanwhile.
    for (const one of spent) assert.ok(one >= 195, String(one));
  });
});
