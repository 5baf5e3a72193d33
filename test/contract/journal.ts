/** The journal's part of the contract of a store: order, paging, expiry, bounds, and several nodes that append at once. */
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import type { JournalEntry, JournalPlace, JournalQuery } from '../../src/store/journal.ts';
import type { Store } from '../../src/store/store.ts';
import type { HeldClock } from './store.ts';

const start = Date.UTC(2026, 0, 1);
const later = start + 60_000;

/** @param given the store, another one on the same place, and their clock */
export function journalContract(given: () => { store: Store; clock: HeldClock; another: () => Promise<Store> }): void {
  describe('journal', () => {
    let numbers = 0;
    const entryOf = (changes: Partial<JournalEntry> = {}): JournalEntry => ({
      at: start,
      event: 'signin.issued',
      reference: `R-${(numbers += 1)}`,
      person: undefined,
      serviceProvider: undefined,
      text: `{"number":${numbers}}`,
      expiresAt: later,
      ...changes,
    });
    const texts = async (query: Partial<JournalQuery>, by = given().store) =>
      (await by.journal.search({ order: 'oldest first', limit: 1_000, ...query })).map(({ text }) => text);

    /** All pages of a search; `meanwhile` happens between any two. */
    async function pages(query: Partial<JournalQuery>, meanwhile: () => Promise<void> = () => Promise.resolve()) {
      const found: JournalEntry[] = [];
      const places = new Set<string>();
      let after: JournalPlace | undefined;
      for (;;) {
        const page = await given().store.journal.search({ order: 'oldest first', limit: 3, ...query, after });
        for (const { place, ...entry } of page) {
          assert.ok(!places.has(`${place.at} ${place.number}`), 'no entry comes twice');
          places.add(`${place.at} ${place.number}`);
          found.push(entry);
        }
        if (page.length < 3) return found;
        after = page.at(-1)?.place;
        await meanwhile();
      }
    }

    beforeEach(async () => {
      const { store, clock } = given();
      clock.set(later * 4);
      while ((await store.sweep(10_000)) > 0);
      clock.set(start);
    });

    it('gives back what it was given, whole', async () => {
      const { store } = given();
      const full = entryOf({ person: 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6', serviceProvider: 'https://sp.example.com' });
      const bare = entryOf({ at: start + 1, reference: undefined, event: 'trail' });
      await store.journal.append([full, bare]);
      const found = await store.journal.search({ order: 'oldest first', limit: 10 });
      assert.deepEqual(
        found.map(({ place, ...entry }) => ({ ...entry, at: place.at })),
        [full, bare],
      );
      assert.equal(new Set(found.map(({ place }) => place.number)).size, 2);
    });

    it('is in the order of time, whatever the order of appending, and of one instant in the order of appending', async () => {
      const { store } = given();
      const [late, early, same, next] = [entryOf({ at: start + 5 }), entryOf({ at: start + 1 }), entryOf(), entryOf()];
      await store.journal.append([late, early]);
      await store.journal.append([same, next]);
      const expected = [same, next, early, late].map(({ text }) => text);
      assert.deepEqual(await texts({}), expected);
      assert.deepEqual(await texts({ order: 'newest first' }), expected.toReversed());
    });

    it('keeps the order of appends that nobody waited for, and shows them to what reads behind them', async () => {
      const { store } = given();
      const entries = Array.from({ length: 30 }, () => entryOf());
      const appends = entries.map((entry) => store.journal.append([entry]));
      assert.deepEqual(
        await texts({}),
        entries.map(({ text }) => text),
      );
      await Promise.all(appends);
    });

    it('finds by anything given, and by all of it together', async () => {
      const { store } = given();
      const [alice, bob] = ['alice', 'bob'];
      const entries = [
        entryOf({ reference: 'A', person: alice, serviceProvider: 'one', event: 'password.accepted', at: start }),
        entryOf({ reference: 'A', person: alice, serviceProvider: 'one', event: 'signin.issued', at: start + 1 }),
        entryOf({ reference: 'B', person: bob, serviceProvider: 'two', event: 'signin.issued', at: start + 2 }),
        entryOf({ reference: 'C', person: undefined, serviceProvider: undefined, event: 'signin.refused', at: start + 3 }),
        entryOf({ reference: 'D', person: alice, serviceProvider: 'two', event: 'signin.refused', at: start + 4 }),
      ];
      await store.journal.append(entries);
      const wanted = fc.record(
        {
          reference: fc.constantFrom('A', 'B', 'E'),
          person: fc.constantFrom(alice, bob, 'carol'),
          serviceProvider: fc.constantFrom('one', 'two', 'o'),
          events: fc.subarray(['signin.issued', 'signin.refused', 'password.accepted', 'a', 'b', 'c', 'd', 'e', 'f', 'g'], {
            minLength: 0,
          }),
          except: fc.constantFrom('signin.issued', 'trail'),
          from: fc.constantFrom(start, start + 1, start + 4),
          before: fc.constantFrom(start + 1, start + 3, start + 9),
        },
        { requiredKeys: [] },
      );
      const orders = fc.constantFrom('oldest first' as const, 'newest first' as const);
      await fc.assert(
        fc.asyncProperty(wanted, orders, fc.integer({ min: 0, max: 5 }), async (query, order, limit) => {
          const model = entries.filter(
            (entry) =>
              (query.reference ?? entry.reference) === entry.reference &&
              (query.person ?? entry.person) === entry.person &&
              (query.serviceProvider ?? entry.serviceProvider) === entry.serviceProvider &&
              (query.events ?? [entry.event]).includes(entry.event) &&
              query.except !== entry.event &&
              (query.from ?? 0) <= entry.at &&
              entry.at < (query.before ?? Infinity),
          );
          const expected = (order === 'oldest first' ? model : model.toReversed()).slice(0, limit).map(({ text }) => text);
          assert.deepEqual(await texts({ ...query, order, limit }), expected);
        }),
        { numRuns: 80 },
      );
    });

    for (const order of ['oldest first', 'newest first'] as const) {
      it(`is paged ${order} without gaps or doubles, many of one instant among them, while two nodes append`, async () => {
        const { store, another } = given();
        const other = await another();
        const entries = Array.from({ length: 40 }, (_, index) =>
          entryOf({ at: start + Math.floor(index / 8), event: index % 2 === 0 ? 'signin.issued' : 'signin.refused' }),
        );
        await store.journal.append(entries.slice(0, 20));
        await other.journal.append(entries.slice(20));
        let times = 0;
        // What is appended meanwhile is newer than all that was there.
        const meanwhile = async () => {
          const at = start + 100 + (times += 1);
          if (times <= 5) await Promise.all([store.journal.append([entryOf({ at })]), other.journal.append([entryOf({ at })])]);
        };
        for (const query of [{ order }, { order, events: ['signin.issued', 'signin.refused'] }, { order, before: start + 100 }]) {
          times = 0;
          const found = (await pages(query, meanwhile)).filter(({ at }) => at < start + 100).map(({ text }) => text);
          const expected = entries.map(({ text }) => text);
          assert.deepEqual(found, order === 'oldest first' ? expected : expected.toReversed());
        }
        await other.close();
      });
    }

    it('takes what two nodes append at once, each in its own order', async () => {
      const { store, another } = given();
      const other = await another();
      const batches = Array.from({ length: 10 }, (_, index) =>
        Array.from({ length: 5 }, () => entryOf({ person: `${index % 2}` })),
      );
      await Promise.all(batches.map((batch, index) => (index % 2 === 0 ? store : other).journal.append(batch)));
      for (const node of [0, 1]) {
        const expected = batches.filter((_, index) => index % 2 === node).flat();
        assert.deepEqual(
          await texts({ person: String(node) }, node === 0 ? other : store),
          expected.map(({ text }) => text),
        );
      }
      await other.close();
    });

    it('shows an entry until the very instant of its expiry, and is swept with the records', async () => {
      const { store, clock } = given();
      await store.journal.append(Array.from({ length: 450 }, () => entryOf({ reference: 'old', expiresAt: start + 10 })));
      await store.journal.append([entryOf({ reference: 'old', text: 'stays' })]);
      await store.create('request', `journal ${numbers}`, 1, start + 10);
      clock.set(start + 9);
      assert.equal((await texts({ reference: 'old' })).length, 451);
      clock.set(start + 10);
      assert.deepEqual(await texts({ reference: 'old' }), ['stays']);
      assert.deepEqual(await texts({ order: 'newest first' }), ['stays']);
      assert.equal(await store.sweep(7), 7);
      assert.equal(await store.sweep(400), 400);
      assert.equal(await store.sweep(10_000), 44);
      assert.equal(await store.sweep(10_000), 0);
      assert.deepEqual(await texts({}), ['stays']);
    });

    it('is left out where the records are read whole', async () => {
      const { store } = given();
      await store.journal.append([entryOf({ text: 'never exported' })]);
      await store.create('request', `journal ${numbers}`, 'exported', later);
      const seen: string[] = [];
      for await (const records of store.snapshot()) seen.push(...records.map(({ json }) => json));
      assert.ok(seen.includes('"exported"'));
      assert.ok(!seen.some((json) => json.includes('never exported')));
    });

    it('keeps hostile text as it is, and takes none of it for more than text', async () => {
      const { store } = given();
      const hostile = [
        `'; drop table journal; --`,
        `%' or '1'='1`,
        '😀 \u202E\u0001\u001B[2J \uFFFF',
        ' a b ',
        ':now $1 ?',
        '\\u0000 \\x00 {} [] null',
      ];
      await store.journal.append(
        hostile.map((word) => entryOf({ reference: word, person: word, serviceProvider: word, text: JSON.stringify({ word }) })),
      );
      for (const word of hostile) {
        for (const query of [{ reference: word }, { person: word }, { serviceProvider: word }])
          assert.deepEqual(await texts(query), [JSON.stringify({ word })], word);
      }
      assert.deepEqual(await texts({ reference: '' }), []);
    });

    const largest = 'ü'.repeat(64 * 1024);
    it('takes the largest entry, the most entries, and none at all', async () => {
      const { store } = given();
      const word = '€'.repeat(512);
      await store.journal.append([]);
      await store.journal.append([entryOf({ reference: word, person: word, serviceProvider: word, text: largest })]);
      assert.deepEqual(await texts({ serviceProvider: word }), [largest]);
      await store.journal.append(Array.from({ length: 1_000 }, () => entryOf({ reference: 'many' })));
      assert.equal((await texts({ reference: 'many' })).length, 1_000);
    });

    const beyond: readonly [string, (by: Store) => Promise<unknown>][] = [
      ['too many entries', (by) => by.journal.append(Array.from({ length: 1_001 }, () => entryOf()))],
      ['a text that is too long', (by) => by.journal.append([entryOf({ text: `${largest}x` })])],
      [
        'texts that are too long together',
        (by) => by.journal.append(Array.from({ length: 65 }, () => entryOf({ text: largest }))),
      ],
      ['NUL in a text', (by) => by.journal.append([entryOf({ text: '\0' })])],
      ['a lone surrogate in a text', (by) => by.journal.append([entryOf({ text: '\uD800' })])],
      ['NUL in a person', (by) => by.journal.append([entryOf({ person: 'a\0' })])],
      ['a reference that is too long', (by) => by.journal.append([entryOf({ reference: 'r'.repeat(513) })])],
      ['an event with a space', (by) => by.journal.append([entryOf({ event: 'signin issued' })])],
      ['an event without a name', (by) => by.journal.append([entryOf({ event: '' })])],
      ['a time that is none', (by) => by.journal.append([entryOf({ at: 0.5 })])],
      ['an expiry that is none', (by) => by.journal.append([entryOf({ expiresAt: Number.NaN })])],
      ['one bad entry among good ones', (by) => by.journal.append([entryOf(), entryOf({ at: -1 })])],
      ['a limit that is too large', (by) => by.journal.search({ order: 'oldest first', limit: 1_001 })],
      ['a negative limit', (by) => by.journal.search({ order: 'oldest first', limit: -1 })],
      ['a search for what cannot be kept', (by) => by.journal.search({ order: 'oldest first', limit: 1, person: '\0' })],
      ['a search for no event’s name', (by) => by.journal.search({ order: 'oldest first', limit: 1, events: ['a b'] })],
      ['a time to search from that is none', (by) => by.journal.search({ order: 'oldest first', limit: 1, from: Number.NaN })],
    ];
    for (const [name, act] of beyond) {
      it(`refuses ${name} and keeps nothing`, async () => {
        await assert.rejects(act(given().store), RangeError);
        assert.deepEqual(await texts({}), []);
      });
    }

    it('does nothing more once the store is closed', async () => {
      const closed = await given().another();
      await closed.close();
      await assert.rejects(closed.journal.append([entryOf()]));
      await assert.rejects(closed.journal.search({ order: 'oldest first', limit: 1 }));
      assert.deepEqual(await texts({}), []);
    });
  });
}
