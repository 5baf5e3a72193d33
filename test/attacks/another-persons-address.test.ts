/** Becoming somebody else at Google by an attribute of the directory that maps, or looks as if it mapped, to their address. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ConfigInput } from '../../src/config/schema.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { openPeople, type People } from '../fixtures/people.ts';
import { responseOf, textOf, Visitor } from '../fixtures/visitor.ts';

const mapping: ConfigInput['mapping'] = {
  substitute: { 'corp.local': 'example.com', 'old.example': 'alias.example' },
  domains: {
    primary: 'example.com',
    secondary: ['example.org', 'bücher.example'],
    aliases: { 'alias.example': 'example.com', 'zweig.example': 'bücher.example' },
  },
};

const notUnique = 'address-not-unique';
const rows: readonly (readonly [first: string, second: string, outcome: string])[] = [
  ['alice@example.com', 'mallory@example.com', 'mallory@example.com'],
  ['alice@example.com', 'alice@example.org', 'alice@example.org'],
  ['alice@example.com', 'ALICE@example.com', notUnique],
  ['alice@example.com', 'alice@EXAMPLE.COM', notUnique],
  ['alice@example.com', 'alice@corp.local', notUnique],
  ['alice@example.com', 'Alice@CORP.local', notUnique],
  ['alice@example.com', 'alice@alias.example', notUnique],
  ['alice@example.com', 'alice@old.example', notUnique],
  ['alice@old.example', 'alice@corp.local', notUnique],
  ['alice@bücher.example', 'alice@xn--bcher-kva.example', notUnique],
  ['alice@bücher.example', 'alice@BÜCHER.example', notUnique],
  ['alice@xn--bcher-kva.example', 'alice@zweig.example', notUnique],
  // What looks alike is not alike, and has no address at all.
  ['alice@example.com', '\u0430lice@example.com', 'not-an-email-address'],
  ['alice@example.com', '\uFF41lice@example.com', 'not-an-email-address'],
  ['alice@example.com', 'alice\u200B@example.com', 'not-an-email-address'],
  ['alice@example.com', 'alice@ex\u0430mple.com', 'address-not-in-domains'],
  ['alice@example.com', 'alice@example\u3002com', 'not-an-email-address'],
  ['alice@example.com', 'alice@\uFF45xample.com', 'not-an-email-address'],
  ['alice@example.com', 'alice@example.com.', 'not-an-email-address'],
  ['alice@example.com', 'alice@example.com ', 'not-an-email-address'],
  ['alice@example.com', ' alice@example.com', 'not-an-email-address'],
  ['alice@bücher.example', 'alice@bu\u0308cher.example', 'not-an-email-address'],
  ['alice@example.com', 'alice@evil.example@example.com', 'not-an-email-address'],
  ['alice@example.com', 'alice@example.com@evil.example', 'not-an-email-address'],
  ['alice@example.com', '"alice"@example.com', 'not-an-email-address'],
  ['alice@example.com', 'alice(x)@example.com', 'not-an-email-address'],
  ['alice@example.com', '<alice@example.com>', 'not-an-email-address'],
  ['alice@example.com', 'alice@sub.example.com', 'address-not-in-domains'],
  ['alice@example.com', 'alice@notexample.com', 'address-not-in-domains'],
  ['alice@example.com', '@example.com', 'not-an-email-address'],
];

/** Each row has people of its own: `lice` gets its number. */
const own = (text: string, row: number): string => text.replaceAll(/lice/gi, `$&${String(row)}`);

for (const source of ['userPrincipalName', 'mail'] as const) {
  describe(`by ${source}`, () => {
    let people: People;
    let house: House;
    before(async () => {
      const attribute = (value: string) => (source === 'mail' ? { mail: value } : { upn: value });
      people = await openPeople(
        rows.flatMap(([first, second], row) => [
          { name: `first-${String(row)}`, password: 'first-Passw0rd', ...attribute(own(first, row)) },
          { name: `second-${String(row)}`, password: 'second-Passw0rd', ...attribute(own(second, row)) },
        ]),
      );
      house = await openHouse({ ldap: people.ldap, config: { mapping: { ...mapping, source } } });
    });
    after(async () => {
      await house.close();
      await people.close();
    });

    rows.forEach(([first, second, expected], row) => {
      it(`beside ${first}, who has ${JSON.stringify(second)} is ${expected}`, async () => {
        const page = await new Visitor(house.url).signIn(`second-${String(row)}`, 'second-Passw0rd');
        const event = house.events.at(-1);
        const outcome = event?.event === 'signin.issued' ? textOf(responseOf(page).xml, 'NameID') : event?.reason;
        assert.equal(outcome, own(expected, row));
      });
    });
  });
}
