/** Text of strangers, shown and as JSON: nothing in it that a terminal would obey. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { plain, plainJson } from '../../src/cli/plain.ts';

const obeyed = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\u009b2J', '\u001b]0;x\u0007', '\u202egnp', '\u{e0041}', 'a\nb\\u0041'),
);

describe('text of strangers', () => {
  it('is shown without what a terminal obeys', () => {
    fc.assert(fc.property(text, (given) => !obeyed.test(plain(given))));
  });

  it('says the same in JSON, without that too', () => {
    fc.assert(
      fc.property(text, text, (name, value) => {
        const json = plainJson({ [`x${name}`]: [value] });
        assert.ok(!obeyed.test(json.replaceAll('\n', '')));
        assert.deepEqual(JSON.parse(json), { [`x${name}`]: [value] });
      }),
    );
  });
});
