/** Signatures of requests over both bindings: what verifies, and every way to cheat that is known. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Reason } from '../../src/refusal.ts';
import type { Binding } from '../../src/saml/message.ts';
import { algorithms, namespaces } from '../../src/saml/names.ts';
import type { ServiceProvider } from '../../src/saml/service-provider.ts';
import {
  acs,
  authnRequest,
  cpuOf,
  ec,
  entityID,
  otherRsa,
  outcome,
  post,
  redirect,
  rsa,
  sign,
  signing,
  signQuery,
  verify,
} from './requests.ts';

const sha1 = 'http://www.w3.org/2000/09/xmldsig#sha1';
const rsaSha1 = 'http://www.w3.org/2000/09/xmldsig#rsa-sha1';
const hmacSha256 = 'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256';
const inclusiveC14n = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
const publicPem = rsa.publicKey.export({ type: 'spki', format: 'pem' }) as string;

const evil = { AssertionConsumerServiceURL: 'https://evil.example.com/acs', ID: '_evil' };
const honest = authnRequest();
const signed = sign(honest);
const signature = /<ds:Signature .*<\/ds:Signature>/s.exec(signed)?.[0] ?? '';
const replaced = (from: string | RegExp, to: string): string => {
  const changed = signed.replace(from, to);
  assert.notEqual(changed, signed);
  return changed;
};
const withoutDeclaration = (xml: string): string => xml.replace(/^<\?xml[^>]*>/, '');
/** An attacker's request that holds the honest one, as the eight wrappings of the literature do. */
const wrapped = (
  where: 'extensions' | 'object' | 'keyInfo' | 'root',
  kept: 'signature inside' | 'signature outside' | 'both',
  sameId: boolean,
): string => {
  const inner = withoutDeclaration(kept === 'signature outside' ? honest : signed);
  const outerSignature = kept === 'signature inside' ? '' : signature;
  const holder = {
    extensions: '',
    object: `<ds:Object>${inner}</ds:Object>`,
    keyInfo: `<ds:KeyInfo>${inner}</ds:KeyInfo>`,
    root: '',
  }[where];
  const placed =
    holder === '' ? outerSignature : (outerSignature || signature).replace('</ds:Signature>', `${holder}</ds:Signature>`);
  const content =
    placed + (where === 'extensions' ? `<samlp:Extensions>${inner}</samlp:Extensions>` : where === 'root' ? inner : '');
  return authnRequest({ attributes: sameId ? { AssertionConsumerServiceURL: evil.AssertionConsumerServiceURL } : evil, content });
};

const wrappings = (['extensions', 'object', 'keyInfo', 'root'] as const).flatMap((where) =>
  (['signature inside', 'signature outside', 'both'] as const).flatMap((kept) =>
    [true, false].map(
      (sameId) => [`${where}, ${kept}, ${sameId ? 'the same ID' : 'another ID'}`, wrapped(where, kept, sameId)] as const,
    ),
  ),
);

const hmacSigned = (): string => {
  // The signature value is an HMAC keyed with the public key's PEM: what a verifier confused about keys would accept.
  const forged = sign(honest).replace(algorithms.rsaSha256, hmacSha256);
  return forged.replace(
    /<ds:SignatureValue>[^<]*/,
    `<ds:SignatureValue>${createHmac('sha256', publicPem).update('x').digest('base64')}`,
  );
};

const attackerKeyInfo = (): string =>
  sign(authnRequest({ attributes: evil }), { key: otherRsa.privateKey }).replace(
    '</ds:Signature>',
    `<ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue><ds:Modulus>${Buffer.from(otherRsa.publicKey.export({ format: 'jwk' }).n ?? '', 'base64url').toString('base64')}</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue></ds:KeyInfo></ds:Signature>`,
  );
const onlyRsa: ServiceProvider = { ...signing, signingKeys: [rsa.publicKey] };

const refused: readonly (readonly [what: string, xml: string, reason: Reason | readonly Reason[]])[] = [
  ['no signature where one is demanded', honest, 'signature-missing'],
  ['a changed ACS', replaced(acs, evil.AssertionConsumerServiceURL), 'signature-invalid'],
  ['a changed attribute', replaced('Version="2.0"', 'Version="2.0" ForceAuthn="true"'), 'signature-invalid'],
  ['changed text', replaced('</saml:Issuer>', '</saml:Issuer> '), 'signature-invalid'],
  ['a changed ID', replaced(/ID="_0/, 'ID="_1'), 'signature-malformed'],
  ['a changed SignedInfo', replaced('<ds:SignedInfo>', '<ds:SignedInfo> '), 'signature-invalid'],
  ['a changed digest', replaced(/<ds:DigestValue>[^<]*/, `<ds:DigestValue>${'A'.repeat(43)}=`), 'signature-invalid'],
  ['another key', sign(honest, { key: otherRsa.privateKey }), 'signature-invalid'],
  ['another key, with its KeyInfo', attackerKeyInfo(), 'signature-invalid'],
  [
    'an ECDSA key that is not registered',
    sign(honest, { key: ec.privateKey, algorithm: algorithms.ecdsaSha256 }),
    'signature-invalid',
  ],
  ['RSA-SHA1', sign(honest, { algorithm: rsaSha1 }), 'signature-algorithm-forbidden'],
  ['a SHA-1 digest', sign(honest, { digest: sha1 }), 'signature-algorithm-forbidden'],
  ['HMAC with the public key', hmacSigned(), 'signature-algorithm-forbidden'],
  ['an algorithm of no name', replaced(algorithms.rsaSha256, ''), 'signature-algorithm-forbidden'],
  ['an inherited property as the algorithm', replaced(algorithms.rsaSha256, 'constructor'), 'signature-algorithm-forbidden'],
  ['inclusive canonicalization of SignedInfo', sign(honest, { canonicalization: inclusiveC14n }), 'signature-malformed'],
  [
    'inclusive canonicalization of the message',
    sign(honest, { transforms: [algorithms.envelopedSignature, inclusiveC14n] }),
    'signature-malformed',
  ],
  ['no exclusive canonicalization', sign(honest, { transforms: [algorithms.envelopedSignature] }), 'signature-malformed'],
  ['no enveloped transform', sign(honest, { transforms: [algorithms.exclusiveC14n] }), 'signature-malformed'],
  [
    'the transforms in another order',
    sign(honest, { transforms: [algorithms.exclusiveC14n, algorithms.envelopedSignature] }),
    'signature-malformed',
  ],
  [
    'three transforms',
    sign(honest, { transforms: [algorithms.envelopedSignature, algorithms.exclusiveC14n, algorithms.exclusiveC14n] }),
    'signature-malformed',
  ],
  [
    'XPath that drops content',
    replaced(algorithms.envelopedSignature, 'http://www.w3.org/TR/1999/REC-xpath-19991116'),
    'signature-malformed',
  ],
  ['XSLT', replaced(algorithms.envelopedSignature, 'http://www.w3.org/TR/1999/REC-xslt-19991116'), 'signature-malformed'],
  [
    'content in a transform',
    replaced('#enveloped-signature"/>', '#enveloped-signature"><a/></ds:Transform>'),
    'signature-malformed',
  ],
  [
    'a reference to a part',
    sign(authnRequest({ content: '<samlp:Extensions ID="_part"/>' }), { reference: '/*/*[@ID]' }),
    'signature-malformed',
  ],
  ['a reference elsewhere', replaced(/URI="[^"]*"/, 'URI="http://evil.example.com/"'), 'signature-malformed'],
  ['an XPointer', replaced(/URI="[^"]*"/, 'URI="#xpointer(/)"'), 'signature-malformed'],
  ['no URI', replaced(/ URI="[^"]*"/, ''), 'signature-malformed'],
  ['two references', replaced(/(<ds:Reference .*<\/ds:Reference>)/, '$1$1'), 'signature-malformed'],
  ['two SignedInfo', replaced(/(<ds:SignedInfo>.*<\/ds:SignedInfo>)/, '$1$1'), 'signature-malformed'],
  ['two SignatureValue', replaced(/(<ds:SignatureValue>.*<\/ds:SignatureValue>)/, '$1$1'), 'signature-malformed'],
  ['two DigestValue', replaced(/(<ds:DigestValue>.*<\/ds:DigestValue>)/, '$1$1'), 'signature-malformed'],
  ['two signatures', replaced(signature, signature + signature), 'signature-malformed'],
  ['an empty signature', authnRequest({ content: `<ds:Signature xmlns:ds="${namespaces.ds}"/>` }), 'signature-malformed'],
  ['an Object', replaced('</ds:Signature>', '<ds:Object/></ds:Signature>'), 'signature-malformed'],
  [
    'the signature before the Issuer',
    signed.replace(signature, '').replace('<saml:Issuer>', `${signature}<saml:Issuer>`),
    ['signature-malformed', 'request-invalid'],
  ],
  [
    'the signature at the end',
    signed.replace(signature, '').replace('</samlp:AuthnRequest>', `<samlp:Extensions/>${signature}</samlp:AuthnRequest>`),
    'signature-malformed',
  ],
  [
    'the signature within the Issuer',
    signed.replace(signature, '').replace('</saml:Issuer>', `${signature}</saml:Issuer>`),
    ['signature-malformed', 'request-invalid'],
  ],
  ['a comment in the digest', replaced('<ds:DigestValue>', '<ds:DigestValue><!-- x -->'), 'request-forbidden-markup'],
  ['a comment in the Issuer', replaced('</saml:Issuer>', '<!-- -->.evil.example.com</saml:Issuer>'), 'request-forbidden-markup'],
  ['a comment after signing', replaced('</samlp:AuthnRequest>', '<!-- --></samlp:AuthnRequest>'), 'request-forbidden-markup'],
  ['an element in the SignatureValue', replaced('<ds:SignatureValue>', '<ds:SignatureValue><a/>'), 'signature-malformed'],
  ['a signature value that is not base64', replaced('<ds:SignatureValue>', '<ds:SignatureValue>*'), 'signature-malformed'],
  [
    'the ID twice',
    replaced('</samlp:AuthnRequest>', '<samlp:Extensions Id="_0123456789abcdef0123456789abcdef"/></samlp:AuthnRequest>'),
    'signature-malformed',
  ],
  [
    'the ID twice, in a namespace',
    replaced('<saml:Issuer>', '<saml:Issuer xml:id="_0123456789abcdef0123456789abcdef">'),
    'signature-malformed',
  ],
  [
    'an ID with a quote',
    sign(authnRequest({ attributes: { ID: '_a' } })).replaceAll('_a"', '_a\']|//*[&quot;"'),
    ['signature-malformed', 'request-not-xml'],
  ],
  [
    'an attribute by way of a namespace name',
    replaced('<samlp:AuthnRequest ', '<samlp:AuthnRequest xmlns:x="urn:x&quot; ID=&quot;_1" '),
    'request-not-xml',
  ],
  [
    'an ampersand in a namespace name',
    replaced('<samlp:AuthnRequest ', '<samlp:AuthnRequest xmlns:x="urn:x?a&amp;quot;" '),
    'signature-malformed',
  ],
  [
    'too many prefixes',
    sign(honest, { inclusive: Array.from({ length: 70 }, (_, index) => `p${index}`) }),
    'signature-malformed',
  ],
  [
    'too many elements',
    replaced('</samlp:AuthnRequest>', `<samlp:Extensions>${'<a/>'.repeat(3500)}</samlp:Extensions></samlp:AuthnRequest>`),
    'request-too-complex',
  ],
  [
    'many elements',
    replaced('</samlp:AuthnRequest>', `<samlp:Extensions>${'<a/>'.repeat(400)}</samlp:Extensions></samlp:AuthnRequest>`),
    'signature-invalid',
  ],
  [
    'much text',
    replaced('</samlp:AuthnRequest>', `<samlp:Extensions>${'x'.repeat(100_000)}</samlp:Extensions></samlp:AuthnRequest>`),
    'signature-invalid',
  ],
  ['no Destination', sign(authnRequest({ attributes: { Destination: undefined } })), 'request-wrong-destination'],
];

const verifySigned = (binding: Binding, text: string) => verify(binding, text, [onlyRsa]);

describe('an enveloped signature over HTTP-POST', () => {
  const variants: readonly (readonly [what: string, xml: string, provider?: ServiceProvider])[] = [
    ['RSA-SHA256', signed],
    ['RSA-SHA384 with a SHA-512 digest', sign(honest, { algorithm: algorithms.rsaSha384, digest: algorithms.sha512 })],
    ['RSA-SHA512', sign(honest, { algorithm: algorithms.rsaSha512 })],
    [
      'ECDSA-SHA256',
      sign(honest, { key: ec.privateKey, algorithm: algorithms.ecdsaSha256 }),
      { ...signing, signingKeys: [rsa.publicKey, ec.publicKey] },
    ],
    ['the second of two keys', signed, signing],
    ['a reference to the whole document', sign(honest, { emptyUri: true })],
    ['InclusiveNamespaces', sign(honest, { inclusive: ['saml', 'xs'] })],
    ['an XML declaration and line ends', sign(`<?xml version="1.0"?>\r\n${honest.replace('><saml:', '>\r\n  <saml:')}\r\n`)],
    ['white space within the signature value', replaced(/(<ds:SignatureValue>.{64})/, '$1\n\t ')],
    [
      'KeyInfo, which nobody reads',
      replaced('</ds:Signature>', '<ds:KeyInfo><ds:KeyName>x</ds:KeyName></ds:KeyInfo></ds:Signature>'),
    ],
    ['white space in an end tag', replaced('</saml:Issuer>', '</saml:Issuer\n>')],
    ['line separators of Unicode', sign(authnRequest({ content: '<samlp:Extensions>a\u2028b\u0085c</samlp:Extensions>' }))],
    [
      'the signature prefix declared on the root',
      sign(authnRequest())
        .replace(` xmlns:ds="${namespaces.ds}"`, '')
        .replace('<samlp:AuthnRequest ', `<samlp:AuthnRequest xmlns:ds="${namespaces.ds}" `),
    ],
  ];
  for (const [what, xml, provider = onlyRsa] of variants) {
    it(`verifies: ${what}`, async () =>
      assert.equal((await verify('HTTP-POST', post(xml), [provider])).assertionConsumerService.location, acs));
  }

  for (const [what, xml, reasons] of refused) {
    it(`refuses ${what}`, async () => {
      const reason = await outcome(() => verifySigned('HTTP-POST', post(xml)));
      assert.ok([reasons].flat().includes(reason as Reason), reason);
      assert.ok((await cpuOf(() => verifySigned('HTTP-POST', post(xml)), 3)) < 50);
    });
  }

  for (const [what, xml] of wrappings) {
    it(`refuses a wrapped request: ${what}`, async () => {
      const reason = await outcome(() => verifySigned('HTTP-POST', post(xml)));
      assert.ok(['signature-malformed', 'signature-invalid', 'request-invalid'].includes(reason), reason);
    });
  }

  it('is demanded of nobody who does not say so, yet counts where it is there', async () => {
    const provider = { ...onlyRsa, authnRequestsSigned: false };
    assert.equal(await outcome(() => verify('HTTP-POST', post(honest), [provider])), 'accepted');
    assert.equal(
      await outcome(() => verify('HTTP-POST', post(replaced(acs, 'https://x.example')), [provider])),
      'signature-invalid',
    );
    assert.equal(await outcome(() => verify('HTTP-POST', post(signed), [{ ...provider, signingKeys: [] }])), 'signature-invalid');
  });

  it('lets nobody ask in the name of another who shares the entity ID', async () => {
    const other = {
      ...signing,
      signingKeys: [otherRsa.publicKey],
      assertionConsumerServices: [{ ...signing.assertionConsumerServices[0]!, location: 'https://other.example/acs' }],
    };
    const theirs = authnRequest({ attributes: { AssertionConsumerServiceURL: 'https://other.example/acs' } });
    assert.equal(await outcome(() => verify('HTTP-POST', post(sign(theirs)), [onlyRsa, other])), 'acs-not-registered');
    assert.equal(
      await outcome(() => verify('HTTP-POST', post(sign(theirs, { key: otherRsa.privateKey })), [onlyRsa, other])),
      'accepted',
    );
  });

  it('never accepts a request that was changed, and never faults', async () => {
    const change = fc.record({
      at: fc.nat({ max: signed.length }),
      removed: fc.nat({ max: 4 }),
      inserted: fc.constantFrom('', 'x', '<', '"', ' ', '&#65;', '\n', '\u{10000}', '<a/>'),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ at, removed, inserted }) => {
        const text = post(signed.slice(0, at) + inserted + signed.slice(at + removed));
        // Base64 may be wrapped, and white space within tags is no part of the canonical form: what is read stays the same.
        if ((await outcome(() => verifySigned('HTTP-POST', text))) === 'accepted') {
          assert.deepEqual(await verifySigned('HTTP-POST', text), await verifySigned('HTTP-POST', post(signed)));
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe('a detached signature over HTTP-Redirect', () => {
  const query = redirect(honest, 'https://sp.example.com/?a=b c&d=é');
  const good = signQuery(query);
  const cases: readonly (readonly [what: string, text: string, outcome: Reason | 'accepted'])[] = [
    ['RSA-SHA256', good, 'accepted'],
    ['RSA-SHA512', signQuery(query, rsa.privateKey, algorithms.rsaSha512), 'accepted'],
    ['no RelayState', signQuery(redirect(honest)), 'accepted'],
    [
      'the octets as they came, in lower case',
      signQuery(query.replace(/%[0-9A-F]{2}/g, (triplet) => triplet.toLowerCase())),
      'accepted',
    ],
    ['the parameters in another order', good.split('&').reverse().join('&'), 'accepted'],
    ['a changed RelayState', good.replace('sp.example.com', 'evil.example.com'), 'signature-invalid'],
    ['no RelayState where one was signed', good.replace(/&RelayState=[^&]*/, ''), 'signature-invalid'],
    ['a RelayState where none was signed', `${signQuery(redirect(honest))}&RelayState=x`, 'signature-invalid'],
    [
      'another message',
      good.replace(/SAMLRequest=[^&]*/, redirect(authnRequest({ attributes: { ForceAuthn: 'true' } }))),
      'signature-invalid',
    ],
    ['the same octets encoded otherwise', good.replace('%3F', '%3f'), 'signature-invalid'],
    ['another key', signQuery(query, otherRsa.privateKey), 'signature-invalid'],
    ['RSA-SHA1', signQuery(query, rsa.privateKey, rsaSha1), 'signature-algorithm-forbidden'],
    [
      'HMAC',
      signQuery(query).replace(encodeURIComponent(algorithms.rsaSha256), encodeURIComponent(hmacSha256)),
      'signature-algorithm-forbidden',
    ],
    ['another algorithm than was signed', good.replace('rsa-sha256', 'rsa-sha512'), 'signature-invalid'],
    ['an algorithm of another kind of key', good.replace('rsa-sha256', 'ecdsa-sha256'), 'signature-invalid'],
    ['no SigAlg', good.replace(/&SigAlg=[^&]*/, ''), 'signature-malformed'],
    ['no Signature', good.replace(/&Signature=.*/, ''), 'signature-malformed'],
    ['neither', query, 'signature-missing'],
    ['a signature within the message alone', redirect(signed), 'signature-malformed'],
    ['a signature within the message as well', signQuery(redirect(signed)), 'signature-malformed'],
    ['two Signatures', `${good}&Signature=AAAA`, 'request-parameter-repeated'],
    ['a second, disguised message', `${good}&%53AMLRequest=AAAA`, 'request-parameter-disguised'],
    [
      'no Destination',
      signQuery(redirect(authnRequest({ attributes: { Destination: undefined } }))),
      'request-wrong-destination',
    ],
  ];
  for (const [what, text, expected] of cases) {
    it(`${expected === 'accepted' ? 'verifies' : 'refuses'}: ${what}`, async () => {
      assert.equal(await outcome(() => verifySigned('HTTP-Redirect', text)), expected);
      assert.ok((await cpuOf(() => verifySigned('HTTP-Redirect', text), 3)) < 50);
    });
  }

  it('verifies with ECDSA, and tells nothing of a malformed one', async () => {
    const provider = { ...signing, signingKeys: [ec.publicKey] };
    const text = signQuery(query, ec.privateKey, algorithms.ecdsaSha256);
    assert.equal(await outcome(() => verify('HTTP-Redirect', text, [provider])), 'accepted');
    for (const value of ['AAAA', 'A'.repeat(88), 'A'.repeat(10_000)]) {
      assert.equal(
        await outcome(() => verify('HTTP-Redirect', text.replace(/&Signature=.*/, `&Signature=${value}`), [provider])),
        'signature-invalid',
      );
    }
  });

  it('is of the entity ID that it claims', async () => {
    assert.equal(
      await outcome(() => verify('HTTP-Redirect', good, [{ ...onlyRsa, entityID: `${entityID}2` }])),
      'service-provider-unknown',
    );
  });
});
