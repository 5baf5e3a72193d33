/** SOAP envelopes: what is read strictly, what is cut out of them, and what is refused. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SignedXml } from 'xml-crypto';
import { Refusal, type Reason } from '../../src/refusal.ts';
import { actorNext, readSoapEnvelope, writeSoapEnvelope, writeSoapFault } from '../../src/saml/soap-envelope.ts';
import { algorithms } from '../../src/saml/names.ts';
import { verifyMessage } from '../../src/saml/verify-message.ts';
import { parseXml } from '../../src/saml/xml.ts';
import { authnRequest, outcome, rsa, serviceProvider, sign, signing } from './requests.ts';

const soap = 'http://schemas.xmlsoap.org/soap/envelope/';
const wrap = (body: string, header = '', attributes = ''): string =>
  `<S:Envelope xmlns:S="${soap}"${attributes}>${header}<S:Body>${body}</S:Body></S:Envelope>`;
const read = (xml: string, understood?: ReadonlySet<string>) => readSoapEnvelope(Buffer.from(xml), understood);
const block = (attributes: string, name = 'x:y'): string => `<S:Header><${name} xmlns:x="urn:x"${attributes}/></S:Header>`;

describe('an envelope', () => {
  it('gives the message and the header blocks that are for us', () => {
    const header =
      `<S:Header><x:mine xmlns:x="urn:x" S:actor="${actorNext}" S:mustUnderstand="1"/><x:ours xmlns:x="urn:x"/>` +
      `<x:other xmlns:x="urn:x" S:actor="urn:somebody" S:mustUnderstand="1"/></S:Header>`;
    const { header: blocks, message } = read(
      `<?xml version="1.0" encoding="UTF-8"?>\n${wrap('<a/>', header)}\n`,
      new Set(['urn:x mine']),
    );
    assert.deepEqual(
      blocks.map(({ localName }) => localName),
      ['mine', 'ours'],
    );
    assert.equal(parseXml(message).localName, 'a');
  });

  it('passes one that another house wrote with a byte order mark and white space', () => {
    assert.equal(
      parseXml(read(`\uFEFF\n<e:Envelope xmlns:e="${soap}">\n <e:Body>\n <a b="c"> d </a>\n</e:Body>\n</e:Envelope>`).message)
        .text,
      ' d ',
    );
  });

  it('declares on the message what its ancestors declare, the nearest first', () => {
    const xml =
      `<S:Envelope xmlns:S="${soap}" xmlns="urn:outer" xmlns:p="urn:p&amp;q" xmlns:q="urn:q"><S:Body xmlns:q="urn:nearer">` +
      '<m p:a="1" xmlns:r="urn:r"><q:n r:b="2"/></m></S:Body></S:Envelope>';
    const root = parseXml(read(xml).message);
    assert.equal(root.namespace, 'urn:outer');
    assert.equal(root.attributes.get('{urn:p&q}a'), '1');
    assert.equal(root.children[0]?.namespace, 'urn:nearer');
  });

  const spoilt: readonly (readonly [what: string, xml: string, reason: Reason])[] = [
    ['another SOAP', wrap('<a/>').replaceAll(soap, 'http://www.w3.org/2003/05/soap-envelope'), 'soap-version-mismatch'],
    ['no envelope', authnRequest(), 'soap-malformed'],
    ['no Body', `<S:Envelope xmlns:S="${soap}"><S:Header/></S:Envelope>`, 'soap-malformed'],
    ['two Bodies', wrap('<a/>').replace('</S:Envelope>', '<S:Body/></S:Envelope>'), 'soap-malformed'],
    ['a Header behind the Body', wrap('<a/>').replace('</S:Envelope>', '<S:Header/></S:Envelope>'), 'soap-malformed'],
    ['a block behind the Body', wrap('<a/>').replace('</S:Envelope>', '<x/></S:Envelope>'), 'soap-malformed'],
    ['an empty Body', wrap(''), 'soap-malformed'],
    ['two messages', wrap('<a/><b/>'), 'soap-malformed'],
    ['text beside the message', wrap('<a/>b'), 'soap-malformed'],
    ['text in the envelope', wrap('<a/>', 'b'), 'soap-malformed'],
    ['text in the header', wrap('<a/>', '<S:Header>b</S:Header>'), 'soap-malformed'],
    ['too many header blocks', wrap('<a/>', `<S:Header>${'<x/>'.repeat(33)}</S:Header>`), 'soap-malformed'],
    ['mustUnderstand by another spelling', wrap('<a/>', block(' S:mustUnderstand="true"')), 'soap-malformed'],
    ['a block that must be understood', wrap('<a/>', block(' S:mustUnderstand="1"')), 'soap-header-not-understood'],
    [
      'the same for whoever comes next',
      wrap('<a/>', block(` S:actor="${actorNext}" S:mustUnderstand="1"`)),
      'soap-header-not-understood',
    ],
    ['the same for the empty actor', wrap('<a/>', block(' S:actor="" S:mustUnderstand="1"')), 'soap-header-not-understood'],
    ['a known name in another namespace', wrap('<a/>', block(' S:mustUnderstand="1"', 'x:known')), 'soap-header-not-understood'],
    ['a DTD', `<!DOCTYPE a [<!ENTITY e "x">]>${wrap('<a/>')}`, 'request-forbidden-markup'],
    ['a processing instruction', wrap('<?x y?><a/>'), 'request-forbidden-markup'],
    ['a comment', wrap('<!-- x --><a/>'), 'request-forbidden-markup'],
    ['what is not well-formed', wrap('<a>'), 'request-not-xml'],
    ['nothing', '', 'request-not-xml'],
    ['too many bytes', wrap(`<a>${'x'.repeat(150_000)}</a>`), 'request-too-large'],
    ['10,000 elements within each other', wrap('<a>'.repeat(10_000) + '</a>'.repeat(10_000)), 'request-too-complex'],
  ];
  for (const [what, xml, reason] of spoilt) {
    it(`refuses ${what}`, async () => {
      assert.equal(await outcome(() => read(xml, new Set(['urn:other known']))), reason);
    });
  }

  it('refuses bytes that are no UTF-8', async () => {
    const bytes = Buffer.from(wrap('<a>\u00fc</a>'), 'latin1');
    assert.equal(await outcome(() => readSoapEnvelope(bytes)), 'request-not-xml');
  });

  it('makes refusals of whatever comes, and never anything else', () => {
    const piece = fc.constantFrom(
      '<S:Envelope',
      ` xmlns:S="${soap}"`,
      '>',
      '<S:Body>',
      '</S:Body>',
      '</S:Envelope>',
      '<S:Header/>',
      '<a/>',
      '&amp;',
      'x',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 24 }), (pieces) => {
        try {
          readSoapEnvelope(Buffer.from(pieces.join('')));
        } catch (error) {
          assert.ok(error instanceof Refusal, String(error));
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a signature within an envelope', () => {
  const context = { serviceProviders: (asked: string) => (asked === signing.entityID ? [signing] : []) };
  const verify = (xml: string) => verifyMessage({ binding: 'SOAP', xml: read(xml).message }, () => undefined, context);

  it('counts where it was made before the message was wrapped', async () => {
    const { root, signed, candidates } = await verify(wrap(sign(authnRequest()), '', ' xmlns="urn:x" xmlns:samlp="urn:y"'));
    assert.deepEqual([signed, root.localName, candidates], [true, 'AuthnRequest', [signing]]);
  });

  it('counts where it was made in place, with prefixes that the envelope declares', async () => {
    const bare = authnRequest().replace(/ xmlns:samlp="[^"]*" xmlns:saml="[^"]*"/, '');
    const xml = wrap(
      bare,
      '',
      ' xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:xs="urn:xs"',
    );
    const signer = new SignedXml({
      privateKey: rsa.privateKey,
      signatureAlgorithm: algorithms.rsaSha256,
      canonicalizationAlgorithm: algorithms.exclusiveC14n,
    });
    signer.addReference({
      xpath: "//*[local-name()='AuthnRequest']",
      transforms: [algorithms.envelopedSignature, algorithms.exclusiveC14n],
      digestAlgorithm: algorithms.sha256,
      inclusiveNamespacesPrefixList: ['xs', 'S'],
    });
    signer.computeSignature(xml, { prefix: 'ds', location: { reference: "//*[local-name()='Issuer']", action: 'after' } });
    assert.equal((await verify(signer.getSignedXml())).signed, true);
    const changed = signer.getSignedXml().replace('xmlns:xs="urn:xs"', 'xmlns:xs="urn:changed"');
    assert.equal(await outcome(() => verify(changed)), 'signature-invalid');
  });

  it('covers the message in the body and no other', async () => {
    const signed = sign(authnRequest());
    const wrapped = authnRequest({ content: `<samlp:Extensions>${signed}</samlp:Extensions>`, attributes: { ID: '_other' } });
    assert.equal(await outcome(() => verify(wrap(wrapped))), 'signature-malformed');
    assert.equal(await outcome(() => verify(wrap(signed.replace('_0123456789', '_1123456789')))), 'signature-malformed');
  });

  it('is not needed of everybody', async () => {
    const unsigned = { serviceProviders: () => [serviceProvider] };
    const { signed } = await verifyMessage(
      { binding: 'SOAP', xml: read(wrap(authnRequest())).message },
      () => undefined,
      unsigned,
    );
    assert.equal(signed, false);
  });
});

describe('an envelope of ours', () => {
  it('reads back', () => {
    const { header, message } = read(writeSoapEnvelope('<a xmlns="urn:a"></a>', '<b xmlns="urn:b"></b>'));
    assert.deepEqual([header[0]?.namespace, parseXml(message).namespace], ['urn:b', 'urn:a']);
  });

  it('tells of a fault in words that are escaped', () => {
    const fault = parseXml(read(writeSoapFault('Client', 'a <b> & c')).message);
    assert.deepEqual(
      fault.children.map(({ localName, namespace, text }) => [localName, namespace, text]),
      [
        ['faultcode', '', 'soap:Client'],
        ['faultstring', '', 'a <b> & c'],
      ],
    );
  });
});
