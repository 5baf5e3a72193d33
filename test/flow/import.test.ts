/** Service providers that were imported, from the command to the Response: people get in as before, and are told of as before. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readConfiguration, type Configuration } from '../../src/config/read-configuration.ts';
import { run, type Told } from '../cli/scripted-io.ts';
import { base64Of, ForeignServiceProvider, makeCredential, type Credential } from '../fixtures/foreign-service-provider.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { responseOf, statusOf, textOf, Visitor } from '../fixtures/visitor.ts';
import { acsAt, emailAddress, groupRule, ldapRule, nameIdRule, trust, types } from '../service-providers/import/adfs-export.ts';
import { client, mapper, realm } from '../service-providers/import/keycloak-export.ts';

const clock = { now: () => Date.now(), until: () => Promise.resolve() };
let folder: string;
let house: House;
let credential: Credential;
const sites: Record<string, ForeignServiceProvider> = {};
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'passerelle-import-'));
  credential = await makeCredential();
  for (const name of ['adfs', 'php', 'keycloak'])
    sites[name] = new ForeignServiceProvider(credential, `https://${name}.example.net`);
  house = await openHouse();
});
after(async () => {
  await house.close();
  rmSync(folder, { recursive: true });
});

const site = (name: string): ForeignServiceProvider => {
  const found = sites[name];
  assert.ok(found !== undefined);
  return found;
};

/** Writes the export, imports it, and reads a configuration to which the outcome was appended. */
async function take(command: string, written: string, out: string): Promise<{ told: Told; configuration: Configuration }> {
  writeFileSync(join(folder, 'export'), written);
  const told = await run(['import', command, 'export', '--out', out], { folder, clock });
  assert.equal(told.code, 0, told.err);
  const base = `publicUrl: https://sso.example.com
directory: { urls: [ldaps://dc.example.com], baseDn: 'dc=example,dc=com', bindDn: reader, passwordFile: password }
mapping: { domains: { primary: example.com } }
`;
  writeFileSync(join(folder, 'password'), 'x', { mode: 0o600 });
  writeFileSync(join(folder, `${out}.yaml`), base + readFileSync(join(folder, out, 'service-providers.yaml'), 'utf8'));
  const { configuration } = await readConfiguration({ file: join(folder, `${out}.yaml`), environment: {} });
  return { told, configuration };
}

async function signIn(to: ForeignServiceProvider, person: string): Promise<string> {
  const visitor = new Visitor(house.url);
  const request = to.authnRequest(`${house.url}/saml/sso`);
  const page = await visitor.visit(`/saml/sso?${to.redirectQuery(request)}`);
  const { xml, location } = responseOf(await visitor.fill(page, person, 'Passw0rd!'));
  assert.equal(location, to.acs);
  return to.decrypt(xml);
}

function attributesOf(xml: string): Record<string, string[]> {
  return Object.fromEntries(
    [...xml.matchAll(/<saml:Attribute (?:FriendlyName="[^"]*" )?Name="([^"]*)"[^>]*>(.*?)<\/saml:Attribute>/gs)].map(
      ([, name = '', inside = '']) => [
        name,
        [...inside.matchAll(/<saml:AttributeValue>([^<]*)</g)].map(([, value = '']) => value),
      ],
    ),
  );
}

describe('people sign in to what was imported', () => {
  it('from AD FS: signed requests, encrypted assertions, LDAP attributes, groups and roles, and to members of a group alone', async () => {
    const adfs = site('adfs');
    const certificate = { RawData: [...Buffer.from(base64Of(credential), 'base64')] };
    const settings = {
      Identifier: [adfs.entityID],
      SamlEndpoints: [acsAt(adfs.acs, { IsDefault: true })],
      SignedSamlRequestsRequired: true,
      RequestSigningCertificate: [certificate],
      EncryptionCertificate: certificate,
    };
    const rules = ldapRule([
      [types.email, 'mail'],
      ['title', 'title'],
      ['sids', 'tokenGroups(SID)'],
    ]);
    const first = await take(
      'adfs',
      JSON.stringify(trust({ ...settings, IssuanceTransformRules: rules + nameIdRule(types.email, emailAddress) })),
      'first',
    );
    await house.restart({ serviceProviders: first.configuration.serviceProviders });
    const xml = await signIn(adfs, 'alice');
    const { sids = [], ...told } = attributesOf(xml);
    assert.deepEqual(told, { [types.email]: ['alice@example.com'], title: ['Principal Engineer'] });
    assert.match(xml, /NameFormat="urn:oasis:names:tc:SAML:2\.0:attrname-format:unspecified"/);
    assert.equal(textOf(xml, 'NameID'), 'alice.liddell@example.com');

    // A group that she is in, and Carol is not.
    const carols = attributesOf(await signIn(adfs, 'carol')).sids ?? [];
    const group = sids.find((sid) => !carols.includes(sid)) ?? '';
    assert.match(group, /^S-1-5-21-/);
    const roles = `${rules}${groupRule(group, types.role, 'Engineer')}=> issue(Type = "${types.role}", Value = "Person");${nameIdRule(types.upn)}`;
    const second = await take(
      'adfs',
      JSON.stringify([
        trust({
          ...settings,
          IssuanceTransformRules: roles,
          AccessControlPolicyName: null,
          IssuanceAuthorizationRules: `EXISTS([Type == "${types.groupSid}", Value == "${group}", Issuer == "AD AUTHORITY"]) => issue(Type = "${types.permit}", Value = "PermitUsersWithClaim");`,
        }),
        trust({ Enabled: false, Identifier: ['urn:off'] }),
      ]),
      'second',
    );
    assert.equal(second.configuration.serviceProviders.length, 1);
    await house.restart({ serviceProviders: second.configuration.serviceProviders, release: second.configuration.release });
    assert.deepEqual(attributesOf(await signIn(adfs, 'alice'))[types.role], ['Engineer', 'Person']);
    assert.deepEqual(statusOf(await signIn(adfs, 'carol')), ['Responder', 'RequestDenied']);
  });

  it('from SimpleSAMLphp', async () => {
    const php = site('php');
    const { configuration } = await take(
      'saml20-sp-remote',
      `<?php
use SAML2\\Constants;
$metadata['${php.entityID}'] = [
    'AssertionConsumerService' => '${php.acs}',
    'NameIDFormat' => Constants::NAMEID_EMAIL_ADDRESS,
    'simplesaml.nameidattribute' => 'mail',
    'attributes' => ['mail', 'surname'],
    'attributes.NameFormat' => Constants::NAMEFORMAT_URI,
    'authproc' => [
        20 => ['class' => 'core:AttributeMap', 'sn' => 'surname'],
        60 => ['class' => 'core:AttributeAdd', 'o' => 'Example'],
        90 => ['class' => 'core:AttributeMap', 'name2oid'],
    ],
    'validate.authnrequest' => true,
    'certData' => '${base64Of(credential)}',
];`,
      'php',
    );
    await house.restart({ serviceProviders: configuration.serviceProviders, release: configuration.release });
    const xml = await signIn(php, 'alice');
    assert.deepEqual(attributesOf(xml), {
      'urn:oid:0.9.2342.19200300.100.1.3': ['alice@example.com'],
      surname: ['Liddell'],
      'urn:oid:2.5.4.10': ['Example'],
    });
    assert.equal(textOf(xml, 'NameID'), 'alice.liddell@example.com');
  });

  it('from Keycloak', async () => {
    const keycloak = site('keycloak');
    const { attributes } = client();
    const { configuration } = await take(
      'keycloak-realm',
      JSON.stringify(
        realm([
          client({
            clientId: keycloak.entityID,
            attributes: {
              ...attributes,
              saml_assertion_consumer_url_post: keycloak.acs,
              'saml.client.signature': 'true',
              'saml.signing.certificate': base64Of(credential),
            },
            protocolMappers: [
              mapper('saml-user-property-mapper', {
                'user.attribute': 'username',
                'attribute.name': 'uid',
                'friendly.name': 'uid',
              }),
              mapper('saml-user-attribute-mapper', { 'user.attribute': 'phone', 'attribute.name': 'phone' }),
              mapper('saml-group-membership-mapper', { 'full.path': 'false', 'attribute.name': 'groups' }),
            ],
          }),
        ]),
      ),
      'keycloak',
    );
    await house.restart({ serviceProviders: configuration.serviceProviders, release: configuration.release });
    const { groups = [], ...told } = attributesOf(await signIn(keycloak, 'alice'));
    assert.deepEqual(told, { uid: ['alice'], phone: ['+44 20 7946 0001'] });
    assert.ok(groups.includes('engineering'));
  });
});

describe('passerelle import', () => {
  it('writes files that everybody may read, and replaces none', async () => {
    assert.deepEqual(readdirSync(join(folder, 'first')).toSorted(), ['adfs-example-net.xml', 'service-providers.yaml']);
    assert.equal(statSync(join(folder, 'first', 'service-providers.yaml')).mode & 0o733, 0o600);
    writeFileSync(join(folder, 'export'), JSON.stringify(trust({ Identifier: ['https://adfs.example.net/x', 'urn:new'] })));
    const { code, err } = await run(['import', 'adfs', 'export', '--out', 'first'], { folder, clock });
    assert.deepEqual(
      [code, err],
      [1, 'first/adfs-example-net.xml is there already, and nothing is replaced: name another folder.\n'],
    );
    assert.equal(readdirSync(join(folder, 'first')).length, 2);
  });

  it('prints the settings and the report apart, or a report for programs', async () => {
    writeFileSync(
      join(folder, 'export'),
      JSON.stringify([trust(), trust({ Identifier: ['urn:off'], Enabled: false, IssuanceTransformRules: 'secret\u001b[2J;' })]),
    );
    const people = await run(['import', 'adfs', 'export'], { folder, clock });
    assert.equal(people.code, 0);
    assert.match(people.out, /^serviceProviders:\n {2}- kind: "metadata"\n {4}file: "imported\/wiki-example-com\.xml"$/m);
    assert.match(people.err, /^service providers: 1 taken over, 1 commented out, 0 left out\n/);
    assert.match(people.err, /not plain: rule 1: it cannot be read\n {6}secret\uFFFD\[2J;\n/);
    assert.match(people.err, /--out imported writes them\.\n$/);
    const programs = await run(['import', 'adfs', 'export', '--json'], { folder, clock });
    const report = JSON.parse(programs.out) as {
      serviceProviders: { outcome: string }[];
      yaml: string;
      files: { file: string; xml: string }[];
    };
    assert.deepEqual(
      report.serviceProviders.map(({ outcome }) => outcome),
      ['taken over', 'commented out'],
    );
    assert.deepEqual([report.yaml, report.files.length, programs.err], [people.out, 2, '']);
  });

  it('fails in one sentence', async () => {
    writeFileSync(join(folder, 'export'), JSON.stringify(trust()));
    const into = await run(['import', 'adfs', 'export', '--out', 'export'], { folder, clock });
    assert.deepEqual([into.code, into.err], [1, 'export is no folder that can be written to (EEXIST).\n']);
    writeFileSync(join(folder, 'export'), 'hello');
    for (const [args, code, sentence] of [
      [['adfs', 'export'], 1, 'export: The file is no JSON.\n'],
      [['keycloak-realm', 'nowhere'], 1, 'nowhere: It does not exist.\n'],
      [['saml20-sp-remote', 'export'], 1, /^export: The file .*\.\n$/],
      [['saml20-sp-remote'], 2, /^Missing argument FILE\.\n/],
    ] as const) {
      const told = await run(['import', ...args], { folder, clock });
      assert.equal(told.code, code);
      if (typeof sentence === 'string') assert.equal(told.err, sentence);
      else assert.match(told.err, sentence);
    }
  });
});
