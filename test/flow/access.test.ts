/** Who may use a service provider, by their groups: over HTTP, with what the page, the Response and the audit say of it. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { ConfigInput } from '../../src/config/schema.ts';
import { schema } from '../../src/config/schema.ts';
import { acs, entityID, openHouse, type House } from '../fixtures/house.ts';
import { Visitor } from '../fixtures/visitor.ts';
import { openldap } from '../testbed/openldap.ts';
import { samba } from '../testbed/samba.ts';
import type { DirectoryServer } from '../testbed/directory-server.ts';

const password = 'Passw0rd!';
type Access = NonNullable<NonNullable<ConfigInput['serviceProviders']>[number]['access']>;

const houseWith = (access: Access | undefined, directory?: DirectoryServer): Promise<House> =>
  openHouse({
    ...(directory !== undefined && { directory }),
    config: {
      serviceProviders: [
        { kind: 'google-profile', entityId: entityID, acsUrl: acs, name: 'Google', ...(access !== undefined && { access }) },
      ],
    },
  });

for (const [title, directoryOf, base] of [
  ['the demo directory', () => Promise.resolve(undefined), 'DC=corp,DC=example,DC=com'],
  ['Active Directory', samba, 'DC=corp,DC=example,DC=com'],
  ['OpenLDAP', openldap, 'dc=ldap,dc=example,dc=com'],
] as const) {
  describe(`access by groups of ${title}`, () => {
    let directory: DirectoryServer | undefined;
    before(async () => {
      directory = await directoryOf();
    });
    const group = (name: string): string => `CN=${name},OU=Groups,${base}`;

    for (const [what, access, admitted, turnedAway] of [
      ['the members of one group', { groups: [group('engineering')] }, ['alice', 'bob'], ['carol', 'mallory']],
      ['those of a group within it', { groups: [group('all-staff')] }, ['alice', 'carol'], ['mallory']],
      ['those of any of several', { groups: [group('sales'), group('engineering')] }, ['alice', 'carol'], ['mallory']],
      ['all but the excepted', { except: [group('sales')] }, ['alice', 'mallory'], ['carol']],
      [
        'the excepted not, though a group lets them',
        { groups: [group('all-staff')], except: [group('engineering')] },
        ['carol'],
        ['alice'],
      ],
      ['nobody by a group that is not there', { groups: [group('gone')] }, [], ['alice']],
      [
        'names in other letters and blanks',
        { groups: [`cn=ENGINEERING , ou=groups, ${base.toLowerCase()}`] },
        ['alice'],
        ['carol'],
      ],
    ] as readonly (readonly [string, Access, readonly string[], readonly string[]])[]) {
      it(`lets in ${what}`, async () => {
        const house = await houseWith(access, directory);
        try {
          for (const name of admitted) {
            const page = await new Visitor(house.url).signIn(name, password);
            assert.notEqual(page.form?.fields.SAMLResponse, undefined, `${name}: ${page.body}`);
          }
          for (const name of turnedAway) {
            const page = await new Visitor(house.url).signIn(name, password);
            const event = house.events.findLast(({ reference }) => reference === page.reference);
            assert.equal(event?.reason, 'access-not-granted', name);
            assert.match(JSON.stringify(event.detail), /OU=Groups/i);
            // Which groups there are is nobody's business.
            const told = page.body + Buffer.from(page.form?.fields.SAMLResponse ?? '', 'base64').toString();
            assert.doesNotMatch(told, /OU=Groups|engineering|all-staff|sales/i);
            assert.match(told, /RequestDenied/);
          }
        } finally {
          await house.close();
        }
      });
    }
  });
}

describe('access by groups', () => {
  it('ends with the membership, in a live session too', async () => {
    const { url, caFile, baseDn, bindDn, ...server } = await openldap();
    const directory = { ...server, url, caFile, baseDn, bindDn };
    const { modify } = await import('../testbed/directory-server.ts');
    const dn = `cn=passing,ou=Groups,${baseDn}`;
    await modify(
      directory,
      `dn: ${dn}\nchangetype: add\nobjectClass: group\ncn: passing\nmember: cn=bob,ou=Engineering,ou=Staff,${baseDn}\n`,
    );
    const house = await houseWith({ groups: [dn] }, directory);
    try {
      const visitor = new Visitor(house.url);
      assert.notEqual((await visitor.signIn('bob', password)).form, undefined);
      await modify(directory, `dn: ${dn}\nchangetype: modify\nreplace: member\nmember: cn=zoe,ou=Sales,ou=Staff,${baseDn}\n`);
      const page = await visitor.arrive();
      assert.equal(house.events.at(-1)?.reason, 'access-not-granted', page.body);
    } finally {
      await house.close();
      await modify(directory, `dn: ${dn}\nchangetype: delete\n`);
    }
  });

  for (const [title, groups] of [
    ['a mere name', ['engineering']],
    ['none', []],
    ['a SID cut short', ['S-1']],
    ['a SID that no directory writes so', ['S-1-5-21-1-2-3-01104']],
  ] as const) {
    it(`refuses a configuration with ${title}`, () => {
      const result = schema.shape.serviceProviders.safeParse([
        { kind: 'google-profile', entityId: entityID, acsUrl: acs, access: { groups } },
      ]);
      assert.equal(result.success, false);
    });
  }
});
