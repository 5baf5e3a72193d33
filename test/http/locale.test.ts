/** Languages are chosen as RFC 9110 §12.5.4 weighs them, whatever the header holds. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { locale, locales } from '../../src/http/locale.ts';

const rows: readonly [title: string, header: string | undefined, expected: string][] = [
  ['no header', undefined, 'en'],
  ['an empty header', '', 'en'],
  ['one language', 'fr', 'fr'],
  ['a region', 'de-CH', 'de'],
  ['a script and a region', 'ja-Jpan-JP', 'ja'],
  ['capitals', 'DE-at', 'de'],
  ['what Firefox sends', 'de,en-US;q=0.7,en;q=0.3', 'de'],
  ['what Chromium sends', 'fr-CH,fr;q=0.9,en;q=0.8,de;q=0.7,*;q=0.5', 'fr'],
  ['weights against the order', 'en;q=0.1, es;q=0.9, de;q=0.5', 'es'],
  ['equal weights in order', 'ja;q=0.5,de;q=0.5', 'ja'],
  ['a language that we lack, then one of ours', 'nl,it;q=0.9,es;q=0.2', 'es'],
  ['only languages that we lack', 'nl,it', 'en'],
  ['a language refused', 'de;q=0', 'en'],
  ['anything', '*', 'en'],
  ['anything but English', 'en;q=0, *;q=0.5', 'de'],
  ['anything beside a language that we lack', 'zh, *;q=0.1', 'en'],
  ['all refused', '*;q=0', 'en'],
  ['spaces and tabs', ' de ;\tq=0.3 ,\tfr ; q=0.4 ', 'fr'],
  ['empty members', ',,de,,', 'de'],
  ['a weight above 1 is no weight', 'de;q=2,fr;q=0.1', 'fr'],
  ['a negative weight', 'de;q=-1,fr;q=0.1', 'fr'],
  ['a weight of four digits', 'de;q=0.9999,fr;q=0.1', 'fr'],
  ['a weight that is no number', 'de;q=high,fr;q=0.1', 'fr'],
  ['another parameter', 'de;level=1,fr;q=0.1', 'fr'],
  ['a language that only begins like ours', 'den,frp', 'en'],
  ['a member of Object', '__proto__,constructor,toString', 'en'],
  ['markup', '<script>,"de"', 'en'],
  ['more ranges than are read', `${'nl,'.repeat(40)}de`, 'en'],
  ['a header that is cut within a range', `${'x'.repeat(505)},de;q=0.1,fr`, 'en'],
  ['a very long header', `de,${'a-'.repeat(100_000)}`, 'de'],
];

describe('locale', () => {
  for (const [title, header, expected] of rows) {
    it(`chooses ${expected} for ${title}`, () => {
      assert.equal(locale(header), expected);
    });
  }

  it('always answers with a language of ours', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[a-z;=,q0-9. *-]{0,80}$/)), (header) => {
        assert.ok(locales.includes(locale(header)));
      }),
    );
  });
});
