/** What fuzzing once found: the whole corpus again, without a fault; and the fuzzer itself, which finds what is there to be found. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCorpus } from './corpus.ts';
import { faultOf, fuzz } from './fuzz.ts';
import { drawFrom, mutate } from './mutate.ts';
import { targets } from './targets.ts';

describe('the corpus makes no fault', () => {
  for (const target of targets) {
    it(target.name, async () => {
      const corpus = readCorpus(target.name);
      assert.ok(corpus.length >= 5, `${String(corpus.length)} inputs`);
      for (const input of [...target.seeds.map((seed) => Buffer.from(seed)), ...corpus]) {
        const fault = await faultOf(target, input);
        assert.equal(fault?.cause, undefined, JSON.stringify(input.toString('latin1').slice(0, 2000)));
      }
    });
  }
});

describe('the fuzzer', () => {
  const words = ['red', 'orange', 'yellow', 'green', 'blue', 'indigo', 'violet'];
  // Each word is a branch of its own; no single input brings all of them by chance.
  function rainbow(text: string): void {
    const after = (word: string, from: number): number => {
      const at = text.indexOf(word, from);
      return at < 0 ? -1 : at + word.length;
    };
    const red = after('red', 0);
    if (red < 0) return;
    const orange = after('orange', red);
    if (orange < 0) return;
    const yellow = after('yellow', orange);
    if (yellow < 0) return;
    const green = after('green', yellow);
    if (green < 0) return;
    const blue = after('blue', green);
    if (blue < 0) return;
    const indigo = after('indigo', blue);
    if (indigo < 0) return;
    if (after('violet', indigo) >= 0) throw new Error('found');
  }
  const planted = {
    name: 'planted',
    seeds: ['white'],
    dictionary: words,
    most: 200,
    run: (input: Buffer) => rainbow(input.toString()),
  };

  it('is led by coverage to a fault that chance would not find', async () => {
    const progress = (runs: number, faults: number): number => (faults > 0 ? 1 : runs / 20_000);
    const parts = { corpus: [], seed: 7, progress, isOurs: (url: string) => url === import.meta.url };
    const { faults, found } = await fuzz(planted, parts);
    assert.match(faults[0]?.cause ?? '', /found/);
    assert.ok(found.length >= 5);
    const blind = drawFrom(7);
    for (let run = 0; run < 20_000; run += 1)
      rainbow(mutate(Buffer.from('white'), Buffer.from('white'), words, 200, blind).toString());
  });

  it('takes an input of more than a second as a fault', async () => {
    const run = (): void => {
      const before = process.cpuUsage();
      while (process.cpuUsage(before).user < 1_100_000);
    };
    assert.match((await faultOf({ ...planted, run }, Buffer.alloc(0)))?.cause ?? '', /ms$/);
  });

  it('makes the same inputs from the same seed, none beyond the limit', () => {
    const inputs = (seed: number) => {
      const draw = drawFrom(seed);
      return Array.from({ length: 500 }, () =>
        mutate(Buffer.from('<a b="c">d</a>'), Buffer.from('x=y&z'), ['w'], 40, draw).toString('hex'),
      );
    };
    assert.deepEqual(inputs(1), inputs(1));
    assert.notDeepEqual(inputs(1), inputs(2));
    assert.ok(inputs(1).every((input) => input.length <= 80));
    assert.ok(new Set(inputs(1)).size > 400);
  });
});
