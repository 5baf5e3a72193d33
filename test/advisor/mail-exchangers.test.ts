/** Mail exchangers from name servers that behave, that lie and that keep silent, and how little is asked of them. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Exchangers } from '../../src/advisor/advice.ts';
import { askForExchangers } from '../../src/advisor/domain-exchangers.ts';
import { createAskExchangers } from '../../src/advisor/mail-exchangers.ts';
import {
  encodeName,
  openNameServer,
  record,
  reply,
  truncated,
  type Answering,
  type NameServerStage,
} from '../directory/name-server-stage.ts';
import { freePort } from '../fixtures/free-port.ts';

const exchanger = (host: string | Buffer, priority = 10): Buffer =>
  record(15, Buffer.concat([Buffer.from([priority >> 8, priority & 0xff]), typeof host === 'string' ? encodeName(host) : host]));
const many = Array.from({ length: 60 }, (_, n) => exchanger(`mx${String(n).padStart(2, '0')}.contoso.com`));
const timeout = 150;

const rows: readonly (readonly [what: string, answering: Answering, expected: Exchangers | RegExp])[] = [
  ['one', (query) => [reply(query, [exchanger('MX1.Contoso.com')])], { answer: 'found', hosts: ['mx1.contoso.com'] }],
  [
    'by priority, then by name, each once',
    (query) => [reply(query, [exchanger('late.net', 20), exchanger('b.net'), exchanger('a.net'), exchanger('a.net', 30)])],
    { answer: 'found', hosts: ['a.net', 'b.net', 'late.net'] },
  ],
  ['none', (query) => [reply(query, [])], { answer: 'none' }],
  ['the null one of RFC 7505', (query) => [reply(query, [exchanger('', 0)])], { answer: 'none' }],
  ['NXDOMAIN', (query) => [reply(query, [], { code: 3 })], { answer: 'unknown' }],
  [
    'at most 20, by TCP',
    (query) => [query.overTcp ? reply(query, many) : truncated(query)],
    { answer: 'found', hosts: Array.from({ length: 20 }, (_, n) => `mx${String(n).padStart(2, '0')}.contoso.com`) },
  ],
  [
    'what is no host name left out',
    (query) => [
      reply(query, [
        exchanger('<script>.net'),
        exchanger(Buffer.from([4, 0x1b, 0x5b, 0x32, 0x4a, 0])),
        exchanger('a b.net'),
        exchanger('mx.net'),
      ]),
    ],
    { answer: 'found', hosts: ['mx.net'] },
  ],
  ['only lies', (query) => [reply(query, [exchanger('<script>.net')])], { answer: 'none' }],
  ['SERVFAIL', (query) => [reply(query, [], { code: 2 })], /SERVFAIL/],
  ['REFUSED', (query) => [reply(query, [], { code: 5 })], /REFUSED/],
  ['silence', () => [], /in time/],
  ['garbage', () => [Buffer.from('garbage')], /in time|usable/],
  ['half an answer', (query) => [reply(query, [exchanger('mx.net')]).subarray(0, -3)], /in time|usable/],
  ['another number', (query) => [reply({ ...query, id: query.id ^ 1 }, [exchanger('evil.net')])], /in time/],
];

describe('mail exchangers', () => {
  let now: Answering = () => [];
  let server: NameServerStage;
  before(async () => {
    server = await openNameServer((query) => now(query));
  });
  after(() => server.close());

  for (const [what, answering, expected] of rows) {
    it(`are told: ${what}`, async () => {
      now = answering;
      const ask = createAskExchangers({ server: server.address, timeout, now: () => 0 });
      const answer = await ask('contoso.com');
      if (!(expected instanceof RegExp)) assert.deepEqual(answer, expected);
      else assert.match(answer.answer === 'unanswered' ? answer.why : answer.answer, expected);
    });
  }

  it('are asked for by that type and that name', async () => {
    const asked: string[] = [];
    now = (query) => {
      asked.push(`${String(query.type)} ${query.name}`);
      return [reply(query, [])];
    };
    await createAskExchangers({ server: server.address, now: () => 0 })('xn--mnchen-3ya.de');
    assert.deepEqual(asked, ['15 xn--mnchen-3ya.de']);
  });

  it('are not asked for any more once the time for all is over', async () => {
    now = (query) => [reply(query, [])];
    let time = 0;
    const ask = createAskExchangers({ server: server.address, total: 10_000, now: () => time });
    assert.deepEqual(await ask('contoso.com'), { answer: 'none' });
    const before = server.queries;
    time = 10_000;
    assert.deepEqual(await ask('fabrikam.com'), { answer: 'unanswered', why: 'there was no time left to ask' });
    assert.equal(server.queries, before);
  });

  it('are told to be unknown where nobody listens', async () => {
    const ask = createAskExchangers({ server: `127.0.0.1:${String(await freePort())}`, timeout, now: () => 0 });
    assert.equal((await ask('contoso.com')).answer, 'unanswered');
  });

  it('are never asked of what is no address', () => {
    assert.throws(() => createAskExchangers({ server: 'dns.contoso.com', now: () => 0 }));
  });
});

describe('asking for many', () => {
  const names = Array.from({ length: 250 }, (_, n) => `d${String(n)}.com`);

  it('asks the first 100, a few at once', async () => {
    const asked: string[] = [];
    let [running, most] = [0, 0];
    const { answers, dns } = await askForExchangers(names, async (name) => {
      asked.push(name);
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
      return { answer: 'none' };
    });
    assert.deepEqual(asked, names.slice(0, 100));
    assert.deepEqual([most, answers.size, dns], [4, 100, 'asked']);
  });

  it('gives up where none of the first is answered, and says so', async () => {
    let asked = 0;
    const { answers, dns } = await askForExchangers(names, () => {
      asked += 1;
      return Promise.resolve({ answer: 'unanswered', why: 'no name server listens' });
    });
    assert.deepEqual([asked, dns, answers.size], [4, 'offline', 100]);
    assert.equal(answers.get('d99.com')?.answer, 'unanswered');
  });

  it('goes on where one of the first is', async () => {
    const { dns } = await askForExchangers(names, (name) =>
      Promise.resolve(name === 'd3.com' ? { answer: 'unknown' } : { answer: 'unanswered', why: '' }),
    );
    assert.equal(dns, 'asked');
  });

  it('asks nobody where it must not', async () => {
    assert.equal((await askForExchangers(names, undefined)).dns, 'not asked');
    assert.equal((await askForExchangers([], () => Promise.reject(new Error()))).dns, 'not asked');
  });
});
