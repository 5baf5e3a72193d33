/** The laws of persistent name identifiers: pairwise, opaque, kept, never given to somebody else, never differing by case alone. */
import assert from 'node:assert/strict';
import { hash, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { base32, createPairwise } from '../../src/signin/pairwise.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';

const clock = { now: Date.now, until: () => Promise.resolve() };
const openStore = () => createSqliteStore({ file: ':memory:', clock });

const people = [
  '00000000-0000-4000-8000-000000000001',
  '00000000-0000-4000-8000-000000000002',
  '00000000-0000-4000-8000-000000000003',
];
const qualifiers = ['https://a.example/', 'https://A.example/', 'urn:federation', `https://long.example/${'x'.repeat(1000)}`];

describe('base32', () => {
  // RFC 4648 §10, those without padding.
  for (const [octets, text] of [
    ['', ''],
    ['fooba', 'MZXW6YTB'],
    ['foobafooba', 'MZXW6YTBMZXW6YTB'],
  ] as const) {
    it(`writes ${JSON.stringify(octets)}`, () => assert.equal(base32(Buffer.from(octets)), text));
  }

  it('keeps every bit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (octets) => {
        const bits = [...base32(Buffer.from(octets))].map((letter) =>
          'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
        );
        assert.equal(bits.join(''), [...octets].map((octet) => octet.toString(2).padStart(8, '0')).join(''));
      }),
    );
  });
});

describe('persistent identifiers', () => {
  it('are the same for one person and service provider, and differ wherever either does, in any order and at once', async () => {
    const pair = fc.tuple(fc.constantFrom(...people), fc.constantFrom(...qualifiers));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(pair, { maxLength: 6 }), { maxLength: 6 }), async (rounds) => {
        const store = await openStore();
        const seen = new Map<string, string>();
        for (const round of rounds) {
          // Another process of the same store, each round.
          const pairwise = createPairwise({ store, random: randomBytes });
          const names = await Promise.all(round.map(([person, qualifier]) => pairwise.findOrCreate(person, qualifier)));
          for (const [index, name] of names.entries()) {
            assert.match(name, /^[A-Z2-7]{32}$/);
            const key = JSON.stringify(round[index]);
            assert.equal(seen.get(key) ?? name, name);
            seen.set(key, name);
          }
        }
        assert.equal(new Set([...seen.values()].map((name) => name.toLowerCase())).size, seen.size);
        await store.close();
      }),
      { numRuns: 50 },
    );
  });

  it('are found where they were made and nowhere else, and finding makes none', async () => {
    const store = await openStore();
    const pairwise = createPairwise({ store, random: randomBytes });
    assert.equal(await pairwise.find('a', 'urn:x'), undefined);
    assert.deepEqual(await store.list('name-id', '', 10), []);
    const name = await pairwise.findOrCreate('a', 'urn:x');
    assert.equal(await pairwise.find('a', 'urn:x'), name);
    assert.equal(await pairwise.find('b', 'urn:x'), undefined);
    assert.equal(await pairwise.find('a', 'urn:y'), undefined);
    await store.close();
  });

  it('are not computed from whom they name', async () => {
    const [one, other] = await Promise.all(
      [openStore(), openStore()].map(async (opened) =>
        createPairwise({ store: await opened, random: randomBytes }).findOrCreate('a', 'urn:x'),
      ),
    );
    assert.notEqual(one, other);
  });

  it('are never given to a second person, even where the lot falls on the same name again', async () => {
    const store = await openStore();
    const lots = [1, 1, 1, 2, 3].map((seed) => hash('sha1', String(seed), 'buffer'));
    const pairwise = createPairwise({ store, random: () => lots.shift() ?? assert.fail('more lots than expected') });
    const first = await pairwise.findOrCreate('a', 'urn:x');
    const second = await pairwise.findOrCreate('b', 'urn:x');
    assert.notEqual(first, second);
    // Not even after the first person is gone from every record but that of the name itself.
    for (const { key } of await store.list('name-id', 'person', 10)) await store.delete('name-id', key);
    assert.notEqual(await pairwise.findOrCreate('c', 'urn:x'), first);
    await store.close();
  });

  it('do not expire', async () => {
    let now = Date.now();
    const store = await createSqliteStore({ file: ':memory:', clock: { now: () => now, until: clock.until } });
    const pairwise = createPairwise({ store, random: randomBytes });
    const name = await pairwise.findOrCreate('a', 'urn:x');
    now += 200 * 365 * 24 * 3_600_000;
    await store.sweep(100);
    assert.equal(await pairwise.find('a', 'urn:x'), name);
    await store.close();
  });

  it('end in a fault, not in a circle, where chance is broken', async () => {
    const store = await openStore();
    const pairwise = createPairwise({ store, random: () => Buffer.alloc(20) });
    await pairwise.findOrCreate('a', 'urn:x');
    await assert.rejects(pairwise.findOrCreate('b', 'urn:x'), /neither found nor made/);
    await store.close();
  });
});
