/** Messages as the HTTP-Redirect and HTTP-POST bindings carry them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Reason } from '../../src/refusal.ts';
import { decodeMessage } from '../../src/saml/message.ts';
import type { Binding } from '../../src/saml/message.ts';
import { deflateEncoding } from '../../src/saml/names.ts';
import { parseParameters } from '../../src/saml/parameters.ts';
import { cpuOf, outcome, post, redirect } from './requests.ts';

const decode = (binding: Binding, text: string) => decodeMessage(binding, parseParameters(text));
const encoded = (bytes: Buffer | string): string => encodeURIComponent(Buffer.from(bytes).toString('base64'));
const deflated = deflateRawSync('<a/>');
const bomb = deflateRawSync(Buffer.alloc(50_000_000, 'a'), { level: 9 });

const refused: readonly (readonly [what: string, binding: Binding, text: string, reason: Reason])[] = [
  ['no SAMLRequest', 'HTTP-Redirect', 'RelayState=a', 'request-missing'],
  ['an empty SAMLRequest', 'HTTP-POST', 'SAMLRequest=', 'request-missing'],
  ['samlrequest in another case', 'HTTP-POST', 'samlrequest=PGEvPg==', 'request-missing'],
  ['a SAMLResponse', 'HTTP-POST', 'SAMLResponse=PGEvPg==', 'request-not-authn-request'],
  ['a SAMLResponse beside the request', 'HTTP-POST', `${post('<a/>')}&SAMLResponse=PGEvPg==`, 'request-not-authn-request'],
  ['other characters', 'HTTP-POST', 'SAMLRequest=PGEv*g==', 'request-not-base64'],
  ['base64 for URLs', 'HTTP-POST', `SAMLRequest=${Buffer.from('<a b="???"/>').toString('base64url')}`, 'request-not-base64'],
  ['no padding', 'HTTP-POST', 'SAMLRequest=PGEvPg', 'request-not-base64'],
  ['padding inside', 'HTTP-POST', 'SAMLRequest=PA==PGEvPg==', 'request-not-base64'],
  ['stray bits', 'HTTP-POST', 'SAMLRequest=PGEvPh==', 'request-not-base64'],
  ['blanks alone', 'HTTP-POST', 'SAMLRequest=%20', 'request-not-base64'],
  ['line breaks in a query', 'HTTP-Redirect', `SAMLRequest=${encoded(deflated)}%0A`, 'request-not-base64'],
  ['XML that is not deflated', 'HTTP-Redirect', post('<a/>'), 'request-not-deflated'],
  ['zlib data', 'HTTP-Redirect', `SAMLRequest=${encoded(deflateSync('<a/>'))}`, 'request-not-deflated'],
  ['gzip data', 'HTTP-Redirect', `SAMLRequest=${encoded(gzipSync('<a/>'))}`, 'request-not-deflated'],
  ['a deflate stream cut short', 'HTTP-Redirect', `SAMLRequest=${encoded(deflated.subarray(0, -1))}`, 'request-not-deflated'],
  [
    'bytes after the deflate stream',
    'HTTP-Redirect',
    `SAMLRequest=${encoded(Buffer.concat([deflated, Buffer.from('x')]))}`,
    'request-not-deflated',
  ],
  ['two deflate streams', 'HTTP-Redirect', `SAMLRequest=${encoded(Buffer.concat([deflated, deflated]))}`, 'request-not-deflated'],
  ['another encoding', 'HTTP-Redirect', `${redirect('<a/>')}&SAMLEncoding=urn:example:gzip`, 'request-not-deflated'],
  ['an empty encoding', 'HTTP-Redirect', `${redirect('<a/>')}&SAMLEncoding=`, 'request-not-deflated'],
  ['a deflate bomb', 'HTTP-Redirect', `SAMLRequest=${encoded(bomb)}`, 'request-too-large'],
  ['a small deflate bomb', 'HTTP-Redirect', `SAMLRequest=${encoded(deflateRawSync(Buffer.alloc(200_000)))}`, 'request-too-large'],
  ['a large body', 'HTTP-POST', post('x'.repeat(140_000)), 'request-too-large'],
  ['a large query', 'HTTP-Redirect', `SAMLRequest=${'A'.repeat(200_000)}`, 'request-too-large'],
  ['bytes that are not UTF-8', 'HTTP-POST', `SAMLRequest=${encoded(Buffer.from('<a>\xff</a>', 'latin1'))}`, 'request-not-xml'],
  ['a large RelayState', 'HTTP-POST', post('<a/>', 'x'.repeat(65_537)), 'relay-state-too-large'],
  ['a RelayState large in bytes', 'HTTP-POST', post('<a/>', 'é'.repeat(32_769)), 'relay-state-too-large'],
  ['Signature without SigAlg', 'HTTP-Redirect', `${redirect('<a/>')}&Signature=AAAA`, 'signature-malformed'],
  ['SigAlg without Signature', 'HTTP-Redirect', `${redirect('<a/>')}&SigAlg=urn:x`, 'signature-malformed'],
  ['an empty Signature', 'HTTP-Redirect', `${redirect('<a/>')}&SigAlg=urn:x&Signature=`, 'signature-malformed'],
  ['a Signature that is not base64', 'HTTP-Redirect', `${redirect('<a/>')}&SigAlg=urn:x&Signature=A`, 'signature-malformed'],
  ['HTTP-POST-SimpleSign', 'HTTP-POST', `${post('<a/>')}&SigAlg=urn:x&Signature=AAAA`, 'binding-unsupported'],
];

describe('decoding a message', () => {
  for (const [what, binding, text, reason] of refused) {
    it(`refuses ${what}`, async () => {
      assert.equal(await outcome(() => decode(binding, text)), reason);
      assert.ok((await cpuOf(() => decode(binding, text))) < 50);
    });
  }

  it('inflates no more than it may', async () => {
    const before = process.memoryUsage().rss;
    for (let round = 0; round < 20; round += 1) await outcome(() => decode('HTTP-Redirect', `SAMLRequest=${encoded(bomb)}`));
    assert.ok(process.memoryUsage().rss - before < 20_000_000);
  });

  it('takes the encoding of the standard, line breaks in a form, and a byte order mark', () => {
    assert.equal(decode('HTTP-Redirect', `${redirect('<a/>')}&SAMLEncoding=${encodeURIComponent(deflateEncoding)}`).xml, '<a/>');
    assert.equal(decode('HTTP-POST', 'SAMLRequest=PGEv%0D%0APg%3D%3D%0D%0A').xml, '<a/>');
    assert.equal(decode('HTTP-POST', post('\uFEFF<a/>')).xml, '<a/>');
  });

  it('signs over the parameters as they came, in the order of the standard', () => {
    const text = `Signature=AAAA&RelayState=a+%c3%a9&SigAlg=urn%3ax&SAMLRequest=${encoded(deflated)}&x=1`;
    const { signature } = decode('HTTP-Redirect', text);
    assert.equal(signature?.octets.toString(), `SAMLRequest=${encoded(deflated)}&RelayState=a+%c3%a9&SigAlg=urn%3ax`);
    assert.equal(signature.algorithm, 'urn:x');
    assert.equal(decode('HTTP-Redirect', redirect('<a/>')).signature, undefined);
  });

  it('gives back every text and RelayState, by either binding', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.option(fc.string({ unit: 'grapheme' }), { nil: undefined }),
        (xml, relayState) => {
          fc.pre(!xml.startsWith('\uFEFF'));
          for (const message of [
            decode('HTTP-Redirect', redirect(xml, relayState)),
            decode('HTTP-POST', post(xml, relayState)),
          ]) {
            assert.deepEqual([message.xml, message.relayState], [xml, relayState]);
          }
        },
      ),
    );
  });

  it('never ends in anything but a message or a Refusal', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 60 }),
        fc.constantFrom<Binding>('HTTP-Redirect', 'HTTP-POST'),
        async (bytes, binding) => {
          await outcome(() => decode(binding, `SAMLRequest=${encoded(Buffer.from(bytes))}`));
        },
      ),
      { numRuns: 2000 },
    );
  });
});
