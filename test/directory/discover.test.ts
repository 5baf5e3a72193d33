/** Service records from name servers that behave and that do not, and what is read of an answer whatever it holds. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { MalformedAnswer, readAnswer, writeQuestion } from '../../src/directory/discover/dns-message.ts';
import { discover } from '../../src/directory/discover/discover.ts';
import { NoRecords, createServiceRecords } from '../../src/directory/discover/service-records.ts';
import { freePort } from '../fixtures/free-port.ts';
import {
  type Answering,
  type NameServerStage,
  type Query,
  address,
  encodeName,
  openNameServer,
  record,
  reply,
  service,
  truncated,
} from './name-server-stage.ts';

const wanted = '_ldap._tcp.dc._msdcs.corp.test';
const many = Array.from({ length: 200 }, (_, n) => service(`dc${String(n)}.corp.test`, { priority: n % 3 }));
const timeout = 100;

const recordsOf = (server: string) => createServiceRecords({ server, timeout, random: randomBytes });

/** What each of these makes of a question. */
const honest: readonly (readonly [what: string, answering: Answering, hosts: readonly string[]])[] = [
  ['one record', (query) => [reply(query, [service('DC1.Corp.Test')])], ['dc1.corp.test']],
  [
    'by priority, then by weight',
    (query) => [
      reply(query, [
        service('late.corp.test', { priority: 10 }),
        service('light.corp.test', { weight: 1 }),
        service('heavy.corp.test', { weight: 9 }),
      ]),
    ],
    ['heavy.corp.test', 'light.corp.test', 'late.corp.test'],
  ],
  [
    'one host once, by its best record, whatever the ports',
    (query) => [
      reply(query, [
        service('dc1.corp.test', { port: 636, priority: 9 }),
        service('dc2.corp.test', { priority: 5 }),
        service('dc1.corp.test'),
      ]),
    ],
    ['dc1.corp.test', 'dc2.corp.test'],
  ],
  ['one host once', (query) => [reply(query, [service('dc1.corp.test'), service('dc1.corp.test')])], ['dc1.corp.test']],
  [
    'a compressed target',
    (query) => [
      reply(query, [service(Buffer.concat([Buffer.from('03646331', 'hex'), Buffer.from([0xc0, 12 + 6 + 5 + 3 + 7])]))]),
    ],
    ['dc1.corp.test'],
  ],
  [
    'records of another kind among them',
    (query) => [reply(query, [record(5, encodeName('alias.corp.test')), service('dc1.corp.test')])],
    ['dc1.corp.test'],
  ],
  [
    '200 records, by TCP',
    (query) => [query.overTcp ? reply(query, many) : truncated(query)],
    many.map((_, n) => `dc${String(n)}.corp.test`),
  ],
  [
    'an answer to somebody else’s question before ours',
    (query) => [reply({ ...query, id: query.id ^ 1 }, [service('evil.test')]), reply(query, [service('dc1.corp.test')])],
    ['dc1.corp.test'],
  ],
  [
    'targets that are no host names left out',
    (query) => [
      reply(query, [
        service(Buffer.from([5, 0x65, 0x0a, 0x1b, 0x5b, 0x32, 0])),
        service('a"b.test'),
        service('-.test'),
        service(''),
        service('no-port.test', { port: 0 }),
        service('dc1.corp.test'),
      ]),
    ],
    ['dc1.corp.test'],
  ],
];

const troubles: readonly (readonly [what: string, answering: Answering, kind: NoRecords['kind'], words: RegExp])[] = [
  ['NXDOMAIN', (query) => [reply(query, [], { code: 3 })], 'nothing', /knows no _ldap.*NXDOMAIN/],
  ['no records', (query) => [reply(query, [])], 'nothing', /no usable service records/],
  ['only a lone dot', (query) => [reply(query, [service('')])], 'nothing', /no usable service records/],
  ['SERVFAIL', (query) => [reply(query, [], { code: 2 })], 'silent', /SERVFAIL/],
  ['REFUSED', (query) => [reply(query, [], { code: 5 })], 'silent', /REFUSED/],
  [
    'FORMERR without the question',
    ({ id }) => [Buffer.concat([Buffer.from([id >> 8, id & 0xff, 0x84, 0x01]), Buffer.alloc(8)])],
    'silent',
    /FORMERR/,
  ],
  ['a code of no meaning', (query) => [reply(query, [], { code: 13 })], 'silent', /code 13/],
  ['silence', () => [], 'silent', /did not answer in time/],
  ['garbage', () => [Buffer.from('garbage')], 'silent', /did not answer in time/],
  ['garbage with our number', ({ id }) => [Buffer.from([id >> 8, id & 0xff, 1, 2, 3])], 'silent', /did not answer in time/],
  ['half an answer', (query) => [reply(query, [service('dc1.corp.test')]).subarray(0, -3)], 'silent', /no usable answer/],
  ['a question again', (query) => [reply(query, [], { flags: 0 })], 'silent', /no usable answer/],
  [
    'the answer to another question',
    (query) => [
      reply({ ...query, question: Buffer.concat([encodeName('evil.test'), Buffer.from([0, 33, 0, 1])]) }, [service('evil.test')]),
    ],
    'silent',
    /no usable answer/,
  ],
  [
    'a pointer to itself',
    (query) => [reply(query, [service(Buffer.from([0xc0, 12 + query.question.length + 18]))])],
    'silent',
    /no usable answer/,
  ],
  ['a pointer ahead', (query) => [reply(query, [service(Buffer.from([0xff, 0xff]))])], 'silent', /no usable answer/],
  ['a label that overruns', (query) => [reply(query, [service(Buffer.from([60, 0x61]))])], 'silent', /no usable answer/],
  ['a name without end', (query) => [reply(query, [service(Buffer.alloc(400, 1))])], 'silent', /no usable answer/],
  [
    'too long for UDP, and silent by TCP',
    (query) => (query.overTcp ? [] : [truncated(query)]),
    'silent',
    /did not answer in time/,
  ],
  ['too long even by TCP', (query) => [truncated(query)], 'nothing', /no usable service records/],
];

describe('service records', () => {
  let now: Answering = () => [];
  let server: NameServerStage;
  before(async () => {
    server = await openNameServer((query) => now(query));
  });
  after(() => server.close());

  for (const [what, answering, hosts] of honest) {
    it(`are found: ${what}`, async () => {
      now = answering;
      const found = await recordsOf(server.address).find(wanted);
      assert.deepEqual(new Set(found.map(({ host }) => host)), new Set(hosts));
      if (hosts.length < 10)
        assert.deepEqual(
          found.map(({ host }) => host),
          hosts,
        );
    });
  }

  for (const [what, answering, kind, words] of troubles) {
    it(`are not there: ${what}`, async () => {
      now = answering;
      const started = performance.now();
      await assert.rejects(recordsOf(server.address).find(wanted), (error: unknown) => {
        assert.ok(error instanceof NoRecords, String(error));
        assert.equal(error.kind, kind);
        assert.match(error.message, words);
        return true;
      });
      assert.ok(performance.now() - started < 20 * timeout);
    });
  }

  it('are not there: nobody listens', async () => {
    await assert.rejects(recordsOf(`127.0.0.1:${String(await freePort())}`).find(wanted), /nothing listens there/);
  });

  it('have addresses, or none', async () => {
    now = (query) => [
      query.type === 1
        ? reply(query, [address('192.0.2.1'), address('192.0.2.2')])
        : reply(query, [record(28, Buffer.alloc(16, 0x20))]),
    ];
    const ipv6 = Array.from({ length: 8 }, () => '2020').join(':');
    assert.deepEqual(await recordsOf(server.address).addresses('dc1.corp.test'), ['192.0.2.1', '192.0.2.2', ipv6]);
    now = (query) => [reply(query, [record(query.type, Buffer.alloc(3))])];
    assert.deepEqual(await recordsOf(server.address).addresses('dc1.corp.test'), []);
    now = (query) => [
      reply(
        query,
        Array.from({ length: 100 }, (_, n) => address(`192.0.2.${String(n)}`)),
      ),
    ];
    assert.equal((await recordsOf(server.address).addresses('dc1.corp.test')).length, 8);
  });

  it('whatever bytes come, they are an answer or malformed', () => {
    const question = writeQuestion(7, wanted, 'SRV').subarray(12);
    const query: Pick<Query, 'id' | 'question'> = { id: 7, question };
    const whole = reply(query, [service('dc1.corp.test'), service(Buffer.from([0xc0, 0x0c]))]);
    const never = (message: Buffer): void => {
      try {
        const answer = readAnswer(message, 7, wanted, 'SRV');
        for (const { target } of answer?.services ?? []) assert.ok(target.length <= 255);
      } catch (error) {
        assert.ok(error instanceof MalformedAnswer, String(error));
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => never(Buffer.concat([whole.subarray(0, 12), bytes]))));
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }), fc.nat(whole.length), (at, byte, end) => {
        const spoilt = Buffer.from(whole);
        spoilt[at] = byte;
        never(spoilt.subarray(0, end));
        never(spoilt);
      }),
    );
  });
});

describe('discovery', () => {
  const options = (server: string) => ({
    domain: 'corp.test',
    site: undefined,
    records: recordsOf(server),
    resolves: () => Promise.resolve(true),
    ca: undefined,
    account: undefined,
    timeout,
    now: Date.now(),
  });

  it('asks 32 controllers at most, and says how many more there are', async () => {
    const server = await openNameServer((query) => {
      if (query.type !== 33) return [reply(query, query.type === 1 ? [address('127.255.255.254')] : [])];
      if (query.name.startsWith('_gc.')) return [reply(query, [], { code: 3 })];
      return [query.overTcp ? reply(query, many) : truncated(query)];
    });
    const { domains, notes, forest } = await discover(options(server.address));
    assert.equal(forest, 'corp.test');
    assert.deepEqual([domains.length, domains[0]?.controllers.length, domains[0]?.unasked], [1, 32, 168]);
    assert.deepEqual(notes.length, 1);
    assert.match(notes[0] ?? '', /^No global catalogs were found: .*NXDOMAIN/);
    for (const { root, protection, trouble } of domains[0]?.controllers ?? []) {
      assert.deepEqual([root, protection], [undefined, undefined]);
      assert.match(trouble ?? '', /ECONNREFUSED|no connection/);
    }
    await server.close();
  });

  it('ends in time, however slowly everything answers', async () => {
    const server = await openNameServer((query) => {
      if (query.type === 33) return [query.overTcp ? reply(query, many) : truncated(query)];
      return [];
    });
    const started = performance.now();
    const { domains, notes } = await discover({ ...options(server.address), patience: 300 });
    assert.ok(performance.now() - started < 2_000);
    assert.ok((domains[0]?.unasked ?? 0) > 168);
    assert.match(notes.join(), /took so long/);
    await server.close();
  });

  it('asks those of the site first, and says where a controller has no address', async () => {
    const server = await openNameServer((query) => {
      if (query.type !== 33) return [reply(query, [])];
      if (query.name === '_ldap._tcp.branch._sites.dc._msdcs.corp.test') return [reply(query, [service('near.corp.test')])];
      if (query.name === wanted) return [reply(query, [service('far.corp.test', { weight: 900 }), service('near.corp.test')])];
      return [reply(query, [], { code: 2 })];
    });
    const { domains } = await discover({ ...options(server.address), site: 'branch' });
    assert.deepEqual(
      domains[0]?.controllers.map(({ host, site, trouble }) => [host, site, trouble]),
      [
        ['near.corp.test', 'branch', 'DNS has no address of it'],
        ['far.corp.test', undefined, 'DNS has no address of it'],
      ],
    );
    const { notes } = await discover({ ...options(server.address), site: 'nowhere' });
    assert.match(notes[0] ?? '', /^No controller of corp\.test serves the site nowhere: .*SERVFAIL/);
    await server.close();
  });
});
