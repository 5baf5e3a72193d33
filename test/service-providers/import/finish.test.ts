/** Whatever an export holds, what comes out is a sound configuration, or nothing; and nothing in it steps out of its quotes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { verifyText } from '../../../src/config/read-configuration.ts';
import { readAdfs } from '../../../src/service-providers/import/adfs/read-adfs.ts';
import { finish, type Finished } from '../../../src/service-providers/import/finish.ts';
import { harmless } from '../../../src/service-providers/import/harmless.ts';
import { ImportMistake, type Export } from '../../../src/service-providers/import/imported.ts';
import { readKeycloakRealm } from '../../../src/service-providers/import/keycloak/read-keycloak-realm.ts';
import { readSaml20SpRemote } from '../../../src/service-providers/import/php/read-saml20-sp-remote.ts';
import { decodeText } from '../../../src/service-providers/import/read-json.ts';
import { renderImport } from '../../../src/service-providers/import/render-import.ts';
import { describeImport } from '../../../src/cli/import-report.ts';
import { readServiceProviderMetadata } from '../../fixtures/read-service-provider.ts';
import { acsAt, groupRule, groupSid, ldapRule, nameIdRule, permitAll, trust, types } from './adfs-export.ts';
import { client, mapper, realm } from './keycloak-export.ts';

const now = Date.now();
const base = `publicUrl: https://sso.example.com
directory: { urls: [ldaps://dc.example.com], baseDn: 'dc=example,dc=com', bindDn: reader, password: none }
mapping: { domains: { primary: example.com } }
`;

/** The finished import, proven to be what it must always be. */
function proven(read: () => Export): Finished {
  let found: Export;
  try {
    found = read();
  } catch (error) {
    assert.ok(error instanceof ImportMistake, String(error));
    found = { drafts: [], leftOut: [], told: [] };
  }
  const finished = finish(found, 'imported', now);
  const yaml = renderImport(finished, 'From somewhere.');
  const { findings, config } = verifyText(`${base}${yaml}`, {});
  assert.deepEqual(findings.mistakes, [], yaml);
  const used = finished.imported.filter(({ held }) => held.length === 0);
  assert.equal(config?.serviceProviders.length, used.length);
  const sections = Object.keys((parse(yaml) ?? {}) as object);
  assert.ok(
    sections.every((name) => name === 'serviceProviders' || name === 'release'),
    yaml,
  );
  for (const { metadata, entityId } of used)
    if (metadata !== undefined) assert.equal(readServiceProviderMetadata(metadata.xml, now).entityID, entityId);
  const files = finished.imported.flatMap(({ metadata }) => metadata?.file ?? []);
  assert.equal(new Set(files).size, files.length);
  for (const file of files) assert.match(file, /^[a-z0-9][a-z0-9-]{0,70}\.xml$/);
  assert.doesNotMatch(describeImport(finished), /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u);
  return finished;
}

const nasty = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    '${HOME}',
    '$${X}',
    "'\n- kind: x",
    '"\nserviceProviders:\n',
    '# x',
    '\u001b[2J',
    '\u2028release: []',
    '\ud800',
    '../../etc/passwd',
    '<&>"',
    'https://sp.example.com/a?b=${C}',
    'https://user:pw@sp.example.com/',
    'http://sp.example.com/',
    'javascript:alert(1)',
    'true',
    '{{}}',
    '*',
    '&a',
    '- a',
    'x'.repeat(3_000),
    '\u0000',
    '\u202Eevil',
    'google.com',
    'https://accounts.google.com/samlrp/a',
    '$1',
    '$$',
  ),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
);
const url = fc.oneof(
  fc.constantFrom(
    'https://sp.example.com/acs',
    'https://www.google.com/a/example.com/acs',
    'https://accounts.google.com/samlrp/a/acs',
  ),
  nasty,
);
const quoteless = nasty.map((text) => text.replaceAll('"', ''));

describe('an import of whatever there may be', () => {
  it('of trusts', () => {
    const rules = fc
      .array(
        fc.oneof(
          fc.tuple(quoteless, quoteless).map(([type, attribute]) => ldapRule([[type, attribute]])),
          fc.tuple(quoteless, quoteless).map(([type, value]) => groupRule(groupSid, type, value)),
          fc
            .tuple(quoteless, quoteless)
            .map(
              ([pattern, by]) =>
                `c:[Type == "${types.upn}"] => issue(Type = "x", Value = regexreplace(c.Value, "${pattern}$", "${by}"));`,
            ),
          quoteless.map((format) => nameIdRule(types.upn, format)),
          nasty,
        ),
        { maxLength: 5 },
      )
      .map((list) => list.join(''));
    const one = fc.record({
      Name: nasty,
      Identifier: fc.array(nasty, { maxLength: 3 }),
      SamlEndpoints: fc.array(fc.record({ location: url, index: fc.integer(), isDefault: fc.boolean() }), {
        minLength: 1,
        maxLength: 3,
      }),
      rules,
      access: fc.constantFrom(permitAll, ''),
      notes: fc.jsonValue(),
    });
    let used = 0;
    fc.assert(
      fc.property(fc.array(one, { maxLength: 4 }), (list) => {
        const trusts = list.map((each) =>
          trust({
            ...each,
            SamlEndpoints: each.SamlEndpoints.map(({ location, index, isDefault }) =>
              acsAt(location, { Index: index, IsDefault: isDefault }),
            ),
            IssuanceTransformRules: each.rules,
            AccessControlPolicyName: null,
            IssuanceAuthorizationRules: each.access,
            Notes: each.notes,
          }),
        );
        used += proven(() => readAdfs(JSON.stringify(trusts), now)).imported.length;
      }),
      { numRuns: 60 },
    );
    assert.ok(used > 10, 'some of them are taken over');
  });

  it('of clients', () => {
    const one = fc.record({
      clientId: nasty,
      name: nasty,
      redirectUris: fc.array(url, { maxLength: 3 }),
      adminUrl: url,
      protocolMappers: fc.array(
        fc.tuple(nasty, nasty, nasty).map(([name, value, friendly]) =>
          mapper('saml-hardcode-attribute-mapper', {
            'attribute.name': name,
            'attribute.value': value,
            'friendly.name': friendly,
          }),
        ),
        { maxLength: 3 },
      ),
    });
    let used = 0;
    fc.assert(
      fc.property(fc.array(one, { maxLength: 4 }), (list) => {
        used += proven(() => readKeycloakRealm(JSON.stringify(realm(list.map(client))), now)).imported.length;
      }),
      { numRuns: 60 },
    );
    assert.ok(used > 10, 'some of them are taken over');
  });

  it('of PHP', () => {
    const quoted = (text: string): string => `'${text.toWellFormed().replaceAll(/[\\']/g, '\\$&')}'`;
    const one = fc.tuple(nasty, url, fc.array(nasty, { maxLength: 3 }), nasty, nasty);
    let used = 0;
    fc.assert(
      fc.property(fc.array(one, { maxLength: 4 }), nasty, (list, rest) => {
        const entries = list.map(
          ([entityId, acs, attributes, name, value]) =>
            `$metadata[${quoted(entityId)}] = ['AssertionConsumerService' => ${quoted(acs)}, 'name' => ${quoted(name)}, 'attributes' => [${attributes.map(quoted).join()}], 'authproc' => [7 => ['class' => 'core:AttributeAdd', ${quoted(name)} => ${quoted(value)}]]];\n`,
        );
        used += proven(() => readSaml20SpRemote(`<?php\n${entries.join('')}`, now)).imported.length;
        proven(() => readSaml20SpRemote(`<?php\n${entries.join('')}${rest}`, now));
      }),
      { numRuns: 60 },
    );
    assert.ok(used > 10, 'some of them are taken over');
  });

  it('of any JSON and any text', () => {
    for (const reader of [readAdfs, readKeycloakRealm, readSaml20SpRemote]) {
      fc.assert(
        fc.property(fc.oneof(fc.json(), fc.string()), (text) => void proven(() => reader(text, now))),
        { numRuns: 50 },
      );
      // Shapes that are nearly right.
      const shapes = fc.record({
        Identifier: fc.jsonValue(),
        Name: fc.jsonValue(),
        SamlEndpoints: fc.jsonValue(),
        clients: fc.array(
          fc.record({
            clientId: fc.jsonValue(),
            protocol: fc.constant('saml'),
            attributes: fc.jsonValue(),
            redirectUris: fc.jsonValue(),
            protocolMappers: fc.jsonValue(),
          }),
        ),
        components: fc.jsonValue(),
      });
      fc.assert(
        fc.property(shapes, (value) => void proven(() => reader(JSON.stringify(value), now))),
        { numRuns: 50 },
      );
    }
  });
});

describe('what is sure of every import', () => {
  it('no name in the export reaches a prototype', () => {
    proven(() =>
      readAdfs(
        `[{"__proto__": {"Enabled": true}, "Name": "x", "Identifier": ["urn:x"], "SamlEndpoints": [${JSON.stringify(acsAt('https://x.example/acs'))}]}]`,
        now,
      ),
    );
    proven(() =>
      readSaml20SpRemote(
        `<?php $metadata['__proto__'] = ['AssertionConsumerService' => 'https://a.example/acs', '__proto__' => ['polluted' => 1]];`,
        now,
      ),
    );
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
  });

  it('metadata that expired, and endpoints that nobody may be answered at, are left out', () => {
    const php = (inside: string): Finished => proven(() => readSaml20SpRemote(`<?php $metadata['urn:x'] = [${inside}];`, now));
    for (const [inside, because] of [
      [`'AssertionConsumerService' => 'https://a.example/acs', 'expire' => 1000`, /valid until/],
      [`'AssertionConsumerService' => 'http://a.example/acs'`, /plain http/],
      [`'AssertionConsumerService' => 'ftp://a.example/acs'`, /no AssertionConsumerService/],
      [`'AssertionConsumerService' => 'https://u:p@a.example/acs'`, /no AssertionConsumerService/],
    ] as const) {
      const { imported, leftOut } = php(inside);
      assert.equal(imported.length, 0);
      assert.match(leftOut[0]?.because ?? '', because);
    }
  });

  it('one that is held is a comment, which says why', () => {
    const finished = proven(() => readAdfs(JSON.stringify(trust({ Enabled: false })), now));
    const yaml = renderImport(finished, 'x');
    assert.equal(parse(yaml), null);
    assert.match(yaml, /^# Look first: it was switched off \(Enabled is false\)\.\n# {2}- kind: "metadata"$/m);
    const uncommented = yaml.replace(/^# (serviceProviders:)$/m, '$1').replace(/^#(?= {2})/gm, '');
    assert.deepEqual(verifyText(base + uncommented, {}).findings.mistakes, []);
  });

  it('Google’s are known by what they are', () => {
    const kinds = [
      ['google.com', 'https://www.google.com/a/example.com/acs', { kind: 'google-legacy', domain: 'example.com' }],
      [
        'google.com/a/example.com',
        'https://accounts.google.com/a/example.com/acs',
        { kind: 'google-legacy', domain: 'example.com' },
      ],
      [
        'https://accounts.google.com/samlrp/03abc',
        'https://accounts.google.com/samlrp/03abc/acs',
        { kind: 'google-profile', entityId: 'https://accounts.google.com/samlrp/03abc' },
      ],
      [
        'https://iam.googleapis.com/locations/global/workforcePools/corp/providers/adfs',
        'https://auth.cloud.google/signin-callback/locations/global/workforcePools/corp/providers/adfs',
        { kind: 'google-workforce', pool: 'corp', provider: 'adfs' },
      ],
      ['google.com/a/other.example', 'https://www.google.com/a/example.com/acs', { kind: 'metadata' }],
      ['https://accounts.google.com/samlrp/03abc', 'https://evil.example/acs', { kind: 'metadata' }],
    ] as const;
    for (const [Identifier, location, expected] of kinds) {
      // The name of an account would otherwise hold it back.
      const rules = ldapRule([[types.nameId, 'sAMAccountName']]) + ldapRule([['title', 'title']]);
      const isGoogle = expected.kind !== 'metadata';
      const finished = proven(() =>
        readAdfs(
          JSON.stringify(trust({ Identifier, SamlEndpoints: [acsAt(location)], IssuanceTransformRules: isGoogle ? rules : '' })),
          now,
        ),
      );
      const [entry] = (parse(renderImport(finished, 'x')) as { serviceProviders: Record<string, unknown>[] }).serviceProviders;
      assert.deepEqual({ ...entry, ...expected }, entry);
      assert.equal(finished.imported[0]?.metadata === undefined, isGoogle);
    }
    const both = proven(() =>
      readAdfs(
        JSON.stringify(
          trust({
            Identifier: ['google.com', 'google.com/a/example.com'],
            SamlEndpoints: [acsAt('https://www.google.com/a/example.com/acs')],
          }),
        ),
        now,
      ),
    );
    assert.deepEqual([both.imported.length, both.leftOut.length], [1, 0]);
  });

  it('a service provider that stands there twice is taken once', () => {
    const { imported, leftOut } = proven(() => readAdfs(JSON.stringify([trust(), trust({ Name: 'Other' })]), now));
    assert.deepEqual(
      [imported.length, leftOut.map(({ because }) => because)],
      [1, ['it is a service provider that stands there before']],
    );
  });

  it('files are read as Windows writes them', () => {
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('[ö]', 'utf16le')]);
    assert.deepEqual([decodeText(utf16), decodeText(Buffer.from('\ufeff[ö]'))], ['[ö]', '[ö]']);
    assert.throws(() => decodeText(Buffer.from([0xff, 0x00])), ImportMistake);
  });

  it('text that is shown stays on its line', () => {
    assert.equal(harmless('a\n\u001b[31mb\u202e'), 'a \uFFFD[31mb\uFFFD');
    assert.equal(harmless('x'.repeat(1_000)).length, 401);
  });
});
