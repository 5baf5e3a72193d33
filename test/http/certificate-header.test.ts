/** What a proxy's header is read as, where it is not what one proxy wrote once. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { createCertificateHeader } from '../../src/http/certificate-header.ts';
import { Refusal } from '../../src/refusal.ts';

const secret = randomBytes(32).toString('hex');
const read = createCertificateHeader({
  config: { name: 'X-Client-Cert', seal: 'secret', sealName: 'X-Client-Cert-Secret', secretFile: '/secret' },
  secret,
  trustProxy: ['127.0.0.1'],
});
const block = (body: string): string => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
const encoded = (body: string): string => encodeURIComponent(block(body));
const spaced = (body: string): string => block(body).replaceAll('\n', ' ').trim();

describe('the header of a certificate', () => {
  const cases: readonly [string, string | undefined, string][] = [
    ['PEM in percent-encoding', 'AAAA', encoded('AAAA')],
    ['PEM in one line', 'AAAA', spaced('AAAA')],
    ['a chain', 'AAAA BBBB', encodeURIComponent(block('AAAA') + block('BBBB'))],
    ['as RFC 9440 encloses it', 'AAAA', ':AAAA:'],
    // Node joins headers that repeat so: the browser's own stands before the one that a proxy adds.
    ['twice, in percent-encoding', undefined, `${encoded('AAAA')}, ${encoded('BBBB')}`],
    ['twice, in one line', undefined, `${spaced('AAAA')}, ${spaced('BBBB')}`],
    ['twice, in base64', undefined, 'AAAA, BBBB'],
    ['twice, empty once', undefined, `, ${encoded('BBBB')}`],
    ['with something before it', undefined, `Cert="${encoded('AAAA')}"`],
  ];
  for (const [title, expected, value] of cases) {
    it(`${title}: ${expected === undefined ? 'refused' : 'read'}`, () => {
      const request = {
        headers: { 'x-client-cert': value, 'x-client-cert-secret': secret },
        socket: { remoteAddress: '127.0.0.1' },
      };
      const shown = () => read(request, 'id=x', 0).certificates;
      if (expected !== undefined) assert.equal(shown(), expected);
      else assert.throws(shown, (error) => error instanceof Refusal && error.reason === 'certificate-untrusted');
    });
  }
});
