/** What a forest says of groups that are not its own: SIDs, names and principals of another forest count for nothing. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Person } from '../../src/directory/directory.ts';
import { createVerifyAccess } from '../../src/service-providers/access.ts';
import type { RegisteredServiceProvider } from '../../src/service-providers/service-provider.ts';
import { refusedFor } from '../contract/directory.ts';
import { type Stage, type StagedForest, openStage } from './forest-stage.ts';

const sids = { north: 'S-1-5-21-1-1-1', child: 'S-1-5-21-2-2-2', south: 'S-1-5-21-3-3-3', west: 'S-1-5-21-4-4-4' };
const administrators = 'S-1-5-32-544';

/** NORTH lets the people of SOUTH's group 2000 and one person of WEST in; in its child others are its administrators. */
const north: StagedForest = {
  domains: [
    {
      dns: 'north.test',
      netbios: 'NORTH',
      sid: sids.north,
      people: [{ account: 'nora', sid: `${sids.north}-1001` }],
      entries: [
        { rdn: 'CN=staff', sid: `${sids.north}-1104`, members: ['CN=nora,DC=north,DC=test'] },
        { rdn: 'CN=admins', sid: `${sids.north}-512`, members: [] },
        { rdn: 'CN=Administrators', sid: administrators, members: ['CN=nora,DC=north,DC=test'] },
        { rdn: 'CN=guests', sid: `${sids.north}-1105`, members: ['CN=f,CN=ForeignSecurityPrincipals,DC=north,DC=test'] },
        { rdn: 'CN=western', sid: `${sids.north}-1106`, members: ['CN=w,CN=ForeignSecurityPrincipals,DC=north,DC=test'] },
        { rdn: 'CN=ForeignSecurityPrincipals' },
        { rdn: 'CN=f,CN=ForeignSecurityPrincipals', sid: `${sids.south}-2000` },
        { rdn: 'CN=w,CN=ForeignSecurityPrincipals', sid: `${sids.west}-9` },
      ],
    },
    {
      dns: 'child.north.test',
      netbios: 'CHILD',
      sid: sids.child,
      people: [{ account: 'cleo', sid: `${sids.child}-1001` }],
      entries: [{ rdn: 'CN=Administrators', sid: administrators, members: ['CN=cleo,DC=child,DC=north,DC=test'] }],
    },
  ],
};

const members = ['CN=sasha,DC=south,DC=test'];
const southWith = (
  entries: NonNullable<StagedForest['domains'][0]['entries']>,
  rest: Partial<StagedForest['domains'][0]> = {},
): StagedForest => ({
  domains: [
    {
      dns: 'south.test',
      netbios: 'SOUTH',
      sid: sids.south,
      people: [{ account: 'sasha', sid: `${sids.south}-1001` }],
      entries: [
        { rdn: 'CN=southerners', sid: `${sids.south}-2000`, members },
        { rdn: 'CN=ForeignSecurityPrincipals' },
        ...entries,
      ],
      ...rest,
    },
  ],
});

const admits = async (stage: Stage, person: Person, access: RegisteredServiceProvider['access']): Promise<void> =>
  createVerifyAccess(stage.directory)({ access } as RegisteredServiceProvider, person);

const adminsDn = 'CN=admins,DC=north,DC=test';

describe('the groups of another forest', () => {
  for (const [what, forest, groups] of [
    ['a SID of it in the token', southWith([{ rdn: 'CN=x', sid: `${sids.north}-512`, members }]), [`${sids.north}-512`]],
    [
      'a SID of it in the token, resolved by name',
      southWith([{ rdn: 'CN=x', sid: `${sids.north}-512`, members }]),
      [`${sids.north}-512`, adminsDn],
    ],
    ['a SID of every domain', southWith([{ rdn: 'CN=x', sid: administrators, members }]), [administrators]],
    [
      'a group of a name in it',
      southWith([{ rdn: 'CN=admins', sid: `${sids.south}-512`, members }], {
        lies: { 'CN=admins,DC=south': 'CN=admins,DC=north' },
      }),
      [adminsDn],
    ],
    [
      'a SID of a third forest, which it lets in',
      southWith([{ rdn: 'CN=x', sid: `${sids.west}-9`, members }]),
      ['CN=western,DC=north,DC=test', `${sids.north}-1106`],
    ],
    [
      'a person of a SID of a third forest',
      southWith([{ rdn: 'CN=y', sid: `${sids.south}-7`, members }], { people: [{ account: 'sasha', sid: `${sids.west}-9` }] }),
      ['CN=western,DC=north,DC=test'],
    ],
    [
      'the SID of its domain',
      southWith([{ rdn: 'CN=x', sid: `${sids.north}-512`, members }], { sid: sids.north }),
      [`${sids.north}-512`],
    ],
  ] as const) {
    it(`are not had by ${what}`, async () => {
      for (const forests of [
        [north, forest],
        [forest, north],
      ]) {
        const stage = await openStage(forests);
        try {
          const sasha = await stage.directory.find('SOUTH\\sasha');
          for (const group of groups) {
            await assert.rejects(
              admits(stage, sasha, { groups: [group], except: [] }),
              (error: unknown) => /access-not-granted|directory-refused/.test(String(error)),
              group,
            );
          }
        } finally {
          await stage.close();
        }
      }
    });
  }

  it('are not had by a person of theirs whom another forest counts among them', async () => {
    const principal = { rdn: 'CN=n,CN=ForeignSecurityPrincipals', sid: `${sids.north}-1001` };
    const group = { rdn: 'CN=admins', sid: `${sids.north}-512`, members: ['CN=n,CN=ForeignSecurityPrincipals,DC=south,DC=test'] };
    const stage = await openStage([
      north,
      southWith([principal, group], { lies: { 'CN=admins,DC=south': 'CN=admins,DC=north' } }),
    ]);
    const nora = await stage.directory.find('NORTH\\nora');
    for (const one of [adminsDn, `${sids.north}-512`]) {
      await assert.rejects(admits(stage, nora, { groups: [one], except: [] }), refusedFor('access-not-granted'));
    }
    await stage.close();
  });
});

describe('groups across a trust', () => {
  let stage: Stage;
  before(async () => {
    stage = await openStage([north, southWith([])]);
  });
  after(() => stage.close());

  it('are those of the own forest, and those of another one that hold the person there', async () => {
    const groupsOf = async (name: string): Promise<readonly unknown[]> => {
      const person = await stage.directory.find(name);
      const { groups, incomplete } = await stage.directory.readFurther(person, {
        bytes: [],
        groups: { nested: true, entries: true },
      });
      assert.equal(incomplete, undefined);
      return groups.map(({ dn, sid }) => [dn, sid]);
    };
    assert.deepEqual(await groupsOf('SOUTH\\sasha'), [
      ['CN=guests,DC=north,DC=test', `${sids.north}-1105`],
      ['CN=southerners,DC=south,DC=test', `${sids.south}-2000`],
    ]);
    assert.deepEqual(await groupsOf('NORTH\\nora'), [
      ['CN=Administrators,DC=north,DC=test', undefined],
      ['CN=staff,DC=north,DC=test', `${sids.north}-1104`],
    ]);
  });

  it('of one SID in every domain are each in its own', async () => {
    const cleo = await stage.directory.find('CHILD\\cleo');
    await admits(stage, cleo, { groups: ['CN=Administrators,DC=child,DC=north,DC=test'], except: [] });
    const wrong = { groups: ['CN=Administrators,DC=north,DC=test'], except: [] };
    await assert.rejects(admits(stage, cleo, wrong), refusedFor('access-not-granted'));
  });
});

describe('groups of one SID in the two domains of a forest', () => {
  it('are each in its own, whoever was read before', async () => {
    const stage = await openStage([north]);
    const [root, child] = ['CN=Administrators,DC=north,DC=test', 'CN=Administrators,DC=child,DC=north,DC=test'];
    for (const [name, own, other] of [
      ['NORTH\\nora', root, child],
      ['CHILD\\cleo', child, root],
    ] as const) {
      const person = await stage.directory.find(name);
      await admits(stage, person, { groups: [own], except: [other] });
      await assert.rejects(admits(stage, person, { groups: [other], except: [] }), refusedFor('access-not-granted'));
    }
    await stage.close();
  });
});

describe('while another forest is down', () => {
  it('groups of the own one let people in, and nothing is said of those that may be missing', async () => {
    const stage = await openStage([north, southWith([])]);
    const nora = await stage.directory.find('NORTH\\nora');
    const staff = { groups: ['CN=staff,DC=north,DC=test'], except: [] };
    await admits(stage, nora, staff);
    await stage.stop('south.test');
    await admits(stage, nora, staff);
    await admits(stage, nora, { groups: [`${sids.north}-1104`], except: [] });
    for (const access of [{ groups: [`${sids.south}-2000`], except: [] }, { except: [`${sids.south}-2000`] }]) {
      await assert.rejects(admits(stage, nora, access), (error: unknown) => {
        refusedFor('directory-unavailable')(error);
        assert.match(JSON.stringify(error), /south\.test/);
        return true;
      });
    }
    await stage.close();
  });

  it('and its SIDs were never read, groups count by their names alone', async () => {
    const stage = await openStage([north, southWith([])]);
    await stage.stop('north.test');
    const sasha = await stage.directory.find('SOUTH\\sasha');
    const bySid = { groups: [`${sids.south}-2000`], except: [] };
    await assert.rejects(admits(stage, sasha, bySid), refusedFor('directory-unavailable'));
    await admits(stage, sasha, { groups: ['CN=southerners,DC=south,DC=test'], except: [] });
    await stage.close();
  });
});
