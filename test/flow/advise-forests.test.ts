/** `passerelle advise` in front of real Active Directory: a forest of two domains, and another that it trusts; sign-ins agree with the report. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Advice, NamedGroup } from '../../src/advisor/advice.ts';
import { run } from '../cli/scripted-io.ts';
import { clock } from '../directory/options.ts';
import { openHouse } from '../fixtures/house.ts';
import { responseOf, textOf, Visitor } from '../fixtures/visitor.ts';
import child from '../testbed/directory-child.json' with { type: 'json' };
import north from '../testbed/directory-north.json' with { type: 'json' };
import south from '../testbed/directory-south.json' with { type: 'json' };
import { catalogue, type ControllerServer, type Forests, forests } from '../testbed/forests.ts';

const mapping = {
  source: 'userPrincipalName' as const,
  substitute: { 'north.test': 'north.example.com', 'people.north.test': 'north.example.com', 'south.test': 'south.example.net' },
  domains: { primary: 'north.example.com', secondary: ['child.north.example.com', 'south.example.net'] },
};
const declared = { 'north.example.com': north, 'child.north.example.com': child, 'south.example.net': south } as const;
type DomainName = keyof typeof declared;
const domainNames = ['north.example.com', 'child.north.example.com', 'south.example.net'] as const;

/** As a sign-in would have it, by what the file of the domain says. */
function addressOf(domain: DomainName, { name, upn }: { readonly name: string; readonly upn?: string }): string {
  const [local = '', suffix = ''] = (upn ?? `${name}@${domain}`).split('@');
  return `${local}@${new Map(Object.entries(mapping.substitute)).get(suffix) ?? suffix}`;
}

const controllerOf = ({ url }: ControllerServer): { readonly url: string } => ({ url });

function configured({ n1, n2, c1, s1 }: Forests) {
  const account = ({ caFile, bindDn, password }: ControllerServer) => ({ caFile, bindDn, password });
  return [
    {
      name: 'north.example.com',
      ...account(n1),
      globalCatalogs: [n1.gcUrl, n2.gcUrl],
      domains: [
        { baseDn: n1.baseDn, controllers: [n1, n2].map(controllerOf) },
        { baseDn: c1.baseDn, bindDn: c1.bindDn, password: c1.password, controllers: [controllerOf(c1)] },
      ],
    },
    { name: 'south.example.net', ...account(s1), domains: [{ baseDn: s1.baseDn, controllers: [controllerOf(s1)] }] },
  ];
}

describe('the advice about two forests', () => {
  let bed: Forests;
  let folder: string;
  let advice: Advice;
  before(async () => {
    bed = await forests();
    await catalogue();
    folder = mkdtempSync(join(tmpdir(), 'passerelle-advise-'));
    // JSON is YAML.
    writeFileSync(
      join(folder, 'passerelle.yaml'),
      JSON.stringify({
        publicUrl: 'http://localhost:8080',
        directory: { forests: configured(bed) },
        mapping,
        keys: { folder: join(folder, 'certs') },
        store: { file: join(folder, 'store.sqlite') },
      }),
      { mode: 0o600 },
    );
    const told = await run(['advise', '--into', 'report', '--no-dns'], { folder, clock, random: randomBytes });
    assert.equal(told.code, 0, told.err);
    advice = JSON.parse(readFileSync(join(folder, 'report/advice.json'), 'utf8')) as Advice;
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('finds the forests, their domains and their trusts', () => {
    const { forests: found, passerelle, syncInstances } = advice.forests;
    assert.deepEqual(
      found.map(({ name, isActiveDirectory, domains }) => [
        name,
        isActiveDirectory,
        domains.map(({ dnsDomain, netbiosName, configured: isRead }) => [dnsDomain, netbiosName, isRead]).sort(),
      ]),
      [
        [
          'north.example.com',
          true,
          [
            ['child.north.example.com', 'CHILD', true],
            ['north.example.com', 'NORTH', true],
          ],
        ],
        ['south.example.net', true, [['south.example.net', 'SOUTH', true]]],
      ],
    );
    // Samba keeps no entry of the trust between a domain and its child.
    const trusts = found.flatMap((forest) =>
      forest.trusts.map(({ domain, partner, kind, direction, configured: isRead }) => [domain, partner, kind, direction, isRead]),
    );
    assert.deepEqual(trusts.sort(), [
      ['north.example.com', 'south.example.net', 'forest', 'both', true],
      ['south.example.net', 'north.example.com', 'forest', 'both', true],
    ]);
    for (const suffix of north.upnSuffixes) assert.ok(found[0]?.suffixes.includes(suffix), suffix);
    assert.equal(passerelle.count, 1);
    assert.equal(syncInstances.count, 2);
  });

  for (const domain of domainNames) {
    it(`has everybody of ${domain} with the address that a sign-in would carry`, () => {
      for (const user of [...declared[domain].users, ...declared[domain].services]) {
        const standing = advice.people.find((one) => one.name === user.name && one.domain === domain);
        const state = 'state' in user ? user.state : undefined;
        assert.deepEqual(
          [standing?.address, standing?.refused],
          [
            addressOf(domain, user),
            state === 'disabled' ? 'person-disabled' : state === 'account-expired' ? 'person-expired' : null,
          ],
          user.name,
        );
        const kind = 'ou' in user && user.ou === 'Services' ? 'service' : undefined;
        if (kind !== undefined) assert.equal(standing?.kind, kind, user.name);
      }
      // Administrators and the accounts of trusts are nobody’s; of nobody is anybody missing or there twice.
      const own = advice.people.filter((one) => one.domain === domain);
      assert.equal(new Set(own.map(({ objectGUID }) => objectGUID)).size, own.length);
      for (const name of ['Administrator', 'krbtgt']) {
        assert.notEqual(own.find((one) => one.name === name)?.kind ?? 'person', 'person', name);
      }
      assert.ok(own.filter(({ name }) => name.endsWith('$')).every(({ kind }) => kind !== 'person'));
    });
  }

  it('sees groups of both forests by scope, nesting across domains, and members of the other forest', () => {
    const { kinds, nesting, total, builtIn } = advice.groups;
    assert.equal(
      kinds.reduce((sum, { count }) => sum + count, 0),
      total,
    );
    assert.ok(builtIn > 20);
    // portal-users contains everywhere, which contains child-universal of another domain, which contains children.
    assert.ok(nesting.deepest >= 3);
    const holders = advice.groups.namings.flatMap(({ collisions }) => collisions.flatMap((collision) => collision.holders));
    const own: readonly NamedGroup[] = holders.filter(({ name }) => ['engineering', 'children', 'southerners'].includes(name));
    assert.deepEqual(own, []);
    assert.ok(advice.units.trees.length === 3);
  });

  it('agrees with sign-ins at each domain', async () => {
    const house = await openHouse({ ldap: { forests: configured(bed) }, config: { mapping } });
    try {
      for (const [domain, name] of [
        ['north.example.com', 'alice'],
        ['north.example.com', 'bob'],
        ['north.example.com', 'carol'],
        ['north.example.com', 'disabled'],
        ['north.example.com', 'expired'],
        ['child.north.example.com', 'cleo'],
        ['child.north.example.com', 'sam'],
        ['south.example.net', 'sasha'],
        ['south.example.net', 'sam'],
      ] as const) {
        const standing = advice.people.find((one) => one.name === name && one.domain === domain);
        const page = await new Visitor(house.url).signIn(`${name}@${domain}`, declared[domain].defaultPassword);
        if (standing?.refused === null) {
          assert.equal(textOf(responseOf(page).xml, 'NameID'), standing.address, `${name} of ${domain}`);
        } else {
          const event = house.events.findLast(({ event: kind }) => kind === 'signin.refused');
          assert.equal(event?.reason, standing?.refused, `${name} of ${domain}`);
        }
      }
    } finally {
      await house.close();
    }
  });
});
