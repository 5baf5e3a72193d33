/** The throttle holds against guessing: many at once, under many names, from many addresses, over any stretch of time. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Person } from '../../src/directory/directory.ts';
import { Refusal } from '../../src/refusal.ts';
import type { Reason } from '../../src/refusal.ts';
import { networkOf } from '../../src/audit/network.ts';
import { createFamiliarPlaces } from '../../src/signin/familiar-places.ts';
import { createThrottle } from '../../src/signin/throttle.ts';
import type { Attempt, Throttle } from '../../src/signin/throttle.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { heldClock } from '../contract/store.ts';
import { somebody } from './somebody.ts';

const minute = 60_000;
const start = Date.UTC(2026, 0, 1);
const limits = { attemptsPerAccount: 4, attemptsPerAddress: 20, accountsPerAddress: 1_000, window: 30 * minute };
const alice = somebody('6f9619ff-8b86-d011-b42d-00c04fc964ff');
const bob = somebody('0a8f4d3e-1111-4222-8333-444455556666');
/** A directory that tells nothing of its policy. */
const silent = {
  passwordPolicy: () => Promise.resolve(undefined),
  failedPasswords: () => Promise.resolve({ count: 0, at: undefined, controllers: [] }),
};
const home = '192.0.2.7';

describe('the throttle', () => {
  const clock = heldClock(start);
  let store: Store;
  let throttle: Throttle;
  const empty = async () => {
    clock.set(start * 2);
    await store.sweep(10_000);
    clock.set(start);
  };

  before(async () => {
    store = await createSqliteStore({ file: ':memory:', clock });
    const places = createFamiliarPlaces({ store, clock, keep: 90 * 24 * 60 * minute });
    throttle = createThrottle({ store, clock, directory: silent, places, limits });
  });
  after(() => store.close());
  beforeEach(async () => {
    await empty();
  });

  const refusal = async (act: Promise<unknown>): Promise<Refusal> => {
    try {
      await act;
    } catch (error) {
      assert.ok(error instanceof Refusal, String(error));
      return error;
    }
    return assert.fail('it was admitted');
  };
  const refused = async (act: Promise<unknown>, reason: Reason, detail?: Record<string, unknown>) => {
    const found = await refusal(act);
    assert.equal(found.reason, reason);
    if (detail !== undefined) assert.deepEqual(found.detail, detail);
  };
  const guess = async (name: string, person?: Person, from: string | undefined = home) => {
    const attempt = await throttle.admit(name, from);
    if (person !== undefined) {
      try {
        await attempt.person(person);
      } catch (error) {
        await attempt.failed();
        throw error;
      }
    }
    await attempt.failed();
  };
  const succeed = async (name: string, person: Person, from = home) => {
    const attempt = await throttle.admit(name, from);
    await attempt.person(person);
    await attempt.succeeded(person);
  };
  const times = async (count: number, act: (index: number) => Promise<unknown>) => {
    for (let index = 0; index < count; index += 1) await act(index);
  };

  describe('per account', () => {
    it('lets exactly four of fifty guesses at once begin', async () => {
      const answers = await Promise.allSettled(
        Array.from({ length: 50 }, (_, index) => throttle.admit('alice', `10.0.0.${index}`)),
      );
      assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 4);
      for (const answer of answers) {
        if (answer.status === 'rejected') assert.equal((answer.reason as Refusal).reason, 'attempts-exhausted');
      }
    });

    it('lets exactly four of fifty guesses at once reach one person under fifty names', async () => {
      const asked = Array.from({ length: 50 }, async (_, index) => guess(`alias${index}`, alice, `10.0.0.${index}`));
      const answers = await Promise.allSettled(asked);
      assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 4);
      for (const answer of answers) {
        if (answer.status === 'rejected') assert.equal((answer.reason as Refusal).reason, 'person-attempts-exhausted');
      }
    });

    const forms = [
      'alice',
      'ALICE',
      'CORP\\alice',
      'corp.example\\Alice',
      'alice@corp.example',
      'Alice@OTHER.example',
      'CORP\\alice@corp.example',
      ' alice ',
      'ａｌｉｃｅ',
      'álice',
      'al\u200Bice',
      'alice＠corp.example',
      `${' '.repeat(300)}alice`,
    ];
    for (const form of forms) {
      it(`takes ${JSON.stringify(form)} for a form of alice`, async () => {
        await times(4, () => guess('alice'));
        await refused(throttle.admit(form, home), 'attempts-exhausted');
      });
    }
    for (const other of ['alice2', 'al ice', 'alice.liddell@corp.example', 'corp', '']) {
      it(`holds ${JSON.stringify(other)} apart from alice`, async () => {
        await times(4, () => guess('alice'));
        await guess(other);
      });
    }

    it('looks at so much of a name, however long', async () => {
      const long = 'a'.repeat(300);
      await times(4, (index) => guess(`${long}${'b'.repeat(index * 100_000)}`));
      await refused(throttle.admit(long, home), 'attempts-exhausted');
    });

    it('tells how many minutes are left, rounded up', async () => {
      await times(4, () => guess('alice'));
      for (const [passed, minutes] of [
        [0, 30],
        [1, 30],
        [minute, 29],
        [29.5 * minute, 1],
        [30 * minute - 1, 1],
      ] as const) {
        clock.set(start + passed);
        await refused(throttle.admit('alice', home), 'attempts-exhausted', { minutes });
      }
      clock.set(start + 30 * minute);
      await guess('alice');
    });

    it('forgets only after a whole window without failure, as a directory does', async () => {
      for (const at of [0, 12, 24, 36]) {
        clock.set(start + at * minute);
        await guess('alice');
      }
      clock.set(start + 48 * minute);
      await refused(throttle.admit('alice', home), 'attempts-exhausted', { minutes: 18 });
      clock.set(start + 66 * minute);
      await times(4, () => guess('alice'));
      await refused(throttle.admit('alice', home), 'attempts-exhausted');
    });

    it('is not kept shut by being knocked at', async () => {
      await times(4, () => guess('alice'));
      clock.set(start + 29 * minute);
      await times(30, () => refusal(throttle.admit('alice', home)));
      clock.set(start + 31 * minute);
      await guess('alice');
    });

    it('counts from the end of an attempt, which is when the directory counted', async () => {
      const attempts: Attempt[] = [];
      await times(4, async () => attempts.push(await throttle.admit('alice', home)));
      clock.set(start + minute);
      for (const attempt of attempts) await attempt.failed();
      clock.set(start + 30 * minute + 10);
      await refused(throttle.admit('alice', home), 'attempts-exhausted');
      clock.set(start + 31 * minute + 10);
      await guess('alice');
    });

    it('counts an attempt that never ended', async () => {
      await times(4, () => throttle.admit('alice', home));
      await refused(throttle.admit('alice', home), 'attempts-exhausted');
      clock.set(start + 31 * minute);
      await guess('alice');
    });

    it('gives back what was withdrawn, any number of times', async () => {
      await times(3, () => guess('alice', alice));
      await times(40, async () => {
        const attempt = await throttle.admit('alice', home);
        await attempt.person(alice);
        await attempt.withdrawn();
      });
      await guess('alice', alice);
      await refused(throttle.admit('alice', home), 'attempts-exhausted');
    });

    it('leaves nothing behind of an attempt that was withdrawn', async () => {
      const attempt = await throttle.admit('alice', home);
      await attempt.person(alice);
      await attempt.withdrawn();
      assert.deepEqual(await store.list('attempts', '', 10), []);
    });

    it('forgives the account on success', async () => {
      await times(3, () => guess('alice', alice));
      await succeed('alice', alice);
      await times(4, () => guess('alice', alice));
      await refused(throttle.admit('alice', home), 'attempts-exhausted');
    });

    it('does not forgive what goes on at the time of a success', async () => {
      const guesses: Attempt[] = [];
      await times(2, async () => guesses.push(await throttle.admit('alice', home)));
      const own = await throttle.admit('alice', '198.51.100.9');
      await guesses[0]!.failed();
      await own.succeeded(alice);
      await guesses[1]!.failed();
      await times(2, () => guess('alice'));
      await refused(throttle.admit('alice', home), 'attempts-exhausted');
    });

    it('does not let a namesake’s success open a person', async () => {
      await times(4, () => guess('alice@corp.example', alice));
      await empty().then(() => times(4, (index) => guess(`other${index}`, alice)));
      await succeed('alice@other.example', bob);
      await refused(guess('alice@corp.example', alice), 'person-attempts-exhausted');
    });

    it('ends an attempt once', async () => {
      const attempt = await throttle.admit('alice', home);
      await attempt.failed();
      await assert.rejects(attempt.succeeded(alice), /ends once/);
      await assert.rejects(attempt.withdrawn(), /ends once/);
      await assert.rejects(attempt.person(alice), /one person/);
      const another = await throttle.admit('alice', home);
      await another.person(alice);
      await assert.rejects(another.person(bob), /one person/);
    });
  });

  describe('to those who must not learn whether an account exists', () => {
    const trace = async (person: Person | undefined) => {
      await empty();
      const seen: string[] = [];
      const see = async (name: string, outcome: 'failed' | 'withdrawn') => {
        try {
          const attempt = await throttle.admit(name, home);
          // What is not judged is so before it is known whether there is such a person.
          if (outcome === 'withdrawn') {
            await attempt.withdrawn();
            seen.push('directory-unavailable');
            return;
          }
          try {
            if (person !== undefined) await attempt.person(person);
          } catch (error) {
            await attempt.failed();
            throw error;
          }
          await attempt.failed();
          seen.push('not-accepted');
        } catch (error) {
          assert.ok(error instanceof Refusal);
          seen.push(`${error.row.words} ${error.detail.minutes ?? ''}`.trim());
        }
        clock.set(clock.now() + minute);
      };
      const names = ['alice', 'alice.liddell@corp.example', 'CORP\\al'];
      for (let round = 0; round < 24; round += 1) await see(names[round % 3] ?? '', round % 7 === 3 ? 'withdrawn' : 'failed');
      return seen;
    };

    it('shows the same for a name that somebody bears and for one that nobody bears', async () => {
      assert.deepEqual(await trace(alice), await trace(undefined));
    });

    it('shows the words of a wrong password, and no time, where the person’s own attempts are spent', async () => {
      await times(4, (index) => guess(`alias${index}`, alice));
      const found = await refusal(guess('alice', alice));
      assert.equal(found.reason, 'person-attempts-exhausted');
      assert.deepEqual(found.row.words, new Refusal('password-wrong').row.words);
      assert.deepEqual(found.row.http, new Refusal('password-wrong').row.http);
      assert.equal(found.detail.minutes, undefined);
    });

    it('keeps neither names nor addresses readable in the store', async () => {
      await guess('alice.liddell@corp.example', alice, '203.0.113.77');
      const kept = JSON.stringify(await store.list('attempts', '', 10));
      for (const trail of ['alice', 'liddell', 'corp', alice.objectGUID, '203.0.113']) assert.ok(!kept.includes(trail), trail);
    });
  });

  describe('per network', () => {
    it('lets exactly twenty of fifty guesses at once begin', async () => {
      const answers = await Promise.allSettled(Array.from({ length: 50 }, (_, index) => throttle.admit(`person${index}`, home)));
      assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 20);
      for (const answer of answers) {
        if (answer.status === 'rejected') assert.equal((answer.reason as Refusal).reason, 'address-attempts-exhausted');
      }
    });

    it('does not touch the account of a name that is tried from a spent network', async () => {
      await times(20, (index) => guess(`person${index}`));
      await times(9, () => refused(throttle.admit('alice', home), 'address-attempts-exhausted', { minutes: 31 }));
      await guess('alice', alice, '198.51.100.1');
    });

    it('counts guesses at people who are spent, and not those at names that are', async () => {
      await times(4, () => guess('alice'));
      await times(40, () => refused(throttle.admit('alice', home), 'attempts-exhausted'));
      await times(4, (index) => guess(`alias${index}`, bob));
      await times(12, (index) => refused(guess(`nick${index}`, bob), 'person-attempts-exhausted'));
      await refused(throttle.admit('carol', home), 'address-attempts-exhausted');
    });

    it('is not forgiven by a success', async () => {
      await times(19, (index) => guess(`person${index}`));
      await times(50, () => succeed('alice', alice));
      await guess('carol');
      await refused(throttle.admit('bob', home), 'address-attempts-exhausted');
    });

    it('slides: what failed a window ago counts no more, and the rest does', async () => {
      await times(10, (index) => guess(`early${index}`));
      clock.set(start + 20 * minute);
      await times(10, (index) => guess(`late${index}`));
      await refused(throttle.admit('alice', home), 'address-attempts-exhausted', { minutes: 11 });
      clock.set(start + 31 * minute);
      await times(10, (index) => guess(`again${index}`));
      await refused(throttle.admit('alice', home), 'address-attempts-exhausted', { minutes: 20 });
    });

    it('keeps a small record, however high the limit', async () => {
      const places = createFamiliarPlaces({ store, clock, keep: minute });
      const wide = createThrottle({
        store,
        clock,
        directory: silent,
        places,
        limits: { ...limits, attemptsPerAddress: 100_000, attemptsPerAccount: 100, accountsPerAddress: 50 },
      });
      for (let index = 0; index < 1_000; index += 1) {
        clock.set(start + index * 7_000);
        await (await wide.admit(`person${index % 49}`, home)).failed();
      }
      const sizes = (await store.list('attempts', '', 10_000)).map(({ value }) => JSON.stringify(value).length);
      assert.ok(Math.max(...sizes) < 4_000, String(Math.max(...sizes)));
    });

    const networks: readonly [string | undefined, string][] = [
      ['192.0.2.7', '192.0.2.7'],
      ['::ffff:192.0.2.7', '192.0.2.7'],
      ['::FFFF:c000:0207', '192.0.2.7'],
      ['0:0:0:0:0:ffff:192.0.2.7', '192.0.2.7'],
      ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
      ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
      ['2001:db8:1:2::5', '2001:db8:1:2::/64'],
      ['2001:db8::1', '2001:db8:0:0::/64'],
      ['::1', '0:0:0:0::/64'],
      ['::', '0:0:0:0::/64'],
      ['64:ff9b::192.0.2.7', '192.0.2.7'],
      ['64:ff9b:1::192.0.2.7', '64:ff9b:1:0::/64'],
      ['fe80::1%eth0', 'fe80:0:0:0::/64'],
      ['192.0.2.7:443', 'unknown'],
      ['192.0.2.07', 'unknown'],
      ['nonsense', 'unknown'],
      ['', 'unknown'],
      [undefined, 'unknown'],
    ];
    for (const [address, network] of networks) {
      it(`takes ${JSON.stringify(address)} for ${network}`, () => assert.equal(networkOf(address), network));
    }
  });

  describe('when the clock is set back', () => {
    for (const [name, back] of [
      ['by a minute', minute],
      ['by a day', 24 * 60 * minute],
    ] as const) {
      it(`${name}, admits nobody for that`, async () => {
        await times(4, () => guess('alice'));
        await times(16, (index) => guess(`person${index}`));
        clock.set(start - back);
        await refused(throttle.admit('alice', '198.51.100.1'), 'attempts-exhausted');
        await refused(throttle.admit('bob', home), 'address-attempts-exhausted');
      });

      it(`${name}, opens a window later, not a window and that`, async () => {
        await times(4, () => guess('alice'));
        await times(16, (index) => guess(`person${index}`));
        clock.set(start - back);
        await refusal(throttle.admit('alice', '198.51.100.1'));
        await refusal(throttle.admit('bob', home));
        clock.set(start - back + 31 * minute);
        await guess('alice');
        await guess('bob');
      });
    }
  });

  it('speaks up where a record of attempts is none of its own', async () => {
    await guess('alice');
    for (const { key } of await store.list('attempts', '', 10)) {
      await store.update('attempts', key, () => ({ value: { failures: 3 }, expiresAt: start + minute }));
    }
    await assert.rejects(throttle.admit('alice', home), /is not a list|holds no attempts/);
  });

  it('never lets a directory with one attempt more begin its lockout, whatever is tried and when', async () => {
    // A directory as Active Directory counts: badPwdCount starts anew a window after badPasswordTime, and at each success.
    const operation = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ do: fc.constant('begin' as const), name: fc.constantFrom('alice', 'a.liddell', 'al@x.example') }),
      },
      { weight: 6, arbitrary: fc.record({ do: fc.constant('judge' as const), which: fc.nat(5), right: fc.nat(4) }) },
      { weight: 6, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(5), lost: fc.nat(9) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), milliseconds: fc.integer({ min: 0, max: 5 }) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 32 }) }) },
    );
    let lockable = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 20, maxLength: 80 }), async (operations) => {
        await empty();
        const directory = { badPwdCount: 0, badPasswordTime: 0 };
        const begun: Attempt[] = [];
        const judged: { attempt: Attempt; right: boolean }[] = [];
        for (const [index, step] of operations.entries()) {
          if (step.do === 'begin') {
            // From ever new networks: here the account is what holds.
            const attempt = await throttle.admit(step.name, `10.1.0.${index}`).catch(() => undefined);
            if (attempt === undefined) continue;
            try {
              await attempt.person(alice);
              begun.push(attempt);
            } catch {
              await attempt.failed();
            }
          } else if (step.do === 'judge') {
            const [attempt] = begun.splice(step.which % Math.max(1, begun.length), 1);
            if (attempt === undefined) continue;
            if (clock.now() - directory.badPasswordTime >= limits.window) directory.badPwdCount = 0;
            const right = step.right === 0;
            directory.badPwdCount = right ? 0 : directory.badPwdCount + 1;
            if (!right) directory.badPasswordTime = clock.now();
            if (directory.badPwdCount === limits.attemptsPerAccount) lockable += 1;
            assert.ok(directory.badPwdCount <= limits.attemptsPerAccount, 'the directory locked the account');
            judged.push({ attempt, right });
          } else if (step.do === 'end') {
            const [done] = judged.splice(step.which % Math.max(1, judged.length), 1);
            // Now and then the process dies before it can say how it went.
            if (done === undefined || step.lost === 0) continue;
            await (done.right ? done.attempt.succeeded(alice) : done.attempt.failed());
          } else if (step.do === 'pass') {
            clock.set(clock.now() + step.milliseconds);
          } else if (begun.length === 0) {
            // No attempt is under way for longer than the directory's time limits, which are far below the window.
            clock.set(clock.now() + step.minutes * minute);
          }
        }
      }),
      { numRuns: 150 },
    );
    assert.ok(lockable > 20, 'the property came too seldom to where it matters');
  });

  it('never admits more failures from one network than its limit within any window, and opens in time', async () => {
    const gaps = fc.array(fc.oneof(fc.constant(0), fc.nat(2 * minute), fc.nat(20 * minute)), { minLength: 30, maxLength: 90 });
    await fc.assert(
      fc.asyncProperty(gaps, async (waits) => {
        await empty();
        const admitted: number[] = [];
        for (const [index, wait] of waits.entries()) {
          clock.set(clock.now() + wait);
          const now = clock.now();
          const attempt = await throttle.admit(`person${index}`, '2001:db8::1').catch(() => undefined);
          const recent = (stretch: number) => admitted.filter((at) => at > now - stretch).length;
          if (attempt === undefined) {
            assert.ok(recent(limits.window * (1 + 1 / 60)) >= limits.attemptsPerAddress, 'it was shut too long');
          } else {
            admitted.push(now);
            await attempt.failed();
            assert.ok(recent(limits.window) <= limits.attemptsPerAddress, 'one too many');
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
