/** Surveys of servers that die, are too large, or mean harm. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { Refusal } from '../../src/refusal.ts';
import { type Asked, type Given, type PagedServer, pagedServer } from './paged-server.ts';
import { groupNamed, guid, oneForest, surveyOf } from './survey-options.ts';

const base = 'DC=corp,DC=example,DC=com';
const servers: PagedServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

async function start(give: (asked: Asked) => Given | undefined): Promise<PagedServer> {
  const server = await pagedServer(give);
  servers.push(server);
  return server;
}

const person = (number: number, below = `CN=Users,${base}`) => ({
  dn: `CN=p${String(number)},${below}`,
  attributes: { objectClass: ['top', 'person', 'user'], objectGUID: [guid(number)], sAMAccountName: [`p${String(number)}`] },
});
const group = (number: number) => ({
  dn: `CN=g${String(number)},${base}`,
  attributes: { objectClass: ['group'], objectGUID: [guid(1_000_000 + number)], cn: [`g${String(number)}`] },
});
const peopleFrom = (from: number, count: number) => Array.from({ length: count }, (_, at) => person(from + at));
const nothing: Given = {};
const whatElse = ({ what }: Asked): Given =>
  what === 'root' ? { entries: [{ dn: '', attributes: { supportedCapabilities: ['1.2.840.113556.1.4.800'] } }] } : nothing;

/** Groups and the answers about their members, of which nothing else is asked. */
const withMembers =
  (groups: readonly ReturnType<typeof group>[], members: (asked: Asked) => Given) =>
  (asked: Asked): Given => {
    if (asked.what === 'people') return { entries: peopleFrom(0, 30) };
    if (asked.what === 'groups') return { entries: groups };
    const isPart = asked.attributes[0]?.startsWith('member') === true;
    return isPart ? members(asked) : whatElse(asked);
  };

const refusal = (reason: string, cause: RegExp) => (error: Refusal) => {
  assert.deepEqual([error.reason, cause.test(String(error.detail.cause))], [reason, true], JSON.stringify(error.detail));
  return true;
};

describe('the pages of a survey', () => {
  it('are read until the last, and who comes twice counts once', async () => {
    const server = await start((asked) =>
      asked.what !== 'people'
        ? whatElse(asked)
        : asked.cookie === ''
          ? { entries: peopleFrom(0, 3), cookie: 'more' }
          : { entries: peopleFrom(2, 3) },
    );
    const survey = await surveyOf([oneForest([server.url], base)]);
    assert.deepEqual(
      survey.people.map(({ sAMAccountName }) => sAMAccountName),
      ['p0', 'p1', 'p2', 'p3', 'p4'],
    );
    assert.deepEqual(
      server.asked.flatMap(({ what, cookie }) => (what === 'people' ? [cookie] : [])),
      ['', 'more'],
    );
  });

  const endless: readonly (readonly [string, (asked: Asked, page: number) => Given, RegExp])[] = [
    [
      'new people for ever',
      (_, page) => ({ entries: peopleFrom(page * 10, 10), cookie: `c${String(page)}` }),
      /more than 200 people/,
    ],
    ['the same page for ever', () => ({ entries: peopleFrom(0, 10), cookie: 'same' }), /pages without anything new/],
    ['empty pages for ever', () => ({ cookie: 'same' }), /pages without anything new/],
    ['nobody’s entries for ever', (_, page) => ({ entries: [group(page)], cookie: 'same' }), /pages without anything new/],
    [
      'people of another domain for ever',
      (_, page) => ({ entries: [person(page, 'DC=other')], cookie: 'same' }),
      /without anything new/,
    ],
  ];
  for (const [title, give, cause] of endless) {
    it(`are refused where they bring ${title}`, async () => {
      let page = 0;
      const server = await start((asked) => {
        if (asked.what !== 'people') return whatElse(asked);
        page += 1;
        return give(asked, page);
      });
      const other = await start(whatElse);
      const bounds = { people: 200, barrenPages: 20 };
      const forests = [oneForest([server.url], base), oneForest([other.url], 'DC=other', { name: 'other' })];
      await assert.rejects(surveyOf(forests, { bounds }), refusal('directory-refused', cause));
      assert.ok(page < 50, String(page));
      assert.deepEqual(
        servers.map(({ open }) => open <= 2),
        [true, true],
      );
    });
  }

  for (const code of [4, 11]) {
    it(`are refused, and say why, where the server cuts the search (LDAP ${String(code)})`, async () => {
      const server = await start((asked) => (asked.what === 'people' ? { entries: peopleFrom(0, 5), code } : whatElse(asked)));
      await assert.rejects(
        surveyOf([oneForest([server.url], base)]),
        refusal('directory-refused', /cut the search after 5 entries.*size\.prtotal=unlimited/),
      );
    });
  }

  it('are smaller where the server takes no large ones', async () => {
    const server = await start((asked) => {
      if (asked.size > 200) return { code: 11 };
      return asked.what === 'people' ? { entries: peopleFrom(0, 5) } : whatElse(asked);
    });
    const survey = await surveyOf([oneForest([server.url], base)]);
    assert.equal(survey.people.length, 5);
  });

  it('of people of another configured domain bring nobody', async () => {
    const own = await start((asked) =>
      asked.what === 'people' ? { entries: [person(1), person(2, 'CN=Users,DC=south,DC=example,DC=net')] } : whatElse(asked),
    );
    const other = await start(whatElse);
    const survey = await surveyOf([
      oneForest([own.url], base, { name: 'corp.example.com' }),
      oneForest([other.url], 'DC=south,DC=example,DC=net', { name: 'south.example.net' }),
    ]);
    assert.deepEqual(
      survey.people.map(({ sAMAccountName, place }) => [sAMAccountName, place]),
      [['p1', 0]],
    );
  });
});

describe('a controller that dies during a survey', () => {
  it('has its domain read from the beginning by another', async () => {
    const dying = await start((asked) => {
      if (asked.what !== 'people') return whatElse(asked);
      if (asked.cookie === '') return { entries: peopleFrom(100, 5), cookie: 'next' };
      asked.socket.destroy();
      return undefined;
    });
    const well = await start((asked) => (asked.what === 'people' ? { entries: peopleFrom(0, 3) } : whatElse(asked)));
    const forest = oneForest([dying.url, well.url], base);
    const survey = await surveyOf([
      {
        ...forest,
        domains: forest.domains.map((one) => ({
          ...one,
          controllers: one.controllers.map(({ url }, at) => ({ url, priority: at + 1 })),
        })),
      },
    ]);
    assert.deepEqual(
      survey.people.map(({ sAMAccountName }) => sAMAccountName),
      ['p0', 'p1', 'p2'],
    );
    assert.equal(survey.domains[0]?.server, well.name);
  });

  it('is refused as unavailable where there is no other', async () => {
    const server = await start((asked) => {
      if (asked.what !== 'people') return whatElse(asked);
      asked.socket.destroy();
      return undefined;
    });
    await assert.rejects(surveyOf([oneForest([server.url], base)]), { reason: 'directory-unavailable' });
  });
});

describe('a survey that is given up', () => {
  it('ends at once, with its connections', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const server = await start((asked) => {
      if (asked.what !== 'people') return whatElse(asked);
      if (asked.cookie === '') return { entries: peopleFrom(0, 5), cookie: 'next' };
      controller.abort(reason);
      return undefined;
    });
    const began = performance.now();
    await assert.rejects(surveyOf([oneForest([server.url], base)], { signal: controller.signal }), reason);
    assert.ok(performance.now() - began < 5_000);
  });

  it('before it began asks nobody', async () => {
    const server = await start(whatElse);
    const reason = new Error('never mind');
    await assert.rejects(surveyOf([oneForest([server.url], base)], { signal: AbortSignal.abort(reason) }), reason);
    assert.equal(server.asked.length, 0);
  });
});

describe('long lists of members', () => {
  const parts =
    (count: number, size: number) =>
    ({ attributes, base: of }: Asked): Given => {
      const [, from = '0'] = /range=(\d+)-/.exec(attributes[0] ?? '') ?? [];
      const first = Number(from);
      const last = Math.min(first + size, count);
      const members = Array.from({ length: last - first }, (_, at) => `cn=P${String(first + at)},cn=users, ${base}`);
      const name = `member;range=${from}-${last === count ? '*' : String(last - 1)}`;
      return { entries: [{ dn: attributes.includes('member') ? group(1).dn : of, attributes: { [name]: members } }] };
    };

  it('come in parts until the last', async () => {
    const server = await start(withMembers([group(1)], parts(25, 4)));
    const survey = await surveyOf([oneForest([server.url], base)]);
    const found = groupNamed(survey, 'g1');
    assert.equal(found?.people.length, 25);
    assert.equal(new Set([...found.people].map((place) => survey.people[place]?.sAMAccountName)).size, 25);
    assert.deepEqual(
      server.asked.flatMap(({ attributes }) => attributes.filter((name) => name.startsWith('member;'))),
      [4, 8, 12, 16, 20, 24].map((from) => `member;range=${String(from)}-*`),
    );
  });

  it('come in one message, larger than a sign-in would take', async () => {
    const member = Array.from({ length: 60_000 }, (_, at) =>
      `CN=p${String(at % 30)},CN=Users,${base}`.padEnd(at < 30 ? 0 : 90, 'x'),
    );
    const server = await start(withMembers([group(1)], () => ({ entries: [{ dn: group(1).dn, attributes: { member } }] })));
    const survey = await surveyOf([oneForest([server.url], base)]);
    const found = groupNamed(survey, 'g1');
    assert.deepEqual([found?.people.length, found?.outsiders.elsewhere], [30, 30]);
  });

  it('of more than sign-ins ever ask for come whole', async () => {
    const server = await start(withMembers([group(1)], parts(700, 1)));
    const survey = await surveyOf([oneForest([server.url], base)]);
    const found = groupNamed(survey, 'g1');
    assert.deepEqual([found?.people.length, found?.outsiders.elsewhere], [30, 670]);
  });

  const refused: readonly (readonly [string, (asked: Asked) => Given, RegExp])[] = [
    [
      'never come forward',
      () => ({ entries: [{ dn: group(1).dn, attributes: { 'member;range=0-1': ['cn=a', 'cn=b'] } }] }),
      /come forward/,
    ],
    ['never end', parts(1_000_000, 1), /more than 50 parts/],
    ['are larger than any', parts(1_000_000, 600), /more than 500 memberships/],
  ];
  for (const [title, members, cause] of refused) {
    it(`are refused where they ${title}`, async () => {
      const server = await start(withMembers([group(1)], members));
      const bounds = { parts: 50, memberships: 500 };
      await assert.rejects(surveyOf([oneForest([server.url], base)], { bounds }), refusal('directory-refused', cause));
      assert.ok(server.asked.length < 100);
    });
  }

  it('hold each of them once, however a member is spelt, and no group that nobody told of', async () => {
    const server = await start(
      withMembers([group(1), group(2)], ({ cookie }) => ({
        entries:
          cookie === undefined
            ? []
            : [
                { dn: group(1).dn, attributes: { member: [person(1).dn, person(1).dn.toLowerCase(), group(2).dn, group(1).dn] } },
                { dn: group(9).dn, attributes: { member: [person(1).dn] } },
                { dn: person(2).dn, attributes: { member: [person(1).dn] } },
              ],
      })),
    );
    const survey = await surveyOf([oneForest([server.url], base)]);
    const [one, two] = survey.groups;
    assert.deepEqual(
      [[...(one?.people ?? [])], [...(one?.groups ?? [])]].map(({ length }) => length),
      [1, 2],
    );
    assert.deepEqual([two?.people.length, survey.groups.length], [0, 2]);
  });
});
