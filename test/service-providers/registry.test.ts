/** The registry: what each preset makes of its configuration, to the letter, and what it refuses to register. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { schema, type ConfigInput } from '../../src/config/schema.ts';
import { createRegistry, RegistryMistake, type Registry } from '../../src/service-providers/registry.ts';
import { released } from '../../src/service-providers/release.ts';

const metadata = (
  extra = '',
) => `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://sp.example.net/">
<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol" ${extra}>
<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://sp.example.net/acs" index="4"/>
</md:SPSSODescriptor></md:EntityDescriptor>`;

const configurationOf = (serviceProviders: ConfigInput['serviceProviders']) =>
  schema.parse({
    publicUrl: 'https://idp.example.com',
    directory: { urls: ['ldaps://dc.example.com'], baseDn: 'DC=example,DC=com', bindDn: 'x', password: 'x' },
    mapping: { domains: { primary: 'example.com' } },
    serviceProviders,
  });

function registryOf(serviceProviders: ConfigInput['serviceProviders'], files: Readonly<Record<string, string>> = {}): Registry {
  const config = configurationOf(serviceProviders);
  const read = (file: string): string => {
    const text = files[file];
    if (text === undefined) throw new Error('ENOENT: no such file');
    return text;
  };
  return createRegistry(config.serviceProviders, { read, now: Date.parse('2026-01-01T00:00:00Z') });
}

const httpPost = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST';
const emailAddress = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';

describe('a preset', () => {
  const profiles = [
    ['https://accounts.google.com/samlrp/metadata?rpid=02abc', 'https://accounts.google.com/samlrp/acs?rpid=02abc'],
    ['https://accounts.google.com/samlrp/02abc', 'https://accounts.google.com/samlrp/02abc/acs'],
  ] as const;
  for (const [entityId, acsUrl] of profiles) {
    it(`google-profile copies both URLs: ${acsUrl}`, async () => {
      const [serviceProvider] = await registryOf([{ kind: 'google-profile', entityId, acsUrl }]).byEntityID(entityId);
      assert.deepEqual(serviceProvider, {
        kind: 'google-profile',
        entityID: entityId,
        name: 'Google',
        assertionConsumerServices: [{ index: 0, binding: httpPost, location: acsUrl, isDefault: true }],
        singleLogoutServices: [],
        attributeConsumingServices: [],
        entityAttributes: [],
        signingKeys: [],
        encryptionKeys: [],
        algorithmSupport: { digests: undefined, signings: undefined },
        authnRequestsSigned: false,
        affiliations: [],
        wantAssertionsSigned: true,
        nameIDFormats: [emailAddress],
        sign: { response: true, assertion: true },
        nameID: { unasked: 'emailAddress', offered: ['emailAddress'] },
        access: undefined,
        rules: [],
        attributeLimits: { bytes: 2_000 },
      });
    });
  }

  type Settings = Partial<Extract<NonNullable<ConfigInput['serviceProviders']>[number], { kind: 'metadata' }>>;
  const knowing: readonly (readonly [Settings, named: readonly string[], unasked: string, offered: readonly string[]])[] = [
    [{ preset: 'slack' }, [], 'persistent', ['persistent', 'transient']],
    [{ preset: 'grafana' }, [], 'emailAddress', ['persistent', 'transient', 'emailAddress']],
    // The preset knows better than metadata, and the administrator better than the preset.
    [{ preset: 'aws' }, [emailAddress], 'persistent', ['emailAddress', 'persistent', 'transient']],
    [{ preset: 'grafana', nameId: { format: 'persistent' } }, [], 'persistent', ['persistent', 'transient']],
    [{ preset: 'grafana', nameId: { format: 'none', offered: [] } }, [emailAddress], 'none', []],
    [{ preset: 'grafana', nameId: { offered: ['transient'] } }, [], 'emailAddress', ['transient', 'emailAddress']],
    [{ nameId: {} }, [emailAddress], 'emailAddress', ['emailAddress', 'persistent', 'transient']],
  ];
  for (const [settings, named, unasked, offered] of knowing) {
    it(`${JSON.stringify(settings)} knows people by ${unasked}`, async () => {
      const formats = named.map((urn) => `<md:NameIDFormat>${urn}</md:NameIDFormat>`).join('');
      const xml = metadata().replace('<md:AssertionConsumerService', `${formats}<md:AssertionConsumerService`);
      const registry = registryOf([{ kind: 'metadata', file: 'x.xml', ...settings }], { 'x.xml': xml });
      const [serviceProvider] = await registry.byEntityID('https://sp.example.net/');
      assert.deepEqual(serviceProvider?.nameID, { unasked, offered });
    });
  }

  it('google-legacy answers to both issuers, at both ACS URLs, in ASCII', () => {
    const registry = registryOf([{ kind: 'google-legacy', domain: 'Example.com', name: 'Mail' }]);
    assert.deepEqual(
      registry.list.map(({ entityID }) => entityID),
      ['google.com', 'google.com/a/example.com'],
    );
    for (const { assertionConsumerServices, attributeLimits, name } of registry.list) {
      assert.deepEqual(assertionConsumerServices, [
        { index: 0, binding: httpPost, location: 'https://www.google.com/a/example.com/acs', isDefault: true },
        { index: 1, binding: httpPost, location: 'https://accounts.google.com/a/example.com/acs', isDefault: false },
      ]);
      assert.deepEqual(attributeLimits, { bytes: 2_000, ascii: true });
      assert.equal(name, 'Mail');
    }
  });

  it('google-legacy writes a Unicode domain in ASCII', () => {
    const registry = registryOf([{ kind: 'google-legacy', domain: 'münchen.example' }]);
    assert.equal(registry.list[1]?.entityID, 'google.com/a/xn--mnchen-3ya.example');
    assert.equal(registry.list[0]?.assertionConsumerServices[0]?.location, 'https://www.google.com/a/xn--mnchen-3ya.example/acs');
  });

  it('google-workforce makes both URLs of pool and provider', () => {
    const [serviceProvider] = registryOf([
      { kind: 'google-workforce', pool: 'my-pool', provider: 'passerelle', groups: true },
    ]).list;
    const path = 'locations/global/workforcePools/my-pool/providers/passerelle';
    assert.equal(serviceProvider?.entityID, `https://iam.googleapis.com/${path}`);
    assert.equal(serviceProvider.assertionConsumerServices[0]?.location, `https://auth.cloud.google/signin-callback/${path}`);
    assert.deepEqual(
      serviceProvider.rules.map(({ name }) => name),
      ['http://schemas.microsoft.com/ws/2008/06/identity/claims/groups'],
    );
    assert.deepEqual(serviceProvider.sign, { response: true, assertion: true });
    assert.deepEqual(registryOf([{ kind: 'google-workforce', pool: 'my-pool', provider: 'passerelle' }]).list[0]?.rules, []);
  });

  it('takes another ACS for trials', () => {
    const acsUrl = 'http://127.0.0.1:9/acs';
    const registry = registryOf([
      { kind: 'google-legacy', domain: 'example.com', acsUrl },
      { kind: 'google-workforce', pool: 'my-pool', provider: 'passerelle', acsUrl },
    ]);
    for (const { assertionConsumerServices } of registry.list) {
      assert.deepEqual(
        assertionConsumerServices.map(({ location }) => location),
        [acsUrl],
      );
    }
  });

  const signs: readonly ['both' | 'response' | 'assertion', wanted: boolean, response: boolean, assertion: boolean][] = [
    ['both', false, true, true],
    ['response', false, true, false],
    ['response', true, true, true],
    ['assertion', false, false, true],
    ['assertion', true, false, true],
  ];
  for (const [sign, wanted, response, assertion] of signs) {
    it(`metadata, sign: ${sign}, WantAssertionsSigned ${String(wanted)}`, () => {
      const files = { 'sp.xml': metadata(`WantAssertionsSigned="${String(wanted)}"`) };
      const [serviceProvider] = registryOf([{ kind: 'metadata', file: 'sp.xml', sign }], files).list;
      assert.deepEqual(serviceProvider?.sign, { response, assertion });
      assert.equal(serviceProvider.entityID, 'https://sp.example.net/');
      assert.equal(serviceProvider.name, 'https://sp.example.net/');
      assert.deepEqual(serviceProvider.attributeLimits, {});
      assert.equal(serviceProvider.assertionConsumerServices[0]?.index, 4);
    });
  }
});

describe('the registry', () => {
  it('finds all that share an entity ID, compared exactly', async () => {
    const registry = registryOf([
      { kind: 'google-legacy', domain: 'example.com' },
      { kind: 'google-legacy', domain: 'example.org' },
    ]);
    assert.deepEqual(
      (await registry.byEntityID('google.com')).map(({ assertionConsumerServices }) => assertionConsumerServices[0]?.location),
      ['https://www.google.com/a/example.com/acs', 'https://www.google.com/a/example.org/acs'],
    );
    assert.equal((await registry.byEntityID('google.com/a/example.org')).length, 1);
    for (const unknown of ['Google.com', 'google.com/', '', 'constructor', '__proto__'])
      assert.deepEqual(await registry.byEntityID(unknown), []);
  });

  const mistakes: readonly [title: string, ConfigInput['serviceProviders'], says: RegExp][] = [
    [
      'one twice',
      [
        { kind: 'google-legacy', domain: 'example.com' },
        { kind: 'google-legacy', domain: 'EXAMPLE.com' },
      ],
      /twice/,
    ],
    ['a file that is not there', [{ kind: 'metadata', file: 'gone.xml' }], /^serviceProviders\.0 \(gone\.xml\): ENOENT/],
    [
      'metadata that is none',
      [
        { kind: 'google-legacy', domain: 'a.example' },
        { kind: 'metadata', file: 'bad.xml' },
      ],
      /^serviceProviders\.1 \(bad\.xml\): /,
    ],
    ['metadata that expired', [{ kind: 'metadata', file: 'old.xml' }], /valid until/],
    [
      'groups by two ways',
      [
        {
          kind: 'google-workforce',
          pool: 'my-pool',
          provider: 'passerelle',
          groups: true,
          attributes: { 'http://schemas.microsoft.com/ws/2008/06/identity/claims/groups': 'memberOf' },
        },
      ],
      /twice, by groups and by attributes/,
    ],
    ['a domain without ASCII form', [{ kind: 'google-legacy', domain: 'xn--\u00AD.example' }], /not a domain name/],
  ];
  for (const [title, serviceProviders, says] of mistakes) {
    it(`refuses ${title}`, () => {
      const files = { 'bad.xml': '<a/>', 'old.xml': metadata('validUntil="2025-01-01T00:00:00Z"') };
      assert.throws(
        () => registryOf(serviceProviders, files),
        (error) => error instanceof RegistryMistake && says.test(error.message),
      );
    });
  }

  it('lists the directory attributes to read of everybody, each once, and none that few are told of', () => {
    const { serviceProviders, release } = configurationOf([
      { kind: 'google-legacy', domain: 'example.com', attributes: { a: 'displayName', b: 'department' } },
      {
        kind: 'google-workforce',
        pool: 'my-pool',
        provider: 'passerelle',
        groups: true,
        attributes: { c: 'DisplayName', d: 'title' },
      },
      { kind: 'metadata', file: 'x.xml', preset: 'slack', attributes: { e: { groups: 'sid' }, f: 'userCertificate' } },
    ]);
    const names = ['displayName', 'department', 'title', 'memberOf', 'sAMAccountName', 'givenName', 'sn'];
    assert.deepEqual(new Set(released(serviceProviders, release)), new Set(names));
    assert.deepEqual(released([], []), []);
  });
});
