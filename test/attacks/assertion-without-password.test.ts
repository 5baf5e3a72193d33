/** Getting an assertion without knowing the password: empty ones, tricks with names and filters, doors that do not exist. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openHouse, type House } from '../fixtures/house.ts';
import { openPeople, type People } from '../fixtures/people.ts';
import { responseOf, textOf, Visitor } from '../fixtures/visitor.ts';

const BIND = 0x60;
let people: People;
let house: House;
before(async () => {
  people = await openPeople([
    { name: 'alice', password: 'alice-Passw0rd', upn: 'alice@example.com', mail: 'alice@example.com' },
    { name: 'mallory', password: 'mallory-Passw0rd', upn: 'mallory@example.com', mail: 'alice@example.com' },
    { name: 'a*', password: 'star-Passw0rd', upn: 'star@example.com' },
    { name: 'nopassword', password: '', upn: 'nopassword@example.com' },
  ]);
  house = await openHouse({ ldap: people.ldap });
});
after(async () => {
  await house.close();
  await people.close();
});

const nameIdOf = async (name: string, password: string): Promise<string | undefined> => {
  const page = await new Visitor(house.url).signIn(name, password);
  return page.form?.fields.SAMLResponse === undefined ? undefined : textOf(responseOf(page).xml, 'NameID');
};

describe('a sign-in', () => {
  const rows: readonly (readonly [name: string, password: string, nameID: string | undefined])[] = [
    ['alice', 'alice-Passw0rd', 'alice@example.com'],
    // Whose UPN it is comes before whose mail it is.
    ['alice@example.com', 'alice-Passw0rd', 'alice@example.com'],
    ['alice@example.com', 'mallory-Passw0rd', undefined],
    ['alice', 'mallory-Passw0rd', undefined],
    ['alice', 'ALICE-PASSW0RD', undefined],
    ['alice', ' alice-Passw0rd', undefined],
    ['alice', 'alice-Passw0rd ', undefined],
    ['alice', 'alice-Passw0rd\0', undefined],
    ['alice', 'alice-Passw0rd\0x', undefined],
    ['alice', '', undefined],
    ['alice', ' ', undefined],
    ['nopassword', '', undefined],
    ['', '', undefined],
    ['', 'alice-Passw0rd', undefined],
    ['*', 'alice-Passw0rd', undefined],
    ['ali*', 'alice-Passw0rd', undefined],
    ['a*', 'alice-Passw0rd', undefined],
    ['a*', 'star-Passw0rd', 'star@example.com'],
    ['a\\2a', 'star-Passw0rd', undefined],
    ['alice)(objectClass=*', 'alice-Passw0rd', undefined],
    ['*)(|(objectClass=*', 'mallory-Passw0rd', undefined],
    ['CN=alice,DC=corp,DC=example,DC=com', 'alice-Passw0rd', undefined],
    ['CORP\\CN=alice,DC=corp,DC=example,DC=com', 'alice-Passw0rd', undefined],
    ['CORP\\CORP\\alice', 'alice-Passw0rd', undefined],
    ['OTHER\\alice', 'alice-Passw0rd', undefined],
    ['alice\0', 'alice-Passw0rd', undefined],
    ['alice\nmallory', 'mallory-Passw0rd', undefined],
  ];
  for (const [name, password, nameID] of rows) {
    it(`as ${JSON.stringify(name)} with ${JSON.stringify(password)} ${nameID === undefined ? 'fails' : `is ${nameID}`}`, async () => {
      assert.equal(await nameIdOf(name, password), nameID);
    });
  }

  it('with an empty password or one with NUL binds nobody: a directory would take it for an anonymous bind', async () => {
    await nameIdOf('alice', 'wrong');
    for (const password of ['', '\0', 'alice-Passw0rd\0', 'x'.repeat(1_025)]) {
      const before = people.asked.length;
      await nameIdOf('alice', password);
      assert.equal(people.asked.slice(before).includes(BIND), false);
      assert.equal(house.events.at(-1)?.reason, 'password-unusable');
    }
  });

  const doors = [
    'password2',
    'Password',
    '__proto__',
    'constructor',
    'toString',
    'session',
    'pass%77ord/',
    '%70assword/x',
    'nul%00',
  ];
  for (const door of doors) {
    it(`has no door /signin/${door}`, async () => {
      const visitor = new Visitor(house.url);
      const { form } = await visitor.arrive();
      const page = await visitor.post(`/signin/${door}`, { ...form?.fields, name: 'alice', password: 'alice-Passw0rd' });
      assert.equal(page.status, 404);
      assert.equal(visitor.cookie, undefined);
    });
  }

  const forms: readonly (readonly [string, (signin: string) => string])[] = [
    ['without a password', (signin) => `signin=${signin}&name=alice`],
    ['without a name', (signin) => `signin=${signin}&password=alice-Passw0rd`],
    ['with the password twice', (signin) => `signin=${signin}&name=alice&password=x&password=alice-Passw0rd`],
    ['with the name disguised', (signin) => `signin=${signin}&n%61me=mallory&name=alice&password=mallory-Passw0rd`],
    ['with fields of every object', (signin) => `signin=${signin}&__proto__=x&constructor=x&name=__proto__&password=x`],
    ['with an array', (signin) => `signin=${signin}&name[]=alice&password[]=alice-Passw0rd`],
    ['for no sign-in', () => 'name=alice&password=alice-Passw0rd'],
    ['for an invented sign-in', () => 'signin=AAAAAAAAAAAAAAAAAAAAAA&name=alice&password=alice-Passw0rd'],
    ['for __proto__', () => 'signin=__proto__&name=alice&password=alice-Passw0rd'],
  ];
  for (const [what, form] of forms) {
    it(`is not made by a form ${what}`, async () => {
      const visitor = new Visitor(house.url);
      const page = await visitor.arrive();
      const headers = { Origin: house.url, 'Content-Type': 'application/x-www-form-urlencoded' };
      const body = form(page.form?.fields.signin ?? '');
      const answer = await visitor.request('/signin/password', { method: 'POST', headers, body });
      assert.ok(answer.status === 400 || answer.status === 401, String(answer.status));
      assert.equal(visitor.cookie, undefined);
    });
  }
});
