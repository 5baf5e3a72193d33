/** The throttle and a directory that locks accounts: strangers reach no lockout, and shut nobody out who comes from home. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import type { FailedPasswords, PasswordPolicy, Person } from '../../src/directory/directory.ts';
import { Refusal } from '../../src/refusal.ts';
import { createFamiliarPlaces, type FamiliarPlaces } from '../../src/signin/familiar-places.ts';
import { type Attempt, createThrottle, type Throttle } from '../../src/signin/throttle.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { heldClock } from '../contract/store.ts';
import { somebody } from './somebody.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const start = Date.UTC(2026, 0, 1);
const names = { sAMAccountName: 'alice', userPrincipalName: 'a.liddell@corp.example', mail: 'al@corp.example' };
const alice = somebody('6f9619ff-8b86-d011-b42d-00c04fc964ff', names);
const home = '192.0.2.7';
const configured = { attemptsPerAccount: 4, attemptsPerAddress: 100, accountsPerAddress: 50, window: 30 * minute };

const policyOf = (lockoutThreshold: number, more: Partial<PasswordPolicy> = {}): PasswordPolicy => ({
  fineGrained: undefined,
  minLength: 8,
  history: 0,
  complex: false,
  minAge: 0,
  maxAge: undefined,
  lockoutThreshold,
  lockoutWindow: 30 * minute,
  lockoutDuration: undefined,
  ...more,
});

describe('the throttle in front of a directory that locks', () => {
  const clock = heldClock(start);
  let store: Store;
  let places: FamiliarPlaces;
  /** What its controllers have counted, and what it was asked. */
  let controllers: { count: number; at: number }[] = [];
  let policy: PasswordPolicy | undefined;
  let asked = 0;
  let isSilent = false;
  const directory = {
    passwordPolicy: () => (isSilent ? Promise.reject(new Refusal('directory-unavailable')) : Promise.resolve(policy)),
    failedPasswords: (person: Person | undefined): Promise<FailedPasswords> => {
      asked += 1;
      const counted = person === undefined ? [] : controllers.filter(({ at }) => at + (policy?.lockoutWindow ?? 0) > clock.now());
      const count = Math.max(0, ...counted.map((one) => one.count));
      const at = count === 0 ? undefined : Math.max(...counted.map((one) => one.at));
      return Promise.resolve({ count, at, controllers: [] });
    },
  };
  const open = (limits: Partial<typeof configured> = {}): Throttle =>
    createThrottle({ store, clock, directory, places, limits: { ...configured, ...limits } });
  const empty = async () => {
    clock.set(start * 2);
    await store.sweep(10_000);
    clock.set(start);
    controllers = [];
    policy = policyOf(5);
    isSilent = false;
    asked = 0;
  };

  before(async () => {
    store = await createSqliteStore({ file: ':memory:', clock });
    places = createFamiliarPlaces({ store, clock, keep: 90 * day });
  });
  after(() => store.close());
  beforeEach(empty);

  /** Admitted for alice, or the reason why not. */
  async function begin(throttle: Throttle, name: string, from: string, person = alice): Promise<Attempt | string> {
    try {
      const attempt = await throttle.admit(name, from);
      try {
        await attempt.person(person);
        return attempt;
      } catch (error) {
        assert.ok(error instanceof Refusal);
        await (error.row.words === 'not-accepted' ? attempt.failed() : attempt.withdrawn());
        return error.reason;
      }
    } catch (error) {
      assert.ok(error instanceof Refusal);
      return error.reason;
    }
  }
  const signIn = async (throttle: Throttle, from: string, name = 'alice', person = alice): Promise<string> => {
    const attempt = await begin(throttle, name, from, person);
    if (typeof attempt === 'string') return attempt;
    await attempt.succeeded(person);
    return 'accepted';
  };
  /** How many of these guesses reached the directory. */
  async function guess(throttle: Throttle, times: number, from: (turn: number) => string, name = 'alice'): Promise<number> {
    let reached = 0;
    for (let turn = 0; turn < times; turn += 1) {
      const attempt = await begin(throttle, name, from(turn));
      if (typeof attempt === 'string') continue;
      reached += 1;
      await attempt.failed();
    }
    return reached;
  }
  const strangers = (turn: number): string => `198.51.100.${String(turn)}`;

  const budgets: readonly (readonly [string, PasswordPolicy | undefined, { unfamiliar: number; never: number; home: number }])[] =
    [
      ['a threshold of 10', policyOf(10), { unfamiliar: 4, never: 4, home: 4 }],
      ['a threshold of 5', policyOf(5), { unfamiliar: 2, never: 4, home: 2 }],
      ['a threshold of 4', policyOf(4), { unfamiliar: 2, never: 3, home: 1 }],
      ['a threshold of 3', policyOf(3), { unfamiliar: 1, never: 2, home: 1 }],
      ['a threshold of 2', policyOf(2), { unfamiliar: 1, never: 1, home: 0 }],
      ['a threshold of 1, which nothing can keep', policyOf(1), { unfamiliar: 1, never: 1, home: 0 }],
      ['a threshold of 5 that may be a stricter one', policyOf(5, { unsure: true }), { unfamiliar: 2, never: 3, home: 1 }],
      [
        'a fine-grained policy that cannot be read',
        policyOf(10, { unsure: true, fineGrained: 'CN=X' }),
        { unfamiliar: 1, never: 2, home: 1 },
      ],
      ['no lockout, for all that can be seen', policyOf(0, { unsure: true }), { unfamiliar: 2, never: 4, home: 2 }],
      ['no lockout', policyOf(0), { unfamiliar: 4, never: 4, home: 4 }],
      ['no policy to be seen', undefined, { unfamiliar: 4, never: 4, home: 4 }],
    ];
  for (const [what, held, { unfamiliar, never, home: atHome }] of budgets) {
    it(`lets ${String(unfamiliar)} guesses of strangers through, and then ${String(atHome)} from home, with ${what}`, async () => {
      policy = held;
      const throttle = open();
      assert.equal(await signIn(throttle, home), 'accepted');
      assert.equal(await guess(throttle, 12, strangers), unfamiliar);
      assert.equal(await guess(throttle, 12, () => home), atHome);
    });

    it(`lets ${String(never)} through to somebody who never signed in, with ${what}`, async () => {
      policy = held;
      assert.equal(await guess(open(), 12, strangers), never);
    });
  }

  it('lets two guesses through at most where the policy could not be asked for, counts in those of others, and shuts nobody out', async () => {
    isSilent = true;
    const throttle = open();
    assert.equal(await guess(throttle, 12, strangers), 2);
    await empty();
    isSilent = true;
    assert.equal(await signIn(throttle, home), 'accepted');
    assert.equal(await guess(throttle, 12, strangers), 1);
    assert.equal(await signIn(throttle, home), 'accepted');
    controllers = [{ count: 2, at: start }];
    policy = undefined;
    assert.equal(await guess(throttle, 12, (turn) => strangers(turn + 20), 'a.liddell'), 0);
  });

  it('counts in what the controllers counted of others', async () => {
    const rows: readonly (readonly [readonly number[], number])[] = [
      [[0, 0], 4],
      [[1, 0], 3],
      [[2, 2], 2],
      [[0, 3], 1],
      [[4, 1], 0],
      [[9], 0],
    ];
    for (const [counts, expected] of rows) {
      await empty();
      controllers = counts.map((count) => ({ count, at: start }));
      const told = { ...alice, account: { smartCardRequired: false, badPasswords: { count: 1, at: start } } };
      let reached = 0;
      for (let turn = 0; turn < 8; turn += 1) {
        const attempt = await begin(open(), 'alice', strangers(turn), told);
        if (typeof attempt === 'string') continue;
        reached += 1;
        // It is judged by the one that counted most.
        const [worst] = controllers.toSorted((one, other) => other.count - one.count);
        if (worst !== undefined) Object.assign(worst, { count: worst.count + 1, at: clock.now() });
        await attempt.failed();
      }
      assert.equal(reached, expected, JSON.stringify(counts));
    }
  });

  it('shows strangers the same of somebody and of nobody, whatever the policy and whatever failed elsewhere', async () => {
    const seen = async (person: Person | undefined, held: PasswordPolicy | undefined, elsewhere: number): Promise<string[]> => {
      await empty();
      policy = held;
      controllers = [{ count: elsewhere, at: start }];
      const throttle = open();
      if (person !== undefined) await signIn(throttle, home);
      const shown: string[] = [];
      for (let turn = 0; turn < 14; turn += 1) {
        const name = ['alice', 'a.liddell@corp.example', 'ALICE'][turn % 3] ?? '';
        try {
          const attempt = await throttle.admit(name, strangers(turn % 5));
          await (person === undefined ? attempt.nobody() : attempt.person(person)).catch((error: unknown) => {
            assert.ok(error instanceof Refusal);
            assert.deepEqual([error.row.words, error.row.http, error.detail.minutes], ['not-accepted', 401, undefined]);
          });
          await attempt.failed();
          shown.push('not-accepted');
        } catch (error) {
          assert.ok(error instanceof Refusal);
          shown.push(`${error.row.words} ${String(error.detail.minutes)}`);
        }
        clock.set(clock.now() + minute);
      }
      return shown;
    };
    const nobodys = await seen(undefined, policyOf(5), 0);
    assert.ok(nobodys.includes('not-accepted') && nobodys.some((words) => words.startsWith('too-many-attempts')));
    for (const [, held] of budgets) {
      for (const elsewhere of [0, 1, 4, 9]) assert.deepEqual(await seen(alice, held, elsewhere), nobodys, JSON.stringify(held));
    }
  });

  it('asks nothing where nothing stands against the person', async () => {
    const throttle = open();
    for (let turn = 0; turn < 5; turn += 1) {
      assert.equal(await signIn(throttle, home), 'accepted');
      assert.equal(await signIn(throttle, strangers(turn)), 'accepted');
    }
    assert.equal(asked, 0);
  });

  it('asks for nobody whenever it asks for somebody', async () => {
    const effort = async (person: Person | undefined): Promise<number[]> => {
      await empty();
      const throttle = open();
      const efforts: number[] = [];
      for (const name of ['alice', 'alice', 'al', 'a.liddell', 'al', 'alice', 'ALICE', 'alice']) {
        const before = asked;
        const attempt = await throttle.admit(name, '198.51.100.1').catch(() => undefined);
        if (attempt === undefined) continue;
        await (person === undefined ? attempt.nobody() : attempt.person(person)).catch(() => undefined);
        await attempt.failed();
        efforts.push(asked - before);
      }
      return efforts;
    };
    const somebodys = await effort(alice);
    assert.deepEqual(somebodys, await effort(undefined));
    assert.deepEqual(somebodys, [0, 1, 1, 1, 1, 1, 1]);
  });

  it('counts as long as the directory does', async () => {
    policy = policyOf(5, { lockoutWindow: 90 * minute });
    const throttle = open();
    assert.equal(await guess(throttle, 3, strangers), 3);
    clock.set(start + 60 * minute);
    assert.equal(await guess(throttle, 9, strangers), 1);
    clock.set(start + 149 * minute);
    assert.equal(await guess(throttle, 1, strangers), 0);
    clock.set(start + 151 * minute);
    assert.equal(await guess(throttle, 9, strangers), 3, 'one was counted for the name');
  });

  it('says from home what it is, and how long it lasts; to strangers it is a wrong password', async () => {
    policy = policyOf(4);
    const throttle = open();
    await signIn(throttle, home);
    await guess(throttle, 9, strangers);
    assert.equal(await begin(throttle, 'alice@corp.example', '203.0.113.9'), 'attempts-exhausted', 'by its name alone');
    assert.equal(await begin(throttle, 'a.liddell', '203.0.113.9'), 'person-attempts-exhausted');
    await guess(throttle, 1, () => home);
    assert.equal(await begin(throttle, 'alice', home), 'attempts-exhausted');
  });

  it('knows home by every name of the person, at each of 20 networks, for 90 days', async () => {
    policy = policyOf(3);
    const throttle = open();
    const networks = Array.from({ length: 20 }, (_, index) => `2001:db8:0:${index.toString(16)}::7`);
    for (const network of [home, ...networks]) {
      clock.set(clock.now() + minute);
      await signIn(throttle, network, 'CORP\\alice');
    }
    await guess(throttle, 9, strangers);
    for (const name of ['alice', 'a.liddell@corp.example', 'AL', 'CORP\\a.liddell']) {
      await guess(throttle, 9, strangers, name);
      assert.equal(await signIn(throttle, `2001:db8:0:13::${String(name.length)}`, name), 'accepted');
    }
    assert.notEqual(await signIn(throttle, home), 'accepted', 'the oldest of 21 is forgotten');
    assert.deepEqual((await places.of(alice.objectGUID)).length, 20);
    assert.equal((await places.of(alice.objectGUID))[0]?.network, '2001:db8:0:13::/64');
    clock.set(clock.now() + 91 * day);
    assert.deepEqual(await places.of(alice.objectGUID), []);
  });

  it('keeps people apart who share a name: who is at home under it elsewhere shuts nobody out', async () => {
    policy = policyOf(10);
    const throttle = open();
    const namesake = somebody('0a8f4d3e-1111-4222-8333-444455556666', { ...names, userPrincipalName: 'alice@partner.example' });
    const theirs = '203.0.113.9';
    assert.equal(await signIn(throttle, home, 'CORP\\alice'), 'accepted');
    assert.equal(await signIn(throttle, theirs, 'PARTNER\\alice', namesake), 'accepted');
    assert.equal(await guess(throttle, 12, () => theirs, 'CORP\\alice'), 4);
    assert.equal(await signIn(throttle, home, 'CORP\\alice'), 'accepted');
    assert.equal(await signIn(throttle, home, 'alice'), 'accepted');
  });

  it('takes what is no address for no home', async () => {
    const throttle = open();
    await signIn(throttle, 'nonsense');
    assert.deepEqual(await places.of(alice.objectGUID), []);
    assert.deepEqual(await store.list('familiar', '', 10), []);
  });

  it('holds a network that tries many accounts, though not for those who are at home there', async () => {
    const throttle = open({ accountsPerAddress: 6 });
    await signIn(throttle, home);
    let noticed = 0;
    for (let turn = 0; turn < 6; turn += 1) {
      const attempt = await throttle.admit(`somebody${String(turn)}`, home);
      const spray = await attempt.failed();
      if (spray !== undefined) {
        noticed += 1;
        assert.deepEqual(spray, { network: home, accounts: 6 });
      }
    }
    assert.equal(noticed, 1);
    await assert.rejects(throttle.admit('nobody', home), { reason: 'address-attempts-exhausted', detail: { minutes: 30 } });
    assert.equal(await signIn(throttle, home), 'accepted');
    await (await throttle.admit('nobody', strangers(1))).withdrawn();
    clock.set(start + 30 * minute);
    await (await throttle.admit('nobody', home)).withdrawn();
  });

  it('holds it for a window at most after the clock was set back', async () => {
    const throttle = open({ accountsPerAddress: 2 });
    for (const name of ['somebody', 'somebody else']) await (await throttle.admit(name, home)).failed();
    for (const back of [60, 24 * 60]) {
      clock.set(start - back * minute);
      await assert.rejects(throttle.admit('nobody', home), { reason: 'address-attempts-exhausted', detail: { minutes: 30 } });
    }
    clock.set(clock.now() + 30 * minute);
    await (await throttle.admit('nobody', home)).withdrawn();
  });

  it('forgets the accounts tried in time after the clock was set back', async () => {
    const throttle = open({ accountsPerAddress: 3 });
    for (const name of ['one', 'two']) await (await throttle.admit(name, home)).failed();
    clock.set(start - 24 * 60 * minute);
    await (await throttle.admit('one', home)).failed();
    clock.set(clock.now() + 31 * minute);
    assert.equal(await (await throttle.admit('three', home)).failed(), undefined);
    assert.equal(await (await throttle.admit('four', home)).failed(), undefined);
  });

  it('takes the same account under many spellings, and one tried over and over, for one', async () => {
    const throttle = open({ accountsPerAddress: 3, attemptsPerAccount: 90 });
    for (const name of ['bob', 'BOB', 'CORP\\bob', 'bob@x.example', ' bob', 'carol', 'bob', 'carol']) {
      assert.equal(await (await throttle.admit(name, home)).failed(), undefined, name);
    }
  });

  it('never reaches the directory’s lockout, whatever strangers, people at home and others elsewhere do', async () => {
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.record({ do: fc.constant('begin' as const), name: fc.nat(3), from: fc.nat(6), at: fc.nat(1) }) },
      { weight: 8, arbitrary: fc.record({ do: fc.constant('judge' as const), which: fc.nat(5), right: fc.nat(9) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('elsewhere' as const), at: fc.nat(1), right: fc.nat(3) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 70 }) }) },
    );
    const world = fc.record({
      threshold: fc.integer({ min: 2, max: 9 }),
      unsure: fc.boolean(),
      lockoutWindow: fc.integer({ min: 1, max: 120 }),
      attemptsPerAccount: fc.integer({ min: 1, max: 8 }),
    });
    let near = 0;
    await fc.assert(
      fc.asyncProperty(world, fc.array(step, { minLength: 20, maxLength: 70 }), async (chosen, steps) => {
        await empty();
        const { threshold, unsure, attemptsPerAccount } = chosen;
        policy = policyOf(threshold, { unsure, lockoutWindow: chosen.lockoutWindow * minute });
        controllers = [0, 1].map(() => ({ count: 0, at: 0 }));
        const throttle = open({ attemptsPerAccount });
        const forget = (): void => {
          for (const one of controllers) if (one.at + chosen.lockoutWindow * minute <= clock.now()) one.count = 0;
        };
        const judge = (at: number, right: boolean): number => {
          forget();
          const one = controllers[at]!;
          Object.assign(one, right ? { count: 0 } : { count: one.count + 1, at: clock.now() });
          return one.count;
        };
        const begun: { attempt: Attempt; at: number }[] = [];
        for (const each of steps) {
          if (each.do === 'begin') {
            forget();
            const { count, at } = controllers[each.at]!;
            const account = { smartCardRequired: false, ...(count > 0 && { badPasswords: { count, at } }) };
            const name = ['alice', 'a.liddell', 'al', 'CORP\\ALICE'][each.name] ?? '';
            const from = each.from < 2 ? `192.0.2.${String(each.from)}` : `10.0.0.${String(each.from)}`;
            const attempt = await begin(throttle, name, from, { ...alice, account });
            if (typeof attempt !== 'string') begun.push({ attempt, at: each.at });
          } else if (each.do === 'judge') {
            const [one] = begun.splice(each.which % Math.max(1, begun.length), 1);
            if (one === undefined) continue;
            const right = each.right === 0;
            const count = judge(one.at, right);
            near += count === threshold - 1 ? 1 : 0;
            assert.ok(count < threshold, 'the directory locked the account');
            await (right ? one.attempt.succeeded(alice) : one.attempt.failed());
          } else if (begun.length === 0) {
            // What happens elsewhere just while an attempt is judged, nobody can foresee.
            if (each.do === 'wait') clock.set(clock.now() + each.minutes * minute);
            else if (controllers[each.at]!.count < threshold - 1) judge(each.at, each.right === 0);
          }
        }
      }),
      { numRuns: 250 },
    );
    assert.ok(near > 30, `the property came too seldom to where it matters: ${String(near)}`);
  });

  it('never shuts out who comes from home with the right password, whatever strangers do', async () => {
    const step = fc.oneof(
      fc.record({ name: fc.constantFrom('alice', 'a.liddell@corp.example', 'CORP\\al', 'AL', 'x'), from: fc.nat(200) }),
      // From the very network of the person, at others.
      fc.record({ name: fc.nat(80).map((number) => `colleague${String(number)}`), from: fc.constant(-1) }),
    );
    const world = fc.record({ threshold: fc.constantFrom(0, 3, 4, 5, 10), attemptsPerAccount: fc.integer({ min: 1, max: 5 }) });
    await fc.assert(
      fc.asyncProperty(
        world,
        fc.array(step, { minLength: 5, maxLength: 60 }),
        async ({ threshold, attemptsPerAccount }, steps) => {
          await empty();
          policy = policyOf(threshold);
          controllers = [{ count: 0, at: 0 }];
          const throttle = open({ attemptsPerAccount, attemptsPerAddress: 5, accountsPerAddress: 4 });
          assert.equal(await signIn(throttle, home), 'accepted');
          let reached = 0;
          for (const { name, from } of steps) {
            const mine = !name.startsWith('colleague') && name !== 'x';
            const network = from < 0 ? home : `10.7.0.${String(from)}`;
            if (mine) {
              const attempt = await begin(throttle, name, network);
              if (typeof attempt === 'string') continue;
              reached += 1;
              const [one] = controllers;
              if (one !== undefined) Object.assign(one, { count: one.count + 1, at: clock.now() });
              await attempt.failed();
            } else {
              const attempt = await throttle.admit(name, network).catch(() => undefined);
              await attempt?.nobody();
              await attempt?.failed();
            }
          }
          assert.ok(reached <= attemptsPerAccount);
          assert.ok(threshold === 0 || reached < threshold);
          for (const name of ['alice', 'a.liddell@corp.example']) {
            const attempt = await begin(throttle, name, home);
            if (typeof attempt === 'string') return assert.fail(attempt);
            await attempt.withdrawn();
          }
        },
      ),
      { numRuns: 120 },
    );
  });
});
