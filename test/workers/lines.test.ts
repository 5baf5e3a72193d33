/** Lines come out whole, however the bytes come in. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createLines } from '../../src/workers/lines.ts';

describe('lines', () => {
  it('are what was written, wherever the pieces were cut', () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll('\n', ' '));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), fc.infiniteStream(fc.integer({ min: 1, max: 9 })), (written, sizes) => {
        const bytes = Buffer.from(written.map((text) => `${text}\n`).join(''));
        const taken: string[] = [];
        const lines = createLines((text) => taken.push(text));
        let from = 0;
        for (const size of sizes) {
          if (from >= bytes.length) break;
          lines.add(bytes.subarray(from, from + size));
          from += size;
        }
        lines.end();
        assert.deepEqual(
          taken,
          written.map((text) => `${text}\n`),
        );
      }),
    );
  });

  it('get their end where whoever wrote them died', () => {
    const taken: string[] = [];
    const lines = createLines((text) => taken.push(text));
    lines.add(Buffer.from('{"a":1}\n{"b'));
    lines.end();
    lines.end();
    assert.deepEqual(taken, ['{"a":1}\n', '{"b\n']);
  });
});
