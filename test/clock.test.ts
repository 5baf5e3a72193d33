/** Random bytes in helpings are those that were drawn, each given out once and nowhere kept. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { inHelpings } from '../src/clock.ts';

describe('random bytes in helpings', () => {
  it('have the length asked for and are given out once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.integer({ min: 8, max: 64 }), fc.integer({ min: 4_000, max: 9_000 })), { maxLength: 200 }),
        (lengths) => {
          const drawn: Buffer[] = [];
          const random = inHelpings((bytes) => {
            const fresh = randomBytes(bytes);
            drawn.push(Buffer.from(fresh));
            return fresh;
          });
          const all = lengths.map((length) => random(length));
          assert.deepEqual(
            all.map((part) => part.length),
            lengths,
          );
          const source = Buffer.concat(drawn);
          const places = all.map((part) => source.indexOf(part));
          assert.ok(places.every((place) => place >= 0));
          assert.equal(new Set(places).size, places.length);
        },
      ),
    );
  });

  it('are wiped from the helping, which whoever has them cannot reach', () => {
    const helpings: Buffer[] = [];
    const random = inHelpings((bytes) => {
      const fresh = Buffer.alloc(bytes, 1);
      helpings.push(fresh);
      return fresh;
    });
    const part = random(32);
    part.fill(7);
    const [helping] = helpings;
    assert.ok(helping !== undefined);
    assert.ok(helping.subarray(0, 32).every((byte) => byte === 0));
    assert.ok(helping.subarray(32).every((byte) => byte === 1));
  });
});
