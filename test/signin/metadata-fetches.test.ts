/** Notes of who fetched our metadata: few of them, however many fetch, and none for whoever made up a token. */
import assert from 'node:assert/strict';
import { randomBytes, X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import type { AuditEvent } from '../../src/audit/audit.ts';
import { createSeal, type SealingKey } from '../../src/keys/seal.ts';
import { createKeyKnowledge } from '../../src/signin/key-knowledge.ts';
import { createMetadataFetches } from '../../src/signin/metadata-fetches.ts';
import { findOrMakeTokens, findTokens, resealTokens, tokenRecord } from '../../src/signin/metadata-tokens.ts';
import { Refusal } from '../../src/refusal.ts';
import type { Store, StoredRecord } from '../../src/store/store.ts';
import { takeKey } from '../fixtures/ready-keys.ts';

const hour = 3_600_000;
const from = { reference: 'TEST-000001', remoteAddress: '192.0.2.1' };
const [wiki, payroll] = ['https://wiki.example.net', 'https://payroll.example.net'];
const certificate = new X509Certificate((await takeKey('house')).certificate);
const keyNamed = (name: string) => ({ name, certificate });
const other = { name: 'next', certificate: new X509Certificate((await takeKey('house')).certificate) };

const sealingKey = (): SealingKey => ({ id: randomBytes(4).toString('hex'), key: randomBytes(32) });

function scene() {
  const records = new Map<string, StoredRecord>();
  const counted = { gets: 0, updates: 0 };
  let broken = false;
  const check = (): void => {
    if (broken) throw new Refusal('store-unavailable');
  };
  const store: Pick<Store, 'get' | 'update'> = {
    async get(_kind, key) {
      counted.gets += 1;
      await Promise.resolve();
      check();
      return records.get(key)?.value;
    },
    async update(_kind, key, change) {
      counted.updates += 1;
      await Promise.resolve();
      check();
      const after = change(records.get(key));
      if (after === undefined) records.delete(key);
      else records.set(key, after);
      return after;
    },
  };
  let sealing: readonly [SealingKey, ...SealingKey[]] = [sealingKey()];
  const seal = createSeal(() => sealing, randomBytes);
  const events: AuditEvent[] = [];
  const notes: string[] = [];
  let now = Date.UTC(2030, 0, 1);
  const audit = {
    record: (event: AuditEvent) => void events.push(event),
    note: (_level: string, message: string, detail?: unknown) => void notes.push(`${message} ${JSON.stringify(detail)}`),
    flush: () => Promise.resolve(),
  };
  return {
    ...{ store, seal, records, counted, events, notes },
    open: () => createMetadataFetches({ store, seal, holders: () => [wiki, payroll], audit, clock: { now: () => now } }),
    knowledge: createKeyKnowledge({ store }),
    tokens: () => findOrMakeTokens({ store, seal, random: randomBytes }),
    pass: (time: number) => void (now += time),
    breakStore: (is: boolean) => void (broken = is),
    /** As `store rekey` does: a new one, all sealed anew by it, the old one forgotten. */
    rekey: (reseals = true): void => {
      sealing = [sealingKey(), ...sealing];
      const record = records.get(tokenRecord);
      if (reseals && record !== undefined) records.set(tokenRecord, { ...record, value: resealTokens(seal, record.value) });
      sealing = [sealing[0]];
    },
  };
}

describe('fetches of our metadata', () => {
  it('are written once an hour for each, however many there are, by however many processes', async () => {
    const { open, tokens, counted, events, pass } = scene();
    const [one, another, token] = [open(), open(), (await tokens())(wiki)];
    const before = counted.updates;
    const flood = (process = one, keys = [keyNamed('key')]) =>
      Promise.all(Array.from({ length: 100 }, () => process.fetched(token, keys, from)));
    await flood();
    await flood(another);
    assert.equal(counted.updates - before, 1);
    pass(hour - 1);
    await flood();
    assert.equal(counted.updates - before, 1);
    pass(1);
    await flood();
    assert.equal(counted.updates - before, 2);
    // Another set of keys is news at once.
    await flood(one, [keyNamed('key'), other]);
    assert.equal(counted.updates - before, 3);
    assert.deepEqual(
      events.map(({ event, serviceProvider, detail }) => [event, serviceProvider, detail]),
      [['key'], ['key'], ['key', 'next']].map((keys) => ['metadata.fetched', wiki, { keys }]),
    );
  });

  it('count by the last document, whichever node gave it out', async () => {
    const { open, tokens, knowledge } = scene();
    const [stale, fresh, token] = [open(), open(), (await tokens())(wiki)];
    const [old, both] = [[keyNamed('key')], [keyNamed('key'), other]];
    for (const [node, keys] of [
      [stale, old],
      [fresh, both],
      [stale, old],
      [fresh, both],
    ] as const) {
      await node.fetched(token, keys, from);
      assert.equal((await knowledge.of(wiki)).fetched?.keys.length, keys.length);
    }
  });

  it('by tokens that are nobody’s cost the store next to nothing', async () => {
    const { open, tokens, counted, events } = scene();
    const tokenOf = await tokens();
    const fetches = open();
    const [gets, updates] = [counted.gets, counted.updates];
    for (const token of ['', 'x', 'A'.repeat(22), tokenOf('https://stranger.example.net'), wiki, 'x'.repeat(10_000)])
      await fetches.fetched(token, [keyNamed('key')], from);
    assert.deepEqual([counted.gets - gets, counted.updates - updates], [1, 0]);
    assert.deepEqual(events, []);
  });

  it('before any URL was given out are nobody’s, and nothing is made of them', async () => {
    const { open, records, events } = scene();
    await open().fetched('A'.repeat(22), [keyNamed('key')], from);
    assert.equal(records.size, 0);
    assert.deepEqual(events, []);
  });

  it('are noted later where the store does not serve, and nobody is held up', async () => {
    const { open, tokens, breakStore, events, notes, pass } = scene();
    const token = (await tokens())(wiki);
    const fetches = open();
    breakStore(true);
    await fetches.fetched(token, [keyNamed('key')], from);
    assert.deepEqual(events, []);
    assert.match(notes[0] ?? '', /could not be noted/);
    breakStore(false);
    pass(5_000);
    await fetches.fetched(token, [keyNamed('key')], from);
    assert.equal(events.length, 1);
  });
});

describe('the tokens', () => {
  it('are another for each, the same on all nodes, and hold over a change of the sealing keys', async () => {
    const { tokens, store, seal, rekey } = scene();
    const [one, another] = await Promise.all([tokens(), tokens()]);
    assert.equal(one(wiki), another(wiki));
    assert.notEqual(one(wiki), one(payroll));
    assert.match(one(wiki), /^[\w-]{22}$/);
    const before = one(wiki);
    rekey();
    assert.equal((await findTokens({ store, seal }))?.(wiki), before);
  });

  it('are nobody’s where what they were made with cannot be opened, which is said', async () => {
    const { tokens, open, rekey, events, notes } = scene();
    const token = (await tokens())(wiki);
    rekey(false);
    await open().fetched(token, [keyNamed('key')], from);
    assert.deepEqual(events, []);
    assert.match(notes[0] ?? '', /which is not there/);
  });
});

describe('what was told by hand', () => {
  it('is remembered of our own keys alone, and taken back', async () => {
    const { knowledge } = scene();
    await knowledge.told(wiki, 'a', 1, ['a', 'b']);
    await knowledge.told(wiki, 'b', 2, ['a', 'b']);
    assert.deepEqual(await knowledge.of(wiki), { told: { a: 1, b: 2 } });
    await knowledge.told(wiki, 'c', 3, ['b', 'c']);
    await knowledge.fetched(wiki, { at: 4, keys: ['b'] });
    await knowledge.told(wiki, 'b', undefined, ['b', 'c']);
    assert.deepEqual(await knowledge.of(wiki), { told: { c: 3 }, fetched: { at: 4, keys: ['b'] } });
    assert.deepEqual(await knowledge.of(payroll), { told: {} });
  });
});
