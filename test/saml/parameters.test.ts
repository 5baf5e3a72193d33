/** Queries and forms: parsed once, each name literal and once. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Reason } from '../../src/refusal.ts';
import { parseParameters } from '../../src/saml/parameters.ts';
import { cpuOf, outcome } from './requests.ts';

const refused: readonly (readonly [what: string, text: string, reason: Reason])[] = [
  ['SAMLRequest twice', 'SAMLRequest=a&SAMLRequest=b', 'request-parameter-repeated'],
  ['RelayState twice, alike', 'RelayState=a&RelayState=a', 'request-parameter-repeated'],
  ['Signature twice', 'Signature=a&x=1&Signature=b', 'request-parameter-repeated'],
  ['any parameter twice', 'x=1&x=1', 'request-parameter-repeated'],
  ['a disguised SAMLRequest', '%53AMLRequest=a', 'request-parameter-disguised'],
  ['a disguised SAMLRequest beside a plain one', 'SAMLRequest=a&%53AMLRequest=b', 'request-parameter-disguised'],
  ['a disguised Signature', 'Signatur%65=a', 'request-parameter-disguised'],
  ['any disguised name', 'foo%5B%5D=1', 'request-parameter-disguised'],
  ['a plus in a name', 'SAML+Request=a', 'request-parameter-disguised'],
  ['half a triplet', 'RelayState=%4', 'request-parameter-malformed'],
  ['no hexadecimal triplet', 'RelayState=%zz', 'request-parameter-malformed'],
  ['a bare percent sign', 'RelayState=100%', 'request-parameter-malformed'],
  ['bytes that are not UTF-8', 'RelayState=%ff', 'request-parameter-malformed'],
  ['an overlong form', 'RelayState=%c0%af', 'request-parameter-malformed'],
  ['an encoded surrogate', 'RelayState=%ed%a0%80', 'request-parameter-malformed'],
  ['characters beyond ASCII', 'RelayState=é', 'request-parameter-malformed'],
  ['a line break', 'RelayState=a\r\nb', 'request-parameter-malformed'],
  ['a blank', 'RelayState=a b', 'request-parameter-malformed'],
  ['a value without a name', '=a', 'request-parameter-malformed'],
  ['a long name', `${'a'.repeat(300)}=1`, 'request-parameter-malformed'],
  ['too many parameters', Array.from({ length: 65 }, (_, index) => `p${index}=`).join('&'), 'request-too-large'],
  ['ampersands', '&'.repeat(1_000_000), 'request-too-large'],
  ['too much', `RelayState=${'a'.repeat(1_048_576)}`, 'request-too-large'],
];

describe('parsing parameters', () => {
  for (const [what, text, reason] of refused) {
    it(`refuses ${what}`, async () => {
      assert.equal(await outcome(() => parseParameters(text)), reason);
      assert.ok((await cpuOf(() => parseParameters(text))) < 50);
    });
  }

  it('keeps each value decoded and as it came', () => {
    const parameters = parseParameters('SAMLRequest=a%2bb%2F%3D&RelayState=x+%C3%A9%20&empty=&bare&&__proto__=1');
    assert.deepEqual(parameters.get('SAMLRequest'), { raw: 'a%2bb%2F%3D', value: 'a+b/=' });
    assert.deepEqual(parameters.get('RelayState'), { raw: 'x+%C3%A9%20', value: 'x é ' });
    assert.equal(parameters.get('empty')?.value, '');
    assert.equal(parameters.get('bare')?.value, '');
    assert.equal(parameters.get('__proto__')?.value, '1');
    assert.equal(parameters.get('toString'), undefined);
  });

  it('gives back every value that a form or a query can carry', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        assert.equal(parseParameters(`a=${encodeURIComponent(value)}`).get('a')?.value, value);
        assert.equal(parseParameters(new URLSearchParams({ a: value }).toString()).get('a')?.value, value);
      }),
    );
  });

  it('never ends in anything but parameters or a Refusal', async () => {
    const soup = fc.string({ unit: fc.constantFrom(...Array.from('ab=&%+;4cf0é\u0000\n')), maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(soup, async (text) => {
        await outcome(() => parseParameters(text));
      }),
      { numRuns: 2000 },
    );
  });
});
