/** Becoming an administrator elsewhere by a group whose name, or place in the directory, looks like that of another. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ForeignServiceProvider, makeCredential } from '../fixtures/foreign-service-provider.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { openPeople, type People } from '../fixtures/people.ts';
import { responseOf, textOf, Visitor } from '../fixtures/visitor.ts';

const domain = 'DC=corp,DC=example,DC=com';
const group = 'aws-123456789012-Admin';
const role = 'arn:aws:iam::123456789012:role/Admin,arn:aws:iam::123456789012:saml-provider/passerelle';
const hex = Buffer.concat([Buffer.from([0x0c, group.length]), Buffer.from(group)]).toString('hex');

const rows: readonly (readonly [what: string, dn: string, value?: string])[] = [
  ['the group itself', `CN=${group},OU=AWS,${domain}`, role],
  ['the group itself, spelled otherwise', `cn = ${group} , ou=aws, DC=CORP,dc=example,dc=com`, role],
  ['a namesake in another place', `CN=${group},OU=Evil,${domain}`],
  ['a namesake in a place that ends alike', `CN=${group},OU=AWS,OU=Evil,${domain}`],
  ['a namesake in a place that begins alike', `CN=${group},OU=AWS,${domain},DC=net`],
  ['a place within the name', `CN=${group}\\,OU=AWS,OU=Evil,${domain}`],
  ['a place within the name, in quotes', `CN="${group},OU=AWS",OU=Evil,${domain}`],
  ['a place within the name of another', `CN=${group},OU=Evil\\,OU=AWS,${domain}`],
  ['a domain within the name of another', `CN=${group},OU=AWS\\,DC\\=corp\\,DC\\=example\\,DC\\=com,DC=net`],
  ['commas by their numbers', `CN=${group}\\2COU=AWS\\2C${domain.replaceAll(',', '\\2C')},OU=Evil,DC=net`],
  ['a place of two names', `CN=${group},OU=AWS+OU=Evil,${domain}`],
  ['a group of two names, the other first', `CN=x+CN=${group},OU=AWS,${domain}`],
  ['other letters', `CN=${group.toUpperCase()},OU=AWS,${domain}`],
  ['wide digits', `CN=${group.replace('1', '\uFF11')},OU=AWS,${domain}`],
  ['a letter of another script', `CN=${group.replace('A', '\u0410')},OU=AWS,${domain}`],
  ['a character without width', `CN=${group}\u200B,OU=AWS,${domain}`],
  ['a blank at the end', `CN=${group}\\20,OU=AWS,${domain}`],
  ['a line break, as after a conflict of replication', `CN=${group}\\0ACNF:0b3a,OU=AWS,${domain}`],
  ['NUL', `CN=${group}\\00,OU=AWS,${domain}`],
  ['a role of one’s own behind the name', `CN=${group}\\,arn:aws:iam::123456789012:role/Root,OU=AWS,${domain}`],
  ['the place alone', `OU=AWS,${domain}`],
  ['the encoding of the name, elsewhere', `CN=#${hex},OU=Evil,${domain}`],
  ['no distinguished name', group],
  ['nothing but separators', ',,,+=,'],
  // What took time in proportion to the square of its length.
  ['blanks without end', `CN=${group}${' '.repeat(200_000)}x,OU=AWS,${domain}`],
  ['blanks without end or name', `CN=x,${' '.repeat(200_000)}x,OU=AWS,${domain}`],
];

describe('a role goes to nobody in', () => {
  let people: People;
  let house: House;
  const cloud = makeCredential().then((credential) => new ForeignServiceProvider(credential, 'https://cloud.example.net'));
  before(async () => {
    people = await openPeople(
      rows.map(([, memberOf], row) => ({
        name: `person-${String(row)}`,
        password: 'Passw0rd!',
        upn: `person-${String(row)}@example.com`,
        attributes: { memberOf },
      })),
    );
    const roles = {
      groups: 'name' as const,
      keep: { below: `OU=AWS,${domain}` },
      match: {
        pattern: 'aws-(\\d{12})-([\\w+=,.@-]{1,64})',
        becomes: 'arn:aws:iam::$1:role/$2,arn:aws:iam::$1:saml-provider/passerelle',
      },
    };
    house = await openHouse({
      ldap: people.ldap,
      metadata: [{ xml: (await cloud).metadata(), attributes: { 'https://aws.amazon.com/SAML/Attributes/Role': roles } }],
    });
  });
  after(async () => {
    await house.close();
    await people.close();
  });

  rows.forEach(([what, , value], row) => {
    it(value === undefined ? what : `others than ${what}`, async () => {
      const { entityID, acs } = await cloud;
      const before = process.cpuUsage();
      const asked = { issuer: entityID, attributes: { AssertionConsumerServiceURL: acs } };
      const page = await new Visitor(house.url).signIn(`person-${String(row)}`, 'Passw0rd!', asked);
      const { user, system } = process.cpuUsage(before);
      assert.equal(textOf(responseOf(page).xml, 'AttributeValue'), value);
      assert.ok(user + system < 2_000_000, `${String(user + system)} µs`);
    });
  });
});
