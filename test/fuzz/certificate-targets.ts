/** The parsers of client certificates: what browsers and proxies bring, and what lists and responders answer. */
import { DerMistake } from '../../src/authenticators/certificate/der.ts';
import { identitiesOf } from '../../src/authenticators/certificate/identities.ts';
import { readOcspResponse } from '../../src/authenticators/certificate/ocsp.ts';
import { readCertificate } from '../../src/authenticators/certificate/read-certificate.ts';
import { askList, listAddresses, readRevocationList } from '../../src/authenticators/certificate/revocation-list.ts';
import { createCertificateHeader } from '../../src/http/certificate-header.ts';
import { Authority, extensions, mail, pem, purposes, upn } from '../fixtures/people-authority.ts';
import type { Target } from './fuzz.ts';
import { meant } from './meant.ts';

const root = Authority.root();
const issued = root.person('CN=Somebody', {
  extensions: [
    extensions.usage(0),
    extensions.purposes(purposes.clientAuth),
    extensions.names(upn('alice@example.com'), mail('alice@example.com')),
    extensions.sid('S-1-5-21-1-2-3-1104'),
    extensions.lists('http://pki.example.com/people.crl'),
    extensions.keyIdentifier(root.issued.publicKey),
  ],
});
const [certificate, issuer] = [readCertificate(issued.der), readCertificate(root.issued.der)];
const now = Date.now();
const words = [
  '\x30\x80',
  '\x30\x82\x10\x00',
  '\xa0\x03',
  '\x02\x01\x05',
  '\x04\x00',
  '\x06\x03\x55\x1d\x11',
  '\x01\x01\xff',
  '\xff',
];
const readHeader = createCertificateHeader({
  config: {
    name: 'X-Client-Cert',
    seal: 'secret',
    sealName: 'X-Client-Cert-Seal',
    secretFile: '',
    ocspName: 'X-Client-Cert-Ocsp',
  },
  secret: 'secret',
  trustProxy: ['127.0.0.1'],
});

export const certificateTargets: readonly Target[] = [
  {
    name: 'certificate',
    seeds: [issued.der, root.issued.der],
    dictionary: words,
    most: 2_000,
    run: (input) =>
      meant(() => {
        const read = readCertificate(input);
        const { strong } = identitiesOf(read);
        listAddresses(read);
        if (strong.some((value) => !value.startsWith('X509:<'))) throw new Error('a value that is none');
      }, DerMistake),
  },
  {
    name: 'revocation-list',
    seeds: [root.list({ revoked: [Buffer.from([7]), Buffer.from([8])] }), pem('X509 CRL', root.list())],
    dictionary: words,
    most: 2_000,
    run: (input) => meant(async () => askList(await readRevocationList(input), certificate, now), DerMistake),
  },
  {
    name: 'ocsp-response',
    seeds: [root.ocsp(issued), root.ocsp(issued, { status: 'revoked', attached: [issued.der], hash: 'sha256' })],
    dictionary: words,
    most: 3_000,
    run: (input) =>
      meant(async () => {
        const question = { certificate, issuer, nonce: undefined, now, askLists: () => Promise.resolve('good' as const) };
        await readOcspResponse(input, question);
      }, DerMistake),
  },
  {
    name: 'certificate-header',
    seeds: [encodeURIComponent(issued.certificate), issued.der.toString('base64'), `:${issued.der.toString('base64')}:`],
    dictionary: ['%', '%0A', '-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----', ':', ', ', '%ff'],
    most: 4_000,
    run: (input) =>
      meant(() => {
        const value = input.toString('latin1');
        const headers = { 'x-client-cert': value, 'x-client-cert-seal': 'secret', 'x-client-cert-ocsp': value };
        const { certificates, ocsp } = readHeader({ headers, socket: { remoteAddress: '127.0.0.1' } }, 'id=x', now);
        if (/[^A-Za-z0-9+/= ]/.test(certificates) || /[^A-Za-z0-9+/=]/.test(ocsp)) throw new Error('more than base64');
      }),
  },
];
