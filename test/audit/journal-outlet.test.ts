/** Events and trails on their way into the store: in batches, over outages, within bounds, and never in anybody's way. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createJournalOutlet, foundBy, type JournalOutletParts, type OutletEntry } from '../../src/audit/journal-outlet.ts';
import { createJournalRoom, usualAllowances } from '../../src/audit/journal-room.ts';
import type { Losses } from '../../src/audit/outlets.ts';
import type { Trail } from '../../src/audit/trail.ts';
import { Refusal } from '../../src/refusal.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';

const start = Date.UTC(2026, 0, 1);
const alice = 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6';

/** An outlet whose time passes by hand, into a store that does as it is told. */
function open(changes: Partial<JournalOutletParts> = {}) {
  const state = { now: start, mode: 'takes' as 'takes' | 'away' | 'breaks', under: 0, most: 0 };
  const batches: OutletEntry[][] = [];
  const notes: [string, unknown][] = [];
  const lost: Losses[] = [];
  let seq = 0;
  const outlet = createJournalOutlet({
    retention: 90_000,
    trail: 14_000,
    clock: { now: () => state.now, until: () => new Promise(setImmediate) },
    note: (_level, message, detail) => void notes.push([message, detail]),
    lost: (losses) => void lost.push(losses),
    patience: 1,
    ...changes,
  });
  const append = async (entries: readonly OutletEntry[]): Promise<void> => {
    state.most = Math.max(state.most, (state.under += 1));
    await new Promise(setImmediate);
    state.under -= 1;
    if (state.mode === 'away') throw new Refusal('store-unavailable');
    if (state.mode === 'breaks') throw new RangeError('beyond the bounds');
    batches.push([...entries]);
  };
  const event = (
    name: 'signin.issued' | 'signin.refused',
    { person, from = '192.0.2.1', filler = '' }: { person?: string; from?: string | undefined; filler?: string } = {},
  ) => {
    seq += 1;
    const place = { chain: 'c', seq, hash: 'h' };
    const text = JSON.stringify({ level: 'info', event: name, ...(from !== '' && { remoteAddress: from }), filler, ...place });
    outlet.event({ event: name, reference: `R-${seq}`, person, serviceProvider: undefined, at: state.now }, text);
    return `R-${seq}`;
  };
  const kept = () => batches.flat().map(({ reference }) => reference);
  return { outlet, append, state, batches, notes, lost, event, kept };
}

const trailOf = (changes: Partial<Trail> = {}): Trail => ({
  reference: 'R-T',
  begunAt: start,
  exchange: 'GET /signin',
  remoteAddress: '192.0.2.1',
  status: 200,
  steps: [{ name: 'request', at: 0.123456, milliseconds: undefined, detail: { binding: 'redirect' } }],
  ...changes,
});
const personStep = { name: 'person', at: 1, milliseconds: 2, detail: { by: 'name', name: 'alice', objectGUID: alice } } as const;

describe('the way into the journal', () => {
  it('keeps what came before there was a store, and gives it in order, in batches, one at a time', async () => {
    const { outlet, append, state, batches, event, kept } = open();
    const references = Array.from({ length: 150 }, () => event('signin.issued', { person: alice }));
    outlet.into(append);
    references.push(...Array.from({ length: 350 }, () => event('signin.issued', { person: alice })));
    await outlet.flush();
    assert.deepEqual(kept(), references);
    assert.ok(batches.every((batch) => batch.length <= 50));
    assert.equal(state.most, 1);
  });

  it('expires each by its setting, and keeps no trail where none is kept', async () => {
    for (const trail of [14_000, 'none'] as const) {
      const { outlet, append, batches, event } = open({ trail });
      outlet.into(append);
      event('signin.issued', { person: alice });
      outlet.trail(trailOf());
      await outlet.flush();
      assert.deepEqual(
        batches.flat().map(({ event: name, expiresAt }) => [name, expiresAt - start]),
        [['signin.issued', 90_000], ...(trail === 'none' ? [] : [['trail', 14_000]])],
      );
    }
  });

  it('goes on after an outage with nothing lost and nothing twice, and gives up for now where it is to end', async () => {
    const { outlet, append, state, event, kept } = open();
    outlet.into(append);
    state.mode = 'away';
    const references = Array.from({ length: 300 }, () => event('signin.refused', { person: alice }));
    await outlet.flush();
    assert.deepEqual(kept(), []);
    state.mode = 'takes';
    await outlet.flush();
    assert.deepEqual(kept(), references);
  });

  it('tries again by itself', async () => {
    const { outlet, append, state, event, kept } = open();
    state.mode = 'away';
    outlet.into(append);
    event('signin.issued', { person: alice });
    await outlet.flush();
    state.mode = 'takes';
    // Its own timer does not keep a process; this one does.
    const alive = setInterval(() => undefined, 1_000);
    while (kept().length === 0) await new Promise(setImmediate);
    clearInterval(alive);
  });

  it('holds some megabytes while the store is away, of strangers least, and tells how many were lost once it is back', async () => {
    const { outlet, append, state, event, kept, notes, lost } = open();
    outlet.into(append);
    state.mode = 'away';
    const filler = 'x'.repeat(10_000);
    for (let index = 0; index < 500; index += 1) event('signin.refused', { from: `192.0.2.${index % 250}`, filler });
    const known = Array.from({ length: 100 }, () => event('signin.issued', { person: alice, filler }));
    for (let index = 0; index < 2_000; index += 1) event('signin.issued', { person: alice, filler });
    assert.equal(lost.length, 0);
    await outlet.flush();
    state.mode = 'takes';
    await outlet.flush();
    const reached = kept();
    assert.ok(
      known.every((reference) => reached.includes(reference)),
      'what strangers did leaves room for others',
    );
    assert.ok(reached.length < 850, `${reached.length}`);
    const total = lost.reduce((sum, { lines }) => sum + lines, 0);
    assert.equal(total + reached.length, 2_600);
    assert.match(JSON.stringify(notes), /left out of the store/);
    assert.deepEqual(
      lost
        .flatMap(({ chains }) => chains)
        .map(({ from, to }) => to - from + 1)
        .reduce((a, b) => a + b),
      total,
    );
  });

  it('gives up what the store can never take, says so, and goes on', async () => {
    const { outlet, append, state, event, kept, notes, lost } = open();
    outlet.into(append);
    state.mode = 'breaks';
    event('signin.issued', { person: alice });
    await outlet.flush();
    state.mode = 'takes';
    event('signin.issued', { person: alice, filler: 'x'.repeat(65_536) });
    const next = event('signin.issued', { person: alice });
    await outlet.flush();
    assert.deepEqual(kept(), [next]);
    assert.match(JSON.stringify(notes), /cannot be kept/);
    assert.deepEqual(
      lost.flatMap(({ chains }) => chains),
      [
        { chain: 'c', from: 1, to: 1 },
        { chain: 'c', from: 2, to: 2 },
      ],
    );
  });

  it('is found by text that every store takes, whatever was typed', async () => {
    const store = await createSqliteStore({ file: ':memory:', clock: { now: () => start, until: () => Promise.resolve() } });
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 700 }), async (word) => {
        const { outlet, notes } = open({ retention: 90_000 });
        outlet.into((entries) => store.journal.append(entries));
        outlet.event({ event: 'signin.refused', reference: word, person: word, serviceProvider: word, at: start }, '{}');
        outlet.trail(trailOf({ reference: word, exchange: word, steps: [{ ...personStep, detail: { objectGUID: word } }] }));
        await outlet.flush();
        assert.deepEqual(notes, []);
        const found = await store.journal.search({
          reference: foundBy(word),
          person: foundBy(word),
          order: 'oldest first',
          limit: 9,
        });
        assert.ok(found.length >= 2);
      }),
      { numRuns: 20 },
    );
    await store.close();
  });
});

describe('a trail', () => {
  const textOf = async (trail: Trail): Promise<string> => {
    const { outlet, append, batches } = open();
    outlet.into(append);
    outlet.trail(trail);
    await outlet.flush();
    return batches.flat()[0]!.text;
  };

  it('is kept with its time, its steps and whom they are about', async () => {
    const { outlet, append, batches } = open();
    outlet.into(append);
    outlet.trail(trailOf({ steps: [...trailOf().steps, personStep] }));
    await outlet.flush();
    const [entry] = batches.flat();
    assert.equal(entry!.person, alice);
    assert.deepEqual(JSON.parse(entry!.text), {
      event: 'trail',
      time: '2026-01-01T00:00:00.000Z',
      reference: 'R-T',
      exchange: 'GET /signin',
      remoteAddress: '192.0.2.1',
      status: 200,
      steps: [{ name: 'request', at: 0.123, detail: { binding: 'redirect' } }, personStep],
    });
  });

  it('is bounded: the longest details are left out first, and no secret is ever in it', async () => {
    const long = Object.fromEntries(Array.from({ length: 32 }, (_, index) => [`name${index}`, '\u0000'.repeat(512)]));
    const steps = Array.from({ length: 100 }, (_, index) => ({
      ...personStep,
      detail: index === 50 ? { short: true, password: 'Passw0rd!', note: 'password=Passw0rd!' } : long,
    }));
    const text = await textOf(trailOf({ steps }));
    assert.ok(text.length <= 32 * 1_024, `${text.length}`);
    const kept = (JSON.parse(text) as { steps: { detail: object }[] }).steps;
    assert.equal(kept.length, 100);
    assert.deepEqual(kept[50]!.detail, { short: true, password: '[redacted]', note: 'password=[redacted]' });
    assert.deepEqual(kept[0]!.detail, { cut: true });
    assert.ok(!text.includes('Passw0rd'));
  });
});

describe('room in the journal', () => {
  const room = (now = { at: start }) => ({ now, ...createJournalRoom({ clock: { now: () => now.at } }) });
  const guest = { remoteAddress: '192.0.2.1', person: undefined, succeeded: false, isTrail: false } as const;
  const size = 1_000;
  const fill = (enter: ReturnType<typeof room>['enter'], who: Parameters<typeof enter>[0], most = 1e6): number => {
    let count = 0;
    while (count < most && enter(who, size)) count += 1;
    return count;
  };

  it('is used up by one network alone, whatever the spelling, and comes back with time', () => {
    const { enter, now } = room();
    const v6 = { ...guest, remoteAddress: '2001:db8::1' };
    assert.equal(fill(enter, guest), Math.floor(usualAllowances.network.burst / size));
    assert.ok(!enter({ ...guest, remoteAddress: '::ffff:192.0.2.1' }, size));
    assert.ok(enter({ ...guest, remoteAddress: '192.0.2.2' }, size));
    fill(enter, v6);
    assert.ok(!enter({ ...v6, remoteAddress: '2001:db8::ffff:1' }, size));
    now.at += 60_000;
    assert.equal(fill(enter, guest), Math.floor((usualAllowances.network.rate * 60) / size));
  });

  it('keeps half for outcomes, where trails could take all of it', () => {
    const { enter } = room();
    const half = Math.floor(usualAllowances.network.burst / size / 2);
    assert.ok(Math.abs(fill(enter, { ...guest, isTrail: true }) - half) <= 1);
    assert.ok(fill(enter, guest) >= half);
  });

  it('is bounded for any number of networks together, and nobody known notices', () => {
    const { enter } = room();
    let taken = 0;
    for (let network = 0; network < 30_000; network += 1)
      taken += enter({ ...guest, remoteAddress: `2001:db8:0:${network.toString(16)}::1` }, size * 5) ? size * 5 : 0;
    assert.ok(taken <= usualAllowances.strangers.burst);
    assert.ok(enter({ ...guest, person: alice }, size));
    assert.ok(enter({ ...guest, person: alice, succeeded: true, isTrail: true }, size));
  });

  it('is always there for what a person was granted, however many tried in that person’s name', () => {
    const { enter } = room();
    for (let network = 0; network < 300; network += 1)
      fill(enter, { ...guest, person: alice, remoteAddress: `198.51.100.${network % 250}` });
    assert.ok(!enter({ ...guest, person: alice }, size));
    assert.ok(enter({ ...guest, person: 'bob' }, size));
    assert.equal(fill(enter, { ...guest, person: alice, succeeded: true }, 50_000), 50_000);
    assert.ok(enter({ ...guest, person: alice, succeeded: true, isTrail: true }, size));
  });

  it('is always there for what Passerelle tells of itself', () => {
    assert.equal(fill(room().enter, { ...guest, remoteAddress: undefined }, 50_000), 50_000);
  });
});
