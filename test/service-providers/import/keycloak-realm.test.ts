/** What the import makes of a realm as Keycloak 20 to 26 exports it (kc.sh export, and the administration console). */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { ImportMistake, type Draft, type Export } from '../../../src/service-providers/import/imported.ts';
import { readKeycloakRealm } from '../../../src/service-providers/import/keycloak/read-keycloak-realm.ts';
import { takeKey } from '../../fixtures/ready-keys.ts';
import { client, ldapProvider, mapper, realm } from './keycloak-export.ts';

const now = Date.now();
const read = (value: unknown): Export => readKeycloakRealm(JSON.stringify(value), now);
function only(changes: object = {}, ofRealm: object = {}): Draft {
  const [draft] = read(realm([client(changes)], ofRealm)).drafts;
  assert.ok(draft !== undefined);
  return draft;
}
const attributes = (changes: object): object => ({ attributes: { ...client().attributes, ...changes } });
const notPlain = ({ told }: Draft): string[] =>
  told.filter(({ outcome }) => outcome === 'not plain').map(({ because }) => because);

describe('protocol mappers', () => {
  const rows: readonly (readonly [string, object, object | RegExp])[] = [
    [
      'e-mail',
      mapper('saml-user-property-mapper', { 'user.attribute': 'email', 'friendly.name': 'e' }),
      { from: 'mail', friendlyName: 'e' },
    ],
    [
      'the user name, by the mapper of the directory',
      mapper('saml-user-property-mapper', { 'user.attribute': 'username' }),
      { from: 'sAMAccountName' },
    ],
    [
      'an attribute that a mapper reads',
      mapper('saml-user-attribute-mapper', { 'user.attribute': 'phone' }),
      { from: 'telephoneNumber' },
    ],
    [
      'a URI as its format',
      mapper('saml-user-property-mapper', { 'user.attribute': 'lastName', 'attribute.nameformat': 'URI Reference' }),
      { from: 'sn', nameFormat: 'uri' },
    ],
    ['fixed text', mapper('saml-hardcode-attribute-mapper', { 'attribute.value': 'v' }), { text: 'v' }],
    ['groups by name', mapper('saml-group-membership-mapper', { 'full.path': 'false', single: 'true' }), { groups: 'name' }],
    ['groups by path', mapper('saml-group-membership-mapper', { single: 'true' }), /by their path/],
    [
      'an attribute of Keycloak’s own',
      mapper('saml-user-attribute-mapper', { 'user.attribute': 'theme' }),
      /nothing says which attribute/,
    ],
    ['roles', mapper('saml-role-list-mapper', {}), /no roles here/],
    ['a program', mapper('saml-javascript-mapper', { Script: 'exports = 1' }), /a program/],
    ['one of a kind that nobody knows', mapper('my-mapper', {}), /not known here/],
    [
      '__proto__',
      mapper('saml-hardcode-attribute-mapper', { 'attribute.value': 'v', 'attribute.name': '__proto__' }),
      /no setting can have/,
    ],
  ];
  for (const [name, one, expected] of rows) {
    it(name, () => {
      const draft = only({ protocolMappers: [one] });
      if (expected instanceof RegExp) {
        assert.equal(draft.attributes.size, 0);
        assert.match(notPlain(draft).join('\n'), expected);
      } else
        assert.deepEqual(
          draft.attributes.get('x'),
          [{ nameFormat: 'basic', friendlyName: undefined, ...expected }].map(
            (rule) => JSON.parse(JSON.stringify(rule)) as object,
          ),
        );
    });
  }

  it('those of its scopes as well, and groups of Keycloak’s own not', () => {
    const scopes = {
      clientScopes: [
        {
          name: 'mine',
          protocol: 'saml',
          protocolMappers: [mapper('saml-hardcode-attribute-mapper', { 'attribute.value': 'v' })],
        },
      ],
    };
    assert.deepEqual(only({ defaultClientScopes: ['mine', 'role_list'] }, scopes).attributes.get('x'), [
      { text: 'v', nameFormat: 'basic' },
    ]);
    const draft = only(
      { protocolMappers: [mapper('saml-group-membership-mapper', { 'full.path': 'false' })] },
      { components: {} },
    );
    assert.match(notPlain(draft).join(), /Keycloak’s own/);
  });

  it('an attribute that is another in each directory', () => {
    const providers = [ldapProvider(), ldapProvider({ phone: 'mobile' })];
    const components = { 'org.keycloak.storage.UserStorageProvider': providers };
    const draft = only(
      { protocolMappers: [mapper('saml-user-attribute-mapper', { 'user.attribute': 'phone' })] },
      { components },
    );
    assert.match(notPlain(draft).join(), /another attribute in each/);
  });
});

describe('where a client is answered', () => {
  const acs = { saml_assertion_consumer_url_post: undefined };
  const locations = (draft: Draft): string[] => draft.metadata.assertionConsumerServices.map(({ location }) => location);
  it('at its own URL, then at redirect URIs without a wildcard', () => {
    const draft = only({
      redirectUris: ['https://sp.example.com/*', 'https://sp.example.com/other', '/below', 'sp:/x'],
      rootUrl: 'https://sp.example.com/',
    });
    assert.deepEqual(locations(draft), [
      'https://sp.example.com/acs',
      'https://sp.example.com/other',
      'https://sp.example.com/below',
    ]);
    assert.match(notPlain(draft).join('\n'), /by a wildcard[^]*no whole URL/);
  });
  it('at its master URL, which logout goes to as well', () => {
    const draft = only({
      ...attributes(acs),
      adminUrl: 'https://sp.example.com/saml',
      redirectUris: [],
      frontchannelLogout: true,
    });
    assert.deepEqual(locations(draft), ['https://sp.example.com/saml']);
    assert.equal(draft.metadata.singleLogoutServices[0]?.location, 'https://sp.example.com/saml');
  });
  it('nowhere, where everything is a wildcard', () => {
    const { drafts, leftOut } = read(realm([client({ ...attributes(acs), redirectUris: ['https://sp.example.com/*'] })]));
    assert.equal(drafts.length, 0);
    assert.match(leftOut[0]?.because ?? '', /without a wildcard/);
  });
});

describe('the name identifier', () => {
  const rows: readonly (readonly [string, object, object, object, RegExp?])[] = [
    [
      'e-mail, forced',
      attributes({ saml_name_id_format: 'email', saml_force_name_id_format: 'true' }),
      {},
      { format: 'emailAddress', offered: [] },
    ],
    [
      'e-mail, unless another is asked for',
      attributes({ saml_name_id_format: 'email' }),
      {},
      { format: 'emailAddress', offered: ['transient'] },
    ],
    ['transient', attributes({ saml_name_id_format: 'transient' }), {}, { format: 'transient', offered: ['emailAddress'] }],
    [
      'the user name, which is the e-mail',
      attributes({ saml_name_id_format: 'username' }),
      { registrationEmailAsUsername: true },
      { format: 'emailAddress', offered: ['transient'] },
    ],
    ['the user name', attributes({ saml_name_id_format: 'username' }), {}, {}, /made of sAMAccountName/],
    ['persistent', attributes({ saml_name_id_format: 'persistent' }), {}, {}, /know nobody again/],
    [
      'one that a mapper makes',
      {
        ...attributes({ saml_name_id_format: 'persistent' }),
        protocolMappers: [
          mapper('saml-user-attribute-nameid-mapper', {
            'user.attribute': 'phone',
            'mapper.nameid.format': 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
          }),
        ],
      },
      {},
      {},
      /made of telephoneNumber/,
    ],
  ];
  for (const [name, changes, ofRealm, expected, held] of rows) {
    it(name, () => {
      const draft = only(changes, ofRealm);
      assert.deepEqual(draft.nameId, expected);
      if (held === undefined) assert.deepEqual(draft.heldByName, []);
      else assert.match(draft.heldByName.join(), held);
    });
  }
});

describe('the rest of a client', () => {
  it('keys and signatures', async () => {
    const certificate = new X509Certificate((await takeKey('partner')).certificate).raw.toString('base64');
    const draft = only(
      attributes({
        'saml.client.signature': 'true',
        'saml.signing.certificate': certificate,
        'saml.encrypt': ['true'],
        'saml.encryption.certificate': certificate,
        'saml.server.signature': 'false',
        'saml.assertion.signature': 'true',
        'saml.signature.algorithm': 'RSA_SHA512',
        'saml.signing.private.key': 'SECRET',
      }),
    );
    assert.deepEqual([draft.metadata.signing, draft.metadata.encryption], [[certificate], [certificate]]);
    assert.deepEqual([draft.sign, draft.signature, draft.encrypt, draft.held], ['assertion', 'rsa-sha512', 'assertion', []]);
    assert.ok(!JSON.stringify(draft).includes('SECRET'));
  });

  const held: readonly (readonly [string, object, RegExp])[] = [
    ['switched off', { enabled: false }, /switched off/],
    ['a flow of its own', { authenticationFlowBindingOverrides: { browser: '50e7aa5c' } }, /flow of its own/],
    ['signed requests without a certificate', attributes({ 'saml.client.signature': 'true' }), /no certificate to verify/],
    ['encryption without a certificate', attributes({ 'saml.encrypt': 'true' }), /no certificate to encrypt/],
  ];
  for (const [name, changes, because] of held) {
    it(`it is held for ${name}`, () => {
      assert.match(only(changes).held.join(), because);
    });
  }

  it('each is held where the directory or the realm let some in alone', () => {
    const filter = { customUserSearchFilter: ['(memberOf=CN=staff)'] };
    const components = { 'org.keycloak.storage.UserStorageProvider': [ldapProvider({}, filter)] };
    assert.match(only({}, { components }).held.join(), /customUserSearchFilter/);
    assert.match(only({}, { enabled: false }).held.join(), /realm was switched off/);
    const { told } = read(realm([client()], { components }));
    assert.ok(told.some(({ about, text }) => about === 'customUserSearchFilter' && text === '(memberOf=CN=staff)'));
  });

  const step = (authenticator: string, requirement = 'REQUIRED') => ({ authenticator, requirement, authenticatorFlow: false });
  const flow = (alias: string, ...authenticationExecutions: object[]) => ({ alias, authenticationExecutions });
  const into = (flowAlias: string, requirement: string) => ({ flowAlias, requirement, authenticatorFlow: true });
  /** As Keycloak brings it; with further steps behind the password. */
  const flows = (...further: object[]) => [
    flow(
      'browser',
      step('auth-cookie', 'ALTERNATIVE'),
      step('auth-spnego', 'DISABLED'),
      step('identity-provider-redirector', 'ALTERNATIVE'),
      into('forms', 'ALTERNATIVE'),
    ),
    flow('forms', step('auth-username-password-form'), into('2fa', 'CONDITIONAL'), ...further),
    flow('2fa', step('conditional-user-configured'), step('auth-otp-form', 'ALTERNATIVE')),
    flow('staff', step('conditional-user-role'), step('deny-access-authenticator')),
    flow('round', into('browser', 'REQUIRED')),
  ];
  const realmFlows: readonly (readonly [string, object, RegExp?])[] = [
    ['the one that Keycloak brings', { authenticationFlows: flows() }],
    ['one that goes round in circles', { authenticationFlows: flows(into('round', 'REQUIRED')) }],
    ['a step that is switched off', { authenticationFlows: flows(step('auth-otp-form', 'DISABLED')) }],
    ['a copy of it', { browserFlow: 'mine', authenticationFlows: [...flows(), flow('mine', into('forms', 'REQUIRED'))] }],
    ['one that is not there', { browserFlow: 'mine', authenticationFlows: flows() }, /flow of its own/],
    ['a code from everybody', { authenticationFlows: flows(step('auth-otp-form')) }, /\(auth-otp-form\)/],
    ['a role', { authenticationFlows: flows(into('staff', 'CONDITIONAL')) }, /deny-access-authenticator/],
  ];
  for (const [name, changes, because] of realmFlows) {
    it(`by the flow of the realm: ${name}`, () => {
      const found = only({}, changes).held.join();
      if (because === undefined) assert.equal(found, '');
      else assert.match(found, because);
    });
  }

  it('clients of another protocol, and realms in a list', () => {
    const { drafts, told } = read([
      realm([{ clientId: 'account', protocol: 'openid-connect' }, client()]),
      realm([client({ clientId: 'b' })]),
    ]);
    assert.deepEqual(
      drafts.map(({ entityId }) => entityId),
      ['https://sp.example.com/', 'b'],
    );
    assert.ok(told.some(({ because }) => because === '1 speak another protocol than SAML'));
    assert.equal(read(client()).drafts.length, 1);
    for (const text of ['', '{}', '[]', '{"clients":1}']) assert.throws(() => readKeycloakRealm(text, now), ImportMistake);
  });
});
