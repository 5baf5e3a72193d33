/** The picture for cameras: what is drawn is what was encoded, black on white, with its quiet zone, whatever the text. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encode } from 'uqr';
import { drawQr } from '../../src/http/draw-qr.ts';

/** The modules that the lines of a picture cover. */
function covered(svg: string): boolean[][] {
  const side = Number(/^<svg viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]);
  const modules = Array.from({ length: side }, () => Array.from({ length: side }, () => false));
  let [x, y] = [0, 0];
  const steps = / d="([^"]*)"/.exec(svg)?.[1] ?? '';
  for (const [, step = '', first = '', second = ''] of steps.matchAll(/([Mmh])(\d+)(?: ([\d.]+))?/g)) {
    if (step === 'M') [x, y] = [Number(first), Math.floor(Number(second))];
    else if (step === 'm') x += Number(first);
    else for (const end = x + Number(first); x < end; x += 1) (modules[y] ?? [])[x] = true;
  }
  return modules;
}

describe('a picture for cameras', () => {
  it('shows the modules of the code, with four of white around it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const modules = covered(drawQr(text));
        assert.deepEqual(modules, encode(text.toWellFormed(), { ecc: 'M', border: 4 }).data);
        const edge = [
          ...modules.slice(0, 4),
          ...modules.slice(-4),
          ...modules.map((row) => [...row.slice(0, 4), ...row.slice(-4)]),
        ];
        assert.ok(!edge.flat().includes(true));
      }),
      { numRuns: 30 },
    );
  });

  it('holds nothing of the text but the pattern, and no style', () => {
    for (const text of ['"><script>alert(1)</script>', '', '\ud800', 'ü日本']) {
      assert.match(
        drawQr(text),
        /^<svg viewBox="[\d ]+" aria-hidden="true" focusable="false" shape-rendering="crispEdges"><rect width="\d+" height="\d+" fill="#ffffff"\/><path stroke="#000000" d="[Mmh\d .]+"\/><\/svg>$/,
      );
    }
  });
});
