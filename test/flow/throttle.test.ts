/** Guessing: it ends before the directory's lockout begins, and neither words nor time tell whether an account exists. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { randomBytes } from 'node:crypto';
import { openHouse, type House } from '../fixtures/house.ts';
import { responseOf, Visitor, type Page } from '../fixtures/visitor.ts';
import { modify, type DirectoryServer } from '../testbed/directory-server.ts';
import { samba } from '../testbed/samba.ts';

const password = 'Passw0rd!';
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const notice = (page: Page): string => `${String(page.status)} ${/<div class="notice"[^]*?<code>/.exec(page.body)?.[0] ?? ''}`;

describe('guessing at Active Directory', () => {
  let server: DirectoryServer;
  const houses: House[] = [];
  const open = async (throttle: object): Promise<House> => {
    const house = await openHouse({ directory: server, config: { throttle } });
    houses.push(house);
    return house;
  };
  before(async () => {
    server = await samba();
  });
  after(() => Promise.all(houses.map((house) => house.close())));

  it('stops below its lockout threshold, however many guess at once, and the account is not locked', async () => {
    const name = `guess-${randomBytes(3).toString('hex')}`;
    const dn = `CN=${name},OU=Guests,${server.baseDn}`;
    const quoted = Buffer.from(`"${password}"`, 'utf16le').toString('base64');
    await modify(
      server,
      `dn: ${dn}\nchangetype: add\nobjectClass: user\nsAMAccountName: ${name}\nuserPrincipalName: other-${name}@example.com\nunicodePwd:: ${quoted}\nuserAccountControl: 512\n`,
    );
    const house = await open({ floor: '1ms', window: '30m' });
    const forms = [name, `CORP\\${name}`, name.toUpperCase(), `other-${name}@example.com`];
    const pages = await Promise.all(
      Array.from({ length: 24 }, (_, index) =>
        new Visitor(house.url).signIn(forms[index % forms.length] ?? name, `guess ${String(index)}`),
      ),
    );
    assert.ok(pages.every(({ status }) => status === 401 || status === 429));
    // Even the right one is not tried now, and the page does not say whether it was right.
    assert.equal((await new Visitor(house.url).signIn(name, password)).status, 429);
    const reached = house.events.filter(({ reason }) => reason === 'password-wrong').length;
    assert.equal(reached, 4);
    // The directory, asked past the throttle, still takes the right password.
    const fresh = await open({ floor: '1ms' });
    responseOf(await new Visitor(fresh.url).signIn(name, password));
    // And the throttle opens again by itself.
    house.advance(31 * 60_000);
    responseOf(await new Visitor(house.url).signIn(name, password, { issueInstant: house.now() }));
    await modify(server, `dn: ${dn}\nchangetype: delete\n`);
  });

  it('reads the same for a name that exists and one that does not, also once it is too many', async () => {
    const house = await open({ floor: '1ms', attemptsPerAccount: 3 });
    const read = async (name: string): Promise<string[]> => {
      const visitor = new Visitor(house.url);
      const told: string[] = [];
      for (let guess = 0; guess < 5; guess += 1) told.push(notice(await visitor.signIn(name, 'wrong')));
      return told;
    };
    assert.deepEqual(await read('carol'), await read('caroline'));
    const fresh = await open({ floor: '1ms' });
    responseOf(await new Visitor(fresh.url).signIn('carol', password));
  });

  it('takes the same time for a name that exists and one that does not, over many trials', async () => {
    const house = await open({ attemptsPerAccount: 100, floor: '80ms' });
    const time = async (name: string): Promise<number> => {
      const visitor = new Visitor(house.url);
      const page = await visitor.arrive();
      const started = performance.now();
      assert.equal((await visitor.fill(page, name, 'wrong')).status, 401);
      return performance.now() - started;
    };
    const known: number[] = [];
    const unknown: number[] = [];
    // In turn, so that whatever else the machine does befalls both alike; the lockout of Samba is undone on the way.
    for (let trial = 0; trial < 30; trial += 1) {
      known.push(await time('dave'));
      unknown.push(await time('nobody-like-dave'));
      if (trial % 3 === 2)
        await modify(
          server,
          `dn: CN=dave,OU=Sales,OU=Staff,${server.baseDn}\nchangetype: modify\nreplace: lockoutTime\nlockoutTime: 0\n`,
        );
    }
    const difference = Math.abs(median(known) - median(unknown));
    assert.ok(difference < 5, `the medians differ by ${difference.toFixed(1)} ms`);
    assert.ok(Math.min(...known, ...unknown) >= 79);
  });
});
