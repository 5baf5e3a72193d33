/** The XML reader: what it reads, what it refuses, and that two other parsers read the same. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { Refusal } from '../../src/refusal.ts';
import type { Reason } from '../../src/refusal.ts';
import { forXmldom } from '../../src/saml/for-xmldom.ts';
import { parseXml } from '../../src/saml/xml.ts';
import type { XmlElement } from '../../src/saml/xml.ts';
import { cpuOf, outcome } from './requests.ts';

/** A tree without positions, fit for comparison. */
interface Tree {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  readonly children: readonly Tree[];
}

const treeOf = (element: XmlElement): Tree => ({
  name: `{${element.namespace}}${element.localName}`,
  attributes: Object.fromEntries([...element.attributes].sort(([a], [b]) => (a < b ? -1 : 1))),
  text: element.text,
  children: element.children.map(treeOf),
});

const accepted = [
  ['an empty element', '<a/>'],
  ['an XML declaration', '<?xml version="1.0" encoding="UTF-8" standalone="no" ?>\n<a/>\n'],
  ['single quotes and blanks', "<a  b = 'x\"y'\n/>"],
  ['> in text and values', '<a b=">">x > y</a>'],
  ['blanks in an end tag', '<a></a \n>'],
  ['a default namespace undone', '<a xmlns="urn:x"><b xmlns=""/></a>'],
  ['the xml prefix without a declaration', '<a xml:lang="en"/>'],
  ['the xml prefix with its declaration', '<a xmlns:xml="http://www.w3.org/XML/1998/namespace"/>'],
  ['names beyond ASCII', '<é·/>'],
  ['the same local name in two namespaces', '<a xmlns:p="urn:p" xmlns:q="urn:q" p:x="1" q:x="2" x="3"/>'],
  ['a prefix redeclared inside', '<p:a xmlns:p="urn:p"><p:b xmlns:p="urn:q"/><p:c/></p:a>'],
  ['depth at the limit', `${'<a>'.repeat(64)}${'</a>'.repeat(64)}`],
] as const;

const refused: readonly (readonly [what: string, text: string, reason: Reason])[] = [
  ['nothing', '', 'request-not-xml'],
  ['blanks alone', ' \n', 'request-not-xml'],
  ['text alone', 'a', 'request-not-xml'],
  ['a byte order mark inside', '\uFEFF<a/>', 'request-not-xml'],
  ['a DOCTYPE', '<!DOCTYPE a><a/>', 'request-forbidden-markup'],
  ['billion laughs', '<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;">]><a>&z;</a>', 'request-forbidden-markup'],
  ['an external entity', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', 'request-forbidden-markup'],
  ['a comment in the text', '<a>x<!-- -->y</a>', 'request-forbidden-markup'],
  ['a comment before the root', '<!-- --><a/>', 'request-forbidden-markup'],
  ['a comment after the root', '<a/><!-- -->', 'request-forbidden-markup'],
  ['a processing instruction', '<a><?x y?></a>', 'request-forbidden-markup'],
  ['a stylesheet', '<?xml-stylesheet href="x"?><a/>', 'request-forbidden-markup'],
  ['an XML declaration inside', '<a><?xml version="1.0"?></a>', 'request-forbidden-markup'],
  ['a CDATA section', '<a><![CDATA[x]]></a>', 'request-forbidden-markup'],
  ['XML 1.1', '<?xml version="1.1"?><a/>', 'request-not-xml'],
  ['another encoding', '<?xml version="1.0" encoding="UTF-16"?><a/>', 'request-not-xml'],
  ['an XML declaration after a blank', ' <?xml version="1.0"?><a/>', 'request-forbidden-markup'],
  ['two roots', '<a/><b/>', 'request-not-xml'],
  ['text after the root', '<a/>x', 'request-not-xml'],
  ['a reference after the root', '<a/>&#32;', 'request-not-xml'],
  ['an unclosed element', '<a><b></b>', 'request-not-xml'],
  ['another end tag', '<a></b>', 'request-not-xml'],
  ['a longer end tag', '<a></ab>', 'request-not-xml'],
  ['an end tag too many', '<a></a></a>', 'request-not-xml'],
  ['crossed elements', '<a><b></a></b>', 'request-not-xml'],
  ['another prefix in the end tag', '<p:a xmlns:p="u:" xmlns:q="u:"></q:a>', 'request-not-xml'],
  ['an attribute twice', '<a b="1" b="2"/>', 'request-not-xml'],
  ['an attribute twice by namespace', '<a xmlns:p="u:" xmlns:q="u:" p:b="1" q:b="2"/>', 'request-not-xml'],
  ['a declaration twice', '<a xmlns:p="u:1" xmlns:p="u:2"/>', 'request-not-xml'],
  ['an undeclared prefix', '<p:a/>', 'request-not-xml'],
  ['an undeclared prefix of an attribute', '<a p:b=""/>', 'request-not-xml'],
  ['a prefix declared in a sibling', '<a><b xmlns:p="u:"/><p:c/></a>', 'request-not-xml'],
  ['a prefix undone', '<a xmlns:p=""/>', 'request-not-xml'],
  ['the xmlns prefix declared', '<a xmlns:xmlns="u:"/>', 'request-not-xml'],
  ['the xmlns prefix used', '<xmlns:a/>', 'request-not-xml'],
  ['the xml prefix for another namespace', '<a xmlns:xml="u:"/>', 'request-not-xml'],
  ['another prefix for the xml namespace', '<a xmlns:p="http://www.w3.org/XML/1998/namespace"/>', 'request-not-xml'],
  ['the xmlns namespace declared', '<a xmlns="http://www.w3.org/2000/xmlns/"/>', 'request-not-xml'],
  ['a relative namespace name', '<a xmlns="x"/>', 'request-not-xml'],
  ['a namespace name with a quote in it', '<a xmlns="urn:x&quot; ID=&quot;_1"/>', 'request-not-xml'],
  ['a name beyond the basic plane', '<a\u{10000}/>', 'request-not-xml'],
  ['two colons', '<a:b:c xmlns:a="u:"/>', 'request-not-xml'],
  ['a colon first', '<:a/>', 'request-not-xml'],
  ['a colon last', '<a: xmlns:a="u:"/>', 'request-not-xml'],
  ['a digit first', '<1/>', 'request-not-xml'],
  ['a blank before the name', '< a/>', 'request-not-xml'],
  ['attributes without a blank between', '<a b="1"c="2"/>', 'request-not-xml'],
  ['an attribute without a value', '<a b/>', 'request-not-xml'],
  ['a value without quotes', '<a b=1/>', 'request-not-xml'],
  ['a value without its end', '<a b="1/>', 'request-not-xml'],
  ['< in a value', '<a b="<"/>', 'request-not-xml'],
  ['an attribute in an end tag', '<a></a b="">', 'request-not-xml'],
  [']]> in text', '<a>]]></a>', 'request-not-xml'],
  ['an entity', '<a>&nbsp;</a>', 'request-not-xml'],
  ['an inherited property as an entity', '<a>&constructor;</a>', 'request-not-xml'],
  ['a bare ampersand', '<a>& </a>', 'request-not-xml'],
  ['an ampersand at the end of a value', '<a b="&"/>', 'request-not-xml'],
  ['a reference to NUL', '<a>&#0;</a>', 'request-not-xml'],
  ['a reference to a surrogate', '<a>&#xD800;</a>', 'request-not-xml'],
  ['a reference to a non-character', '<a>&#xFFFF;</a>', 'request-not-xml'],
  ['a reference beyond Unicode', '<a>&#x110000;</a>', 'request-not-xml'],
  ['an empty reference', '<a>&#;</a>', 'request-not-xml'],
  ['a capital X in a reference', '<a>&#X41;</a>', 'request-not-xml'],
  ['a control character', '<a>\u0001</a>', 'request-not-xml'],
  ['NUL', '<a>\u0000</a>', 'request-not-xml'],
  ['a lone surrogate', '<a>\uD800</a>', 'request-not-xml'],
  ['a non-breaking space between attributes', '<a\u00A0b="1"/>', 'request-not-xml'],
  ['an unfinished start tag', '<a', 'request-not-xml'],
  ['an unfinished attribute', '<a b=', 'request-not-xml'],
  ['depth beyond the limit', `${'<a>'.repeat(65)}${'</a>'.repeat(65)}`, 'request-too-complex'],
  ['10,000 elements within each other', `${'<a>'.repeat(10_000)}${'</a>'.repeat(10_000)}`, 'request-too-complex'],
  ['too many elements', `<a>${'<b/>'.repeat(4000)}</a>`, 'request-too-complex'],
  ['too many attributes', `<a ${Array.from({ length: 65 }, (_, index) => `a${index}=""`).join(' ')}/>`, 'request-too-complex'],
  ['a megabyte of an attribute', `<a b="${'x'.repeat(1_000_000)}"/>`, 'request-too-large'],
  ['quotes without end', `<a b="${'x'.repeat(200_000)}`, 'request-not-xml'],
  ['ampersands without end', `<a>${'&'.repeat(200_000)}</a>`, 'request-not-xml'],
  ['blanks without end', `<?xml${' '.repeat(200_000)}`, 'request-not-xml'],
  ['line ends without end', `<a>${'\r'.repeat(200_000)}`, 'request-not-xml'],
  ['a name without end', `<${'a'.repeat(200_000)}`, 'request-not-xml'],
];

describe('reading XML', () => {
  for (const [what, text] of accepted)
    it(`accepts ${what}`, async () => assert.equal(await outcome(() => parseXml(text)), 'accepted'));
  for (const [what, text, reason] of refused) {
    it(`refuses ${what}`, async () => {
      assert.equal(await outcome(() => parseXml(text)), reason);
      assert.ok((await cpuOf(() => parseXml(text))) < 50);
    });
  }

  it('normalises line ends and values, but not what references yield', () => {
    const read = parseXml('<a b="1\r\n2\t3\n4\r5&#13;&#10;&#9;">x\r\ny\rz&#13;&lt;&amp;&gt;&quot;&apos;&#x1F600;</a>');
    assert.equal(read.attributes.get('b'), '1 2 3 4 5\r\n\t');
    assert.equal(read.text, 'x\ny\nz\r<&>"\'\u{1F600}');
  });

  it('tells lines and positions', () => {
    const text = '<a>\n\n <b/>\r\n<c></c></a>';
    const [b, c] = parseXml(text).children;
    assert.deepEqual([b?.line, c?.line], [3, 4]);
    assert.equal(text.slice(c?.start, c?.end), '<c></c>');
    assert.throws(
      () => parseXml('<a>\n\n<b></a>'),
      (error) => error instanceof Refusal && error.detail.line === 3,
    );
  });

  it('lets comments and processing instructions through where told so, without a trace', async () => {
    const text = '<!-- x --><?x?><a>1<!-- <b> & -->2<?y z?>3</a><!---->';
    assert.equal(parseXml(text, { lenient: true }).text, '123');
    for (const wrong of [
      '<a/><!-- -- -->',
      '<a/><!--->',
      '<a/><!-- --->',
      '<a/><?xml x?>',
      '<a/><??>',
      '<a/><?a:b?>',
      '<a/><?x',
      '<a/><?x*?>',
    ]) {
      assert.equal(await outcome(() => parseXml(wrong, { lenient: true })), 'request-not-xml', wrong);
    }
    for (const wrong of ['<!DOCTYPE a><a/>', '<a><![CDATA[]]></a>']) {
      assert.equal(await outcome(() => parseXml(wrong, { lenient: true })), 'request-forbidden-markup', wrong);
    }
  });
});

const localName = fc.constantFrom('a', 'b', 'Issuer', 'é', 'x-1', '_');
const prefix = fc.constantFrom('', 'p', 'q');
const namespaceOf = { '': 'urn:none', p: 'urn:p', q: 'urn:q' } as const;
const character = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('a', ' ', '<', '&', '>', '"', "'", ']', '\n', '\t', '\r', '\u2028', '\u0085', 'é', '\u{1F600}'),
  },
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 1 })
    .filter((unit) => !/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u.test(unit)),
);
const content = fc.array(character, { maxLength: 8 }).map((characters) => characters.join(''));

interface Node {
  readonly prefix: '' | 'p' | 'q';
  readonly name: string;
  readonly attributes: readonly (readonly [prefix: '' | 'p' | 'q', name: string, value: string])[];
  readonly content: readonly (string | Node)[];
}

const { node } = fc.letrec<{ node: Node; content: readonly (string | Node)[] }>((tie) => ({
  node: fc.record({
    prefix,
    name: localName,
    attributes: fc.uniqueArray(fc.tuple(prefix, localName, content), { maxLength: 4, selector: ([p, name]) => `${p}:${name}` }),
    content: tie('content'),
  }),
  content: fc.array(fc.oneof({ depthSize: 'small' }, content, tie('node')), { maxLength: 4 }),
}));

const references: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '&': '&amp;',
  '"': '&quot;',
  '>': '&gt;',
  '\r': '&#13;',
  '\n': '&#xA;',
  '\t': '&#09;',
};
const escaped = (text: string): string => text.replace(/[<&">\r\n\t]/g, (found) => references[found] ?? found);
const qName = (p: string, name: string): string => (p === '' ? name : `${p}:${name}`);

const written = (root: Node, outermost = true): string => {
  const name = qName(root.prefix, root.name);
  const attributes = root.attributes.map(([p, attribute, value]) => ` ${qName(p, attribute)}="${escaped(value)}"`).join('');
  const declarations = outermost ? ' xmlns="urn:none" xmlns:p="urn:p" xmlns:q="urn:q"' : '';
  const inside = root.content.map((part) => (typeof part === 'string' ? escaped(part) : written(part, false))).join('');
  return `<${name}${declarations}${attributes}>${inside}</${name}>`;
};

const expected = (root: Node): Tree => ({
  name: `{${namespaceOf[root.prefix]}}${root.name}`,
  attributes: Object.fromEntries(
    root.attributes
      .map(([p, name, value]) => [p === '' ? name : `{${namespaceOf[p]}}${name}`, value] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  ),
  text: root.content.filter((part) => typeof part === 'string').join(''),
  children: root.content.filter((part) => typeof part !== 'string').map(expected),
});

interface DomNode {
  readonly nodeType: number;
  readonly namespaceURI: string | null;
  readonly localName: string;
  readonly data: string;
  readonly value: string;
  readonly attributes: ArrayLike<DomNode>;
  readonly childNodes: ArrayLike<DomNode>;
}
interface Dom {
  readonly DOMParser: new (options: { errorHandler: (level: string, message: string) => void }) => {
    parseFromString(text: string, type: string): { readonly documentElement: DomNode };
  };
}
const { DOMParser } = createRequire(import.meta.resolve('xml-crypto'))('@xmldom/xmldom') as Dom;

const domTreeOf = (element: DomNode): Tree => {
  const nodes = Array.from(element.childNodes);
  const attributes = Array.from(element.attributes)
    .filter(({ namespaceURI }) => namespaceURI !== 'http://www.w3.org/2000/xmlns/')
    .map(
      (attribute) =>
        [
          attribute.namespaceURI ? `{${attribute.namespaceURI}}${attribute.localName}` : attribute.localName,
          attribute.value,
        ] as const,
    );
  return {
    name: `{${element.namespaceURI ?? ''}}${element.localName}`,
    attributes: Object.fromEntries(attributes.sort(([a], [b]) => (a < b ? -1 : 1))),
    text: nodes.map((child) => (child.nodeType === 3 ? child.data : '')).join(''),
    children: nodes.filter(({ nodeType }) => nodeType === 1).map(domTreeOf),
  };
};

const mutation = fc.record({
  at: fc.nat(),
  removed: fc.nat({ max: 3 }),
  inserted: fc.constantFrom(
    '',
    '<',
    '>',
    '/',
    '/>',
    '"',
    "'",
    '=',
    '&',
    ';',
    ':',
    ' ',
    '\r',
    '\t',
    ']]>',
    '<!--',
    '-->',
    '<?x?>',
    '&#60;',
    '&lt;',
    'xmlns',
    'xmlns:p="urn:x"',
    'p:',
    ' a="1"',
    '\u0000',
    '\u2028',
    'é',
    '\u{10000}',
    '\uD800',
    '<a/>',
    '</a>',
  ),
});
const mutated = fc.tuple(node, fc.array(mutation, { minLength: 1, maxLength: 2 })).map(([root, mutations]) =>
  mutations.reduce((text, { at, removed, inserted }) => {
    const position = at % (text.length + 1);
    return text.slice(0, position) + inserted + text.slice(position + removed);
  }, written(root)),
);

describe('reading XML as other parsers do', () => {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-xml-'));
  after(() => rmSync(folder, { recursive: true }));

  it('reads back whatever is written', () => {
    fc.assert(
      fc.property(node, (root) => assert.deepEqual(treeOf(parseXml(written(root))), expected(root))),
      { numRuns: 500 },
    );
  });

  it('reads the tree that xmldom reads from what is handed to it, wherever it accepts a mutated document', async () => {
    let compared = 0;
    const law = fc.asyncProperty(mutated, async (text) => {
      if ((await outcome(() => parseXml(text))) !== 'accepted') return;
      const complaints: string[] = [];
      const dom = new DOMParser({ errorHandler: (level, message) => complaints.push(`${level} ${message}`) }).parseFromString(
        forXmldom(text),
        'text/xml',
      );
      assert.deepEqual(complaints, []);
      assert.deepEqual(domTreeOf(dom.documentElement), treeOf(parseXml(text)));
      compared += 1;
    });
    await fc.assert(law, { numRuns: 5000 });
    assert.ok(compared > 200, `only ${compared} compared`);
  });

  it('accepts nothing that xmllint refuses', async () => {
    const texts: string[] = [];
    for (const text of fc.sample(mutated, 4000)) if ((await outcome(() => parseXml(text))) === 'accepted') texts.push(text);
    const files = [...texts, ...accepted.map(([, text]) => text)].map((text, index) => {
      const file = join(folder, `${index}.xml`);
      writeFileSync(file, text);
      return file;
    });
    assert.ok(files.length > 200, `only ${files.length} compared`);
    const { stderr } = spawnSync('xmllint', ['--noout', '--nonet', ...files], { encoding: 'utf8', maxBuffer: 1 << 26 });
    assert.equal(stderr, '');
  });

  it('reads the tree that xmllint canonicalizes', () => {
    for (const [index, root] of fc.sample(node, 40).entries()) {
      const file = join(folder, `c14n-${index}.xml`);
      writeFileSync(file, written(root));
      const canonical = execFileSync('xmllint', ['--nonet', '--c14n', file], { encoding: 'utf8' });
      assert.deepEqual(treeOf(parseXml(canonical)), expected(root));
    }
  });

  it('never ends in anything but a tree or a Refusal', async () => {
    const soup = fc.string({
      unit: fc.constantFrom(...Array.from('<>/?!-[]="\'&#;: axml\r\n\u0000'), '\uD800', '\u{1F600}'),
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(soup, fc.boolean(), async (text, lenient) => {
        await outcome(() => parseXml(text, { lenient }));
      }),
      { numRuns: 5000 },
    );
  });
});
