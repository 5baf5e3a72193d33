/** Real forests: NORTH with its child, found through the global catalog, and SOUTH; and CORP beside SOUTH by the contract. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { Directory } from '../../src/directory/directory.ts';
import type { LdapForest } from '../../src/directory/forest.ts';
import { createLdapDirectory } from '../../src/directory/ldap-directory.ts';
import { Refusal } from '../../src/refusal.ts';
import { directoryContract, refusedFor } from '../contract/directory.ts';
import { type DirectoryServer, modify } from '../testbed/directory-server.ts';
import { type Forests, catalogue, forests } from '../testbed/forests.ts';
import { samba } from '../testbed/samba.ts';
import { optionsFor } from './options.ts';

const password = 'Passw0rd!';
let bed: Forests;
before(async () => {
  bed = await forests();
  await catalogue();
});

const domainOf = (server: DirectoryServer, ...others: readonly DirectoryServer[]): LdapForest['domains'][number] => ({
  baseDn: server.baseDn,
  netbiosNames: [],
  controllers: [server, ...others].map(({ url }) => ({ url, priority: 1 })),
});

const forestOf = (
  name: string,
  server: DirectoryServer,
  domains: LdapForest['domains'],
  globalCatalogs: readonly string[] = [],
): LdapForest => ({
  name,
  startTls: false,
  ca: () => readFileSync(server.caFile, 'utf8'),
  bindDn: server.bindDn,
  password: server.password,
  globalCatalogs,
  domains,
});

function north(withCatalog: boolean): LdapForest {
  const { n1, n2, c1 } = bed;
  const child = { ...domainOf(c1), account: { bindDn: c1.bindDn, password: c1.password } };
  return forestOf('north.example.com', n1, [domainOf(n1, n2), child], withCatalog ? [n1.gcUrl, n2.gcUrl] : []);
}

const open = (server: DirectoryServer, ...list: readonly LdapForest[]): Directory =>
  createLdapDirectory({ ...optionsFor(server), note: () => undefined, site: undefined, forests: list });

describe('CORP beside another forest', () => {
  directoryContract(async () => {
    const corp = await samba();
    const south = forestOf('south.example.net', bed.s1, [domainOf(bed.s1)]);
    const directory = open(corp, forestOf('corp.example.com', corp, [domainOf(corp)]), south);
    return {
      directory,
      dnsDomain: 'corp.example.com',
      netbios: 'CORP',
      kind: 'active-directory',
      unlock: (dn) => modify(corp, `dn: ${dn}\nchangetype: modify\nreplace: lockoutTime\nlockoutTime: 0\n`),
      close: () => directory.close(),
    };
  });
});

for (const withCatalog of [true, false]) {
  describe(`NORTH, its child and SOUTH${withCatalog ? ', with global catalogs' : ''}`, () => {
    let directory: Directory;
    before(() => {
      directory = open(bed.n1, north(withCatalog), forestOf('south.example.net', bed.s1, [domainOf(bed.s1)]));
    });
    after(() => directory.close());

    const rows: readonly (readonly [name: string, domain: string, account: string])[] = [
      ['sam@north.example.com', 'north.example.com', 'sam'],
      ['sam@child.north.example.com', 'child.north.example.com', 'sam'],
      ['SAM@South.Example.NET', 'south.example.net', 'sam'],
      ['NORTH\\sam', 'north.example.com', 'sam'],
      ['child\\sam', 'child.north.example.com', 'sam'],
      ['SOUTH\\sam', 'south.example.net', 'sam'],
      ['north.example.com\\sam', 'north.example.com', 'sam'],
      ['child.north.example.com\\sam', 'child.north.example.com', 'sam'],
      ['alice@north.test', 'north.example.com', 'alice'],
      ['carol@people.north.test', 'north.example.com', 'carol'],
      ['cleo@north.test', 'child.north.example.com', 'cleo'],
      ['cleo@child.north.example.com', 'child.north.example.com', 'cleo'],
      ['alice@north.example.com', 'north.example.com', 'alice'],
      ['sasha@south.test', 'south.example.net', 'sasha'],
      ['kim', 'child.north.example.com', 'kim'],
      ['nora', 'north.example.com', 'nora'],
      ['sid', 'south.example.net', 'sid'],
    ];

    it('finds everybody where they are', async () => {
      for (const [name, domain, account] of rows) {
        const person = await directory.find(name);
        assert.deepEqual([person.domain, person.sAMAccountName], [domain, account], name);
        assert.deepEqual((await directory.read(person)).objectGUID, person.objectGUID, name);
      }
    });

    it('finds nobody where a name means several, or another domain', async () => {
      await assert.rejects(directory.find('sam'), refusedFor('person-ambiguous'));
      for (const name of [
        'sam@north.test',
        'CHILD\\alice',
        'SOUTH\\nora',
        'cleo@north.example.com',
        'sasha@north.test',
        'X\\sam',
      ]) {
        await assert.rejects(directory.find(name), refusedFor('person-unknown'), name);
      }
    });

    it('tries passwords at the person’s own domain, since no other controller takes them', async () => {
      for (const name of ['NORTH\\sam', 'CHILD\\sam', 'SOUTH\\sam', 'CHILD\\kim']) {
        await directory.authenticate(await directory.find(name), password);
      }
      const kim = await directory.find('kim');
      await assert.rejects(directory.authenticate(kim, 'wrong'), refusedFor('password-wrong'));
      await directory.authenticate(kim, password);
    });

    it('reads from the domain what no catalog holds', async () => {
      const kim = await directory.find('kim');
      assert.match(kim.server ?? '', /^127\.0\.0\.15:636$/);
      assert.equal(kim.barred, undefined);
      const { bytes, groups } = await directory.readFurther(await directory.find('CHILD\\sam'), {
        bytes: ['employeeID'],
        groups: { nested: true, entries: true },
      });
      assert.equal(Buffer.from(bytes.employeeid?.[0] ?? '', 'base64').toString(), 'C1001');
      assert.ok(groups.some(({ dn }) => /^CN=children,/i.test(dn ?? '')));
    });

    it('knows who holds an address', async () => {
      const holders = await directory.holders('mail', [
        'sam@north.example.com',
        'sam@child.north.example.com',
        'sam@south.example.net',
      ]);
      assert.deepEqual(holders.map(({ domain }) => domain).toSorted(), [
        'child.north.example.com',
        'north.example.com',
        'south.example.net',
      ]);
      const [one] = await directory.holders('userPrincipalName', ['CLEO@north.test']);
      assert.equal(one?.domain, 'child.north.example.com');
    });
  });
}

it('a simple bind of one forest’s person at another’s controller is refused: each is bound at home', async () => {
  // The same people, looked for as if they were of SOUTH.
  const directory = open(bed.s1, forestOf('south.example.net', bed.s1, [domainOf(bed.s1)]));
  const sid = await directory.find('sid');
  await directory.authenticate(sid, password);
  const foreign = { ...sid, distinguishedName: 'CN=nora,OU=Staff,DC=north,DC=example,DC=com' };
  await assert.rejects(directory.authenticate(foreign, password), (error: unknown) => {
    assert.ok(error instanceof Refusal);
    return error.reason === 'password-wrong' || error.reason === 'bind-refused';
  });
  await directory.close();
});
