/** What may and may not count as the signature of a request (saml-core §5.4, saml-bindings §3.4.4.1). */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import type { ForeignServiceProvider } from '../fixtures/foreign-service-provider.ts';
import { Visitor } from '../fixtures/visitor.ts';
import { asksForPassword, enter, type Outcome, send } from './exchange.ts';
import { judge, judgeRefusal, judgeRefusalPage } from './judge.ts';
import { at, plain } from './partners.ts';
import { requirement } from './requirement.ts';
import {
  algorithms,
  enveloped,
  exclusive,
  signQuery,
  type SpecialSignature,
  signSpecially,
  transform,
} from './sign-specially.ts';
import { credential, stage, type Stage } from './stage.ts';

/** Signs every request, as its metadata says. */
let partner: ForeignServiceProvider;
const open = stage(async () => {
  partner = at('sp', await credential());
  return { metadata: [plain(partner, { role: { AuthnRequestsSigned: 'true' } })] };
});

const extensions = '<samlp:Extensions><e:part xmlns:e="urn:example:part" ID="part">x</e:part></samlp:Extensions>';
const xpath = (expression: string): string =>
  transform(
    'http://www.w3.org/TR/1999/REC-xpath-19991116',
    `<ds:XPath xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${expression}</ds:XPath>`,
  );
const xslt = transform(
  'http://www.w3.org/TR/1999/REC-xslt-19991116',
  '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"><xsl:template match="/"><a/></xsl:template></xsl:stylesheet>',
);
const filter2 = transform(
  'http://www.w3.org/2002/06/xmldsig-filter2',
  '<XPath xmlns="http://www.w3.org/2002/06/xmldsig-filter2" Filter="subtract">//*[local-name()="Extensions"]</XPath>',
);

interface Posted {
  readonly id: string;
  readonly stage: Stage;
  /** The whole message, unsigned. */
  readonly xml: string;
}

async function prepare(content = extensions): Promise<Posted> {
  const set = await open();
  const id = `_${crypto.randomUUID()}`;
  return {
    id,
    stage: set,
    xml: partner.authnRequest(`${set.house.url}/saml/sso`, { id, content, issueInstant: set.house.now() }),
  };
}

async function post({ stage: set, id }: Posted, xml: string): Promise<Outcome> {
  const visitor = new Visitor(set.house.url);
  return { page: await send(set, { binding: 'post', visitor }, partner, xml), id, relayState: undefined, visitor };
}

async function visit({ stage: set, id }: Posted, query: string): Promise<Outcome> {
  const visitor = new Visitor(set.house.url);
  return { page: await visitor.visit(`/saml/sso?${query}`), id, relayState: undefined, visitor };
}

async function taken(posted: Posted, outcome: Outcome): Promise<void> {
  assert.ok(asksForPassword(outcome), `${String(outcome.page.status)} ${outcome.page.body.slice(0, 1500)}`);
  judge(posted.stage, partner, await enter(outcome));
}

const good: readonly [string, Omit<SpecialSignature, 'privateKey'>, string?][] = [
  ['enveloped signature and exclusive canonicalization', {}],
  ['a Reference to the whole document', { reference: '' }],
  [
    'a prefix list for the namespaces',
    {
      transforms:
        enveloped +
        transform(
          algorithms.exclusiveC14n,
          `<ec:InclusiveNamespaces xmlns:ec="${algorithms.exclusiveC14n}" PrefixList="samlp e"/>`,
        ),
    },
  ],
  ['SHA-384 and SHA-512', { algorithm: algorithms.rsaSha384, digest: algorithms.sha512 }],
];

const bad: readonly [string, Omit<SpecialSignature, 'privateKey'>][] = [
  [
    'an XPath transform that leaves out the Extensions',
    { transforms: enveloped + xpath('not(ancestor-or-self::samlp:Extensions)') + exclusive },
  ],
  ['an XPath transform that leaves out nothing', { transforms: enveloped + xpath('true()') + exclusive }],
  [
    'an XPath transform in place of enveloped-signature',
    { transforms: xpath('not(ancestor-or-self::ds:Signature)') + exclusive },
  ],
  ['an XPath transform that keeps the Issuer alone', { transforms: xpath('ancestor-or-self::saml:Issuer') + exclusive }],
  ['an XPath filter', { transforms: enveloped + filter2 + exclusive }],
  ['an XSLT transform', { transforms: enveloped + xslt + exclusive }],
  ['a Reference to a part of the message', { transforms: exclusive, reference: 'part' }],
  [
    'a second Reference',
    {
      moreReferences:
        `<ds:Reference URI="#part"><ds:Transforms>${exclusive}</ds:Transforms>` +
        `<ds:DigestMethod Algorithm="${algorithms.sha256}"/><ds:DigestValue/></ds:Reference>`,
    },
  ],
  ['an RSA-SHA1 signature', { algorithm: algorithms.rsaSha1 }],
  ['an MD5 signature', { algorithm: algorithms.rsaMd5 }],
  ['a SHA-1 digest', { digest: algorithms.sha1 }],
];

requirement('IIP-SSO01', 'Web Browser SSO: the signature of a request over HTTP-POST', (prove) => {
  for (const [title, options] of good) {
    prove(`takes ${title}`, async () => {
      const posted = await prepare();
      await taken(
        posted,
        await post(posted, signSpecially(posted.xml, { ...options, privateKey: partner.credential.privateKey })),
      );
    });
  }
  for (const [title, options] of bad) {
    prove(`refuses ${title}, though the signature is valid by XML Signature`, async () => {
      const posted = await prepare();
      const xml = signSpecially(posted.xml, { ...options, privateKey: partner.credential.privateKey });
      judgeRefusalPage(await post(posted, xml));
    });
  }

  prove('refuses an HMAC whose secret is the public certificate', async () => {
    const posted = await prepare();
    const options = { algorithm: algorithms.hmacSha256, privateKey: '', secret: partner.credential.certificate };
    judgeRefusalPage(await post(posted, signSpecially(posted.xml, options)));
  });

  prove('refuses the key of somebody else, also where KeyInfo brings it along', async () => {
    const { privateKey, certificate } = await credential('stranger');
    const posted = await prepare();
    const foreign = signSpecially(posted.xml, { privateKey });
    judgeRefusalPage(await post(posted, foreign));
    const der = new X509Certificate(certificate).raw.toString('base64');
    const keyInfo = `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${der}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>`;
    judgeRefusalPage(await post(posted, foreign.replace('</ds:Signature>', keyInfo)));
  });

  const spoilt: readonly [string, (xml: string) => string][] = [
    ['a changed attribute', (xml) => xml.replace('<samlp:AuthnRequest', '<samlp:AuthnRequest ForceAuthn="true"')],
    ['a changed Extension', (xml) => xml.replace('>x</e:part>', '>y</e:part>')],
    ['an element that was added', (xml) => xml.replace('</samlp:AuthnRequest>', '<samlp:NameIDPolicy/></samlp:AuthnRequest>')],
    ['a changed endpoint', (xml) => xml.replace('/acs"', '/acs2"')],
    ['a spoilt SignatureValue', (xml) => xml.replace(/(<ds:SignatureValue>\s*.{20})./, '$1_')],
    ['a second signature', (xml) => xml.replace(/(<ds:Signature .*<\/ds:Signature>)/s, '$1$1')],
    ['no signature, where metadata promises one', (xml) => xml.replace(/<ds:Signature .*<\/ds:Signature>/s, '')],
    [
      'a signature that moved into the Extensions',
      (xml) => {
        const [signature = ''] = /<ds:Signature .*<\/ds:Signature>/s.exec(xml) ?? [];
        return xml.replace(signature, '').replace('<samlp:Extensions>', `<samlp:Extensions>${signature}`);
      },
    ],
    [
      'the signed message wrapped in another of the same ID',
      (xml) => {
        const [signature = ''] = /<ds:Signature .*<\/ds:Signature>/s.exec(xml) ?? [];
        const inner = xml.replace(signature, '');
        return inner
          .replace('</saml:Issuer>', `</saml:Issuer>${signature}`)
          .replace('<samlp:Extensions>', `<samlp:Extensions>${inner}`)
          .replace('<samlp:AuthnRequest', '<samlp:AuthnRequest IsPassive="false"');
      },
    ],
  ];
  for (const [title, spoil] of spoilt) {
    prove(`refuses ${title}`, async () => {
      const posted = await prepare();
      const xml = signSpecially(posted.xml, { privateKey: partner.credential.privateKey });
      const spoiltXml = spoil(xml);
      assert.notEqual(spoiltXml, xml);
      judgeRefusalPage(await post(posted, spoiltXml));
    });
  }

  prove('refuses a signature over HTTP-POST without a Destination', async () => {
    const set = await open();
    const id = `_${crypto.randomUUID()}`;
    const xml = partner.authnRequest(undefined, { id, issueInstant: set.house.now() });
    const posted = { id, stage: set, xml };
    judgeRefusal(set, partner, await post(posted, signSpecially(xml, { privateKey: partner.credential.privateKey })));
  });
});

const lowerCase = (value: string): string => encodeURIComponent(value).replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
const everything = (value: string): string =>
  [...Buffer.from(value)].map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('');

requirement('IIP-SSO02', 'HTTP-Redirect: the signature of the query', (prove) => {
  const key = (): string => partner.credential.privateKey;
  for (const [title, options] of [
    ['as most write it', {}],
    ['with a RelayState', { relayState: 'a b+c&d=é\u{1F600}' }],
    ['with an empty RelayState', { relayState: '' }],
    ['with escapes in lower case', { encode: lowerCase, relayState: 'é&' }],
    ['with every character escaped', { encode: everything, relayState: 'plain' }],
    ['by RSA-SHA512', { algorithm: algorithms.rsaSha512 }],
  ] as const) {
    prove(`takes one ${title}`, async () => {
      const posted = await prepare('');
      const outcome = await visit(posted, signQuery(posted.xml, { ...options, privateKey: key() }));
      await taken(posted, { ...outcome, relayState: 'relayState' in options ? options.relayState : undefined });
    });
  }

  prove('takes one where the parameters come in another order, and others stand between', async () => {
    const posted = await prepare('');
    const query = signQuery(posted.xml, { privateKey: key(), relayState: 'r' });
    const outcome = await visit(posted, `${query.split('&').toReversed().join('&')}&utm_source=x`);
    await taken(posted, { ...outcome, relayState: 'r' });
  });

  const spoilt: readonly [string, (query: string) => string][] = [
    ['a changed RelayState', (query) => query.replace('RelayState=r', 'RelayState=s')],
    ['a RelayState that was taken away', (query) => query.replace('&RelayState=r', '')],
    ['a second RelayState', (query) => `${query}&RelayState=s`],
    [
      'a changed message',
      (query) =>
        query.replace(
          /SAMLRequest=[^&]+/,
          `SAMLRequest=${signQuery(partner.authnRequest(undefined), { privateKey: key() }).split(/[=&]/)[1] ?? ''}`,
        ),
    ],
    ['another SigAlg', (query) => query.replace('rsa-sha256', 'rsa-sha512')],
    ['no SigAlg', (query) => query.replace(/&SigAlg=[^&]+/, '')],
    ['no Signature', (query) => query.replace(/&Signature=[^&]+/, '')],
    ['neither of them, where metadata promises a signature', (query) => query.replace(/&SigAlg=.*/, '')],
    ['a spoilt Signature', (query) => query.replace(/&Signature=..../, '&Signature=AAAA')],
  ];
  for (const [title, spoil] of spoilt) {
    prove(`refuses ${title}`, async () => {
      const posted = await prepare('');
      judgeRefusalPage(await visit(posted, spoil(signQuery(posted.xml, { privateKey: key(), relayState: 'r' }))));
    });
  }
  for (const algorithm of [algorithms.rsaSha1, algorithms.rsaMd5]) {
    prove(`refuses ${algorithm.split('#')[1] ?? ''}`, async () => {
      const posted = await prepare('');
      judgeRefusalPage(await visit(posted, signQuery(posted.xml, { privateKey: key(), algorithm })));
    });
  }
});
