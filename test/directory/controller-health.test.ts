/** The circuit of a controller: when it breaks, when it is looked at again, when it closes. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type ControllerHealth, createControllerHealth } from '../../src/directory/controller-health.ts';
import { NotLetIn, Unanswered, Untrusted } from '../../src/directory/unanswered.ts';
import { Refusal } from '../../src/refusal.ts';

interface Stage {
  readonly health: ControllerHealth;
  readonly told: string[];
  /** Times at which it was examined, in milliseconds. */
  readonly examined: number[];
  /** What examinations end in from now on. */
  well: Error | undefined;
  /** Lets time pass, and what it brings happen. */
  pass(milliseconds: number): Promise<void>;
}

const trouble = new Unanswered('dc', 'ECONNREFUSED', true);

function stageOf({ mock }: TestContext): Stage {
  mock.timers.enable({ apis: ['setTimeout'] });
  let now = 1_000_000;
  const told: string[] = [];
  const examined: number[] = [];
  const stage: Stage = {
    health: createControllerHealth({
      examine() {
        examined.push(now - 1_000_000);
        return stage.well === undefined ? Promise.resolve() : Promise.reject(stage.well);
      },
      lost: (cause) => void told.push(`lost: ${cause}`),
      back: (away) => void told.push(`back after ${String(away)}`),
      restored: () => void told.push('restored'),
      prompt: 1_000,
      full: 8,
      clock: { now: () => now, until: () => Promise.resolve() },
      // Half way: no jitter.
      random: () => Buffer.from([128]),
    }),
    told,
    examined,
    well: undefined,
    async pass(milliseconds) {
      for (let step = 0; step < milliseconds; step += 100) {
        now += 100;
        mock.timers.tick(100);
        await new Promise(setImmediate);
      }
    },
  };
  return stage;
}

const fail = ({ health }: Stage, certain = false, error: Unanswered = trouble): void => {
  health.failed(error, performance.now(), certain);
};

describe('the circuit of a controller', () => {
  it('is closed at first, and stays so through what succeeds', (t) => {
    const { health, told, examined } = stageOf(t);
    for (const milliseconds of [1, 5, 5_000]) health.answered(milliseconds, true);
    assert.deepEqual([health.closed, health.cause, health.allowance, told, examined], [true, undefined, Infinity, [], []]);
  });

  it('of one that fails once is looked into, and nobody is told where it is well', async (t) => {
    const stage = stageOf(t);
    fail(stage);
    assert.deepEqual([stage.health.closed, stage.health.cause, stage.health.failures], [false, 'ECONNREFUSED', 1]);
    await stage.pass(100);
    assert.deepEqual([stage.health.closed, stage.examined.length, stage.told, stage.health.allowance], [true, 1, [], Infinity]);
  });

  it('breaks where it is found unwell, which is told once, and is looked at more and more seldom', async (t) => {
    const stage = stageOf(t);
    stage.well = new Unanswered('dc', 'no answer within 1000 ms', false);
    fail(stage);
    fail(stage);
    await stage.pass(30_000);
    assert.deepEqual(stage.told, ['lost: no answer within 1000 ms']);
    const [first, ...gaps] = stage.examined.map((time, index, times) => time - (times[index - 1] ?? 0));
    assert.equal(first, 0);
    assert.deepEqual(gaps, [600, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000, 5_000]);
    stage.well = undefined;
    await stage.pass(6_000);
    assert.deepEqual(
      stage.told.slice(1).map((line) => line.replace(/\d+/, 'N')),
      ['back after N'],
    );
    assert.equal(stage.health.closed, true);
    const looked = stage.examined.length;
    await stage.pass(60_000);
    assert.equal(stage.examined.length, looked, 'nobody looks at one that is well');
  });

  it('is told of again where the cause turns out to be one that somebody must put right, once', async (t) => {
    const stage = stageOf(t);
    stage.well = new Unanswered('dc', 'ECONNRESET', true);
    fail(stage, true);
    await stage.pass(2_000);
    stage.well = new Untrusted('dc', 'certificate has expired (2026-01-01)');
    await stage.pass(20_000);
    assert.deepEqual(stage.told, ['lost: ECONNREFUSED', 'lost: certificate has expired (2026-01-01)']);
  });

  it('breaks at once where it cannot even be reached; what succeeds nevertheless closes it', (t) => {
    const stage = stageOf(t);
    fail(stage, true);
    assert.deepEqual(stage.told, ['lost: ECONNREFUSED']);
    stage.health.answered(2_000, true);
    assert.deepEqual([stage.health.closed, stage.health.failures], [false, 0], 'too slow to be well');
    stage.health.answered(20, true);
    assert.deepEqual([stage.health.closed, stage.told.length], [true, 2]);
  });

  it('gives one that came back little at first, then twice as much with each success', async (t) => {
    const stage = stageOf(t);
    fail(stage, true);
    await stage.pass(1_000);
    const allowances = [1, 2, 3, 4].map(() => {
      const { allowance } = stage.health;
      stage.health.answered(5, false);
      return allowance;
    });
    assert.deepEqual(allowances, [1, 2, 4, Infinity]);
    assert.equal(stage.told.filter((line) => line === 'restored').length, 1);
  });

  it('is not closed by people’s sign-ins where it refuses the service account, which is not tried often', async (t) => {
    const stage = stageOf(t);
    const refused = new NotLetIn('dc', new Refusal('directory-refused', { code: 49, data: '52e' }));
    stage.well = refused;
    fail(stage, true, refused);
    stage.health.answered(5, false);
    assert.equal(stage.health.closed, false);
    assert.match(stage.told[0] ?? '', /LDAP code 49, data 52e/);
    await stage.pass(29 * 60_000);
    assert.equal(stage.examined.length, 2);
    stage.health.answered(5, true);
    assert.equal(stage.health.closed, true);
  });

  it('takes no notice of failures that began before it was found well', async (t) => {
    const stage = stageOf(t);
    const began = performance.now();
    fail(stage);
    await stage.pass(100);
    stage.health.failed(trouble, began, false);
    assert.deepEqual([stage.health.closed, stage.health.failures], [true, 0]);
  });

  it('breaks where failures follow one another though it is found well each time, for longer and longer', async (t) => {
    const stage = stageOf(t);
    const away: number[] = [];
    for (let round = 0; round < 9; round += 1) {
      fail(stage);
      let waited = 0;
      for (; !stage.health.closed; waited += 100) await stage.pass(100);
      away.push(waited);
    }
    assert.deepEqual(away.slice(0, 6), [100, 100, 4_000, 8_000, 16_000, 32_000]);
    assert.ok(away.every((time) => time <= 61_000));
    assert.equal(stage.told.filter((line) => line.startsWith('lost')).length, 7);
    for (let round = 0; round < 10; round += 1) stage.health.answered(5, true);
    fail(stage);
    await stage.pass(100);
    assert.equal(stage.health.closed, true, 'it is forgiven');
  });

  it('is left alone once closed for good', async (t) => {
    const stage = stageOf(t);
    fail(stage, true);
    stage.health.close();
    await stage.pass(60_000);
    fail(stage, true);
    assert.deepEqual([stage.examined, stage.told.length], [[], 1]);
  });
});

describe('the time that a controller takes', () => {
  it('is an average in which the latest count most, and which fades', async (t) => {
    const stage = stageOf(t);
    assert.equal(stage.health.latency, 0);
    stage.health.answered(100, true);
    assert.equal(stage.health.latency, 100);
    for (let round = 0; round < 20; round += 1) stage.health.answered(10, true);
    assert.ok(stage.health.latency > 10 && stage.health.latency < 11);
    await stage.pass(10_000);
    assert.ok(stage.health.latency < 5);
  });
});
