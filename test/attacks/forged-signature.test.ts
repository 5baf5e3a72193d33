/** Signatures that look like one: a second one, a second Reference, transforms that drop content, HMAC with a public key, foreign keys. */
import { createHmac, createPublicKey, X509Certificate } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { SignedXml } from 'xml-crypto';
import type { Reason } from '../../src/refusal.ts';
import { base64Of } from '../fixtures/foreign-service-provider.ts';
import { assertRefused, assertTaken, byQuery, openScene, postedXml, type Scene, signatureOf } from './scene.ts';

let scene: Scene;
before(async () => {
  scene = await openScene();
});
after(() => scene.close());

const exclusiveC14n = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const enveloped = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
const rsaSha256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
const hmacSha256 = 'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256';
const sha256 = 'http://www.w3.org/2001/04/xmlenc#sha256';

const request = (content = ''): string => scene.signing.authnRequest(scene.singleSignOn, { content });
const signed = (content = ''): string => scene.signing.sign(request(content));
const edit = (xml: string, from: string | RegExp, to: string): string => {
  const edited = xml.replace(from, to);
  if (edited === xml) throw new Error(`nothing to edit: ${String(from)}`);
  return edited;
};
const transform = (algorithm: string, content = ''): string => `<ds:Transform Algorithm="${algorithm}">${content}</ds:Transform>`;
const extra = '<samlp:Extensions><x xmlns="urn:x"/></samlp:Extensions>';

/** Signs by any transforms and references, with the right key. */
function signOddly(xml: string, references: readonly { xpath: string; transforms: string[] }[], algorithm = rsaSha256): string {
  const signer = new SignedXml({
    privateKey: scene.signing.credential.privateKey,
    signatureAlgorithm: algorithm,
    canonicalizationAlgorithm: exclusiveC14n,
  });
  for (const reference of references) signer.addReference({ ...reference, digestAlgorithm: sha256 });
  signer.computeSignature(xml, { prefix: 'ds', location: { reference: "/*/*[local-name()='Issuer']", action: 'after' } });
  return signer.getSignedXml();
}

/** HMAC over SignedInfo, keyed with what everybody knows: the public key. */
function hmacSigned(key: string): string {
  const xml = edit(signed(), rsaSha256, hmacSha256);
  const signedInfo = /<ds:SignedInfo>[^]*<\/ds:SignedInfo>/.exec(xml)?.[0] ?? '';
  const canonical = signedInfo.replace('<ds:SignedInfo>', '<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">');
  const value = createHmac('sha256', key).update(canonical).digest('base64');
  return edit(xml, /<ds:SignatureValue>[^<]*/, `<ds:SignatureValue>${value}`);
}

const rows: readonly (readonly [name: string, make: () => string, ...reasons: [Reason, ...Reason[]]])[] = [
  [
    'a second Signature beside the first',
    () => edit(signed(), /(<ds:Signature [^]*<\/ds:Signature>)/, '$1$1'),
    'signature-malformed',
  ],
  [
    'the attacker’s Signature before the sound one',
    () => {
      const forged = signatureOf(scene.signing.sign(request(), scene.attacker.privateKey));
      return edit(signed(), '<ds:Signature ', `${forged}<ds:Signature `);
    },
    'signature-malformed',
  ],
  [
    'a Signature at the end of the message',
    () =>
      edit(
        edit(signed(extra), /<ds:Signature [^]*<\/ds:Signature>/, ''),
        '</samlp:AuthnRequest>',
        `${signatureOf(signed(extra))}</samlp:AuthnRequest>`,
      ),
    'signature-malformed',
  ],
  [
    'two References, the root and a part of it',
    () => {
      const both = [enveloped, exclusiveC14n];
      return signOddly(request('<samlp:Extensions><x xmlns="urn:x" ID="_x"/></samlp:Extensions>'), [
        { xpath: '/*', transforms: both },
        { xpath: "//*[local-name()='x']", transforms: [exclusiveC14n] },
      ]);
    },
    'signature-malformed',
  ],
  [
    'one Reference, to a part of the message alone',
    () =>
      signOddly(request('<samlp:Extensions><x xmlns="urn:x" ID="_x"/></samlp:Extensions>'), [
        { xpath: "//*[local-name()='x']", transforms: [exclusiveC14n] },
      ]),
    'signature-malformed',
  ],
  ['no Reference at all', () => edit(signed(), /<ds:Reference [^]*<\/ds:Reference>/, ''), 'signature-malformed'],
  ['a Reference to nothing', () => edit(signed(), /URI="#[^"]*"/, 'URI="#_nothing"'), 'signature-malformed'],
  ['a Reference by XPointer', () => edit(signed(), /URI="#([^"]*)"/, 'URI="#xpointer(id(\'$1\'))"'), 'signature-malformed'],
  ['a Reference to a file', () => edit(signed(), /URI="#[^"]*"/, 'URI="file:///etc/passwd"'), 'signature-malformed'],
  ['a Reference to a web site', () => edit(signed(), /URI="#[^"]*"/, 'URI="https://evil.example.net/"'), 'signature-malformed'],
  [
    'a transform by XPath that drops all but the Issuer',
    () =>
      edit(
        signed(extra),
        '<ds:Transforms>',
        `<ds:Transforms>${transform('http://www.w3.org/TR/1999/REC-xpath-19991116', '<ds:XPath>ancestor-or-self::saml:Issuer</ds:XPath>')}`,
      ),
    'signature-malformed',
  ],
  [
    'a transform by XPath filter 2.0',
    () => edit(signed(extra), '<ds:Transforms>', `<ds:Transforms>${transform('http://www.w3.org/2002/06/xmldsig-filter2')}`),
    'signature-malformed',
  ],
  [
    'a transform by XSLT',
    () =>
      edit(
        signed(),
        '<ds:Transforms>',
        `<ds:Transforms>${transform('http://www.w3.org/TR/1999/REC-xslt-19991116', '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"/>')}`,
      ),
    'signature-malformed',
  ],
  [
    'a transform of base64',
    () => edit(signed(), '<ds:Transforms>', `<ds:Transforms>${transform('http://www.w3.org/2000/09/xmldsig#base64')}`),
    'signature-malformed',
  ],
  [
    'no enveloped-signature transform',
    () => edit(signed(), new RegExp(`<ds:Transform Algorithm="${enveloped}"/>`), ''),
    'signature-malformed',
  ],
  [
    'the enveloped-signature transform twice',
    () => edit(signed(), new RegExp(`(<ds:Transform Algorithm="${enveloped}"/>)`), '$1$1'),
    'signature-malformed',
  ],
  [
    'a hundred transforms',
    () => edit(signed(), '<ds:Transforms>', `<ds:Transforms>${transform(exclusiveC14n).repeat(100)}`),
    'signature-malformed',
  ],
  [
    'inclusive canonicalization',
    () => edit(signed(), exclusiveC14n, 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'),
    'signature-malformed',
  ],
  ['HMAC with the certificate’s PEM', () => hmacSigned(scene.signing.credential.certificate), 'signature-algorithm-forbidden'],
  [
    'HMAC with the public key’s PEM',
    () => hmacSigned(createPublicKey(scene.signing.credential.certificate).export({ type: 'spki', format: 'pem' }).toString()),
    'signature-algorithm-forbidden',
  ],
  ['HMAC with an empty key', () => hmacSigned(''), 'signature-algorithm-forbidden'],
  [
    'RSA with SHA-1',
    () => edit(signed(), rsaSha256, 'http://www.w3.org/2000/09/xmldsig#rsa-sha1'),
    'signature-algorithm-forbidden',
  ],
  [
    'a digest of MD5',
    () => edit(signed(), sha256, 'http://www.w3.org/2001/04/xmldsig-more#md5'),
    'signature-algorithm-forbidden',
  ],
  ['a digest of SHA-1', () => edit(signed(), sha256, 'http://www.w3.org/2000/09/xmldsig#sha1'), 'signature-algorithm-forbidden'],
  ['an algorithm nobody knows', () => edit(signed(), rsaSha256, 'urn:none'), 'signature-algorithm-forbidden'],
  ['the attacker’s key', () => scene.signing.sign(request(), scene.attacker.privateKey), 'signature-invalid'],
  [
    'the attacker’s key, whose certificate the KeyInfo brings',
    () => {
      const certificate = base64Of(scene.attacker);
      const info = `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`;
      return edit(scene.signing.sign(request(), scene.attacker.privateKey), '</ds:Signature>', `${info}</ds:Signature>`);
    },
    'signature-invalid',
  ],
  [
    'the attacker’s key under the right certificate’s name',
    () => {
      const { subject, issuer, serialNumber } = new X509Certificate(scene.signing.credential.certificate);
      const serial = BigInt(`0x${serialNumber}`).toString();
      const info =
        `<ds:KeyInfo><ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>${issuer}</ds:X509IssuerName><ds:X509SerialNumber>${serial}` +
        `</ds:X509SerialNumber></ds:X509IssuerSerial><ds:X509SubjectName>${subject}</ds:X509SubjectName></ds:X509Data></ds:KeyInfo>`;
      return edit(scene.signing.sign(request(), scene.attacker.privateKey), '</ds:Signature>', `${info}</ds:Signature>`);
    },
    'signature-invalid',
  ],
  ['content added after signing', () => edit(signed(), '</ds:Signature>', `</ds:Signature>${extra}`), 'signature-invalid'],
  ['an attribute changed after signing', () => edit(signed(), 'Version=', 'ForceAuthn="true" Version='), 'signature-invalid'],
  ['no signature', () => request(), 'signature-missing'],
  ['an empty SignatureValue', () => edit(signed(), /<ds:SignatureValue>[^<]*/, '<ds:SignatureValue>'), 'signature-malformed'],
  [
    'a SignatureValue of zeros',
    () => edit(signed(), /<ds:SignatureValue>[^<]*/, `<ds:SignatureValue>${Buffer.alloc(256).toString('base64')}`),
    'signature-invalid',
  ],
];

describe('a signature', () => {
  it('is taken with and without further content and KeyInfo', async () => {
    await assertTaken(scene, postedXml('/saml/sso', signed()));
    await assertTaken(scene, postedXml('/saml/sso', signed(extra)));
  });
  for (const [name, make, ...reasons] of rows) {
    it(`with ${name}`, async () => {
      await assertRefused(scene, () => postedXml('/saml/sso', make()), ...reasons);
    });
  }
});

describe('the signature of a query', () => {
  const query = (): URLSearchParams => new URLSearchParams(scene.signing.redirectQuery(request(), { relayState: 'r' }));
  const changed = (name: string, value: string): string => {
    const parameters = query();
    parameters.set(name, value);
    return parameters.toString();
  };
  const queries: readonly (readonly [name: string, make: () => string, ...reasons: [Reason, ...Reason[]]])[] = [
    [
      'by HMAC with the public key',
      () => {
        const parameters = query();
        parameters.set('SigAlg', hmacSha256);
        parameters.delete('Signature');
        const value = createHmac('sha256', scene.signing.credential.certificate).update(parameters.toString()).digest('base64');
        parameters.set('Signature', value);
        return parameters.toString();
      },
      'signature-algorithm-forbidden',
    ],
    ['by SHA-1', () => changed('SigAlg', 'http://www.w3.org/2000/09/xmldsig#rsa-sha1'), 'signature-algorithm-forbidden'],
    [
      'by another hash than it says',
      () => changed('SigAlg', 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512'),
      'signature-invalid',
    ],
    ['of zeros', () => changed('Signature', Buffer.alloc(256).toString('base64')), 'signature-invalid'],
    ['that is empty', () => changed('Signature', ''), 'signature-malformed'],
    [
      'for another message',
      () => {
        const parameters = query();
        parameters.set('SAMLRequest', new URLSearchParams(scene.signing.redirectQuery(request())).get('SAMLRequest') ?? '');
        return parameters.toString();
      },
      'signature-invalid',
    ],
  ];
  for (const [name, make, ...reasons] of queries) {
    it(name, async () => {
      await assertRefused(scene, () => byQuery('/saml/sso', make()), ...reasons);
    });
  }
});
