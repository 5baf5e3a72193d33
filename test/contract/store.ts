/** The contract suite of the store: whatever keeps records for Passerelle passes it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Clock } from '../../src/clock.ts';
import type { Kind, RawRecord, Store, WatchedKind } from '../../src/store/store.ts';
import { journalContract } from './journal.ts';

/** A clock that stands still until it is set. */
export interface HeldClock extends Clock {
  set(instant: number): void;
}

export function heldClock(start: number): HeldClock {
  let instant = start;
  return {
    now: () => instant,
    until: () => Promise.reject(new Error('nobody waits here')),
    set: (to) => {
      instant = to;
    },
  };
}

/** One empty place where records are kept, and how to reach it. */
export interface Place {
  /** A further store on the same place. */
  open(clock: Clock): Promise<Store>;
  /** Adds one to the number in that record, `times` times, by `update` in another process. */
  countElsewhere(kind: Kind, key: string, times: number): Promise<void>;
  remove(): Promise<void>;
}

const start = Date.UTC(2026, 0, 1);
const later = start + 60_000;

export function storeContract(title: string, prepare: () => Promise<Place>): void {
  describe(`${title} keeps the contract of a store`, () => {
    let place: Place;
    let store: Store;
    let names = 0;
    const clock = heldClock(start);
    const fresh = () => `fresh ${(names += 1)}`;

    before(async () => {
      place = await prepare();
      store = await place.open(clock);
    });
    after(async () => {
      await store.close();
      await place.remove();
    });

    const put = async (kind: Kind, key: string, value: unknown, expiresAt = later) => {
      await store.update(kind, key, () => ({ value, expiresAt }));
    };

    describe('create', () => {
      it('adds once and leaves a live record alone', async () => {
        const key = fresh();
        assert.equal(await store.create('request', key, 'first', later), true);
        assert.equal(await store.create('request', key, 'second', later + 1), false);
        assert.equal(await store.get('request', key), 'first');
      });

      it('holds each kind apart', async () => {
        const key = fresh();
        assert.equal(await store.create('request', key, 1, later), true);
        assert.equal(await store.create('session', key, 2, later), true);
        assert.equal(await store.get('request', key), 1);
        assert.equal(await store.get('session', key), 2);
        assert.equal(await store.get('signin', key), undefined);
      });

      it('answers true exactly once among many that race', async () => {
        const key = fresh();
        const second = await place.open(clock);
        const answers = await Promise.all(
          Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? store : second).create('request', key, index, later)),
        );
        assert.equal(answers.filter((created) => created).length, 1);
        await second.close();
      });
    });

    describe('expiry', () => {
      it('holds a record until the very instant, by the clock that was handed in', async () => {
        const key = fresh();
        await store.create('session', key, 'here', start + 10);
        for (const [instant, expected] of [
          [start + 9, 'here'],
          [start + 10, undefined],
          [start + 11, undefined],
        ] as const) {
          clock.set(instant);
          assert.equal(await store.get('session', key), expected, `${instant - start} ms on`);
        }
        clock.set(start);
      });

      it('takes an expired record for none in every operation', async () => {
        const keys = [fresh(), fresh(), fresh(), fresh()] as const;
        for (const key of keys) await store.create('session', key, 'old', start + 10);
        clock.set(start + 10);
        assert.equal(await store.create('session', keys[0], 'new', later), true);
        assert.equal(await store.get('session', keys[0]), 'new');
        await store.update('session', keys[1], (record) => {
          assert.equal(record, undefined);
          return { value: 'new', expiresAt: later };
        });
        assert.equal(await store.get('session', keys[1]), 'new');
        assert.equal(await store.delete('session', keys[2]), false);
        assert.deepEqual(await store.list('session', keys[3], 10), []);
        clock.set(start);
      });
    });

    describe('update', () => {
      it('hands over the live record, keeps what it gets back and answers it', async () => {
        const key = fresh();
        const first = await store.update('attempts', key, (record) => {
          assert.equal(record, undefined);
          return { value: [1], expiresAt: later };
        });
        assert.deepEqual(first, { value: [1], expiresAt: later });
        const second = await store.update('attempts', key, (record) => {
          assert.deepEqual(record, { value: [1], expiresAt: later });
          return { value: [1, 2], expiresAt: later + 5 };
        });
        assert.deepEqual(second, { value: [1, 2], expiresAt: later + 5 });
        assert.deepEqual(await store.get('attempts', key), [1, 2]);
      });

      it('keeps a record that is given back untouched', async () => {
        const key = fresh();
        await put('attempts', key, { a: 1 });
        assert.deepEqual(await store.update('attempts', key, (record) => record), { value: { a: 1 }, expiresAt: later });
        assert.deepEqual(await store.get('attempts', key), { a: 1 });
      });

      it('deletes where nothing is given back', async () => {
        const key = fresh();
        await put('attempts', key, 1);
        assert.equal(await store.update('attempts', key, () => undefined), undefined);
        assert.equal(await store.get('attempts', key), undefined);
        assert.equal(await store.update('attempts', key, () => undefined), undefined);
      });

      it('changes nothing where the change throws, and goes on working', async () => {
        const key = fresh();
        await put('attempts', key, 'before');
        const failing = store.update('attempts', key, () => {
          throw new Error('no');
        });
        await assert.rejects(failing, /^Error: no$/);
        assert.equal(await store.get('attempts', key), 'before');
        await put('attempts', key, 'after');
        assert.equal(await store.get('attempts', key), 'after');
      });

      it('loses no count among callers, stores and processes', async () => {
        const key = fresh();
        const second = await place.open(clock);
        const count = (by: Store) =>
          by.update('attempts', key, (record) => ({ value: Number(record?.value ?? 0) + 1, expiresAt: later * 2 }));
        const done = Promise.all([place.countElsewhere('attempts', key, 200), place.countElsewhere('attempts', key, 200)]);
        let here = 0;
        const elsewhere = { running: true };
        const stop = () => {
          elsewhere.running = false;
        };
        void done.then(stop, stop);
        // Goes on for as long as the other processes do, so that they truly meet.
        while (elsewhere.running) {
          await Promise.all([count(store), count(second), count(store)]);
          here += 3;
          await new Promise(setImmediate);
        }
        await done;
        assert.equal(await store.get('attempts', key), here + 400);
        await second.close();
      });
    });

    describe('delete', () => {
      it('answers whether a live record was there', async () => {
        const key = fresh();
        assert.equal(await store.delete('signin', key), false);
        await store.create('signin', key, 1, later);
        assert.equal(await store.delete('signin', key), true);
        assert.equal(await store.delete('signin', key), false);
        assert.equal(await store.get('signin', key), undefined);
      });
    });

    describe('list', () => {
      const keys = [
        'a',
        'a%',
        'a%b',
        'a_',
        'ab',
        'aé',
        'a\u{10FFFF}z',
        'a\uFFFD',
        'a😀',
        'A',
        "a'; drop table records; --",
        'b',
        'á',
      ];
      const sorted = (some: readonly string[]) => [...some].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));

      before(async () => {
        for (const key of keys) await put('signin', key, { of: key });
        await put('session', 'ab', 'another kind');
      });
      after(async () => {
        for (const key of keys) await store.delete('signin', key);
      });

      for (const prefix of ['', 'a', 'a%', 'a_', 'a\u{10FFFF}', 'aé', 'A', 'b', 'c', "a'"]) {
        it(`finds what begins with ${JSON.stringify(prefix)}, in the order of code points`, async () => {
          const expected = sorted(keys.filter((key) => key.startsWith(prefix)));
          const found = await store.list('signin', prefix, 100);
          assert.deepEqual(
            found,
            expected.map((key) => ({ key, value: { of: key } })),
          );
        });
      }

      it('stops at the limit', async () => {
        const three = sorted(keys.filter((key) => key.startsWith('a'))).slice(0, 3);
        const found = await store.list('signin', 'a', 3);
        assert.deepEqual(
          found.map(({ key }) => key),
          three,
        );
        assert.deepEqual(await store.list('signin', 'a', 0), []);
      });
    });

    describe('count', () => {
      it('tells how many of a kind there are, whatever else there is, and what was not swept yet', async () => {
        assert.equal(await store.count('artifact'), 0);
        await Promise.all(Array.from({ length: 30 }, (_, index) => put('artifact', `counted ${String(index)}`, index)));
        await put('artifact', 'counted and over', true, start);
        assert.equal(await store.count('artifact'), 31);
        for (let index = 0; index < 30; index += 1) await store.delete('artifact', `counted ${String(index)}`);
        await store.delete('artifact', 'counted and over');
        await store.sweep(10_000);
        assert.equal(await store.count('artifact'), 0);
      });
    });

    describe('sweep', () => {
      it('deletes expired records alone, at most so many, and says how many', async () => {
        clock.set(later * 3);
        await store.sweep(10_000);
        assert.equal(await store.sweep(10_000), 0);
        clock.set(start);
        for (let index = 0; index < 450; index += 1) await store.create('request', `old ${index}`, index, start + 1);
        await store.create('request', 'live', 'live', later);
        clock.set(start + 1);
        assert.equal(await store.sweep(0), 0);
        assert.equal(await store.sweep(7), 7);
        assert.equal(await store.sweep(400), 400);
        assert.equal(await store.sweep(10_000), 43);
        assert.equal(await store.sweep(10_000), 0);
        assert.equal(await store.get('request', 'live'), 'live');
        clock.set(start);
      });
    });

    describe('snapshot', () => {
      const read = async (from: Store, kinds?: readonly Kind[]) => {
        const found: RawRecord[] = [];
        for await (const batch of from.snapshot(kinds)) found.push(...batch);
        return found;
      };

      it('reads all live records of one instant, in the order of kinds and keys, and nothing else', async () => {
        const apart = await prepare();
        const own = await apart.open(clock);
        const keys = [...Array.from({ length: 1_100 }, (_, index) => `k${index}`), 'K', 'é', '\uFFFD', '😀'];
        await Promise.all(keys.map((key, index) => own.create('session', key, { of: key }, later + index)));
        await own.create('enrolment', 'alice', ['a\0b', '\uD800'], later * 2);
        await own.create('session', 'old', 1, start + 10);
        await own.update('cut-off', 'watched', () => ({ value: 1, expiresAt: later }));
        clock.set(start + 10);

        const instant = own.snapshot()[Symbol.asyncIterator]();
        const first = (await instant.next()).value as readonly RawRecord[];
        await own.delete('session', 'k0');
        await own.create('session', 'new', 1, later);
        const found = [...first];
        for (let next = await instant.next(); next.done !== true; next = await instant.next()) found.push(...next.value);

        const sessions = keys.toSorted((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
        assert.deepEqual(
          found.map(({ kind, key, json, expiresAt }) => ({ kind, key, value: JSON.parse(json) as unknown, expiresAt })),
          [
            { kind: 'cut-off', key: 'watched', value: 1, expiresAt: later },
            { kind: 'enrolment', key: 'alice', value: ['a\0b', '\uD800'], expiresAt: later * 2 },
            ...sessions.map((key) => ({ kind: 'session', key, value: { of: key }, expiresAt: later + keys.indexOf(key) })),
          ],
        );
        assert.deepEqual((await read(own, ['enrolment', 'device'])).length, 1);
        assert.deepEqual((await read(own, ['session'])).length, keys.length);
        clock.set(start);
        await own.close();
        await assert.rejects(read(own));
        await apart.remove();
      });
    });

    describe('subscribe', () => {
      /** The keys that were told so far; `next` waits for one more. */
      const listen = (to: Store, kind: WatchedKind) => {
        const told: (string | undefined)[] = [];
        let tell = (): void => undefined;
        const subscription = to.subscribe(kind, (key) => {
          told.push(key);
          tell();
        });
        const until = (isTrue: () => boolean) =>
          new Promise<void>((resolve) => {
            tell = () => {
              if (isTrue()) resolve();
            };
            tell();
          });
        return { told, until, subscription };
      };

      it('tells what is created, changed and deleted here and elsewhere, of that kind alone', { timeout: 10_000 }, async () => {
        const [here, elsewhere] = [await place.open(clock), await place.open(clock)];
        const cuts = listen(here, 'cut-off');
        const metadata = listen(here, 'metadata');
        // Live once it is connected; told of by the first word, where it was not from the start.
        await cuts.until(() => cuts.subscription.isLive());
        const [begun, others] = [cuts.told.length, metadata.told.length];
        const name = fresh();
        await here.create('cut-off', name, 1, later);
        await cuts.until(() => cuts.told.slice(begun).includes(name));
        const before = cuts.told.length;
        await elsewhere.update('cut-off', name, () => ({ value: 2, expiresAt: later }));
        await cuts.until(() => cuts.told.length > before);
        const last = cuts.told.length;
        await elsewhere.delete('cut-off', name);
        await cuts.until(() => cuts.told.length > last);
        for (const told of cuts.told.slice(begun)) assert.ok(told === name || told === undefined);
        assert.deepEqual(metadata.told.slice(others), []);
        assert.ok(cuts.subscription.isLive());

        cuts.subscription.end();
        const ended = cuts.told.length;
        await here.create('cut-off', fresh(), 1, later);
        const another = fresh();
        const told = metadata.told.length;
        await here.create('metadata', another, 1, later);
        await metadata.until(() => metadata.told.length > told);
        assert.equal(cuts.told.length, ended);
        await here.close();
        await elsewhere.close();
        assert.equal(metadata.subscription.isLive(), false);
      });
    });

    describe('values', () => {
      const values: readonly [string, unknown][] = [
        ['null', null],
        ['false', false],
        ['zero', 0],
        ['a fraction', 0.1],
        ['a great number', Number.MAX_SAFE_INTEGER],
        ['the empty string', ''],
        ['NUL, controls and lines', 'a\0b\u0001\r\n\u2028'],
        ['text beyond the BMP', '😀 İ ß \u{10FFFF}'],
        ['a lone surrogate', '\uD800'],
        ['SQL', "'; drop table records; --"],
        ['an empty list and object', [[], {}]],
        ['nesting', { a: [{ b: { c: [1, 'two', null, true] } }], '': 0, 'k\0': 1 }],
        ['64 KiB of text that takes three bytes a character', '€'.repeat(65_536)],
      ];
      for (const [name, value] of values) {
        it(`gives back ${name} as it was`, async () => {
          const key = fresh();
          assert.equal(await store.create('session', key, value, later), true);
          assert.deepEqual(await store.get('session', key), value);
          await store.update('session', key, (record) => {
            assert.deepEqual(record?.value, value);
            return { value: [value], expiresAt: later };
          });
          assert.deepEqual(await store.get('session', key), [value]);
        });
      }

      it('hands out copies', async () => {
        const key = fresh();
        const value = { list: [1] };
        await store.create('session', key, value, later);
        value.list.push(2);
        assert.deepEqual(await store.get('session', key), { list: [1] });
      });
    });

    describe('bounds', () => {
      const longest = 'k'.repeat(512);
      it('takes the longest key and the largest value', async () => {
        const largest = 'v'.repeat(512 * 1024 - 2);
        assert.equal(await store.create('session', longest, largest, later), true);
        assert.equal(await store.get('session', longest), largest);
        assert.equal((await store.list('session', longest, 1)).length, 1);
        assert.equal(await store.delete('session', longest), true);
      });

      const beyond: readonly [string, (by: Store) => Promise<unknown>][] = [
        ['an empty key', (by) => by.get('session', '')],
        ['a key that is too long', (by) => by.create('session', `${longest}k`, 1, later)],
        ['a key that holds NUL', (by) => by.delete('session', 'a\0b')],
        ['a key that holds a lone surrogate', (by) => by.update('session', 'a\uD800', (record) => record)],
        ['a prefix that is too long', (by) => by.list('session', `${longest}k`, 1)],
        ['a value that is too large', (by) => by.create('session', 'k', 'v'.repeat(512 * 1024 - 1), later)],
        ['a value that is too large in UTF-8', (by) => by.create('session', 'k', '€'.repeat(174_763), later)],
        ['a value that JSON cannot hold', (by) => by.create('session', 'k', undefined, later)],
        ['such a value in an update', (by) => by.update('session', 'k', () => ({ value: () => 1, expiresAt: later }))],
        ['an expiry that is no number', (by) => by.create('session', 'k', 1, Number.NaN)],
        ['an endless expiry', (by) => by.create('session', 'k', 1, Number.POSITIVE_INFINITY)],
        ['a fraction of a millisecond', (by) => by.update('session', 'k', () => ({ value: 1, expiresAt: 0.5 }))],
        ['a negative limit', (by) => by.sweep(-1)],
        ['a limit that is too large', (by) => by.list('session', '', 10_001)],
      ];
      for (const [name, act] of beyond) {
        it(`refuses ${name} and keeps nothing`, async () => {
          await assert.rejects(act(store), (error) => error instanceof RangeError || error instanceof TypeError);
          assert.equal(await store.get('session', 'k'), undefined);
        });
      }
    });

    describe('many writes at once', () => {
      it('are all kept, each atomic, in the order of their coming', async () => {
        const [counted, gone, listed] = [fresh(), fresh(), fresh()];
        await put('session', gone, 1);
        const answers = await Promise.all([
          ...Array.from({ length: 100 }, (_, index) => store.create('session', `${listed} ${index}`, index, later)),
          store.create('session', `${listed} 0`, 'again', later),
          store.delete('session', gone),
          store.delete('session', gone),
        ]);
        const counts = await Promise.all(
          Array.from({ length: 100 }, () =>
            store.update('session', counted, (record) => ({ value: Number(record?.value ?? 0) + 1, expiresAt: later })),
          ),
        );
        assert.deepEqual(answers, [...Array.from({ length: 100 }, () => true), false, true, false]);
        assert.deepEqual(
          counts.map((record) => record?.value),
          Array.from({ length: 100 }, (_, index) => index + 1),
        );
        assert.equal(await store.get('session', counted), 100);
        assert.equal((await store.list('session', `${listed} `, 200)).length, 100);
      });

      it('are seen by what is read behind them', async () => {
        const key = fresh();
        const [, value, found] = await Promise.all([
          store.create('session', key, 'new', later),
          store.get('session', key),
          store.list('session', key, 1),
        ]);
        assert.equal(value, 'new');
        assert.deepEqual(found, [{ key, value: 'new' }]);
      });

      it('are not harmed by one among them that throws, which leaves nothing', async () => {
        const [first, second, last] = [fresh(), fresh(), fresh()];
        await put('session', second, 'before');
        const outcomes = await Promise.allSettled([
          store.create('session', first, 1, later),
          store.update('session', second, () => {
            throw new Error('no change');
          }),
          store.update('session', second, () => ({ value: undefined, expiresAt: later })),
          store.update('session', second, () => ({ value: 1, expiresAt: 0.5 })),
          store.create('session', '', 1, later),
          store.update('session', last, () => ({ value: 2, expiresAt: later })),
        ]);
        assert.deepEqual(
          outcomes.map(({ status }) => status === 'fulfilled'),
          [true, false, false, false, false, true],
        );
        const other = await place.open(clock);
        for (const [key, value] of [
          [first, 1],
          [second, 'before'],
          [last, 2],
        ] as const) {
          assert.equal(await other.get('session', key), value);
        }
        await other.close();
      });

      it('are there for another store at the moment they are answered', async () => {
        const other = await place.open(clock);
        const keys = Array.from({ length: 20 }, fresh);
        await Promise.all(
          keys.map(async (key) => {
            await store.create('session', key, key, later);
            assert.equal(await other.get('session', key), key);
          }),
        );
        await other.close();
      });

      it('are committed by a close that comes behind them', async () => {
        const keys = Array.from({ length: 5 }, fresh);
        const closing = await place.open(clock);
        const writes = keys.map((key) => closing.create('session', key, key, later));
        await closing.close();
        assert.deepEqual(await Promise.all(writes), [true, true, true, true, true]);
        for (const key of keys) assert.equal(await store.get('session', key), key);
      });
    });

    journalContract(() => ({ store, clock, another: () => place.open(clock) }));

    describe('its life', () => {
      it('is healthy, and leaves no trace of having looked', async () => {
        await store.check();
        clock.set(later * 3);
        await store.sweep(10_000);
        await store.check();
        assert.equal(await store.sweep(10), 0);
        clock.set(start);
      });

      it('keeps records over close and open', async () => {
        const key = fresh();
        const first = await place.open(clock);
        await first.create('session', key, { stays: true }, later);
        await first.close();
        const second = await place.open(clock);
        assert.deepEqual(await second.get('session', key), { stays: true });
        await second.close();
      });

      it('does nothing more once it is closed, and may be closed twice', async () => {
        const closed = await place.open(clock);
        await closed.close();
        await closed.close();
        await assert.rejects(closed.create('session', 'k', 1, later));
        await assert.rejects(closed.get('session', 'k'));
        await assert.rejects(closed.update('session', 'k', (record) => record));
        await assert.rejects(closed.list('session', '', 1));
        await assert.rejects(closed.sweep(1));
        await assert.rejects(closed.check());
        assert.throws(() => closed.subscribe('cut-off', () => undefined));
      });
    });

    it('behaves as a map with expiries does, over any sequence of operations', async () => {
      const kinds = fc.constantFrom<Kind>('request', 'signin');
      const keys = fc.constantFrom('a', 'ab', 'a%', 'b', 'é', '😀');
      const ttl = fc.integer({ min: 0, max: 50 });
      const operation = fc.oneof(
        fc.record({ do: fc.constant('create' as const), kind: kinds, key: keys, value: fc.jsonValue({ maxDepth: 2 }), ttl }),
        fc.record({ do: fc.constant('put' as const), kind: kinds, key: keys, value: fc.jsonValue({ maxDepth: 2 }), ttl }),
        fc.record({ do: fc.constant('drop' as const), kind: kinds, key: keys }),
        fc.record({ do: fc.constant('delete' as const), kind: kinds, key: keys }),
        fc.record({ do: fc.constant('list' as const), kind: kinds, key: fc.constantFrom('', 'a', 'a%'), limit: fc.nat(4) }),
        fc.record({ do: fc.constant('sweep' as const), limit: fc.nat(4) }),
        fc.record({ do: fc.constant('pass' as const), milliseconds: fc.nat(30) }),
      );
      const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

      await fc.assert(
        fc.asyncProperty(fc.array(operation, { maxLength: 60 }), async (operations) => {
          clock.set(later * 4);
          await store.sweep(10_000);
          clock.set(start);
          for (const kind of ['request', 'signin'] as const) {
            for (const { key } of await store.list(kind, '', 10_000)) await store.delete(kind, key);
          }
          const model = new Map<string, { key: string; value: unknown; expiresAt: number }>();
          const live = (kind: string, key: string) => {
            const record = model.get(`${kind} ${key}`);
            return record !== undefined && record.expiresAt > clock.now() ? record : undefined;
          };
          for (const step of operations) {
            const now = clock.now();
            switch (step.do) {
              case 'create': {
                const created = live(step.kind, step.key) === undefined;
                assert.equal(await store.create(step.kind, step.key, step.value, now + step.ttl), created);
                const record = { key: step.key, value: json(step.value), expiresAt: now + step.ttl };
                if (created) model.set(`${step.kind} ${step.key}`, record);
                break;
              }
              case 'put': {
                await store.update(step.kind, step.key, (record) => {
                  assert.deepEqual(record?.value, live(step.kind, step.key)?.value);
                  return { value: step.value, expiresAt: now + step.ttl };
                });
                model.set(`${step.kind} ${step.key}`, { key: step.key, value: json(step.value), expiresAt: now + step.ttl });
                break;
              }
              case 'drop':
                await store.update(step.kind, step.key, () => undefined);
                model.delete(`${step.kind} ${step.key}`);
                break;
              case 'delete':
                assert.equal(await store.delete(step.kind, step.key), live(step.kind, step.key) !== undefined);
                model.delete(`${step.kind} ${step.key}`);
                break;
              case 'list': {
                const found = [...model.entries()]
                  .filter(([name, record]) => name.startsWith(`${step.kind} ${step.key}`) && record.expiresAt > now)
                  .map(([, { key, value }]) => ({ key, value }))
                  .sort((x, y) => Buffer.compare(Buffer.from(x.key), Buffer.from(y.key)))
                  .slice(0, step.limit);
                assert.deepEqual(await store.list(step.kind, step.key, step.limit), found);
                break;
              }
              case 'sweep': {
                const dead = [...model.values()].filter((record) => record.expiresAt <= now).length;
                assert.equal(await store.sweep(step.limit), Math.min(step.limit, dead));
                // Which of them went is the store's choice; nobody can see the difference, except in how many are left.
                if (step.limit < dead) await store.sweep(10_000);
                for (const [name, record] of model) if (record.expiresAt <= now) model.delete(name);
                break;
              }
              case 'pass':
                clock.set(now + step.milliseconds);
                break;
            }
            for (const key of ['a', 'ab', 'é'] as const) {
              assert.deepEqual(await store.get('request', key), live('request', key)?.value);
            }
          }
        }),
        { numRuns: 60 },
      );
      clock.set(start);
    });
  });
}
