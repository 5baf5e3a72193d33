/** Many domains and forests: a name finds the very person that it means, at their own domain, or nobody. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { objectGuidText } from '../../src/directory/object-guid.ts';
import { Refusal, type Reason } from '../../src/refusal.ts';
import { refusedFor } from '../contract/directory.ts';
import { type Stage, type StagedForest, openStage, passwordIn } from './forest-stage.ts';

const stolen = randomBytes(16);

/** NORTH with a child and a global catalog, and SOUTH: people of one account name, one mail address, one objectGUID. */
const north: StagedForest = {
  domains: [
    {
      dns: 'north.test',
      netbios: 'NORTH',
      people: [
        { account: 'sam', upn: 'sam@north.test', mail: 'sam@shared.example' },
        { account: 'nora', upn: 'nora@people.example', mail: 'nora@mail.example' },
        { account: 'owner', upn: 'owner@north.test' },
        { account: 'victim', upn: 'victim@north.test', objectGUID: stolen },
        { account: 'mover', mail: 'mover@mail.example' },
        { account: 'parted', upn: 'parted@both.example' },
        { account: 'known', upn: 'known@free.example' },
      ],
    },
    {
      dns: 'child.north.test',
      netbios: 'KID',
      people: [
        { account: 'sam', upn: 'sam@child.north.test', mail: 'sam.child@mail.example' },
        { account: 'cleo', upn: 'cleo@people.example' },
        { account: 'fresh', upn: 'fresh@child.north.test' },
        { account: 'renamed', upn: 'new@people.example' },
        { account: 'former', upn: 'later@people.example' },
        { account: 'north', upn: 'impostor@north.test' },
      ],
    },
    {
      dns: 'hidden.north.test',
      netbios: 'HIDDEN',
      configured: false,
      people: [{ account: 'ghost', upn: 'ghost@people.example' }],
    },
  ],
  suffixes: ['people.example', 'both.example', 'people.example.'],
  catalog: true,
  stale: {
    // Not replicated yet; renamed; the catalog gives away a UPN that is somebody else's by now.
    'fresh@child.north.test': undefined,
    'renamed@child.north.test': { account: 'renamed', upn: 'old@people.example' },
  },
};
const south: StagedForest = {
  domains: [
    {
      dns: 'south.test',
      netbios: 'SOUTH',
      people: [
        { account: 'sam', upn: 'sam@south.test', mail: 'sam@shared.example' },
        { account: 'sasha', upn: 'sasha@south.example', mail: 'nora@people.example' },
        { account: 'thief', upn: 'thief@south.test', objectGUID: stolen },
        { account: 'parted', upn: 'parted@both.example' },
        { account: 'alone', upn: 'alone@both.example' },
        { account: 'liar', upn: 'owner@north.test', mail: 'owner@north.test' },
        { account: 'known', mail: 'known@free.example' },
        { account: 'free', mail: 'free@free.example' },
      ],
    },
  ],
  suffixes: ['south.example', 'both.example', 'north.test'],
};

const personIn = (dns: string, account: string) => ({ domain: dns, sAMAccountName: account });

type Row = readonly [what: string, name: string, expected: ReturnType<typeof personIn> | Reason];

const names: readonly Row[] = [
  ['the UPN', 'sam@north.test', personIn('north.test', 'sam')],
  ['the UPN in the child', 'sam@child.north.test', personIn('child.north.test', 'sam')],
  ['the UPN in the other forest', 'sam@south.test', personIn('south.test', 'sam')],
  ['an implicit UPN', 'nora@north.test', personIn('north.test', 'nora')],
  ['an implicit UPN in the child', 'cleo@child.north.test', personIn('child.north.test', 'cleo')],
  ['an implicit UPN of somebody of another domain', 'nora@child.north.test', 'person-unknown'],
  ['an alternate suffix', 'nora@people.example', personIn('north.test', 'nora')],
  ['an alternate suffix, in the child', 'CLEO@People.Example', personIn('child.north.test', 'cleo')],
  ['a suffix of two forests, of somebody in one', 'alone@both.example', personIn('south.test', 'alone')],
  ['a suffix of two forests, of somebody in each', 'parted@both.example', 'person-ambiguous'],
  ['a DNS name that another forest claims as a suffix', 'owner@north.test', personIn('north.test', 'owner')],
  ['NetBIOS', 'NORTH\\sam', personIn('north.test', 'sam')],
  ['NetBIOS of the child, which is not the first label', 'kid\\sam', personIn('child.north.test', 'sam')],
  ['the first label of the child, which has another name', 'CHILD\\sam', 'person-unknown'],
  ['NetBIOS of the other forest', 'South\\sam', personIn('south.test', 'sam')],
  ['DNS before the backslash', 'north.test\\sam', personIn('north.test', 'sam')],
  ['DNS of the child before the backslash', 'Child.North.Test\\sam', personIn('child.north.test', 'sam')],
  ['somebody of another domain before the backslash', 'NORTH\\cleo', 'person-unknown'],
  ['a bare name that one person has', 'cleo', personIn('child.north.test', 'cleo')],
  ['a bare name of the other forest', 'sasha', personIn('south.test', 'sasha')],
  ['a bare name in three domains', 'sam', 'person-ambiguous'],
  ['a bare name of nobody', 'nobody', 'person-unknown'],
  ['mail', 'sam.child@mail.example', personIn('child.north.test', 'sam')],
  ['mail of two people in two forests', 'sam@shared.example', 'person-ambiguous'],
  ['the UPN of one forest that is a mail address in the other', 'known@free.example', 'person-ambiguous'],
  ['mail of the other forest', 'free@free.example', personIn('south.test', 'free')],
  ['mail that looks like another forest’s UPN', 'nora@people.example', personIn('north.test', 'nora')],
  ['who was made after the catalog was told', 'fresh@child.north.test', personIn('child.north.test', 'fresh')],
  ['a UPN that the catalog still has and its holder has not', 'old@people.example', 'person-unknown'],
  ['an account of a domain that is not configured', 'ghost@people.example', 'person-unknown'],
  ['a domain that is not configured', 'HIDDEN\\ghost', 'person-unknown'],
  ['an implicit UPN of a domain that is not configured', 'ghost@hidden.north.test', 'person-unknown'],
  ['an account called as a domain', 'north', personIn('child.north.test', 'north')],
  ['somebody with the objectGUID of another forest’s', 'thief@south.test', 'person-ambiguous'],
  ['whose objectGUID somebody of another forest has', 'victim@north.test', 'person-ambiguous'],
];

const attacks: readonly (readonly [what: string, name: string])[] = [
  ['both forms at once', 'NORTH\\sam@north.test'],
  ['both forms, of two forests', 'SOUTH\\sam@north.test'],
  ['an account with @ in it', 'north.test\\sam@south.test'],
  ['two backslashes', 'NORTH\\\\sam'],
  ['a domain within a domain', 'NORTH\\SOUTH\\sam'],
  ['nothing before the backslash', '\\sam'],
  ['nothing after the backslash', 'NORTH\\'],
  ['a blank before the backslash', ' \\sam'],
  ['a blank behind the domain', 'NORTH \\sam'],
  ['a dot behind the suffix', 'sam@north.test.'],
  ['a dot before the suffix', 'sam@.north.test'],
  ['two dots in the suffix', 'sam@north..test'],
  ['a dot behind the domain', 'north.test.\\sam'],
  ['a suffix below another', 'sam@sub.north.test'],
  ['a suffix above another', 'sam@test'],
  ['a suffix that ends alike', 'sam@evil-north.test'],
  ['a suffix that begins alike', 'sam@north.test.evil.example'],
  ['no suffix', 'sam@'],
  ['nothing before the suffix', '@north.test'],
  ['two suffixes', 'sam@south.test@north.test'],
  ['a Cyrillic o', 'sam@nоrth.test'],
  ['a Greek omicron', 'NΟRTH\\sam'],
  ['a soft hyphen', 'sam@nor\u00adth.test'],
  ['a zero-width joiner', 'NOR\u200dTH\\sam'],
  ['a left-to-right mark', 'sam@north.test\u200e'],
  ['an ideographic full stop', 'sam@north。test'],
  ['punycode', 'sam@xn--nrth-test-1ya.test'],
  ['a percent sign', 'sam%north.test'],
  ['a slash', 'north.test/sam'],
  ['UUCP', 'north.test!sam'],
  ['a star', '*@north.test'],
  ['a star for the domain', '*\\sam'],
  ['a star for the suffix', 'sam@*'],
  ['a filter', 'NORTH\\sam)(objectClass=*'],
  ['a filter in the suffix', 'sam@north.test)(|(mail=*'],
  ['a filter in the domain', 'NORTH)(|(nETBIOSName=*\\sam'],
  ['a DN', 'CN=sam,DC=north,DC=test'],
  ['a DN for the domain', 'DC=north,DC=test\\sam'],
  ['an escape', 'NORTH\\\\73am'],
  ['NUL in the domain', 'NORTH\0\\sam'],
  ['NUL in the suffix', 'sam@north.test\0.evil'],
  ['a line break in the suffix', 'sam@north.test\n'.concat('x')],
  ['a suffix too long', `sam@${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(60)}.test`],
  ['a domain too long', `${'N'.repeat(300)}\\sam`],
  ['half a surrogate pair', 'sam@north.test\ud800'],
  ['a property of every object', '__proto__\\sam'],
  ['a method of every object', 'sam@constructor'],
];

async function outcome(stage: Stage, name: string): Promise<unknown> {
  try {
    const { domain, sAMAccountName } = await stage.directory.find(name);
    return { domain, sAMAccountName };
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
}

for (const catalog of [true, false]) {
  describe(`two forests, one with a child${catalog ? ' and a global catalog' : ''}`, () => {
    let stage: Stage;
    before(async () => {
      stage = await openStage([{ ...north, catalog }, south]);
    });
    after(() => stage.close());

    for (const [what, name, expected] of names) {
      it(`${what}: ${name}`, async () => {
        assert.deepEqual(await outcome(stage, name), expected);
      });
    }

    for (const [what, name] of attacks) {
      it(`nobody by ${what}`, async () => {
        assert.equal(await outcome(stage, name), 'person-unknown');
      });
    }

    it('reads everything from the domain of the person, and says which controller told it', async () => {
      for (const name of ['NORTH\\sam', 'KID\\sam', 'SOUTH\\sam']) {
        const person = await stage.directory.find(name);
        assert.deepEqual(person.attributes.description, [`sam of ${person.domain ?? ''}`]);
        assert.match(person.server ?? '', /^127\.0\.0\.1:\d+$/);
        assert.deepEqual(await stage.directory.read(person), person);
        const further = await stage.directory.readFurther(person, { bytes: ['description'], groups: undefined });
        assert.equal(Buffer.from(further.bytes.description?.[0] ?? '', 'base64').toString(), `sam of ${person.domain ?? ''}`);
      }
    });

    it('tries a password at the domain of the person alone', async () => {
      for (const name of ['NORTH\\sam', 'KID\\sam', 'SOUTH\\sam']) {
        const person = await stage.directory.find(name);
        await stage.directory.authenticate(person, passwordIn(person.domain ?? ''));
        for (const dns of ['north.test', 'child.north.test', 'south.test'].filter((one) => one !== person.domain)) {
          await assert.rejects(stage.directory.authenticate(person, passwordIn(dns)), refusedFor('password-wrong'));
        }
        await stage.directory.authenticate(person, passwordIn(person.domain ?? ''));
      }
      await assert.rejects(stage.directory.authenticate(undefined, passwordIn('south.test')), refusedFor('password-wrong'));
    });

    it('knows the holders of an address in all forests, two of one objectGUID included', async () => {
      const holders = async (attribute: 'mail' | 'userPrincipalName', ...values: string[]) =>
        (await stage.directory.holders(attribute, values)).map(
          ({ domain, sAMAccountName }) => `${sAMAccountName ?? ''} ${domain ?? ''}`,
        );
      assert.deepEqual((await holders('mail', 'SAM@shared.example')).toSorted(), ['sam north.test', 'sam south.test']);
      assert.deepEqual(await holders('userPrincipalName', 'cleo@people.example'), ['cleo child.north.test']);
      assert.deepEqual((await holders('userPrincipalName', 'owner@north.test', 'thief@south.test')).toSorted(), [
        'liar south.test',
        'owner north.test',
        'thief south.test',
      ]);
      const [one] = await stage.directory.holders('mail', ['sam.child@mail.example']);
      assert.deepEqual(one, await stage.directory.find('KID\\sam'));
      assert.deepEqual(await holders('userPrincipalName', 'ghost@people.example', 'old@people.example'), []);
    });

    it('never reads somebody of another forest for a known person', async () => {
      const objectGuid = objectGuidText(stolen) ?? '';
      const known = (distinguishedName: string) => ({ objectGUID: objectGuid, distinguishedName });
      assert.equal((await stage.directory.read(known('CN=thief,DC=south,DC=test'))).sAMAccountName, 'thief');
      assert.equal((await stage.directory.read(known('CN=victim,DC=north,DC=test'))).sAMAccountName, 'victim');
      assert.equal((await stage.directory.read(known('CN=victim,DC=child,DC=north,DC=test'))).sAMAccountName, 'victim');
      const owner = await stage.directory.find('NORTH\\owner');
      const { objectGUID } = await stage.directory.find('SOUTH\\sasha');
      await assert.rejects(stage.directory.read({ ...owner, objectGUID }), refusedFor('person-gone'));
      await assert.rejects(
        stage.directory.read({ ...owner, distinguishedName: 'CN=owner,DC=elsewhere,DC=test' }),
        refusedFor('person-gone'),
      );
    });

    it('reads whoever was moved to another domain of their forest', async () => {
      const sam = await stage.directory.find('KID\\sam');
      const before = { objectGUID: sam.objectGUID, distinguishedName: 'CN=sam,OU=Staff,DC=north,DC=test' };
      assert.deepEqual(await stage.directory.read(before), sam);
      const further = await stage.directory.readFurther({ ...sam, ...before }, { bytes: ['description'], groups: undefined });
      assert.equal(Buffer.from(further.bytes.description?.[0] ?? '', 'base64').toString(), 'sam of child.north.test');
    });

    it('costs no more searches than it must', async () => {
      const cost = async (name: string): Promise<unknown> => {
        stage.searches();
        await stage.directory.find(name);
        return stage.searches();
      };
      await cost('KID\\cleo');
      assert.deepEqual(await cost('KID\\cleo'), { 'child.north.test': 1 });
      assert.deepEqual(
        await cost('cleo@people.example'),
        catalog ? { 'gc.north.test': 1, 'child.north.test': 1 } : { 'north.test': 1, 'child.north.test': 1 },
      );
      await cost('sasha@south.example');
      assert.deepEqual(await cost('sasha@south.example'), { 'south.test': 1 });
    });
  });
}

describe('where something of the forests is down', () => {
  const open = (): Promise<Stage> => openStage([north, south]);
  const unavailable = (forest: string) => (error: unknown) => {
    refusedFor('directory-unavailable')(error);
    assert.equal((error as Refusal).detail.forest, forest);
    return true;
  };

  it('the people of the other forest sign in by every full name, and nobody by a bare one', async () => {
    const stage = await open();
    await stage.stop('south.test');
    for (const name of ['sam@north.test', 'NORTH\\sam', 'north.test\\sam', 'KID\\sam', 'nora@people.example']) {
      const person = await stage.directory.find(name);
      await stage.directory.authenticate(person, passwordIn(person.domain ?? ''));
    }
    for (const name of ['sam', 'cleo', 'sam@shared.example', 'SOUTH\\sam', 'OTHER\\sam', 'sam@south.test']) {
      await assert.rejects(stage.directory.find(name), unavailable('south.test'), name);
    }
    await assert.rejects(stage.directory.holders('mail', ['nora@mail.example']), unavailable('south.test'));
    await assert.rejects(stage.directory.authenticate(undefined, 'x'), refusedFor('password-wrong'));
    await stage.directory.check();
    await stage.close();
  });

  it('nobody is authenticated at the next domain where the first is down', async () => {
    const stage = await open();
    await stage.stop('north.test');
    await assert.rejects(stage.directory.authenticate(undefined, 'x'), refusedFor('password-wrong'));
    assert.equal((await stage.directory.find('SOUTH\\sam')).domain, 'south.test');
    assert.equal((await stage.directory.find('alone@both.example')).domain, 'south.test');
    await stage.directory.check();
    await stage.stop('child.north.test');
    await stage.stop('south.test');
    await assert.rejects(stage.directory.check(), refusedFor('directory-unavailable'));
    await stage.close();
  });

  it('the names that were read last still count', async () => {
    const stage = await open();
    assert.equal((await stage.directory.find('KID\\sam')).domain, 'child.north.test');
    await stage.stop('north.test');
    assert.equal((await stage.directory.find('KID\\sam')).domain, 'child.north.test');
    assert.equal((await stage.directory.find('cleo@people.example')).domain, 'child.north.test');
    await assert.rejects(stage.directory.find('NORTH\\sam'), unavailable('north.test'));
    await stage.close();
  });

  it('each domain is asked where the catalog is down, and all of them must answer', async () => {
    const stage = await open();
    await stage.stop('gc.north.test');
    assert.equal((await stage.directory.find('cleo@people.example')).domain, 'child.north.test');
    assert.equal((await stage.directory.holders('userPrincipalName', ['cleo@people.example'])).length, 1);
    await stage.stop('north.test');
    await assert.rejects(stage.directory.find('cleo@people.example'), unavailable('north.test'));
    assert.equal((await stage.directory.find('child.north.test\\cleo')).domain, 'child.north.test');
    await stage.close();
  });
});

describe('a domain that gives people of another one', () => {
  const [root] = north.domains;
  const victim = randomBytes(16);
  /** Mallory is of both forests; their own domain says that in NORTH they are the victim. */
  const lies = { 'CN=mallory,DC=south': 'CN=mallory,DC=north' };
  const mallory = (rest: object) => ({ account: 'mallory', ...rest });
  const crowd = [
    { domains: [{ ...root, people: [{ account: 'victim', objectGUID: victim }, mallory({ upn: 'mallory@north.test' })] }] },
    { domains: [{ ...south.domains[0], lies, people: [mallory({ objectGUID: victim, mail: 'v@mail.example' })] }] },
  ] as const satisfies readonly StagedForest[];

  it('gives nobody, by no name', async () => {
    const stage = await openStage(crowd);
    for (const name of ['SOUTH\\mallory', 'mallory@south.test', 'v@mail.example']) {
      assert.equal(await outcome(stage, name), 'person-unknown', name);
    }
    assert.deepEqual(await stage.directory.holders('mail', ['v@mail.example']), []);
    const known = { objectGUID: objectGuidText(victim) ?? '', distinguishedName: 'CN=mallory,DC=south,DC=test' };
    await assert.rejects(stage.directory.read(known), refusedFor('person-gone'));
    await stage.close();
  });
});

describe('a forest whose name lies below that of another', () => {
  it('has its own people, whichever stands first', async () => {
    const above: StagedForest = { domains: [{ dns: 'a.test', netbios: 'A', people: [{ account: 'ann' }] }] };
    const below: StagedForest = { domains: [{ dns: 'lab.a.test', netbios: 'LAB', people: [{ account: 'lee' }] }] };
    for (const forests of [
      [above, below],
      [below, above],
    ]) {
      const stage = await openStage(forests);
      for (const [name, dns] of [
        ['LAB\\lee', 'lab.a.test'],
        ['A\\ann', 'a.test'],
      ] as const) {
        const person = await stage.directory.find(name);
        await stage.directory.authenticate(person, passwordIn(dns));
        assert.equal((await stage.directory.read(person)).domain, dns);
      }
      await stage.close();
    }
  });
});

describe('names of a forest', () => {
  it('are read again once they are old, and at most once a minute for names that nobody has', async () => {
    let now = Date.now();
    const stage = await openStage([north, south], { now: () => now, until: () => Promise.resolve() });
    const cost = async (name: string): Promise<number> => {
      stage.searches();
      await stage.directory.find(name).catch(() => undefined);
      await new Promise((resolve) => setImmediate(resolve));
      return Object.values(stage.searches()).reduce((sum, count) => sum + count, 0);
    };
    assert.ok((await cost('EVIL\\sam')) > 0);
    assert.equal(await cost('EVIL\\sam'), 0);
    assert.equal(await cost('WORSE\\sam'), 0);
    now += 61_000;
    assert.ok((await cost('EVIL\\sam')) > 0);
    assert.equal(await cost('EVIL\\sam'), 0);
    assert.equal(await cost('KID\\sam'), 1);
    await stage.close();
  });

  it('that another forest claims while one is away are its own again as soon as it answers', async () => {
    let now = Date.now();
    const clock = { now: () => now, until: () => Promise.resolve() };
    const [root] = north.domains;
    const claimed = { domains: [{ ...south.domains[0], netbios: 'NORTH' }], suffixes: ['people.example'] } as const;
    const impostor = { account: 'nora', upn: 'nora@people.example' };
    const stage = await openStage(
      [
        { domains: [root], suffixes: ['people.example'] },
        { ...claimed, domains: [{ ...claimed.domains[0], people: [impostor] }] },
      ],
      clock,
    );
    stage.admit('north.test', false);
    await stage.directory.find('NORTH\\nora').catch(() => undefined);
    stage.admit('north.test', true);
    now += 60_000;
    for (const name of ['NORTH\\nora', 'nora@people.example']) {
      assert.equal(await outcome(stage, name), 'person-ambiguous', name);
    }
    await stage.close();
  });

  it('give way to those that are configured', async () => {
    const [root] = north.domains;
    const stage = await openStage([
      { domains: [{ ...root, netbiosNames: ['SOUTH', 'n'] }] },
      { domains: [{ ...south.domains[0], netbios: 'NORTH' }] },
    ]);
    assert.deepEqual(await outcome(stage, 'SOUTH\\sam'), personIn('north.test', 'sam'));
    assert.deepEqual(await outcome(stage, 'N\\sam'), personIn('north.test', 'sam'));
    assert.deepEqual(await outcome(stage, 'NORTH\\sam'), personIn('south.test', 'sam'));
    await stage.close();
  });

  it('that two domains share are looked for in both', async () => {
    const [root] = north.domains;
    const stage = await openStage([{ domains: [root] }, { domains: [{ ...south.domains[0], netbios: 'NORTH' }] }]);
    assert.equal(await outcome(stage, 'NORTH\\sam'), 'person-ambiguous');
    assert.deepEqual(await outcome(stage, 'NORTH\\nora'), personIn('north.test', 'nora'));
    await stage.close();
  });

  it('of the only domain cost nothing', async () => {
    const [root] = north.domains;
    const stage = await openStage([{ domains: [root] }]);
    for (const name of [
      'nora',
      'north\\nora',
      'north.test\\nora',
      'nora@north.test',
      'nora@people.example',
      'nora@mail.example',
    ]) {
      stage.searches();
      assert.equal((await stage.directory.find(name)).sAMAccountName, 'nora', name);
      assert.deepEqual(stage.searches(), { 'north.test': 1 }, name);
    }
    await stage.close();
  });
});

describe('a full name', () => {
  const accounts = ['sam', 'kim', 'lee'];
  const free = ['free.example', 'mail.example'];
  const arbitraryPerson = (suffixes: readonly string[]) =>
    fc.record({
      account: fc.constantFrom(...accounts),
      upn: fc.option(
        fc.tuple(fc.constantFrom(...accounts), fc.constantFrom(...suffixes)).map((parts) => parts.join('@')),
        {
          nil: undefined,
        },
      ),
      mail: fc.option(
        fc.tuple(fc.constantFrom(...accounts), fc.constantFrom(...suffixes)).map((parts) => parts.join('@')),
        {
          nil: undefined,
        },
      ),
    });
  const all = ['a.test', 'kid.a.test', 'b.test', 'alt-a.example', 'alt-b.example', 'alt-both.example', ...free];
  const people = fc.uniqueArray(arbitraryPerson(all), { selector: ({ account }) => account, maxLength: 3 });
  const staged = fc.record({ rootA: people, childA: people, rootB: people, catalog: fc.boolean() });

  it('gives that very person or nobody, never another', async () => {
    await fc.assert(
      fc.asyncProperty(staged, async ({ rootA, childA, rootB, catalog }) => {
        const a: StagedForest = {
          domains: [
            { dns: 'a.test', netbios: 'A', people: rootA },
            { dns: 'kid.a.test', netbios: 'KID', people: childA },
          ],
          suffixes: ['alt-a.example', 'alt-both.example'],
          catalog,
        };
        const b: StagedForest = {
          domains: [{ dns: 'b.test', netbios: 'B', people: rootB }],
          suffixes: ['alt-b.example', 'alt-both.example'],
        };
        const stage = await openStage([a, b]);
        try {
          for (const forest of [a, b]) {
            const own = new Set([...forest.domains.map(({ dns }) => dns), ...(forest.suffixes ?? [])]);
            for (const { dns, netbios, people: here } of forest.domains) {
              for (const { account, upn } of here) {
                for (const name of [`${netbios}\\${account}`, `${dns}\\${account}`]) {
                  assert.deepEqual(await outcome(stage, name), personIn(dns, account), name);
                }
                // Of two people who bear one name, the explicit UPN comes first, as in Active Directory.
                const bearers = [a, b].flatMap(({ domains }) =>
                  domains.flatMap((domain) =>
                    domain.people
                      .filter((one) => one.upn === `${account}@${dns}`)
                      .map((one) => personIn(domain.dns, one.account)),
                  ),
                );
                const implicit = await outcome(stage, `${account}@${dns}`);
                if (typeof implicit === 'object' && bearers.length === 0) assert.deepEqual(implicit, personIn(dns, account));
                if (upn === undefined) continue;
                const found = await outcome(stage, upn);
                const suffix = upn.slice(upn.indexOf('@') + 1);
                const isOthers = !own.has(suffix) && !free.includes(suffix);
                if (isOthers) assert.notDeepEqual(found, personIn(dns, account), `${upn} is the other forest’s to give`);
                else if (typeof found === 'object') {
                  const same = forest.domains.flatMap((domain) =>
                    domain.people.filter((one) => one.upn === upn).map((one) => personIn(domain.dns, one.account)),
                  );
                  if (suffix === 'alt-both.example') assert.ok(found !== null);
                  else assert.deepEqual(same, [found], upn);
                }
              }
            }
          }
          for (const account of accounts) {
            const bearers = [a, b].flatMap(({ domains }) =>
              domains.filter(({ people: here }) => here.some((one) => one.account === account)),
            );
            const expected =
              bearers.length === 0
                ? 'person-unknown'
                : bearers.length > 1
                  ? 'person-ambiguous'
                  : personIn(bearers[0]!.dns, account);
            assert.deepEqual(await outcome(stage, account), expected);
          }
        } finally {
          await stage.close();
        }
      }),
      { numRuns: 25 },
    );
  });
});
