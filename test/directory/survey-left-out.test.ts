/** Nobody is left out of a survey unsaid: a directory of which not all can be told apart is refused. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { Refusal } from '../../src/refusal.ts';
import { type Asked, type Given, type PagedServer, pagedServer } from './paged-server.ts';
import { groupNamed, guid, oneForest, surveyOf } from './survey-options.ts';

type HeldEntry = NonNullable<Given['entries']>[number];

const base = 'DC=corp,DC=example,DC=com';
const child = `DC=child,${base}`;
const servers: PagedServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

async function start(give: (asked: Asked) => Given | undefined): Promise<PagedServer> {
  const server = await pagedServer(give);
  servers.push(server);
  return server;
}

const person = (number: number, dn = `CN=p${String(number)},${base}`): HeldEntry => ({
  dn,
  attributes: { objectClass: ['top', 'person', 'user'], objectGUID: [guid(number)], sAMAccountName: [`p${String(number)}`] },
});
const whatElse = ({ what }: Asked): Given =>
  what === 'root' ? { entries: [{ dn: '', attributes: { supportedCapabilities: ['1.2.840.113556.1.4.800'] } }] } : {};

/** `stands`: whom the server has when it is asked for one objectGUID. */
const withPeople =
  (pages: readonly (readonly HeldEntry[])[], stands: readonly HeldEntry[] = []) =>
  (asked: Asked): Given => {
    if (asked.what !== 'people') return whatElse(asked);
    if (asked.cookie === undefined) return { entries: stands };
    const at = Number(asked.cookie);
    return { entries: pages[at] ?? [], cookie: at + 1 < pages.length ? String(at + 1) : '' };
  };

const refusal = (cause: RegExp) => (error: Refusal) => {
  assert.equal(error.reason, 'directory-refused');
  assert.match(String(error.detail.cause), cause);
  return true;
};

const names = (people: readonly { readonly distinguishedName: string }[]) => people.map(({ distinguishedName: dn }) => dn);

describe('an entry of people that cannot be told apart', () => {
  const { dn, attributes } = person(2);
  for (const [title, entry] of [
    ['has no objectGUID', { dn, attributes: { objectClass: ['person', 'user'] } }],
    ['has an objectGUID that is none', { dn, attributes: { ...attributes, objectGUID: ['no guid'] } }],
    ['does not tell its classes', { dn, attributes: { objectGUID: [guid(2)] } }],
  ] as const) {
    it(`is refused, and named, where it ${title}`, async () => {
      const server = await start(withPeople([[person(1), entry]]));
      await assert.rejects(surveyOf([oneForest([server.url], base)]), (error: Refusal) => {
        assert.equal(error.detail.entry, dn);
        return refusal(/not be left out/)(error);
      });
    });
  }

  it('is no trouble where it is nobody, or lies in another domain', async () => {
    const contact = { dn: `CN=c,${base}`, attributes: { objectClass: ['person', 'contact'], objectGUID: [guid(3)] } };
    const elsewhere = { dn: `CN=e,${child}`, attributes: {} };
    const [own, other] = [await start(withPeople([[person(1), contact, elsewhere]])), await start(withPeople([]))];
    const { people } = await surveyOf([oneForest([own.url], base, { name: 'one' }), oneForest([other.url], 'DC=other')]);
    assert.deepEqual(names(people), [`CN=p1,${base}`]);
  });
});

describe('an objectGUID that comes twice', () => {
  const [here, there] = [person(1, `CN=a,OU=x,${base}`), person(1, `CN=a,OU=y,${base}`)];

  it('is one person who was moved meanwhile, as they were read last', async () => {
    const server = await start(withPeople([[here, person(2)], [there]], [there]));
    const survey = await surveyOf([oneForest([server.url], base)]);
    assert.deepEqual(names(survey.people), [there.dn, person(2).dn].sort());
  });

  it('is one person, and nobody is asked, where the name differs in its letters alone', async () => {
    const again = person(1, `cn=A, OU=x,${base}`);
    const server = await start(withPeople([[here], [again]]));
    const survey = await surveyOf([oneForest([server.url], base)]);
    assert.equal(survey.people.length, 1);
    assert.ok(server.asked.every(({ what, cookie }) => what !== 'people' || cookie !== undefined));
  });

  it('is refused, with both names, where two bear it', async () => {
    const server = await start(withPeople([[here, there]], [here, there]));
    await assert.rejects(surveyOf([oneForest([server.url], base)]), (error: Refusal) => {
      assert.deepEqual([error.detail.entry, error.detail.other], [here.dn, there.dn]);
      return refusal(/the same objectGUID/)(error);
    });
  });

  /** The forest's own domain, and the one below it; `stands`: whether the first still has them when it is asked again. */
  const inTwo = async (stands: boolean) => {
    const [own, below] = [person(1), person(1, `CN=p1,${child}`)];
    const [one, two] = [await start(withPeople([[own]], stands ? [own] : [])), await start(withPeople([[below]], [below]))];
    const domains = [
      { baseDn: base, url: one.url },
      { baseDn: child, url: two.url },
    ].map(({ baseDn, url }) => ({ baseDn, netbiosNames: [], controllers: [{ url, priority: 1 }] }));
    return surveyOf([oneForest([], base, { domains })]);
  };

  it('is one person who went to another domain meanwhile', async () => {
    const { people } = await inTwo(false);
    assert.deepEqual(
      people.map(({ distinguishedName, place }) => [distinguishedName, place]),
      [[`CN=p1,${child}`, 1]],
    );
  });

  it('is refused where two domains of a forest have it', async () => {
    await assert.rejects(inTwo(true), refusal(/the same objectGUID/));
  });
});

describe('a base that goes while it is read', () => {
  it('is refused, though nobody had been read yet', async () => {
    const server = await start((asked) =>
      asked.what !== 'people' ? whatElse(asked) : asked.cookie === '' ? { cookie: 'next' } : { code: 32 },
    );
    await assert.rejects(surveyOf([oneForest([server.url], base)]), { reason: 'directory-refused' });
  });
});

describe('a survey of a server that means harm', () => {
  const long = 'x'.repeat(900);
  const group = (number: number, name = `g${String(number)}`) => ({
    dn: `CN=${name},${base}`,
    attributes: { objectClass: ['group'], objectGUID: [guid(1_000_000 + number)], cn: [name] },
  });
  for (const [title, give] of [
    ['groups', ({ what }: Asked) => (what === 'groups' ? { entries: [group(1, long), group(2, `${long}y`)] } : undefined)],
    [
      'units',
      ({ what }: Asked) =>
        what === 'units' ? { entries: [1, 2].map((n) => ({ dn: `OU=${long}${String(n)},${base}` })) } : undefined,
    ],
    [
      'members',
      ({ what }: Asked) =>
        what === 'groups'
          ? { entries: [group(1)] }
          : what === 'members'
            ? { entries: [{ dn: group(1).dn, attributes: { member: [`CN=${long}1`, `CN=${long}2`] } }] }
            : undefined,
    ],
  ] as const) {
    it(`keeps no more of the names of ${title} than it has room for`, async () => {
      const server = await start((asked) => give(asked) ?? withPeople([[person(1)]])(asked));
      await assert.rejects(
        surveyOf([oneForest([server.url], base)], { bounds: { text: 1_500 } }),
        refusal(/more than 1500 characters/),
      );
    });
  }

  it('takes no more of what is no page than a sign-in would', async () => {
    const entry = { dn: 'CN=x', attributes: { uPNSuffixes: ['y'.repeat(3_000_000)] } };
    const server = await start((asked) =>
      asked.what === 'root'
        ? { entries: [{ dn: '', attributes: { configurationNamingContext: ['CN=Configuration'] } }] }
        : asked.base.startsWith('CN=Partitions')
          ? { entries: Array.from({ length: 12 }, () => entry) }
          : withPeople([[person(1)]])(asked),
    );
    await assert.rejects(surveyOf([oneForest([server.url], base)]), (error: Refusal) => {
      assert.equal(error.reason, 'directory-unavailable');
      assert.match(String(error.detail.cause), /answer too large/);
      return true;
    });
  });
});

describe('a group that is moved while its members are read', () => {
  const [before, after] = [`CN=g,OU=x,${base}`, `CN=g,OU=y,${base}`];
  const group = { dn: before, attributes: { objectClass: ['group'], objectGUID: [guid(9)], cn: ['g'] } };
  const members = [1, 2, 3].map((number) => person(number).dn);
  const give = (asked: Asked, first: Given): Given => {
    if (asked.what === 'groups') return { entries: [group] };
    if (asked.what === 'people') return { entries: [1, 2, 3].map((number) => person(number)) };
    if (asked.base === before) return { code: 32 };
    if (asked.base === after) return { entries: [{ dn: after, attributes: { 'member;range=1-*': members.slice(1) } }] };
    if (asked.what !== 'members') return whatElse(asked);
    return asked.cookie !== undefined
      ? first
      : { entries: [{ dn: after, attributes: { 'member;range=0-0': members.slice(0, 1) } }] };
  };
  for (const [title, first] of [
    ['before its turn', { entries: [] }],
    ['between two parts', { entries: [{ dn: before, attributes: { 'member;range=0-0': members.slice(0, 1) } }] }],
  ] as const) {
    it(`keeps all of them: ${title}`, async () => {
      const server = await start((asked) => give(asked, first));
      const survey = await surveyOf([oneForest([server.url], base)]);
      assert.equal(groupNamed(survey, 'g')?.people.length, 3);
    });
  }
});
