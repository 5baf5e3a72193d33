/** Guessing: it ends before the directory's lockout begins, and neither words nor time tell whether an account exists. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { randomBytes } from 'node:crypto';
import { openOneDomain, optionsFor } from '../directory/options.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { responseOf, Visitor, type Page } from '../fixtures/visitor.ts';
import { modify, type DirectoryServer } from '../testbed/directory-server.ts';
import { openldap } from '../testbed/openldap.ts';
import { samba } from '../testbed/samba.ts';

const password = 'Passw0rd!';
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const notice = (page: Page): string => `${String(page.status)} ${/<div class="notice"[^]*?<code>/.exec(page.body)?.[0] ?? ''}`;

async function addPerson(server: DirectoryServer): Promise<{ name: string; dn: string }> {
  const name = `guess-${randomBytes(3).toString('hex')}`;
  const dn = `CN=${name},OU=Guests,${server.baseDn}`;
  const quoted = Buffer.from(`"${password}"`, 'utf16le').toString('base64');
  await modify(
    server,
    `dn: ${dn}\nchangetype: add\nobjectClass: user\nsAMAccountName: ${name}\nuserPrincipalName: other-${name}@example.com\nunicodePwd:: ${quoted}\nuserAccountControl: 512\n`,
  );
  return { name, dn };
}

const remove = (server: DirectoryServer, dn: string): Promise<void> => modify(server, `dn: ${dn}\nchangetype: delete\n`);

/** Whether and since when the directory has locked the account. */
async function lockoutTime(server: DirectoryServer, name: string): Promise<string> {
  const directory = openOneDomain({ ...optionsFor(server), released: ['lockoutTime'] });
  const { attributes } = await directory.find(name);
  await directory.close();
  return attributes.lockoutTime?.[0] ?? '0';
}

/** A sign-in that does not come through the house. */
async function bind(server: DirectoryServer, name: string, secret: string): Promise<void> {
  const directory = openOneDomain(optionsFor(server));
  try {
    await directory.authenticate(await directory.find(name), secret);
  } finally {
    await directory.close();
  }
}

describe('guessing at Active Directory', () => {
  let server: DirectoryServer;
  const houses: House[] = [];
  const open = async (throttle: object, config: object = {}): Promise<House> => {
    const house = await openHouse({ directory: server, config: { throttle, ...config } });
    houses.push(house);
    return house;
  };
  before(async () => {
    server = await samba();
  });
  after(() => Promise.all(houses.map((house) => house.close())));

  it('stops below its lockout threshold, however many guess at once, and the account is not locked', async () => {
    const { name, dn } = await addPerson(server);
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
    // Of a threshold of 5, one less for a stricter policy that the service account cannot see.
    assert.equal(reached, 3);
    assert.equal(await lockoutTime(server, name), '0');
    // The directory, asked past the throttle, still takes the right password.
    await bind(server, name, password);
    // And the throttle opens again by itself.
    house.advance(31 * 60_000);
    responseOf(await new Visitor(house.url).signIn(name, password, { issueInstant: house.now() }));
    await remove(server, dn);
  });

  it('lets the person in from where they signed in before, while strangers guess, and never locks the account', async () => {
    const { name, dn } = await addPerson(server);
    const house = await open({ floor: '1ms', attemptsPerAddress: 1_000 }, { trustProxy: ['127.0.0.1'] });
    const from = (address: string): Visitor => {
      const visitor = new Visitor(house.url);
      visitor.forwardedFor = address;
      return visitor;
    };
    const office = '203.0.113.5';
    responseOf(await from(office).signIn(name, password));
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        from(`2001:db8:${String(index)}::1`).signIn(`CORP\\${name}`, `guess ${String(index)}`),
      ),
    );
    assert.equal(house.events.filter(({ reason }) => reason === 'password-wrong').length, 2);
    // Even the right one reads like a wrong one from elsewhere.
    const elsewhere = await from('198.51.100.77').signIn(`other-${name}@example.com`, password);
    assert.equal(elsewhere.status, 401);
    assert.equal(house.events.at(-1)?.reason, 'person-attempts-exhausted');
    responseOf(await from(office).signIn(name, password));
    responseOf(await from(office).signIn(`other-${name}@example.com`, password));
    assert.equal(await lockoutTime(server, name), '0');
    await remove(server, dn);
  });

  it('counts in the passwords that failed elsewhere', async () => {
    const { name, dn } = await addPerson(server);
    const house = await open({ floor: '1ms' });
    for (let turn = 0; turn < 2; turn += 1) await assert.rejects(bind(server, name, 'wrong'));
    const statuses: number[] = [];
    for (let turn = 0; turn < 4; turn += 1) statuses.push((await new Visitor(house.url).signIn(name, 'wrong')).status);
    assert.deepEqual(statuses, [401, 401, 401, 401]);
    assert.deepEqual(
      house.events.map(({ reason }) => reason),
      ['password-wrong', 'person-attempts-exhausted', 'person-attempts-exhausted', 'person-attempts-exhausted'],
    );
    assert.equal(await lockoutTime(server, name), '0');
    await bind(server, name, password);
    house.advance(31 * 60_000);
    responseOf(await new Visitor(house.url).signIn(name, password, { issueInstant: house.now() }));
    await remove(server, dn);
  });

  it('counts in, from the first guess on, what failed elsewhere at OpenLDAP', async () => {
    const openLdap = await openldap();
    const name = `guess-${randomBytes(3).toString('hex')}`;
    const dn = `cn=${name},ou=Guests,${openLdap.baseDn}`;
    const values = `objectClass: user\nsn: ${name}\nsAMAccountName: ${name}\nuserPrincipalName: ${name}@example.com\nuserPassword: ${password}\n`;
    await modify(openLdap, `dn: ${dn}\nchangetype: add\n${values}`);
    const house = await openHouse({ directory: openLdap, config: { throttle: { floor: '1ms' } } });
    houses.push(house);
    for (let turn = 0; turn < 4; turn += 1) await assert.rejects(bind(openLdap, `${name}@example.com`, 'wrong'));
    assert.equal((await new Visitor(house.url).signIn(`${name}@example.com`, 'wrong')).status, 401);
    assert.equal(house.events.at(-1)?.reason, 'person-attempts-exhausted');
    await bind(openLdap, `${name}@example.com`, password);
    await modify(openLdap, `dn: ${dn}\nchangetype: delete\n`);
  });

  it('says that an account is locked where the person is at home, and to strangers that the password was wrong', async () => {
    const { name, dn } = await addPerson(server);
    const house = await open({ floor: '1ms' }, { trustProxy: ['127.0.0.1'] });
    const from = (address: string): Visitor => {
      const visitor = new Visitor(house.url);
      visitor.forwardedFor = address;
      return visitor;
    };
    responseOf(await from('203.0.113.5').signIn(name, password));
    await modify(server, `dn: ${dn}\nchangetype: modify\nreplace: lockoutTime\nlockoutTime: 157766016000000000\n`);
    const wrong = await from('198.51.100.1').signIn('nobody-at-all', password);
    const stranger = await from('198.51.100.2').signIn(name, password);
    assert.equal(house.events.at(-1)?.reason, 'person-locked-unfamiliar');
    assert.equal(stranger.status, wrong.status);
    assert.equal(notice(stranger), notice(wrong));
    const known = await from('203.0.113.5').signIn(name, password);
    assert.equal(house.events.at(-1)?.reason, 'person-locked');
    assert.notEqual(notice(known), notice(wrong));
    await remove(server, dn);
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
    await bind(server, 'carol', password);
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
