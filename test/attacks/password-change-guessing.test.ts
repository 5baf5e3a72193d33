/** Guessing by way of the page that changes passwords: it tells no more than the sign-in does, and no sooner. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openCutConnection, type CutConnection } from '../fixtures/cut-connection.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { passingPeople, type PassingPeople } from '../fixtures/passing-people.ts';
import { responseOf, Visitor, type Page } from '../fixtures/visitor.ts';
import type { DirectoryServer } from '../testbed/directory-server.ts';
import { samba } from '../testbed/samba.ts';

const password = 'Passw0rd!';
const next = 'Quiet-Harbour-71';

let server: DirectoryServer;
let people: PassingPeople;
let between: CutConnection;
const houses: House[] = [];
before(async () => {
  server = await samba();
  people = passingPeople(server);
  between = await openCutConnection(server);
});
after(async () => {
  for (const house of houses) await house.close();
  await between.close();
  await people.removeAll();
});

async function open(throttle: Readonly<Record<string, unknown>> = {}, bindDn = server.bindDn): Promise<House> {
  const house = await openHouse({
    directory: server,
    ldap: { ...between.ldap, bindDn },
    config: { throttle: { floor: '1ms', attemptsPerAccount: 50, attemptsPerAddress: 1_000, ...throttle } },
  });
  houses.push(house);
  return house;
}

type Fields = Readonly<Record<string, string>>;
const fieldsFor = (name: string, fields: Fields): Fields => ({ name, password: 'wrong', next, repeat: next, ...fields });
const atPassword = (house: House, name: string, fields: Fields = {}): Promise<Page> =>
  new Visitor(house.url).post('/password', fieldsFor(name, fields));
async function inSignIn(house: House, name: string, fields: Fields = {}): Promise<Page> {
  const visitor = new Visitor(house.url);
  const signin = (await visitor.arrive()).form?.fields.signin ?? '';
  return visitor.post('/signin/new-password', { signin, ...fieldsFor(name, fields) });
}

/** Everything but what is new with every answer. */
function seen(page: Page): unknown {
  const body = page.body
    .replaceAll(/nonce="[^"]+"/g, '')
    .replace(/name="signin" value="[^"]+"/, '')
    .replace(/<code>[^<]+<\/code>/, '')
    .replace(/(id="name"[^>]* value=")[^"]*"/, '$1"');
  const headers = [...page.headers].filter(([name]) => !['date', 'content-security-policy', 'content-length'].includes(name));
  return { status: page.status, body, headers, url: page.url };
}

describe('whoever does not know the password', () => {
  const attempts: readonly (readonly [what: string, fields: Fields])[] = [
    ['a wrong password', {}],
    ['none', { password: '' }],
    ['a new password that breaks the policy', { next: 'short', repeat: 'short' }],
    ['a new password with the name', { next: 'Wanda-2026-x', repeat: 'Wanda-2026-x' }],
    ['two new passwords', { repeat: 'x' }],
    ['the same password twice', { next: 'wrong', repeat: 'wrong' }],
    ['a new password of a kind that nobody has', { next: '\0', repeat: '\0' }],
  ];
  let house: House;
  before(async () => {
    house = await open({}, server.administrator);
  });

  for (const [door, post] of [
    ['/password', atPassword],
    ['a sign-in', inSignIn],
  ] as const) {
    for (const [what, fields] of attempts) {
      it(`sees by ${what} at ${door} what is seen for nobody, even of whoever has a policy of their own`, async () => {
        const person = await people.make('displayName: Wanda Warth\n');
        await people.govern(person, { minLength: 17 });
        const expired = await people.makeMustChange();
        // Names that failed before are looked at more closely, whoever's they are; and a policy is read once.
        const warm = (name: string) => new Visitor(house.url).signIn(name, '');
        await warm('warm');
        await post(house, 'warm', fields);
        await warm('nobody-at-all');
        const before = between.asked.length;
        const absent = await post(house, 'nobody-at-all', fields);
        const asked = between.asked.slice(before);
        for (const name of [person.name, `CORP\\${expired.name}`]) {
          await warm(name);
          const from = between.asked.length;
          const present = await post(house, name, fields);
          assert.deepEqual(seen(present), seen(absent), name);
          assert.deepEqual(between.asked.slice(from), asked, name);
        }
        assert.match(absent.body, /It has 8 characters or more/);
      });
    }
  }

  it('waits as long at either door', async () => {
    const house = await open({ floor: '400ms' });
    const { name } = await people.make();
    for (const who of [name, 'nobody-at-all']) {
      for (const fields of [{}, { repeat: 'x' }]) {
        const started = Date.now();
        assert.ok((await atPassword(house, who, fields)).status >= 400);
        assert.ok(Date.now() - started >= 395);
      }
    }
  });
});

describe('guessing', () => {
  const tried = (house: House): number => house.events.filter(({ reason }) => reason === 'password-wrong').length;

  it('at one account is counted across all doors', async () => {
    const house = await open({ attemptsPerAccount: 3 });
    const { name } = await people.make();
    await new Visitor(house.url).signIn(name, 'wrong');
    await atPassword(house, name);
    await inSignIn(house, `CORP\\${name}`);
    for (const post of [atPassword, inSignIn]) {
      const page = await post(house, name, { password });
      assert.equal(page.status, 429);
      assert.match(page.body, /Too many attempts/);
    }
    assert.equal((await new Visitor(house.url).signIn(name, password)).status, 429);
    assert.equal(tried(house), 3);
  });

  it('from one network is counted across all doors', async () => {
    const house = await open({ attemptsPerAddress: 3 });
    await atPassword(house, 'nobody1');
    await inSignIn(house, 'nobody2');
    await new Visitor(house.url).signIn('nobody3', 'wrong');
    assert.equal((await atPassword(house, 'nobody4')).status, 429);
  });

  it('gains nothing by many at once', async () => {
    const house = await open({ attemptsPerAccount: 2 });
    const { name } = await people.make();
    await Promise.all(
      Array.from({ length: 6 }, async (_, turn) => {
        await atPassword(house, name, { password: `guess ${String(turn)}` });
        await inSignIn(house, name, { password: `guess ${String(turn)}` });
      }),
    );
    assert.equal(tried(house), 2);
  });

  it('by forms that contradict themselves asks nothing of the directory, and finds out nothing of earlier attempts', async () => {
    const house = await open({ attemptsPerAccount: 1 });
    const { name } = await people.make();
    // A policy is read once.
    await new Visitor(house.url).visit('/password');
    await atPassword(house, name);
    const before = between.asked.length;
    for (const post of [atPassword, inSignIn]) {
      for (const fields of [{ repeat: 'x' }, { next: 'wrong', repeat: 'wrong' }, { next: '', repeat: '' }])
        assert.equal((await post(house, name, fields)).status, 422);
    }
    assert.deepEqual(between.asked.slice(before), []);
    assert.equal((await atPassword(house, name)).status, 429);
  });

  it('is not done by the one who chooses a bad password again and again', async () => {
    const house = await open({ attemptsPerAccount: 2 });
    const { name } = await people.make();
    for (let turn = 0; turn < 5; turn += 1)
      assert.equal((await atPassword(house, name, { password, next: 'x', repeat: 'x' })).status, 422);
    assert.equal((await atPassword(house, name, { password })).status, 200);
    responseOf(await new Visitor(house.url).signIn(name, next));
  });
});
