/** The door of the factors: who is asked, how often, and what of it is told or kept. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { AuditEvent } from '../../src/audit/audit.ts';
import { noMetrics } from '../../src/audit/metrics.ts';
import type { Challenge, Factor, FactorName } from '../../src/authenticators/authenticator.ts';
import type { Person } from '../../src/directory/directory.ts';
import { Refusal } from '../../src/refusal.ts';
import { createConfirm, type Confirm, type Confirming } from '../../src/signin/confirm.ts';
import { createCountAsked } from '../../src/signin/count-asked.ts';
import { createFactorPlaces, createFactorThrottles } from '../../src/signin/factor-throttles.ts';
import type { FamiliarPlaces } from '../../src/signin/familiar-places.ts';
import type { Session } from '../../src/signin/session.ts';
import { createWaitingRoom } from '../../src/signin/waiting-room.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { heldClock } from '../contract/store.ts';
import { somebody } from './somebody.ts';

const start = Date.UTC(2026, 0, 1);
const minute = 60_000;
const home = '192.0.2.7';
const limits = {
  ...{ attemptsPerAccount: 3, attemptsPerAddress: 100, accountsPerAddress: 50, accountsPerPassword: 10 },
  ...{ familiarFor: 90 * 24 * 60 * minute, megabytesPerAddress: 1, window: 30 * minute, floor: 400 },
};
const ada = somebody('ada', { sAMAccountName: 'ada' });
const locked = somebody('locked', { barred: 'person-disabled' });

const sessionOf = (person: Person): Session => ({
  ...{ id: 'id', objectGUID: person.objectGUID, endsAt: Infinity, person, personReadAt: 0 },
  evidence: [{ authenticator: 'password', objectGUID: person.objectGUID, at: start, endsAt: Infinity, signIn: 'one' }],
});

describe('the door of the factors', () => {
  const clock = heldClock(start);
  const waits: number[] = [];
  const events: AuditEvent[] = [];
  let store: Store;
  let places: FamiliarPlaces;
  let confirm: Confirm;
  let started: (readonly [person: string, previous: string | undefined])[] = [];
  before(async () => {
    store = await createSqliteStore({ file: ':memory:', clock });
    const waiting = { ...clock, until: (instant: number) => Promise.resolve(void waits.push(instant - clock.now())) };
    places = createFactorPlaces({ store, clock, keep: limits.familiarFor });
    confirm = createConfirm({
      directory: {
        server: 'dc',
        find: (name) => {
          const found = [ada, locked].find(({ objectGUID }) => objectGUID === name);
          return found === undefined ? Promise.reject(new Refusal('person-unknown')) : Promise.resolve(found);
        },
        passwordPolicy: () => Promise.resolve(undefined),
      },
      store,
      sessions: {
        read: (token: string | undefined) => Promise.resolve(token === undefined ? undefined : sessionOf(ada)),
        start: ({ objectGUID }: Person, _proved: unknown, previous: string | undefined) => {
          started.push([objectGUID, previous]);
          return Promise.resolve(`token ${String(started.length)}`);
        },
      } as never,
      throttleOf: createFactorThrottles({ store, clock: waiting, places, limits }),
      countAsked: createCountAsked({ store, places, clock, window: limits.window }),
      waitingRoom: createWaitingRoom({ store, clock, limit: 20_000, window: limits.window }),
      metrics: noMetrics,
      audit: { record: (event: AuditEvent) => void events.push(event) } as never,
      limits,
      patience: 10 * minute,
      clock: waiting,
      random: randomBytes,
    });
  });
  after(() => store.close());

  let signIns = 0;
  const confirming = (more: Partial<Confirming> = {}): Confirming => ({
    ...{ signIn: `signin ${String((signIns += 1))}`, name: '', session: 'token', remoteAddress: '203.0.113.1', reference: 'R' },
    ...{ serviceProvider: { entityID: 'urn:sp', name: 'SP' }, forceAuthn: false, locale: 'en', returnUrl: 'https://x/return' },
    ...more,
  });
  const named = (name: string, more: Partial<Confirming> = {}) => confirming({ name, session: undefined, ...more });
  const factor = (more: Partial<Factor> = {}, name: FactorName = 'totp'): Factor => ({
    name,
    enrolled: () => Promise.resolve(true),
    challenge: () => Promise.resolve({ kind: 'code' }),
    verify: (person, { code }) =>
      code === 'right' && person !== undefined
        ? Promise.resolve({ verdict: 'accepted' })
        : Promise.reject(new Refusal(person === undefined ? 'factor-not-enrolled' : 'code-wrong')),
    ...more,
  });
  const refusalOf = async (work: Promise<unknown>): Promise<Refusal> => {
    const error = await work.then(
      () => assert.fail('not refused'),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof Refusal, String(error));
    return error;
  };
  const answered = async (asked: Factor, given: Confirming, code: string) => {
    await confirm.ask(asked, given);
    return confirm.answer(asked, given, { code });
  };

  it('judges nothing that was not asked for in that sign-in, of that person, or by that name', async () => {
    let judged = 0;
    const counting = factor({ verify: () => Promise.reject(new Refusal('code-wrong', { judged: (judged += 1) })) });
    const asked = confirming();
    await confirm.ask(counting, asked);
    const byName = named('ada');
    await confirm.ask(counting, byName);
    for (const other of [
      confirming(),
      { ...asked, session: 'another' },
      { ...asked, session: undefined, name: 'ada' },
      { ...byName, name: 'nobody' },
      { ...byName, session: 'token' },
    ])
      assert.equal((await refusalOf(confirm.answer(counting, other, { code: '1' }))).reason, 'challenge-lapsed');
    assert.equal((await refusalOf(confirm.answer(factor({}, 'own'), asked, { code: '1' }))).reason, 'challenge-lapsed');
    assert.equal(judged, 0);
    await refusalOf(confirm.answer(counting, asked, { code: '1' }));
    await refusalOf(confirm.answer(counting, asked, { code: '1' }));
    assert.equal(judged, 1, 'once for each time that it is asked');
  });

  it('lets one of two right answers at once count', async () => {
    const asked = confirming();
    await confirm.ask(factor(), asked);
    started = [];
    const both = await Promise.allSettled([1, 2].map(() => confirm.answer(factor(), asked, { code: 'right' })));
    assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
    assert.deepEqual(started, [['ada', 'token']]);
  });

  it('asks others for one person ten times from wherever, and ten more where the person passed before', async () => {
    await places.remember(ada, undefined, home);
    let sent = 0;
    const push = factor({ challenge: () => Promise.resolve({ kind: 'wait', pollAfter: sent++ } as Challenge) }, 'webhook');
    for (const [remoteAddress, most] of [
      ['203.0.113.3', 10],
      ['203.0.113.4', 10],
      [home, 20],
    ] as const) {
      for (let turn = 0; turn < 11; turn += 1) await confirm.ask(push, confirming({ remoteAddress })).catch(() => undefined);
      assert.equal(sent, most, remoteAddress);
    }
    const { reason, detail } = await refusalOf(confirm.ask(push, confirming({ remoteAddress: '203.0.113.4' })));
    assert.deepEqual([reason, detail.person], ['factor-attempts-exhausted', 'ada']);
  });

  it('counts guesses at one that asks again after whatever was wrong', async () => {
    let judged = 0;
    const challenge: Challenge = { kind: 'code' };
    const verify = (_person: unknown, { code }: Readonly<Record<string, string>>) =>
      Promise.resolve(
        code === 'right'
          ? { verdict: 'accepted' as const }
          : { verdict: 'again' as const, challenge: { ...challenge, state: (judged += 1) } },
      );
    const asks = factor({ challenge: () => Promise.resolve(challenge), verify }, 'radius');
    const from = { remoteAddress: '203.0.113.20' };
    for (let turn = 0; turn < 4; turn += 1) {
      const asked = confirming(from);
      await confirm.ask(asks, asked);
      for (let guess = 0; guess < 4; guess += 1) await confirm.answer(asks, asked, { code: 'x' }).catch(() => undefined);
    }
    assert.equal(judged, 4, 'the first of one sign-in, and as many as the limit says');
    clock.set(clock.now() + 31 * minute);
    // A new PIN, and the next code.
    for (let turn = 0; turn < 3; turn += 1) {
      const asked = confirming(from);
      await confirm.ask(asks, asked);
      for (const code of ['x', 'x', 'x', 'right']) await confirm.answer(asks, asked, { code });
    }
  });

  it('shows again what was asked, and lets nobody wait by a name alone', async () => {
    let sent = 0;
    const push = factor({ challenge: () => Promise.resolve({ kind: 'wait', pollAfter: sent++ } as Challenge) }, 'own');
    const asked = confirming();
    assert.deepEqual(await confirm.ask(push, asked), await confirm.ask(push, asked));
    assert.equal(sent, 1);
    for (const name of ['ada', 'nobody'])
      assert.equal((await refusalOf(confirm.ask(push, named(name)))).reason, 'factor-unavailable');
  });

  it('takes as long by any name, right or wrong, and tells the audit whose it is', async () => {
    for (const name of ['ada', 'nobody']) {
      waits.length = 0;
      const given = named(name);
      await confirm.ask(factor(), given);
      const { detail } = await refusalOf(confirm.answer(factor(), given, { code: 'wrong' }));
      assert.deepEqual(waits, [400, 400], name);
      assert.equal(detail.person ?? detail.why, name === 'ada' ? 'ada' : 'person-unknown');
    }
  });

  it('lets nobody in by a name whose account is closed, though the code is right', async () => {
    started = [];
    assert.equal((await refusalOf(answered(factor(), named('locked'), 'right'))).reason, 'person-disabled');
    assert.deepEqual(started, []);
  });

  it('leaves as much in the store as a network may, whatever names are typed there', async () => {
    let reason: string | undefined;
    for (let turn = 0; turn < 200 && reason === undefined; turn += 1)
      await confirm.ask(factor(), named(`name-${String(turn)}`, { remoteAddress: '198.51.100.9' })).catch((error: unknown) => {
        ({ reason } = error as Refusal);
      });
    assert.equal(reason, 'address-room-exhausted');
  });

  it('tells the audit of what was accepted, once', async () => {
    events.length = 0;
    await answered(factor(), confirming(), 'right');
    assert.deepEqual(
      events.map(({ event, person, name }) => [event, person, name]),
      [['totp.accepted', 'ada', undefined]],
    );
  });
});
