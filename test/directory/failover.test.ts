/** The laws of asking one controller after another, whatever each of them does. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Attempt } from '../../src/directory/attempt.ts';
import type { Connection } from '../../src/directory/connection.ts';
import type { Controller } from '../../src/directory/controller.ts';
import { NobodyAnswered, failOver } from '../../src/directory/failover.ts';
import { orderControllers } from '../../src/directory/server-choice.ts';
import { Unanswered } from '../../src/directory/unanswered.ts';

type Manner = 'answers' | 'is slow' | 'never answers' | 'fails' | 'is cut' | 'refuses';

const manners: readonly Manner[] = ['answers', 'is slow', 'never answers', 'fails', 'is cut', 'refuses'];
const health = { closed: true, cause: undefined, failures: 0, latency: 0, allowance: Infinity };
const soon = (work: () => void, milliseconds: number): void => void setTimeout(work, milliseconds);

class Refused extends Error {}

interface Watched {
  readonly attempts: Attempt[];
  late: number;
}

/** A controller that behaves in that manner and keeps what is asked of it. */
function controllerOf(name: string, manner: Manner, watched: Watched): Controller {
  const outcome = <Result>(attempt: Attempt): Promise<Result> =>
    new Promise((resolve, reject) => {
      const answer = (): void => {
        resolve(name as Result);
      };
      // As a connection does whose operation is given up, or takes too long.
      const end = (): void => {
        reject(new Unanswered(name, 'closed', false));
      };
      attempt.begin();
      attempt.awaits(end);
      if (manner === 'answers') setImmediate(answer);
      else if (manner === 'is slow') soon(answer, 6);
      else if (manner === 'never answers') soon(end, 12);
      else if (manner === 'refuses') setImmediate(reject, new Refused());
      else setImmediate(reject, new Unanswered(name, manner, manner === 'is cut'));
    });
  return {
    name,
    site: undefined,
    priority: 1,
    health: { ...health, closed: manner !== 'never answers' },
    busy: 0,
    readOnly: false,
    hasRoom: () => true,
    use(_account, _operation, attempt) {
      watched.attempts.push(attempt);
      return outcome(attempt);
    },
    late: () => void (watched.late += 1),
    learn: () => Promise.resolve(),
    drain: () => undefined,
    resume: () => undefined,
    close: () => undefined,
  };
}

const operation = (_connection: Connection): Promise<string> => Promise.reject(new Error('it is not run here'));

describe('an operation at several controllers', () => {
  it('is answered where any of them would, ends in any case, asks nobody too often and leaves nothing behind', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...manners), { maxLength: 5 }),
        fc.constantFrom(undefined, 3),
        async (chosen, after) => {
          const watched: Watched = { attempts: [], late: 0 };
          const controllers = chosen.map((manner, index) => controllerOf(`${manner} ${String(index)}`, manner, watched));
          const outcome = await failOver(controllers, operation, { account: 'person', after }).catch((error: unknown) => error);
          if (typeof outcome === 'string') {
            assert.match(outcome, /^answers|^is slow/);
          } else if (outcome instanceof Refused) {
            assert.ok(chosen.includes('refuses'));
          } else {
            assert.ok(outcome instanceof NobodyAnswered);
            assert.ok(!chosen.some((manner) => manner === 'answers' || manner === 'is slow' || manner === 'refuses'));
            assert.ok(outcome.troubles.length >= chosen.length);
          }
          // Each twice at most, and one of them once more.
          assert.ok(watched.attempts.length <= chosen.length * 2 + 1);
          if (after === undefined) assert.equal(watched.late, 0);
        },
      ),
      { numRuns: 200 },
    ));

  it('asks the first alone where that answers in time', async () => {
    const watched: Watched = { attempts: [], late: 0 };
    const controllers = ['one', 'two', 'three'].map((name) => controllerOf(name, 'answers', watched));
    assert.equal(await failOver(controllers, operation, { account: 'service', after: 50 }), 'one');
    assert.equal(watched.attempts.length, 1);
    assert.equal(watched.attempts[0]?.abandoned(), false);
  });

  it('gives up the others once one has answered', async () => {
    const watched: Watched = { attempts: [], late: 0 };
    const slow = controllerOf('slow', 'never answers', watched);
    assert.equal(
      await failOver([slow, controllerOf('two', 'answers', watched)], operation, { account: 'service', after: 3 }),
      'two',
    );
    assert.deepEqual(
      watched.attempts.map((attempt) => [attempt.abandoned(), attempt.anyConnection]),
      [
        [true, true],
        [false, false],
      ],
    );
    assert.equal(watched.late, 1);
  });
});

describe('the order', () => {
  const plain = controllerOf('plain', 'answers', { attempts: [], late: 0 });
  interface Row {
    readonly why: string;
    readonly better: Partial<Controller>;
    readonly worse: Partial<Controller>;
    readonly wish?: Parameters<typeof orderControllers>[1];
  }
  const unwell = { ...health, closed: false, failures: 1 };
  const rows: readonly Row[] = [
    { why: 'priority', better: { priority: 1 }, worse: { priority: 2 } },
    { why: 'priority before site', better: { priority: 1, site: 'there' }, worse: { priority: 2, site: 'here' } },
    { why: 'site', better: { site: 'here' }, worse: { site: 'there' } },
    { why: 'site before latency', better: { site: 'here', health: { ...health, latency: 90 } }, worse: { site: 'there' } },
    { why: 'no site at all', better: { site: 'here' }, worse: { site: undefined } },
    { why: 'latency', better: {}, worse: { health: { ...health, latency: 20 } } },
    { why: 'less to do', better: { health: { ...health, latency: 20 } }, worse: { health: { ...health, latency: 20 }, busy: 3 } },
    { why: 'more to do, yet faster', better: { busy: 3 }, worse: { health: { ...health, latency: 20 } } },
    { why: 'well', better: { priority: 9, site: 'there' }, worse: { health: unwell, site: 'here' } },
    { why: 'fewer failures', better: { health: unwell, priority: 2 }, worse: { health: { ...unwell, failures: 2 } } },
    { why: 'answered again', better: { health: { ...unwell, failures: 0 }, priority: 2 }, worse: { health: unwell } },
    { why: 'just back, and busy enough', better: { priority: 2 }, worse: { health: { ...health, allowance: 2 }, busy: 2 } },
    { why: 'just back', better: { health: { ...health, allowance: 2 }, busy: 1 }, worse: { priority: 2 } },
    { why: 'wished for', better: { name: 'wanted', priority: 2 }, worse: {}, wish: { first: 'wanted' } },
    { why: 'wished for, yet unwell', better: {}, worse: { name: 'wanted', health: unwell }, wish: { first: 'wanted' } },
    { why: 'takes writes', better: { priority: 2 }, worse: { readOnly: true }, wish: { writable: true } },
    { why: 'takes writes, though unwell', better: { health: unwell }, worse: { readOnly: true }, wish: { writable: true } },
    { why: 'needs no writes', better: { readOnly: true }, worse: { priority: 2 } },
  ];
  for (const { why, better, worse, wish = {} } of rows) {
    it(`goes by: ${why}`, () => {
      const one = { ...plain, ...better };
      const two = { ...plain, ...worse };
      for (const turn of [0, 1, 2]) {
        assert.equal(orderControllers([one, two], wish, 'here', turn)[0], one);
        assert.equal(orderControllers([two, one], wish, 'here', turn)[0], one);
      }
    });
  }

  it('lets equals take turns, and leaves nobody out', () => {
    const three = ['one', 'two', 'three'].map((name) => ({ ...plain, name }));
    const firsts = [0, 1, 2].map((turn) => {
      const order = orderControllers(three, {}, undefined, turn);
      assert.equal(new Set(order).size, 3);
      return order[0]?.name;
    });
    assert.equal(new Set(firsts).size, 3);
  });
});
