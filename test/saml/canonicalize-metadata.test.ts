/** Our exclusive canonical form is the one of libxml2 and of xml-crypto, whatever the document, however it is cut into pieces. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, hash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { DOMParser } from '@xmldom/xmldom';
import fc from 'fast-check';
import { ExclusiveCanonicalization } from 'xml-crypto';
import { Canonicalizer } from '../../src/saml/canonicalize.ts';
import { forXmldom } from '../../src/saml/for-xmldom.ts';
import { xmlsec1 } from '../fixtures/xmlsec1.ts';

const folder = mkdtempSync(join(tmpdir(), 'passerelle-c14n-'));
after(() => {
  rmSync(folder, { recursive: true });
});

/** In pieces cut before every nth tag. */
function canonical(xml: string, every = 1, prefixes: readonly string[] = []): string {
  const parts: string[] = [];
  const canonicalizer = new Canonicalizer((text) => void parts.push(text), prefixes);
  const tags = xml.split(/(?=<(?!!))(?![^]*\]\]>)(?![^]*-->)/);
  for (let at = 0; at < tags.length; at += every) canonicalizer.feed(tags.slice(at, at + every).join(''));
  return parts.join('');
}

/** libxml2 keeps comments, so there are none in what it is given. */
function byLibxml(documents: readonly string[]): readonly string[] {
  return documents.map((document, index) => {
    const file = join(folder, `${String(index)}.xml`);
    writeFileSync(file, document);
    return execFileSync('xmllint', ['--nonet', '--exc-c14n', file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  });
}

interface Apex {
  readonly xml: string;
  readonly prefixes: readonly string[];
}

/** Digests of elements named `apex`, each canonicalised as a subset of its own within those start tags, as xmlsec1 signs them. */
function digestsByXmlsec(around: readonly [string, string], apexes: readonly Apex[]): readonly string[] {
  const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#';
  const references = apexes.map(({ prefixes }, index) => {
    const list = `<InclusiveNamespaces xmlns="${exclusive}" PrefixList="${prefixes.join(' ')}"/>`;
    const transform = `<Transform Algorithm="${exclusive}">${prefixes.length === 0 ? '' : list}</Transform>`;
    const digest = '<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/>';
    return `<Reference URI="#_${String(index)}"><Transforms>${transform}</Transforms>${digest}</Reference>`;
  });
  const signature =
    `<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo><CanonicalizationMethod Algorithm="${exclusive}"/>` +
    `<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>${references.join('')}</SignedInfo><SignatureValue/></Signature>`;
  const [document, key] = [join(folder, 'document.xml'), join(folder, 'key.pem')];
  const [outer, inner] = around;
  const end = (tag: string): string => `</${/^<([^ ]+)/.exec(tag)?.[1] ?? ''}>`;
  writeFileSync(document, `${outer}${inner}${apexes.map(({ xml }) => xml).join('')}${end(inner)}${signature}${end(outer)}`);
  writeFileSync(key, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const ids = ['--id-attr:ID', 'apex', '--id-attr:ID', 'urn:inner:apex'];
  const signed = xmlsec1(['--sign', '--privkey-pem', key, ...ids, document]);
  return [...signed.matchAll(/<DigestValue>([^<]*)</g)].map(([, digest]) => digest ?? '');
}

function byXmlCrypto(xml: string, prefixes: readonly string[]): string {
  const { documentElement } = new DOMParser().parseFromString(forXmldom(xml), 'text/xml');
  return new ExclusiveCanonicalization().process(documentElement, {
    inclusiveNamespacesPrefixList: [...prefixes],
  });
}

const cases: readonly (readonly [what: string, xml: string, canonical: string])[] = [
  ['an empty element', '<a/>', '<a></a>'],
  ['a prefix declared and not used', '<a xmlns:p="urn:p"><p:b/></a>', '<a><p:b xmlns:p="urn:p"></p:b></a>'],
  ['a prefix used twice', '<p:a xmlns:p="urn:p"><p:b/></p:a>', '<p:a xmlns:p="urn:p"><p:b></p:b></p:a>'],
  ['siblings', '<a xmlns:p="urn:p"><p:b/><p:b/></a>', '<a><p:b xmlns:p="urn:p"></p:b><p:b xmlns:p="urn:p"></p:b></a>'],
  ['a default namespace undone', '<a xmlns="urn:x"><b xmlns=""/></a>', '<a xmlns="urn:x"><b xmlns=""></b></a>'],
  ['one that was never there', '<a xmlns=""/>', '<a></a>'],
  ['attributes out of order', `<a z='1' b="2"   a = "3"/>`, '<a a="3" b="2" z="1"></a>'],
  [
    'attributes by their namespaces',
    '<a xmlns:y="urn:1" xmlns:x="urn:2" x:a="1" y:b="2" c="3"/>',
    '<a xmlns:x="urn:2" xmlns:y="urn:1" c="3" y:b="2" x:a="1"></a>',
  ],
  ['an attribute of xml', '<a xml:lang="en"/>', '<a xml:lang="en"></a>'],
  ['line ends', '<a b="1\r\n2\n3\t4">x\r\ny\rz</a>', '<a b="1 2 3 4">x\ny\nz</a>'],
  [
    'references',
    '<a b="&#9;&#10;&#13;&quot;&apos;&gt;">&#13;&gt;&quot;&#x41;</a>',
    `<a b="&#x9;&#xA;&#xD;&quot;'>">&#xD;&gt;"A</a>`,
  ],
  ['a CDATA section', '<a>x<![CDATA[<&>\r\n]]>y</a>', '<a>x&lt;&amp;&gt;\ny</a>'],
  ['comments', '<!-- 1 --><a>x<!-- <b> -->y</a><!-- 2 -->', '<a>xy</a>'],
  ['instructions', '<?one?>\n<a><?two  x y ?></a>\n<?three z?>\n', '<?one?>\n<a><?two x y ?></a>\n<?three z?>'],
  ['an XML declaration', '<?xml version="1.0"?>\n<a/>\n', '<a></a>'],
  ['> in a value', '<a b=">"/>', '<a b=">"></a>'],
  ['blanks in an end tag', '<a></a \n>', '<a></a>'],
];

const name = fc.constantFrom('a', 'b', 'p:a', 'q:b', 'r:c', 'é');
// No ampersand: neither libxml2 nor xml-crypto escapes it in a namespace name.
const namespace = fc.constantFrom('urn:1', 'urn:2', 'urn:3', 'http://example.com/a?b=1#c');
const content = fc
  .array(fc.constantFrom('x', ' ', '\n', '\r\n', '\t', '&amp;', '&lt;', '&gt;', '&quot;', '&#13;', '&#x1F600;', 'é', '>', "'"), {
    maxLength: 5,
  })
  .map((parts) => parts.join(''));
const declarations = fc.dictionary(fc.constantFrom('p', 'q', 'r', 'unused'), namespace, { maxKeys: 3 });
const elementOf = (child: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .record({
      name,
      declarations,
      byDefault: fc.option(fc.oneof(namespace, fc.constant('')), { nil: undefined }),
      attributes: fc.dictionary(fc.constantFrom('x', 'y', 'p:x', 'q:y', 'xml:lang'), content, { maxKeys: 3 }),
      text: content,
      children: fc.array(fc.tuple(child, content), { maxLength: 3 }),
    })
    .map(({ name: own, declarations: declared, byDefault, attributes, text, children }) => {
      const written = [
        ...Object.entries(declared).map(([prefix, uri]) => `xmlns:${prefix}="${uri}"`),
        ...(byDefault === undefined ? [] : [`xmlns="${byDefault}"`]),
        ...Object.entries(attributes).map(([key, value]) => `${key}="${value.replaceAll('"', '&quot;')}"`),
      ];
      return `<${own} ${written.join(' ')}>${text}${children.flat().join('')}</${own}>`;
    });
const element = elementOf(elementOf(elementOf(elementOf(content))));
/** Every prefix is declared somewhere; p and q differ, so that no attribute stands there twice. */
const document = element.map(
  (inner) =>
    `<root xmlns:p="urn:p" xmlns:q="urn:q" xmlns:r="urn:r">${inner.replace(/xmlns:p="[^"]*"/g, 'xmlns:p="urn:other"')}</root>`,
);

describe('exclusive canonical form', () => {
  for (const [what, xml, expected] of cases) {
    it(`of ${what}`, () => {
      assert.equal(canonical(xml), expected);
      assert.equal(canonical(xml, 1_000), expected);
    });
  }

  it('is that of libxml2', () => {
    const documents = [
      ...fc.sample(document, { numRuns: 150, seed: 7 }),
      ...cases.map(([, xml]) => xml.replace(/<!--.*?-->/g, '')),
    ];
    assert.deepEqual(
      documents.map((xml) => canonical(xml)),
      byLibxml(documents),
    );
  });

  it('is that of xml-crypto, prefixes treated inclusively as well', () => {
    const prefixes = fc.subarray(['p', 'q', 'unused', 'absent']);
    fc.assert(
      fc.property(document, prefixes, fc.integer({ min: 1, max: 5 }), (xml, inclusive, every) => {
        assert.equal(canonical(xml, every, inclusive), byXmlCrypto(xml, inclusive));
      }),
      { numRuns: 500 },
    );
  });

  it('is that of xmlsec1 for a part within others, prefixes treated inclusively as well', () => {
    const around = [
      '<root xmlns="urn:outer" xmlns:p="urn:p" xmlns:q="urn:q" xmlns:r="urn:r" xmlns:unused="urn:u" xml:lang="en" z="1">',
      '<p:middle xmlns="urn:inner" xmlns:q="urn:other" xml:base="http://example.com/">',
    ] as const;
    const prefixes = fc.subarray(['p', 'q', 'r', 'unused', 'absent', 'xml', '#default']);
    const apexes = fc
      .sample(fc.tuple(element, fc.boolean(), prefixes), { numRuns: 200, seed: 11 })
      .map(([content, undoes, inclusive], index) => ({
        xml: `<apex ${undoes ? 'xmlns="" ' : ''}ID="_${String(index)}">${content.replaceAll(/xmlns:p="[^"]*"/g, 'xmlns:p="urn:p"')}</apex>`,
        prefixes: inclusive,
      }));
    const ours = apexes.map(({ xml, prefixes: inclusive }) => {
      const parts: string[] = [];
      const canonicalizer = new Canonicalizer((text) => void parts.push(text), inclusive);
      for (const tag of around) canonicalizer.enter(tag);
      canonicalizer.feed(xml);
      return hash('sha256', parts.join(''), 'base64');
    });
    assert.deepEqual(ours, digestsByXmlsec(around, apexes));
  });

  it('stays the same when taken again', () => {
    fc.assert(fc.property(document, (xml) => canonical(canonical(xml)) === canonical(xml)));
  });

  it('of an apex takes the prefixes declared around it', () => {
    const parts: string[] = [];
    const canonicalizer = new Canonicalizer((text) => void parts.push(text), ['#default']);
    canonicalizer.enter('<a xmlns="urn:d" xmlns:p="urn:p">');
    canonicalizer.enter('<b>');
    canonicalizer.feed('<p:c><d xmlns=""/></p:c>');
    assert.equal(parts.join(''), '<p:c xmlns="urn:d" xmlns:p="urn:p"><d xmlns=""></d></p:c>');
  });

  const refused = [
    '<a',
    '<a b="',
    '<!-- ',
    '<a><b></a>',
    '</a>',
    '<p:a/>',
    '<a b=c/>',
    '<!DOCTYPE a><a/>',
    '<a>&x;</a>',
    '<a>&</a>',
    '<a b="&#xFFFFFFF;"/>',
    '< a/>',
    '<a p:b=""/>',
  ];
  for (const xml of refused) {
    it(`is not told of ${xml}`, () => {
      assert.throws(() => canonical(xml, 100), /NotCanonicalizable/);
    });
  }
});
