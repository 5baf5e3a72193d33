/** The process that supervises workers: their order at the start, what becomes of one that dies, and the stop. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stage, type Puppet } from './stage.ts';

const news = (puppet: Puppet | undefined, kind: 'opened' | 'listening'): void => {
  puppet?.heard.news(kind === 'opened' ? { kind } : { kind, port: 8_080 });
};

describe('the start', () => {
  it('lets the first get ready before the others begin, and nobody be ready before all listen', async () => {
    const { puppets, supervised, settle } = stage(3, false);
    await settle();
    assert.equal(puppets.length, 1);
    news(puppets[0], 'opened');
    await settle();
    assert.deepEqual(
      puppets.map(({ number }) => number),
      [0, 1, 2],
    );
    news(puppets[2], 'opened');
    await settle();
    assert.deepEqual(
      puppets.map(({ orders }) => orders),
      [[], [], []],
    );
    news(puppets[1], 'opened');
    for (const puppet of puppets) {
      await settle();
      assert.deepEqual(puppet.orders, ['listen']);
      news(puppet, 'listening');
    }
    assert.equal((await supervised)?.port, 8_080);
    for (const puppet of puppets) assert.deepEqual(puppet.orders, ['listen', 'admit']);
  });

  const failures: readonly (readonly [string, (of: ReturnType<typeof stage>) => Promise<void>, number])[] = [
    [
      'the first ends',
      async ({ puppets }) => {
        puppets[0]?.end({ code: 1 });
        await Promise.resolve();
      },
      1,
    ],
    [
      'another ends before it is open',
      async ({ puppets, settle }) => {
        news(puppets[0], 'opened');
        await settle();
        puppets[2]?.end({ code: 1 });
        news(puppets[1], 'opened');
        await settle();
        puppets[0]?.end();
        puppets[1]?.end();
      },
      3,
    ],
    [
      'the port cannot be had',
      async ({ puppets, settle }) => {
        for (const puppet of [0, 1, 2]) {
          news(puppets[puppet], 'opened');
          await settle();
        }
        puppets[0]?.end({ code: 1 });
        await settle();
        puppets[1]?.end();
        puppets[2]?.end();
      },
      3,
    ],
    [
      'it is to stop meanwhile',
      async ({ puppets, settle, stopping }) => {
        news(puppets[0], 'opened');
        await settle();
        stopping.abort();
        await settle();
        for (const puppet of puppets) puppet.end({ code: 143 });
      },
      3,
    ],
  ];
  for (const [title, happen, begun] of failures) {
    it(`is given up where ${title}, and leaves nobody behind`, async () => {
      const of = stage(3, false);
      await of.settle();
      await happen(of);
      assert.equal(await of.supervised, undefined);
      assert.equal(of.puppets.length, begun);
      await of.pass(60_000);
      assert.equal(of.puppets.length, begun);
      assert.deepEqual(of.notes, []);
    });
  }
});

describe('a worker that dies', () => {
  it('is replaced under its own number, and admitted without the others', async () => {
    const { puppets, notes, supervised, settle, pass } = stage(2);
    const running = await supervised;
    await pass(120_000);
    puppets[1]?.end({ code: null, signal: 'SIGKILL' });
    await settle();
    assert.deepEqual([puppets.length, puppets[2]?.number, puppets[2]?.orders], [3, 1, ['listen', 'admit']]);
    assert.deepEqual(puppets[0]?.orders, ['listen', 'admit']);
    assert.deepEqual(notes, [
      {
        level: 'error',
        message: 'a worker ended and is started again',
        worker: 1,
        pid: 1_002,
        code: null,
        signal: 'SIGKILL',
        afterMilliseconds: 0,
      },
      { level: 'info', message: 'a worker took the place of the one that ended', worker: 1, pid: 1_003 },
    ]);
    assert.equal(await running?.stop(), true);
  });

  it('again and again is waited for twice as long each time, 30 seconds at most, and forgiven once it lives', async () => {
    const { puppets, notes, supervised, settle, pass } = stage(2);
    await supervised;
    const die = async (): Promise<unknown> => {
      puppets.at(-1)?.end({ code: 1 });
      await settle();
      const [told] = notes.filter((note) => (note as { level: string }).level === 'error').slice(-1);
      return (told as { afterMilliseconds: number }).afterMilliseconds;
    };
    const waits: unknown[] = [];
    for (let turn = 0; turn < 9; turn += 1) {
      waits.push(await die());
      const before = puppets.length;
      await pass(Number(waits.at(-1)) - 50);
      assert.equal(puppets.length, before, 'too early');
      await pass(50);
      assert.equal(puppets.length, before + 1);
    }
    assert.deepEqual(waits, [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    await pass(60_000);
    assert.equal(await die(), 0);
  });
});

describe('the stop', () => {
  it('asks all of them at once, waits for the last, and starts nobody again', async () => {
    const { puppets, supervised, settle, pass } = stage(2, false);
    for (const puppet of [0, 1]) {
      await settle();
      news(puppets[puppet], 'opened');
    }
    for (const puppet of [0, 1]) {
      await settle();
      news(puppets[puppet], 'listening');
    }
    const running = await supervised;
    let well: boolean | undefined;
    void running?.stop().then((ended) => (well = ended));
    await settle();
    assert.deepEqual(
      puppets.map(({ orders }) => orders.at(-1)),
      ['stop', 'stop'],
    );
    puppets[0]?.end();
    await settle();
    assert.equal(well, undefined);
    puppets[1]?.end({ code: 1 });
    await settle();
    assert.equal(well, false);
    await pass(60_000);
    assert.equal(puppets.length, 2);
  });

  it('does not wait for the time after which a dead one was to come back', async () => {
    const { puppets, supervised, settle, pass } = stage(2);
    const running = await supervised;
    for (let turn = 0; turn < 6; turn += 1) {
      puppets.at(-1)?.end({ code: 1 });
      await settle();
      if (turn < 5) await pass(16_000);
    }
    const before = puppets.length;
    const stopped = running?.stop();
    await pass(300);
    assert.equal(await stopped, true);
    await pass(60_000);
    assert.equal(puppets.length, before);
  });
});
