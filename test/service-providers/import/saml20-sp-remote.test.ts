/** What the import makes of metadata/saml20-sp-remote.php: shapes of the template and the reference of SimpleSAMLphp 1.19, and of 2.x. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { ImportMistake, type Draft, type Export } from '../../../src/service-providers/import/imported.ts';
import { readSaml20SpRemote } from '../../../src/service-providers/import/php/read-saml20-sp-remote.ts';
import { takeKey } from '../../fixtures/ready-keys.ts';

const now = Date.now();
const read = (php: string): Export => readSaml20SpRemote(`<?php\n${php}`, now);
const acs = `'AssertionConsumerService' => 'https://sp.example.org/acs',`;
function only(inside: string, before = ''): Draft {
  const { drafts } = read(`${before}$metadata['https://sp.example.org/'] = [${acs} ${inside}];`);
  const [draft] = drafts;
  assert.ok(draft !== undefined);
  return draft;
}
const notPlain = ({ told }: Draft): string[] =>
  told.filter(({ outcome }) => outcome === 'not plain').map(({ because }) => because);

describe('the file', () => {
  it('entries of the shipped template', () => {
    const { drafts, leftOut } = read(`
/* See https://simplesamlphp.org/docs/stable/simplesamlphp-reference-sp-remote */
$metadata['https://saml2sp.example.org'] = [
    'AssertionConsumerService' => 'https://saml2sp.example.org/simplesaml/module.php/saml/sp/saml2-acs.php/default-sp',
    'SingleLogoutService' => 'https://saml2sp.example.org/simplesaml/module.php/saml/sp/saml2-logout.php/default-sp',
];
$metadata['google.com'] = array(
    'AssertionConsumerService' => 'https://www.google.com/a/g.feide.no/acs',
    'NameIDFormat' => 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
    'simplesaml.nameidattribute' => 'uid',
    'simplesaml.attributes' => false,
);`);
    assert.deepEqual(leftOut, []);
    assert.deepEqual(
      drafts.map(({ entityId, nameId }) => [entityId, nameId]),
      [
        ['https://saml2sp.example.org', { format: 'transient', offered: [] }],
        ['google.com', {}],
      ],
    );
    assert.match(drafts[0]?.metadata.singleLogoutServices[0]?.binding ?? '', /HTTP-Redirect$/);
  });

  it('what the converter shows, without the opening tag', () => {
    const { drafts } = readSaml20SpRemote(`$metadata['a'] = array('AssertionConsumerService' => 'https://a.example/acs');`, now);
    assert.equal(drafts.length, 1);
  });

  it('constants, other names for classes, and texts that are put together', () => {
    const draft = only(
      `'NameIDFormat' => C::NAMEID_EMAIL_ADDRESS, 'simplesaml.nameidattribute' => 'ma' . 'il', 'attributes.NameFormat' => \\SAML2\\Constants::NAMEFORMAT_URI, 'attributes' => ['mail'],`,
      'use SimpleSAML\\SAML2\\Constants as C;\n',
    );
    assert.deepEqual(draft.nameId, { format: 'emailAddress', offered: [] });
    assert.deepEqual(draft.attributes.get('mail'), [{ from: 'mail', nameFormat: 'uri' }]);
  });

  const statements = [
    'require "other.php";',
    'foreach ($x as $y) { $metadata[$y] = []; }',
    '$metadata[gethostname()] = [];',
    '$metadata["a"]["b"] = 1;',
    'file_put_contents("/tmp/never", "x");',
    '$metadata["c"] = f();',
  ];
  for (const statement of statements) {
    it(`is not run: ${statement}`, () => {
      const { drafts, told } = read(`${statement}\n$metadata['a'] = ['AssertionConsumerService' => 'https://a.example/acs'];`);
      assert.equal(drafts.length, 1);
      assert.ok(
        told.some(({ text }) => text !== undefined && statement.startsWith(text)),
        JSON.stringify(told),
      );
    });
  }

  const broken = [
    '',
    'hello',
    '$metadata["a"] = [',
    `$x = ${'['.repeat(20_000)}`,
    `$metadata['a'] = ${'['.repeat(3_000)}${']'.repeat(3_000)};`,
    '$metadata = [];',
    '__halt_compiler();',
  ];
  for (const text of broken) {
    it(`is told to be useless: ${text.slice(0, 20)}`, () => {
      try {
        const { drafts } = read(text);
        assert.deepEqual(drafts, []);
      } catch (error) {
        assert.ok(error instanceof ImportMistake, String(error));
      }
    });
  }
});

describe('attributes', () => {
  /** Each entry, and what stands under `attributes` in the end. */
  const rows: readonly (readonly [string, string, object])[] = [
    ['a list', `'attributes' => ['mail', 'displayName'],`, { mail: { from: 'mail' }, displayName: { from: 'displayName' } }],
    [
      'names of federations',
      `'attributes' => ['urn:oid:0.9.2342.19200300.100.1.3', 'urn:mace:dir:attribute-def:sn'], 'attributes.NameFormat' => 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri',`,
      {
        'urn:oid:0.9.2342.19200300.100.1.3': { from: 'mail', nameFormat: 'uri' },
        'urn:mace:dir:attribute-def:sn': { from: 'sn', nameFormat: 'uri' },
      },
    ],
    [
      'a map',
      `'attributes' => ['email'], 'authproc' => [10 => ['class' => 'core:AttributeMap', 'mail' => 'email']],`,
      { email: { from: 'mail' } },
    ],
    [
      'a map without a list',
      `'authproc' => [60 => ['class' => 'core:AttributeMap', 'mail' => ['email', 'e']]],`,
      { email: { from: 'mail' }, e: { from: 'mail' } },
    ],
    [
      'a map file, behind the limit',
      `'attributes' => ['mail', 'givenName'], 'attributes.NameFormat' => 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri', 'authproc' => [90 => ['class' => 'core:AttributeMap', 'name2oid']],`,
      {
        'urn:oid:0.9.2342.19200300.100.1.3': { from: 'mail', nameFormat: 'uri' },
        'urn:oid:2.5.4.42': { from: 'givenName', nameFormat: 'uri' },
      },
    ],
    [
      'a limit of its own',
      `'authproc' => [50 => ['class' => 'core:AttributeLimit', 'mail', 'title' => ['Dr', 'Prof']]],`,
      { mail: { from: 'mail' }, title: { from: 'title', keep: { equals: ['Dr', 'Prof'] } } },
    ],
    [
      'fixed text',
      `'attributes' => ['o', 'b'], 'authproc' => [10 => ['class' => 'core:AttributeAdd', 'o' => 'Example', 'b' => ['1', '2']]],`,
      { o: { text: 'Example' }, b: { text: ['1', '2'] } },
    ],
    [
      'a copy',
      `'authproc' => [49 => ['class' => 'core:AttributeCopy', 'uid' => 'login'], 50 => ['class' => 'core:AttributeLimit', 'login']],`,
      { login: { from: 'uid' } },
    ],
    [
      'base64',
      `'attributes' => ['jpegPhoto'], 'attributeencodings' => ['jpegPhoto' => 'base64'],`,
      { jpegPhoto: { from: 'jpegPhoto', as: 'base64' } },
    ],
    ['none at all', `'attributes' => ['mail'], 'simplesaml.attributes' => false,`, {}],
    [
      'a name by the full name of its class',
      `'authproc' => [60 => ['class' => '\\SimpleSAML\\Module\\core\\Auth\\Process\\AttributeMap', 'sn' => 'surname']],`,
      { surname: { from: 'sn' } },
    ],
  ];
  for (const [name, inside, expected] of rows) {
    it(name, () => {
      const draft = only(inside);
      assert.deepEqual(Object.fromEntries([...draft.attributes].map(([each, [rule]]) => [each, rule])), expected);
      assert.deepEqual(draft.held, []);
    });
  }

  const others: readonly (readonly [string, string, RegExp])[] = [
    ['everything, unsaid', '', /which may have been all/],
    [
      'values by a pattern',
      `'authproc' => [50 => ['class' => 'core:AttributeLimit', 'x' => ['regex' => true, '/a/']]],`,
      /which of its values/,
    ],
    [
      'a change of values',
      `'attributes' => ['mail'], 'authproc' => [40 => ['class' => 'core:AttributeAlter', 'subject' => 'mail', 'pattern' => '/a/', 'replacement' => 'b']],`,
      /no rule of Passerelle/,
    ],
    ['XML', `'attributes' => ['x'], 'attributeencodings' => ['x' => 'raw'],`, /sent as XML/],
    [
      'a map of its own',
      `'attributes' => ['x'], 'authproc' => [10 => ['class' => 'core:AttributeMap', 'mine:names']],`,
      /map mine:names/,
    ],
    ['a password', `'attributes' => ['userPassword'],`, /holds no password/],
    ['__proto__', `'attributes' => ['__proto__'],`, /nothing plain says/],
  ];
  for (const [name, inside, because] of others) {
    it(`are not plain: ${name}`, () => {
      const draft = only(inside);
      assert.equal(draft.attributes.has('mail') || draft.attributes.has('x'), name === 'a map of its own');
      assert.match(notPlain(draft).join('\n'), because);
    });
  }
});

describe('an entry is held', () => {
  const rows: readonly (readonly [string, string, RegExp])[] = [
    [
      'a filter that lets some in',
      `'authproc' => [20 => ['class' => 'authorize:Authorize', 'memberOf' => ['/^cn=x/']]],`,
      /authorize:Authorize/,
    ],
    ['a filter that is a program', `'authproc' => [20 => ['class' => 'core:PHP', 'code' => 'throw 1;']],`, /core:PHP/],
    [
      'a filter under a condition',
      `'authproc' => [20 => ['class' => 'core:AttributeMap', '%precondition' => 'return true;']],`,
      /authproc is not plain/,
    ],
    ['filters that are computed', `'authproc' => f(),`, /not plain/],
    [
      'signed requests without a certificate',
      `'validate.authnrequest' => true, 'certificate' => 'sp.crt',`,
      /no certificate to verify/,
    ],
    ['encryption without one', `'assertion.encryption' => true, 'sharedkey' => 'SECRET',`, /no certificate to encrypt/],
    [
      'a name of the account',
      `'NameIDFormat' => 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified', 'simplesaml.nameidattribute' => 'uid',`,
      /made of uid/,
    ],
    ['a persistent name', `'NameIDFormat' => ['urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'],`, /know nobody again/],
    [
      'a persistent name by a filter',
      `'NameIDFormat' => 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent', 'authproc' => [3 => ['class' => 'saml:PersistentNameID', 'attribute' => 'uid']],`,
      /know nobody again/,
    ],
  ];
  for (const [name, inside, because] of rows) {
    it(`for ${name}`, () => {
      const draft = only(inside);
      assert.match([...draft.held, ...draft.heldByName].join('\n'), because);
      assert.ok(!JSON.stringify(draft.told).includes('SECRET'));
    });
  }
});

describe('PHP that is not plain', () => {
  const first = `$metadata['a'] = [${acs}];`;
  const second = `$metadata['b'] = ['AssertionConsumerService' => 'https://b.example/acs'];`;
  /** What stands between two entries, and which of them are held for it. */
  const rows: readonly (readonly [string, string, string])[] = [
    ['a filter that is added later', `$metadata['a']['authproc'][50] = ['class' => 'authorize:Authorize'];`, 'a'],
    ['a setting that is added later', `$metadata['a'] += ['validate.authnrequest' => true];`, 'a'],
    ['a filter for all of them', 'foreach ($metadata as &$each) { $each["authproc"] = []; }', 'a b'],
    ['another file', 'include "authproc.php";', 'a b'],
    ['a reference', `$one = &$metadata['a'];`, 'a b'],
    ['an end before the end', 'return;', 'a b'],
    ['a condition', 'if ($x) { return; }', 'a b'],
    ['an entry under a name that is computed', '$metadata[$name] = [];', 'a b'],
    ['a call that is given all of them', '$x = array_walk($metadata, "f");', 'a b'],
    ['a call', 'restrict();', 'a b'],
    ['an assignment within a value', `$x = [$metadata['a']['authproc'] = []];`, 'a b'],
    ['an assignment within a declaration', `declare(ticks=1) { $metadata['a']['authproc'] = []; }`, 'a'],
    ['another name for all of them', '${"meta" . "data"} = [];', 'a b'],
    ['a whole list that is computed', '$metadata = array_map("f", $metadata);', 'a b'],
    ['a variable, which is plain', '$host = "https://x.example";', ''],
    ['a variable, which is not', '$host = "https://" . $_SERVER["HTTP_HOST"] . getenv("X");', ''],
    ['a constant', 'const X = "y";', ''],
    ['text around it', '?> text <?php', ''],
  ];
  for (const [name, between, held] of rows) {
    it(`${held === '' ? 'holds nothing' : `holds ${held}`}: ${name}`, () => {
      const { drafts } = read(`${first}\n${between}\n${second}`);
      assert.deepEqual(
        drafts.map(({ entityId }) => entityId),
        ['a', 'b'],
      );
      const doubtful = drafts.filter((draft) => draft.held.join().includes('may have changed it'));
      assert.equal(doubtful.map(({ entityId }) => entityId).join(' '), held);
    });
  }

  const entityIds = (php: string): string[] =>
    read(php).drafts.map(({ entityId, held }) => `${entityId}${held.length > 0 ? '?' : ''}`);
  it('takes the last value, as PHP does', () => {
    assert.deepEqual(entityIds(`${first} $metadata = []; ${second}`), ['b']);
    assert.deepEqual(entityIds(`${first} $metadata['a'] = f(); ${second}`), ['b']);
    assert.deepEqual(entityIds(`$metadata['a']['authproc'] = f(); ${first}`), ['a']);
    assert.deepEqual(entityIds(`$metadata = ['a' => [${acs}]];`), ['a']);
  });

  for (const name of ['attributes', 'expire', 'validate.authnrequest', 'assertion.encryption', 'nameid.encryption'])
    it(`holds an entry whose ${name} is computed`, () => {
      assert.match(only(`'${name}' => $x,`).held.join(), /is computed/);
    });

  it('reads a heredoc without variables, and numbers as PHP does', () => {
    assert.equal(only("'name' => <<<X\nWiki\nX\n,").name, 'Wiki');
    assert.equal(only("'name' => <<<X\n$wiki\nX\n,").name, undefined);
    // 050 is 40: the map comes before the limit.
    const draft = only(`'attributes' => ['email'], 'authproc' => [050 => ['class' => 'core:AttributeMap', 'mail' => 'email']],`);
    assert.deepEqual(draft.attributes.get('email'), [{ from: 'mail' }]);
  });

  it('releases nothing in place of what a filter makes', () => {
    const settings = `'class' => 'core:AttributeValueMap', 'sourceattribute' => 'memberOf', 'targetattribute' => 'title'`;
    assert.equal(only(`'attributes' => ['title'], 'authproc' => [40 => [${settings}]],`).attributes.size, 0);
    assert.equal(only(`'attributes' => ['realm'], 'authproc' => [40 => 'core:AttributeRealm'],`).attributes.size, 0);
  });

  it('leaves out what ended at the beginning of time', () => {
    assert.equal(only("'expire' => 0,").metadata.validUntil, 0);
    assert.equal(only("'expire' => -5,").metadata.validUntil, 0);
  });
});

describe('the rest of an entry', () => {
  it('endpoints, keys, names, signatures and an end', async () => {
    const certificate = new X509Certificate((await takeKey('partner')).certificate).raw.toString('base64');
    const draft = only(
      `'AssertionConsumerService' => [
          ['index' => 3, 'isDefault' => TRUE, 'Location' => 'https://sp.example.org/a', 'Binding' => 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact'],
          ['index' => 4, 'Location' => 'https://sp.example.org/b', 'Binding' => 'urn:oasis:names:tc:SAML:1.0:profiles:browser-post'],
          ['Location' => $host . '/c'],
        ],
        'SingleLogoutService' => [['Location' => 'https://sp.example.org/out', 'ResponseLocation' => 'https://sp.example.org/done', 'Binding' => 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect']],
        'keys' => [
          ['encryption' => false, 'signing' => true, 'type' => 'X509Certificate', 'X509Certificate' => '${certificate}'],
          ['encryption' => true, 'signing' => false, 'type' => 'X509Certificate', 'X509Certificate' => "${certificate.replace(/(.{64})/g, '$1\\n')}"],
        ],
        'validate.authnrequest' => true, 'assertion.encryption' => true,
        'saml20.sign.response' => false, 'signature.algorithm' => 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
        'name' => ['no' => 'En tjeneste', 'en' => 'A service'], 'expire' => ${String(Math.floor(now / 1_000) + 1_000)}, 'ForceAuthn' => true, 'strange' => 1,`,
    );
    const { metadata } = draft;
    assert.deepEqual(
      metadata.assertionConsumerServices.map(({ location, index, isDefault }) => [location, index, isDefault]),
      [['https://sp.example.org/a', 3, true]],
    );
    assert.equal(metadata.singleLogoutServices[0]?.responseLocation, 'https://sp.example.org/done');
    assert.deepEqual([metadata.signing, metadata.encryption, metadata.authnRequestsSigned], [[certificate], [certificate], true]);
    assert.deepEqual(
      [draft.sign, draft.signature, draft.encrypt, draft.name, draft.held],
      ['assertion', 'rsa-sha512', 'assertion', 'A service', []],
    );
    assert.equal(metadata.validUntil, (Math.floor(now / 1_000) + 1_000) * 1_000);
    assert.match(notPlain(draft).join(), /an endpoint is computed/);
    assert.deepEqual(
      draft.told.filter(({ outcome }) => outcome === 'left out').map(({ about }) => about),
      ['ForceAuthn', 'strange'],
    );
  });

  it('without an endpoint it is left out', () => {
    assert.match(read(`$metadata['a'] = ['name' => 'x'];`).leftOut[0]?.because ?? '', /AssertionConsumerService/);
  });
});
