/** Sessions over a store: what carries over, what ends them, and that each rise of privilege is under another token. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { AuditEvent } from '../../src/audit/audit.ts';
import type { Person } from '../../src/directory/directory.ts';
import { createCutOff, setCutOff } from '../../src/signin/cut-off.ts';
import { createSessionIndex } from '../../src/signin/session-index.ts';
import { createSessions, sessionKey, type Begun, type Proved, type Sessions } from '../../src/signin/session.ts';
import { createSessionsOf, type SessionsOf } from '../../src/signin/sessions-of.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { somebody } from './somebody.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const begun: Begun = { remoteAddress: '192.0.2.7', userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0' };
const ada = somebody('ada');
const bob = somebody('bob');

describe('sessions', () => {
  let now = Date.UTC(2026, 0, 10, 12);
  const clock = { now: () => now };
  let store: Store;
  let events: AuditEvent[] = [];
  let sessions: Sessions;
  let own: SessionsOf;
  /** Called before each write to the index. */
  let meanwhile: () => Promise<void> = () => Promise.resolve();
  /** Ends of sessions that went on. */
  let followedTo: number[] = [];

  function open(kept = 30 * day): void {
    const index = createSessionIndex({ store });
    const watched = {
      ...index,
      follow: async (...given: Parameters<typeof index.follow>) => {
        await meanwhile();
        return index.follow(...given);
      },
    };
    const cutOff = createCutOff({ store });
    const audit = { record: (event: AuditEvent) => void events.push(event) };
    const limits = { idle: hour, absolute: 12 * hour, kept };
    const followed = (_id: string, _key: string, endsAt: number): Promise<void> => {
      followedTo.push(endsAt);
      return Promise.resolve();
    };
    sessions = createSessions({ store, clock, random: randomBytes, limits, index: watched, cutOff, audit, followed });
    own = createSessionsOf({ sessions, index });
  }
  beforeEach(async () => {
    events = [];
    followedTo = [];
    meanwhile = () => Promise.resolve();
    store = await createSqliteStore({ file: ':memory:', clock: { ...clock, until: () => Promise.resolve() } });
    open();
  });
  afterEach(() => store.close());

  const proof = (person: Person, authenticator: Proved['authenticator'] = 'password', signIn = 'one'): Proved => ({
    authenticator,
    objectGUID: person.objectGUID,
    at: now,
    signIn,
  });
  const begin = (person: Person, previous?: string, by?: Proved['authenticator'], more: Partial<Begun> = {}): Promise<string> =>
    sessions.start(person, proof(person, by), previous, { ...begun, ...more });
  const isLive = async (token: string): Promise<boolean> => (await sessions.read(token)) !== undefined;
  const evidenceOf = async (token: string): Promise<string[] | undefined> =>
    (await sessions.read(token))?.evidence.map(({ authenticator }) => authenticator);

  it('go on under another token with each piece, the one before being worth nothing', async () => {
    const tokens = [await begin(ada)];
    for (const by of ['totp', 'password', 'webauthn', 'recovery-code', 'kerberos'] as const) {
      tokens.push(await begin(ada, tokens.at(-1), by));
    }
    assert.equal(new Set(tokens).size, tokens.length);
    const last = tokens.pop() ?? '';
    for (const token of tokens) assert.equal(await isLive(token), false);
    assert.deepEqual(await evidenceOf(last), ['totp', 'password', 'webauthn', 'recovery-code', 'kerberos']);
    assert.equal((await own.list('ada')).length, 1);
  });

  it('of another person begin anew and carry nothing over', async () => {
    const before = await begin(ada);
    const after = await begin(bob, before, 'totp');
    assert.deepEqual(await evidenceOf(after), ['totp']);
    assert.equal(await isLive(before), false);
    assert.deepEqual(await own.list('ada'), []);
  });

  it('leave nothing in the store by which they could be taken over', async () => {
    const token = await begin(ada);
    const records: string[] = [];
    for await (const batch of store.snapshot()) records.push(...batch.map(({ key, json }) => `${key} ${json}`));
    assert.equal(records.length, 2);
    assert.ok(records.every((record) => !record.includes(token)));
    assert.ok(records.some((record) => record.includes(sessionKey(token))));
  });

  it('write one record beside their own when they begin, and none when they are read', async () => {
    const writes: string[] = [];
    const told = store;
    store = {
      ...told,
      create: (kind, ...given) => (writes.push(kind), told.create(kind, ...given)),
      update: (kind, ...given) => (writes.push(kind), told.update(kind, ...given)),
      delete: (kind, ...given) => (writes.push(kind), told.delete(kind, ...given)),
    };
    open();
    const token = await begin(ada);
    assert.deepEqual(writes.splice(0), ['session', 'session-of']);
    await sessions.read(token);
    await sessions.read(token);
    assert.deepEqual(writes, []);
    store = told;
  });

  it('tell when, where and by what they began', async () => {
    const token = await begin(ada);
    now += 10 * minute;
    await begin(ada, undefined, 'kerberos', { remoteAddress: '2001:db8::1', userAgent: 'x'.repeat(5_000) });
    await sessions.read(token);
    const [second, first] = await own.list('ada');
    assert.deepEqual([first?.createdAt, first?.lastSeenAt, first?.place], [now - 10 * minute, now, '192.0.2.7']);
    assert.equal(first?.userAgent, begun.userAgent);
    assert.deepEqual([second?.place, second?.userAgent.length], ['2001:db8:0:0::/64', 512]);
    assert.ok(first !== undefined && own.isOf(first, token));
    assert.ok(second !== undefined && !own.isOf(second, token));
  });

  describe('of one person', () => {
    it('end by their id, and nobody else’s by it', async () => {
      const [one, two, other] = [await begin(ada), await begin(ada), await begin(bob)];
      const id = (await sessions.read(one))?.id ?? '';
      const strange = (await sessions.read(other))?.id ?? '';
      assert.equal(await own.end('ada', strange), false);
      for (const id of ['', 'x'.repeat(9_999), '\0', strange.toUpperCase()]) assert.equal(await own.end('bob', id), false);
      assert.equal(await own.end('ada', id), true);
      assert.equal(await own.end('ada', id), false);
      assert.deepEqual([await isLive(one), await isLive(two), await isLive(other)], [false, true, true]);
    });

    it('end all at once, but one', async () => {
      const tokens = [await begin(ada), await begin(ada), await begin(ada)];
      const other = await begin(bob);
      const [, , kept = ''] = tokens;
      const id = (await sessions.read(kept))?.id;
      assert.equal(await own.endAll('ada', { id }), 2);
      assert.deepEqual(await Promise.all([...tokens, other].map(isLive)), [false, false, true, true]);
      assert.equal((await own.list('ada')).length, 1);
    });

    it('end all where the clock was set back since, or another node is ahead', async () => {
      const ahead = await begin(ada);
      now -= hour;
      assert.equal(await own.endAll('ada'), 1);
      assert.equal(await isLive(ahead), false);
    });

    it('end all that began before some time, behind however many that began since', async () => {
      const key = (id: string): string => `key of ${id}`;
      const old = ['0', '7', 'f'].map((digit) => digit.repeat(32));
      const young = Array.from({ length: 10_001 }, (_, index) => `0${index.toString(16).padStart(31, '0')}`).slice(1);
      const live = new Set([...old, ...young].sort());
      const many = createSessionsOf({
        index: {
          of: (_person, limit, prefix = '') =>
            Promise.resolve([...live].filter((id) => id.startsWith(prefix)).slice(0, limit)).then((ids) =>
              ids.map((id) => ({ id, key: key(id) })),
            ),
        },
        sessions: {
          look: (sought) => Promise.resolve({ createdAt: old.some((id) => key(id) === sought) ? 1 : 3 } as never),
          endId: (_person, id) => Promise.resolve(live.delete(id) ? ({} as never) : undefined),
        },
      });
      assert.equal(await many.endAll('ada', { before: 2 }), old.length);
      assert.equal(live.size, young.length);
    });

    it('end where they began before some time, however often something was proven since', async () => {
      const old = await begin(ada);
      now += hour / 2;
      const older = await begin(ada, old, 'totp');
      const young = await begin(ada);
      assert.equal(await own.endAll('ada', { before: now }), 1);
      assert.deepEqual([await isLive(older), await isLive(young)], [false, true]);
    });

    it('do not slip through while their token changes: what was proven before is gone', async () => {
      const before = await begin(ada);
      const { id } = (await sessions.read(before)) ?? { id: '' };
      meanwhile = async () => {
        assert.equal(await sessions.endId('ada', id), undefined, 'as a service provider ends it');
      };
      const after = await begin(ada, before, 'totp');
      assert.deepEqual(await evidenceOf(after), ['totp']);
      assert.notEqual((await sessions.read(after))?.id, id);
      meanwhile = () => Promise.resolve();
      assert.equal(await own.endAll('ada'), 1);
      assert.equal(await isLive(after), false);
    });

    it('do not slip through however often that happens', async () => {
      let token = await begin(ada);
      meanwhile = async () => {
        await own.endAll('ada');
      };
      for (const by of ['totp', 'webauthn', 'password', 'totp'] as const) {
        token = await begin(ada, token, by);
        assert.deepEqual(await evidenceOf(token), [by]);
      }
      assert.equal((await own.list('ada')).length, 1);
    });
  });

  describe('a cut-off', () => {
    it('ends all that began before it, by whichever token, and tells so once', async () => {
      const old = await begin(ada);
      now += minute;
      const young = await begin(bob);
      await setCutOff(store, now, clock);
      assert.deepEqual([await isLive(old), await isLive(old), await isLive(young)], [false, false, true]);
      assert.deepEqual(
        events.map(({ event, person, detail }) => [event, person, detail?.why]),
        [['session.ended', 'ada', 'cut off']],
      );
      assert.deepEqual(await own.list('ada'), []);
    });

    it('lets nothing be carried over from before it', async () => {
      const old = await begin(ada);
      now += minute;
      await setCutOff(store, now, clock);
      assert.deepEqual(await evidenceOf(await begin(ada, old, 'totp')), ['totp']);
    });

    it('does not go back', async () => {
      const token = await begin(ada);
      now += minute;
      assert.equal(await setCutOff(store, now, clock), now);
      assert.equal(await setCutOff(store, now - hour, clock), now);
      assert.equal(await isLive(token), false);
    });

    it('costs no question to the store once it is known, and is noticed at once', async () => {
      const told = store;
      const asked: string[] = [];
      store = { ...told, get: (kind, key) => (asked.push(kind), told.get(kind, key)) };
      open();
      const token = await begin(ada);
      await isLive(token);
      asked.length = 0;
      await isLive(token);
      assert.deepEqual(asked, ['session']);
      now += minute;
      await setCutOff(told, now, clock);
      assert.equal(await isLive(token), false);
      store = told;
    });
  });

  describe('where people stay signed in', () => {
    const keep = async (life = 30 * day): Promise<string> => {
      const token = await begin(ada);
      const session = await sessions.read(token);
      assert.ok(session !== undefined);
      const kept = await sessions.keep(token, session, life);
      assert.equal(kept.evidence[0]?.endsAt, now + life);
      return token;
    };
    /** By how much evidence the session counts, with leave for that long or without. */
    const counts = async (token: string, life?: number): Promise<number> => {
      const session = await sessions.read(token);
      return session === undefined ? -1 : sessions.counting(session, life).evidence.length;
    };

    it('they do for that long, and no longer', async () => {
      const token = await keep();
      now += 29 * day;
      assert.equal(await counts(token, 30 * day), 1);
      assert.equal((await own.list('ada')).length, 1);
      now += day;
      assert.equal(await counts(token, 30 * day), -1);
    });

    it('only where the policy says so now: elsewhere the ordinary life holds, and nothing brings it back', async () => {
      const token = await keep();
      now += 30 * minute;
      assert.deepEqual([await counts(token), await counts(token, 30 * day)], [1, 1]);
      now += 2 * hour;
      assert.deepEqual([await counts(token), await counts(token, 30 * day)], [0, 1]);
      now += minute;
      assert.equal(await counts(token), 0, 'being asked for does not make it young again');
      assert.equal(await counts(token, hour), 1, 'a shorter life than the ordinary one shortens nothing');
      now += 10 * hour;
      assert.deepEqual([await counts(token, hour), await counts(token, 30 * day)], [0, 1]);
    });

    it('whoever takes part in the session is told until its end', async () => {
      await keep();
      assert.deepEqual(followedTo, [now + 30 * day]);
    });

    it('and goes on under another token meanwhile, the session is found under that one, and ended', async () => {
      const token = await begin(ada);
      const session = await sessions.read(token);
      assert.ok(session !== undefined);
      let after = '';
      meanwhile = async () => {
        meanwhile = () => Promise.resolve();
        after = await begin(ada, token, 'totp');
      };
      await sessions.keep(token, session, 30 * day);
      assert.equal((await own.list('ada')).length, 1);
      assert.equal(await own.endAll('ada'), 1);
      assert.equal(await isLive(after), false);
    });

    it('another proof does not bring back what the ordinary life had ended', async () => {
      let token = await keep();
      now += 2 * hour;
      token = await begin(ada, token, 'totp');
      const session = await sessions.read(token);
      assert.ok(session !== undefined);
      assert.deepEqual(
        sessions.counting(session, undefined).evidence.map(({ authenticator }) => authenticator),
        ['totp'],
      );
      assert.equal(sessions.counting(session, 30 * day).evidence.length, 2);
    });

    it('no longer than the longest rule lets anybody, and not at all where no rule does', async () => {
      const token = await keep();
      now += 8 * day;
      open(8 * day + 1);
      assert.equal(await isLive(token), true);
      open(0);
      assert.equal(await isLive(token), false);
      assert.equal(events.at(-1)?.detail?.why, 'no longer kept');
    });
  });

  describe('and passwords', () => {
    const withPassword = (passwordLastSet: number): Person => ({
      ...ada,
      account: { smartCardRequired: false, passwordLastSet },
    });

    it('that were changed meanwhile: what was proven before is not carried over', async () => {
      const before = await begin(withPassword(now - day));
      now += hour / 2;
      assert.deepEqual(await evidenceOf(await begin(withPassword(now), before, 'totp')), ['totp']);
    });

    it('that were changed here: it is', async () => {
      const before = await begin(withPassword(now - day), await begin(withPassword(now - day)), 'totp');
      now += hour / 2;
      const after = await begin(withPassword(now), before, 'password', { changed: { before: undefined } });
      assert.deepEqual(await evidenceOf(after), ['totp', 'password']);
    });

    it('that were changed beside a session spare it, where it is of the same person', async () => {
      const [mine, strange] = [await begin(withPassword(now - day)), await begin(bob)];
      now += minute;
      const by = await begin(withPassword(now), undefined, 'password', { changed: { before: undefined } });
      await sessions.spare(mine, by);
      await sessions.spare(strange, by);
      await sessions.spare(undefined, by);
      assert.equal((await sessions.read(mine))?.password?.lastSet, now);
      assert.equal((await sessions.read(strange))?.password?.lastSet, undefined);
    });
  });
});
