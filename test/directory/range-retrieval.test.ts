/** Attributes of so many values that they come in parts, as Active Directory gives them, from a server that may do it badly. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Ber, BerWriter } from 'ldapts';
import { openConnection } from '../../src/directory/connection.ts';
import { endpointOf } from '../../src/directory/endpoint.ts';
import { equals } from '../../src/directory/filters.ts';
import { rangeOf } from '../../src/directory/range-retrieval.ts';
import { scriptedServer } from './scripted-server.ts';

/** A SearchResultEntry of one attribute. */
function entryOf(id: number, attribute: string, values: readonly string[]): Buffer {
  const writer = new BerWriter({ size: 1_024 });
  writer.startSequence();
  writer.writeInt(id);
  writer.startSequence(0x64);
  writer.writeString('CN=p,DC=example', Ber.OctetString);
  writer.startSequence();
  writer.startSequence();
  writer.writeString(attribute, Ber.OctetString);
  writer.startSequence(0x31);
  for (const value of values) writer.writeString(value, Ber.OctetString);
  writer.endSequence();
  writer.endSequence();
  writer.endSequence();
  writer.endSequence();
  writer.endSequence();
  return writer.buffer;
}

const part = (first: number, count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `v${String(first + n)}`);

/** What each search in turn gives. */
async function retrieve(answers: readonly (readonly [described: string, values: readonly string[]])[], entriesOfFirst = 1) {
  const server = await scriptedServer();
  let asked = 0;
  server.behave(({ kind, id, socket, answer }) => {
    const given = answers[Math.min(asked, answers.length - 1)];
    if (kind === 'search') asked += 1;
    const count = asked === 1 ? entriesOfFirst : 1;
    for (let entry = 0; entry < count && kind === 'search' && given !== undefined; entry += 1)
      socket.write(entryOf(id, ...given));
    answer();
  });
  const connection = await openConnection(endpointOf(server.url, false), undefined, 2_000, 2_000);
  try {
    const { code, entries } = await connection.search({
      base: 'DC=example',
      scope: 'sub',
      filter: equals('cn', 'p'),
      attributes: ['member'],
      limit: 0,
    });
    return { code, asked, values: entries[0]?.attributes.get('member')?.map((value) => value.toString()) };
  } finally {
    connection.close();
    await server.close();
  }
}

describe('an attribute that comes in parts', () => {
  for (const [title, answers, asked, count] of [
    ['is whole in one answer', [['member', part(0, 30)]], 1, 30],
    [
      'is asked for until its end',
      [
        ['member;range=0-29', part(0, 30)],
        ['member;range=30-59', part(30, 30)],
        ['member;range=60-*', part(60, 5)],
      ],
      3,
      65,
    ],
    [
      'has its name in any letter case',
      [
        ['Member;Range=0-1', part(0, 2)],
        ['MEMBER;RANGE=2-*', part(2, 1)],
      ],
      2,
      3,
    ],
    ['ends where a server does not come forward', [['member;range=0-29', part(0, 30)]], 2, 60],
    [
      'ends where a server goes back',
      [
        ['member;range=0-29', part(0, 30)],
        ['member;range=0-9', part(0, 10)],
      ],
      2,
      40,
    ],
    [
      'ends where a server has no more',
      [
        ['member;range=0-29', part(0, 30)],
        ['other', []],
      ],
      2,
      30,
    ],
  ] as const) {
    it(title, async () => {
      const retrieved = await retrieve(answers);
      assert.equal(retrieved.code, 0);
      assert.equal(retrieved.values?.length, count);
      assert.equal(retrieved.asked, asked);
    });
  }

  it('is not asked for without end', async () => {
    let next = 0;
    const answers = Array.from({ length: 400 }, () => {
      next += 1;
      return [`member;range=${String(next - 1)}-${String(next - 1)}`, [`v${String(next)}`]] as const;
    });
    const { asked, values } = await retrieve(answers);
    assert.equal(asked, 101);
    assert.equal(values?.length, 101);
  });

  it('may have more values than a function takes arguments', async () => {
    const { code, values } = await retrieve([
      ['member;range=0-0', ['x']],
      ['member;range=1-*', Array.from({ length: 300_000 }, () => 'x')],
    ]);
    assert.deepEqual([code, values?.length], [0, 300_001]);
  });

  it('is not asked for without end of many entries', async () => {
    let next = 0;
    const answers = Array.from({ length: 1_000 }, () => {
      next += 1;
      return [`member;range=${String(next - 1)}-${String(next - 1)}`, ['v']] as const;
    });
    const { asked, code } = await retrieve(answers, 10);
    assert.deepEqual([asked, code], [501, 11]);
  });

  for (const [described, expected] of [
    ['memberof;range=0-1499', { name: 'memberof', next: 1_500 }],
    ['memberof;range=1500-*', { name: 'memberof', next: undefined }],
    ['memberof', { name: 'memberof', next: undefined }],
    ['memberof;range=0-', { name: 'memberof;range=0-', next: undefined }],
    ['memberof;range=0-99999999999', { name: 'memberof;range=0-99999999999', next: undefined }],
  ] as const) {
    it(`is described as ${described}`, () => {
      assert.deepEqual(rangeOf(described), expected);
    });
  }
});
