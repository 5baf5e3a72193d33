/** A configuration is taken over by all workers or by none, whichever of them refuses, hangs, dies or comes late. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReloadRefused } from '../../src/serve/prepared.ts';
import type { Verdict } from '../../src/workers/messages.ts';
import { plainConfiguration } from '../fixtures/plain-configuration.ts';
import { stage, type Puppet } from './stage.ts';

type Stage = ReturnType<typeof stage>;

const second = plainConfiguration({ entityId: 'second' });

/** The orders that are about it, in short. */
const orders = (puppet: Puppet | undefined): readonly string[] =>
  (puppet?.orders ?? []).flatMap((order) =>
    typeof order === 'object' && 'round' in order ? [`${order.kind} ${String(order.round)}`] : order === 'kill' ? [order] : [],
  );

const says = (puppet: Puppet | undefined, verdict: Verdict['kind'], round: number): void => {
  puppet?.heard.news(verdict === 'refused' ? { kind: verdict, round, why: 'The key cannot be read.' } : { kind: verdict, round });
};

/** Two workers that serve, and a reload that has begun. */
async function begun(): Promise<Stage & { result: () => string | undefined }> {
  const of = stage(2);
  const running = (await of.supervised) ?? assert.fail();
  let result: string | undefined;
  running.takeOver(second).then(
    () => (result = 'taken over'),
    (error: unknown) => {
      assert.ok(error instanceof ReloadRefused);
      result = error.message;
    },
  );
  await of.settle();
  return { ...of, result: () => result };
}

describe('a new configuration', () => {
  it('is prepared by all of them before any takes it over', async () => {
    const { puppets, settle, result } = await begun();
    for (const puppet of puppets) assert.deepEqual(orders(puppet), ['prepare 1']);
    says(puppets[0], 'prepared', 1);
    await settle();
    for (const puppet of puppets) assert.deepEqual(orders(puppet), ['prepare 1']);
    says(puppets[1], 'prepared', 1);
    await settle();
    for (const puppet of puppets) assert.deepEqual(orders(puppet), ['prepare 1', 'commit 1']);
    assert.equal(result(), undefined);
    for (const puppet of puppets) says(puppet, 'committed', 1);
    await settle();
    assert.equal(result(), 'taken over');
  });

  it('is what a worker serves by that comes later', async () => {
    const { puppets, settle, pass } = await begun();
    for (const puppet of puppets) says(puppet, 'prepared', 1);
    await settle();
    for (const puppet of puppets) says(puppet, 'committed', 1);
    await pass(120_000);
    puppets[1]?.end({ code: null, signal: 'SIGKILL' });
    await settle();
    assert.deepEqual(
      puppets.map(({ serves }) => serves),
      ['first', 'first', 'second'],
    );
  });

  const refusals: readonly (readonly [string, (of: Stage) => Promise<void>, RegExp, readonly (readonly string[])[]])[] = [
    [
      'one refuses',
      async ({ puppets, pass }) => {
        says(puppets[0], 'prepared', 1);
        says(puppets[1], 'refused', 1);
        await pass(500);
      },
      /^The key cannot be read\.$/,
      [
        ['prepare 1', 'abandon 1'],
        ['prepare 1', 'abandon 1'],
      ],
    ],
    [
      'one refuses, however long another takes',
      async ({ puppets, pass }) => {
        says(puppets[0], 'refused', 1);
        await pass(500);
        // What it says too late changes nothing.
        says(puppets[1], 'prepared', 1);
        await pass(500);
      },
      /^The key cannot be read\.$/,
      [
        ['prepare 1', 'abandon 1'],
        ['prepare 1', 'abandon 1'],
      ],
    ],
    [
      'one hangs',
      async ({ puppets, pass }) => {
        says(puppets[0], 'prepared', 1);
        await pass(151_000);
      },
      /^Worker 1 was not ready within 150 s\.$/,
      [
        ['prepare 1', 'abandon 1'],
        ['prepare 1', 'abandon 1'],
      ],
    ],
    [
      'one dies as it prepares, and the others refuse',
      async ({ puppets, pass }) => {
        puppets[1]?.end({ code: 1 });
        await pass(500);
        says(puppets[0], 'refused', 2);
        await pass(500);
      },
      /^The key cannot be read\.$/,
      [['prepare 1', 'abandon 1', 'prepare 2', 'abandon 2'], ['prepare 1', 'abandon 1'], []],
    ],
    [
      'all of them die as they prepare',
      async ({ puppets, pass }) => {
        puppets[0]?.end({ code: 1 });
        puppets[1]?.end({ code: 1 });
        await pass(1_000);
      },
      /^A worker ended while it prepared, again and again\.$/,
      [['prepare 1', 'abandon 1'], ['prepare 1', 'abandon 1'], [], []],
    ],
    [
      'they are to stop meanwhile',
      async ({ puppets, supervised, pass }) => {
        says(puppets[0], 'prepared', 1);
        void (await supervised)?.stop();
        await pass(500);
      },
      /^Passerelle is about to stop\.$/,
      [
        ['prepare 1', 'abandon 1'],
        ['prepare 1', 'abandon 1'],
      ],
    ],
  ];
  for (const [title, happen, why, expected] of refusals) {
    it(`is refused for all where ${title}, and whoever comes later serves by the one before`, async () => {
      const of = await begun();
      await happen(of);
      assert.match(of.result() ?? '', why);
      assert.deepEqual(of.puppets.map(orders), expected);
      for (const { serves } of of.puppets) assert.equal(serves, 'first');
      assert.equal(
        of.puppets.some((puppet) => orders(puppet).some((order) => order.startsWith('commit'))),
        false,
      );
    });
  }

  it('is tried again without one that dies as it prepares, whose place is taken once it is decided', async () => {
    const { puppets, settle, pass, result } = await begun();
    puppets[1]?.end({ code: null, signal: 'SIGKILL' });
    await pass(2_000);
    assert.equal(puppets.length, 2);
    assert.deepEqual(orders(puppets[0]), ['prepare 1', 'abandon 1', 'prepare 2']);
    says(puppets[0], 'prepared', 2);
    await settle();
    says(puppets[0], 'committed', 2);
    await pass(500);
    assert.equal(result(), 'taken over');
    assert.deepEqual(
      puppets.map(({ serves }) => serves),
      ['first', 'first', 'second'],
    );
  });

  it('is in force though one dies before it says so', async () => {
    const { puppets, settle, pass, result } = await begun();
    for (const puppet of puppets) says(puppet, 'prepared', 1);
    await settle();
    says(puppets[0], 'committed', 1);
    puppets[1]?.end({ code: null, signal: 'SIGKILL' });
    await pass(1_000);
    assert.equal(result(), 'taken over');
    assert.equal(puppets[2]?.serves, 'second');
  });

  it('is in force though one hangs: that one is ended, and who takes its place has it', async () => {
    const { puppets, notes, settle, pass, result } = await begun();
    for (const puppet of puppets) says(puppet, 'prepared', 1);
    await settle();
    says(puppets[0], 'committed', 1);
    await pass(11_000);
    assert.equal(result(), 'taken over');
    assert.deepEqual(orders(puppets[1]), ['prepare 1', 'commit 1', 'kill']);
    assert.equal(puppets[2]?.serves, 'second');
    assert.match(JSON.stringify(notes), /does not take over what it prepared/);
  });
});

it('what happened to all of them is recorded by the first', async () => {
  const { puppets, supervised } = stage(2);
  const event = { event: 'configuration.reloaded', reference: 'AAAA-BBBBBB' } as const;
  assert.equal((await supervised)?.record(event), true);
  assert.deepEqual(puppets[0]?.orders.at(-1), { kind: 'record', event });
  assert.deepEqual(puppets[1]?.orders, ['listen', 'admit']);
});
