/** Who took part in a session is known by the name that they were given, bounded, and gone with the session. */
import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { nameIDFormats } from '../../src/saml/names.ts';
import { createParticipants, type Participants } from '../../src/signin/participants.ts';
import { planHops } from '../../src/signin/propagation.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { heldClock } from '../contract/store.ts';

const start = Date.UTC(2026, 0, 1);
const issuer = 'https://idp.example.com/saml/metadata';
const wiki = 'https://wiki.example.net/';
const alice = { value: 'alice', format: nameIDFormats.persistent };

describe('the participants of a session', () => {
  const clock = heldClock(start);
  let store: Store | undefined;
  let participants: Participants;
  const session = (id: string) => ({ id, objectGUID: 'ada', endsAt: start + 60_000 });
  const records = async (): Promise<number> => (await store?.list('participant', '', 10_000))?.length ?? 0;
  const find = async (nameID: Parameters<Participants['find']>[1], indexes: readonly string[] = []): Promise<string[]> =>
    (await participants.find(wiki, nameID, indexes)).map(({ id }) => id).sort();

  beforeEach(async () => {
    await store?.close();
    clock.set(start);
    store = await createSqliteStore({ file: ':memory:', clock });
    participants = createParticipants({ store, issuer });
  });
  after(() => store?.close());

  it('are found by name and SessionIndex, across sessions', async () => {
    await participants.record(session('a'), 'one', { serviceProvider: wiki, nameID: alice, sessionIndex: '_a' });
    await participants.record(session('b'), 'two', { serviceProvider: wiki, nameID: alice, sessionIndex: '_b' });
    await participants.record(session('c'), 'two', {
      serviceProvider: wiki,
      nameID: { ...alice, value: 'bob' },
      sessionIndex: '_c',
    });
    assert.deepEqual(await find(alice), ['a', 'b']);
    assert.deepEqual(await find(alice, ['_b', '_c']), ['b']);
    assert.deepEqual(await find(alice, ['_c']), []);
    assert.deepEqual(await find({ ...alice, nameQualifier: issuer, spNameQualifier: wiki }), ['a', 'b']);
    assert.deepEqual(await find({ ...alice, spNameQualifier: 'https://affiliation.example.net/' }), []);
    assert.deepEqual(await find({ value: 'alice', format: undefined }), []);
    assert.deepEqual(await participants.find('https://other.example.net/', alice, []), []);
  });

  it('are noted once', async () => {
    for (let round = 0; round < 3; round += 1)
      await participants.record(session('a'), 'one', { serviceProvider: wiki, nameID: alice, sessionIndex: '_a' });
    assert.equal(await records(), 2);
    assert.equal((await participants.take('a')).length, 1);
  });

  it('are bounded, whatever names a person is given, and no service provider pushes out another', async () => {
    const note = (serviceProvider: string, value: string) =>
      participants.record(session('a'), 'one', { serviceProvider, nameID: { ...alice, value }, sessionIndex: '_a' });
    await note('https://other.example.net/', 'alice');
    for (let round = 0; round < 70; round += 1) await note(wiki, String(round));
    assert.equal(await records(), 65);
    assert.deepEqual(await find({ ...alice, value: '6' }), []);
    assert.deepEqual(await find({ ...alice, value: '7' }), ['a']);
    assert.equal((await participants.find('https://other.example.net/', alice, [])).length, 1);
  });

  it('are gone once taken, and when the session would have ended', async () => {
    await participants.record(session('a'), 'one', { serviceProvider: wiki, nameID: alice, sessionIndex: '_a' });
    assert.equal((await participants.take('a')).length, 1);
    assert.equal(await records(), 0);
    assert.deepEqual(await participants.take('a'), []);
    await participants.record(session('a'), 'one', { serviceProvider: wiki, nameID: alice, sessionIndex: '_a' });
    clock.set(start + 60_000);
    assert.deepEqual(await find(alice), []);
  });

  it('follow a session whose person signed in again, to its new end', async () => {
    await participants.record(session('a'), 'one', { serviceProvider: wiki, nameID: alice, sessionIndex: '_a' });
    await participants.follow('a', 'another key', start + 120_000);
    await participants.follow('never seen', 'another key', start + 120_000);
    clock.set(start + 90_000);
    const [found] = await participants.find(wiki, alice, []);
    assert.equal(found?.key, 'another key');
  });
});

describe('planHops', () => {
  const at = (serviceProvider: string, value: string, sessionIndex: string) => ({
    serviceProvider,
    nameID: { ...alice, value },
    sessionIndex,
  });

  it('tells each of the same name once, with every session, in order, and not who asked', () => {
    const hops = planHops(
      [
        [at('a', 'x', '_1'), at('asker', 'x', '_2'), at('b', 'x', '_3')],
        [at('a', 'x', '_4'), at('b', 'y', '_5')],
      ],
      'asker',
      (serviceProvider) => (serviceProvider === 'b' ? 'Wiki' : undefined),
    );
    assert.deepEqual(
      hops.map(({ serviceProvider, name, nameID, sessionIndexes }) => [serviceProvider, name, nameID.value, sessionIndexes]),
      [
        ['a', 'a', 'x', ['_1', '_4']],
        ['b', 'Wiki', 'x', ['_3']],
        ['b', 'Wiki', 'y', ['_5']],
      ],
    );
  });

  it('tells of the name that was given last within a session', () => {
    const hops = planHops([[at('a', 'x', '_1'), at('b', 'x', '_1'), at('a', 'y', '_1')]], undefined, () => undefined);
    assert.deepEqual(
      hops.map(({ serviceProvider, nameID }) => [serviceProvider, nameID.value]),
      [
        ['b', 'x'],
        ['a', 'y'],
      ],
    );
  });

  it('names no more sessions than a URL has room for, and rather all of them', () => {
    const told = (sessions: number) =>
      planHops(
        Array.from({ length: sessions }, (_, index) => [at('a', 'x', `_${String(index)}`)]),
        undefined,
        () => undefined,
      )[0]?.sessionIndexes.length;
    assert.deepEqual([16, 17, 1000].map(told), [16, 0, 0]);
  });

  it('goes to no more than a person can wait for, and says so', () => {
    const many = Array.from({ length: 100 }, (_, index) => at(String(index), 'x', '_1'));
    const hops = planHops([many], undefined, () => undefined);
    assert.equal(hops.filter(({ state }) => state === 'waiting').length, 64);
    assert.equal(hops.filter(({ state }) => state === 'failed').length, 36);
    assert.ok(
      planHops([many, many.map((each) => ({ ...each, serviceProvider: `b${each.serviceProvider}` }))], undefined, () => '')
        .length <= 128,
    );
  });
});
