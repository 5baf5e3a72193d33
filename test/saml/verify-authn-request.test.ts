/** Requests: Google's as they are, and each way in which one can be wrong. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Reason } from '../../src/refusal.ts';
import type { Binding } from '../../src/saml/message.ts';
import { authnContextClasses, bindings, nameIDFormats, namespaces } from '../../src/saml/names.ts';
import type { AssertionConsumerService, ServiceProvider } from '../../src/saml/service-provider.ts';
import { unsolicited } from '../../src/saml/verify-authn-request.ts';
import {
  acs,
  authnRequest,
  cpuOf,
  destination,
  entityID,
  now,
  outcome,
  post,
  redirect,
  rsa,
  serviceProvider,
  sign,
  verify,
} from './requests.ts';
import type { RequestParts } from './requests.ts';

const at = (milliseconds: number): string => new Date(now + milliseconds).toISOString();
const service = (
  index: number,
  location: string,
  binding: string = bindings.httpPost,
  isDefault = false,
): AssertionConsumerService => ({ index, binding, location, isDefault });
const providing = (...assertionConsumerServices: AssertionConsumerService[]): ServiceProvider => ({
  ...serviceProvider,
  assertionConsumerServices,
});

const legacyAcs = 'https://www.google.com/a/example.com/acs';
const legacy: ServiceProvider = { ...providing(service(0, legacyAcs)), entityID: 'google.com' };
const otherLegacy: ServiceProvider = {
  ...providing(service(0, 'https://www.google.com/a/example.org/acs')),
  entityID: 'google.com',
};
const legacyRequest = (instant = '2026-07-01T10:00:00Z', location = legacyAcs, isPassive = 'false'): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="abcdefghijklmnopponmlkjihgfedcbaabcdefgh" Version="2.0" IssueInstant="${instant}" ` +
  `ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" ProviderName="google.com" IsPassive="${isPassive}" AssertionConsumerServiceURL="${location}">` +
  `<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">google.com</saml:Issuer>` +
  `<samlp:NameIDPolicy AllowCreate="true" Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified" /></samlp:AuthnRequest>\n`;

const profileID = 'https://accounts.google.com/samlrp/metadata?rpid=01abcdef';
const profileAcs = 'https://accounts.google.com/samlrp/acs?rpid=01abcdef';
const profile: ServiceProvider = { ...providing(service(0, profileAcs)), entityID: profileID };
const profileRequest =
  `<saml2p:AuthnRequest xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" AssertionConsumerServiceURL="${profileAcs}" ForceAuthn="false" ` +
  `ID="_0123456789abcdef0123456789abcdef" IsPassive="false" IssueInstant="2026-07-01T10:00:00.123Z" Version="2.0">` +
  `<saml2:Issuer xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">${profileID}</saml2:Issuer>` +
  `<saml2p:NameIDPolicy AllowCreate="true" Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"/></saml2p:AuthnRequest>`;

describe('what Google sends', () => {
  it('passes: the legacy profile', async () => {
    const relayState = `https://accounts.google.com/CheckCookie?continue=https%3A%2F%2Fmail.google.com%2F&service=mail${'&x'.repeat(200)}`;
    const read = await verify('HTTP-Redirect', redirect(legacyRequest(), relayState), [otherLegacy, legacy]);
    assert.deepEqual(
      { ...read },
      {
        id: 'abcdefghijklmnopponmlkjihgfedcbaabcdefgh',
        serviceProvider: legacy,
        assertionConsumerService: legacy.assertionConsumerServices[0],
        signed: false,
        issueInstant: Date.parse('2026-07-01T10:00:00Z'),
        forceAuthn: false,
        isPassive: false,
        attributeConsumingServiceIndex: undefined,
        nameIDPolicy: { format: nameIDFormats.unspecified, spNameQualifier: undefined, allowCreate: true },
        conditions: undefined,
        requestedAuthnContext: undefined,
        scoping: undefined,
        subject: undefined,
        relayState,
      },
    );
    assert.equal(
      (await verify('HTTP-Redirect', redirect(legacyRequest(undefined, undefined, 'true')), [legacy])).isPassive,
      true,
    );
  });

  it('passes: the SSO profile', async () => {
    const read = await verify('HTTP-Redirect', redirect(profileRequest, 'opaque'), [profile]);
    assert.equal(read.id, '_0123456789abcdef0123456789abcdef');
    assert.equal(read.issueInstant, Date.parse('2026-07-01T10:00:00.123Z'));
    assert.equal(read.assertionConsumerService.location, profileAcs);
    assert.deepEqual(read.nameIDPolicy, { format: nameIDFormats.emailAddress, spNameQualifier: undefined, allowCreate: true });
  });

  it('takes next to no time', async () => {
    const text = redirect(legacyRequest());
    const rounds = 500;
    const all = async (): Promise<void> => {
      for (let round = 0; round < rounds; round += 1) await verify('HTTP-Redirect', text, [legacy]);
    };
    assert.equal(await outcome(all), 'accepted');
    assert.ok((await cpuOf(all, 4)) / rounds < 0.25);
  });
});

const issuer = (content: string, attributes = ''): RequestParts => ({
  issuer: `<saml:Issuer${attributes}>${content}</saml:Issuer>`,
});
const attributes = (given: Readonly<Record<string, string | undefined>>): RequestParts => ({ attributes: given });
const content = (given: string): RequestParts => ({ content: given });
const context = (inside: string, comparison = ''): RequestParts =>
  content(`<samlp:RequestedAuthnContext${comparison}>${inside}</samlp:RequestedAuthnContext>`);
const classRef = `<saml:AuthnContextClassRef>${authnContextClasses.password}</saml:AuthnContextClassRef>`;
const declRef = '<saml:AuthnContextDeclRef>urn:x</saml:AuthnContextDeclRef>';

const refused: readonly (readonly [what: string, parts: RequestParts, reason: Reason])[] = [
  ['a LogoutRequest', { root: 'samlp:LogoutRequest' }, 'request-not-authn-request'],
  ['an AuthnRequest in another namespace', { root: 'saml:AuthnRequest' }, 'request-not-authn-request'],
  ['an AuthnRequest in no namespace', { root: 'AuthnRequest' }, 'request-not-authn-request'],
  ['no Version', attributes({ Version: undefined }), 'request-invalid'],
  ['Version 1.1', attributes({ Version: '1.1' }), 'request-version'],
  ['Version 2.1', attributes({ Version: '2.1' }), 'request-version'],
  ['Version 2.0 with a blank', attributes({ Version: '2.0 ' }), 'request-version'],
  ['no ID', attributes({ ID: undefined }), 'request-invalid'],
  ['an ID that is a number', attributes({ ID: '123' }), 'request-invalid'],
  ['an ID with a colon', attributes({ ID: 'a:b' }), 'request-invalid'],
  ['an ID with a blank', attributes({ ID: ' _a' }), 'request-invalid'],
  ['an endless ID', attributes({ ID: '_'.repeat(100_000) }), 'request-invalid'],
  ['no IssueInstant', attributes({ IssueInstant: undefined }), 'request-invalid'],
  ['an IssueInstant with an offset', attributes({ IssueInstant: '2026-07-01T12:00:00+02:00' }), 'request-invalid'],
  ['an IssueInstant without Z', attributes({ IssueInstant: '2026-07-01T10:00:00' }), 'request-invalid'],
  ['an IssueInstant on 30 February', attributes({ IssueInstant: '2026-02-30T10:00:00Z' }), 'request-invalid'],
  ['an IssueInstant at 25 hours', attributes({ IssueInstant: '2026-07-01T25:00:00Z' }), 'request-invalid'],
  ['an IssueInstant that is a number', attributes({ IssueInstant: '1782900000' }), 'request-invalid'],
  ['a stale request', attributes({ IssueInstant: at(-780_001) }), 'request-stale'],
  ['a request of 1970', attributes({ IssueInstant: '1970-01-01T00:00:00Z' }), 'request-stale'],
  ['a request from the future', attributes({ IssueInstant: at(180_001) }), 'request-from-future'],
  ['a request of 9999', attributes({ IssueInstant: '9999-12-31T23:59:59Z' }), 'request-from-future'],
  ['another Destination', attributes({ Destination: 'https://idp.example.com/saml/slo' }), 'request-wrong-destination'],
  ['a longer Destination', attributes({ Destination: `${destination}/` }), 'request-wrong-destination'],
  ['a Destination in another case', attributes({ Destination: destination.toUpperCase() }), 'request-wrong-destination'],
  ['an empty Destination', attributes({ Destination: '' }), 'request-wrong-destination'],
  ['no Issuer', { issuer: '' }, 'request-invalid'],
  ['an empty Issuer', issuer(''), 'request-invalid'],
  [
    'two Issuers',
    { issuer: `<saml:Issuer>${entityID}</saml:Issuer><saml:Issuer>https://evil.example.com</saml:Issuer>` },
    'request-invalid',
  ],
  ['an Issuer in another namespace', { issuer: `<samlp:Issuer>${entityID}</samlp:Issuer>` }, 'request-invalid'],
  ['an Issuer that is not first', { issuer: `<samlp:Extensions/><saml:Issuer>${entityID}</saml:Issuer>` }, 'request-invalid'],
  ['an element in the Issuer', issuer(`${entityID}<a/>`), 'request-invalid'],
  ['an Issuer of another Format', issuer(entityID, ` Format="${nameIDFormats.emailAddress}"`), 'request-invalid'],
  ['an Issuer with a qualifier', issuer(entityID, ' NameQualifier="x"'), 'request-invalid'],
  ['an endless Issuer', issuer('x'.repeat(100_000)), 'request-invalid'],
  ['an Issuer with a blank', issuer(`${entityID} `), 'service-provider-unknown'],
  ['an Issuer in another case', issuer(entityID.toUpperCase()), 'service-provider-unknown'],
  ['an unknown Issuer', issuer('https://evil.example.com'), 'service-provider-unknown'],
  ['an Issuer with a comment', issuer(`${entityID}<!-- -->.evil.example.com`), 'request-forbidden-markup'],
  ['an Issuer with a processing instruction', issuer(`${entityID}<?x?>`), 'request-forbidden-markup'],
  ['an Issuer with an entity', issuer('&sp;'), 'request-not-xml'],
  ['text between the elements', content('x'), 'request-invalid'],
  ['an element that the schema does not know', content('<samlp:Unknown/>'), 'request-invalid'],
  ['an element of another namespace', content('<a/>'), 'request-invalid'],
  ['NameIDPolicy twice', content('<samlp:NameIDPolicy/><samlp:NameIDPolicy/>'), 'request-invalid'],
  [
    'elements out of order',
    content(`<samlp:RequestedAuthnContext>${classRef}</samlp:RequestedAuthnContext><samlp:NameIDPolicy/>`),
    'request-invalid',
  ],
  ['Extensions twice', content('<samlp:Extensions/><samlp:Extensions/>'), 'request-invalid'],
  [
    'a second signature in the Extensions',
    content(`<samlp:Extensions><ds:Signature xmlns:ds="${namespaces.ds}"/></samlp:Extensions>`),
    'signature-malformed',
  ],
  ['ForceAuthn that is no boolean', attributes({ ForceAuthn: 'yes' }), 'request-invalid'],
  ['IsPassive in capitals', attributes({ IsPassive: 'TRUE' }), 'request-invalid'],
  ['NameIDPolicy with content', content('<samlp:NameIDPolicy>x</samlp:NameIDPolicy>'), 'request-invalid'],
  ['AllowCreate that is no boolean', content('<samlp:NameIDPolicy AllowCreate="2"/>'), 'request-invalid'],
  ['an endless Format', content(`<samlp:NameIDPolicy Format="${'x'.repeat(5000)}"/>`), 'request-invalid'],
  ['an empty RequestedAuthnContext', context(''), 'request-invalid'],
  ['an unknown Comparison', context(classRef, ' Comparison="worse"'), 'request-invalid'],
  ['classes and declarations mixed', context(classRef + declRef), 'request-invalid'],
  ['an empty class', context('<saml:AuthnContextClassRef/>'), 'request-invalid'],
  ['too many classes', context(classRef.repeat(65)), 'request-invalid'],
  ['a Subject whose NameID is empty', content('<saml:Subject><saml:NameID/></saml:Subject>'), 'request-invalid'],
  ['a Subject without content', content('<saml:Subject/>'), 'request-invalid'],
  [
    'a Subject with two names',
    content(`<saml:Subject>${'<saml:NameID>a</saml:NameID>'.repeat(2)}</saml:Subject>`),
    'request-invalid',
  ],
  ['a Subject of another element', content('<saml:Subject><saml:Issuer>a</saml:Issuer></saml:Subject>'), 'request-invalid'],
  [
    'a Subject with a SubjectConfirmation',
    content('<saml:Subject><saml:NameID>a</saml:NameID><saml:SubjectConfirmation Method="urn:x"/></saml:Subject>'),
    'request-invalid',
  ],
  [
    'a Subject with nothing but a SubjectConfirmation',
    content('<saml:Subject><saml:SubjectConfirmation Method="urn:x"/></saml:Subject>'),
    'request-invalid',
  ],
  ['an empty time of Conditions', content('<saml:Conditions NotBefore=""/>'), 'request-invalid'],
  [
    'Conditions that end before they begin',
    content('<saml:Conditions NotBefore="2026-07-01T10:00:00Z" NotOnOrAfter="2026-07-01T10:00:00Z"/>'),
    'request-invalid',
  ],
  [
    'an AudienceRestriction of nobody',
    content('<saml:Conditions><saml:AudienceRestriction/></saml:Conditions>'),
    'request-invalid',
  ],
  ['OneTimeUse twice', content('<saml:Conditions><saml:OneTimeUse/><saml:OneTimeUse/></saml:Conditions>'), 'request-invalid'],
  ['a Condition of another namespace', content('<saml:Conditions><a/></saml:Conditions>'), 'request-invalid'],
  [
    'a ProxyRestriction that counts below zero',
    content('<saml:Conditions><saml:ProxyRestriction Count="-1"/></saml:Conditions>'),
    'request-invalid',
  ],
  ['a ProxyCount that is no number', content('<samlp:Scoping ProxyCount="one"/>'), 'request-invalid'],
  ['an IDPList of nobody', content('<samlp:Scoping><samlp:IDPList/></samlp:Scoping>'), 'request-invalid'],
  [
    'an IDPEntry without ProviderID',
    content('<samlp:Scoping><samlp:IDPList><samlp:IDPEntry/></samlp:IDPList></samlp:Scoping>'),
    'request-invalid',
  ],
  [
    'a RequesterID before the IDPList',
    content(
      '<samlp:Scoping><samlp:RequesterID>a</samlp:RequesterID><samlp:IDPList><samlp:IDPEntry ProviderID="a"/></samlp:IDPList></samlp:Scoping>',
    ),
    'request-invalid',
  ],
  ['an AttributeConsumingServiceIndex that is no number', attributes({ AttributeConsumingServiceIndex: 'x' }), 'request-invalid'],
  ['a URL and an index', attributes({ AssertionConsumerServiceIndex: '0' }), 'request-invalid'],
  [
    'an index and a ProtocolBinding',
    attributes({
      AssertionConsumerServiceURL: undefined,
      AssertionConsumerServiceIndex: '0',
      ProtocolBinding: bindings.httpPost,
    }),
    'request-invalid',
  ],
  [
    'an index that is no number',
    attributes({ AssertionConsumerServiceURL: undefined, AssertionConsumerServiceIndex: '-1' }),
    'request-invalid',
  ],
  [
    'an index beyond its type',
    attributes({ AssertionConsumerServiceURL: undefined, AssertionConsumerServiceIndex: '65536' }),
    'request-invalid',
  ],
  [
    'an index that is not registered',
    attributes({ AssertionConsumerServiceURL: undefined, AssertionConsumerServiceIndex: '7' }),
    'acs-not-registered',
  ],
  ['HTTP-Artifact', attributes({ ProtocolBinding: bindings.httpArtifact }), 'binding-unsupported'],
  ['HTTP-Redirect for the Response', attributes({ ProtocolBinding: bindings.httpRedirect }), 'binding-unsupported'],
  ['PAOS', attributes({ ProtocolBinding: 'urn:oasis:names:tc:SAML:2.0:bindings:PAOS' }), 'binding-unsupported'],
];

const foreignAcs: readonly string[] = [
  'https://evil.example.com/acs',
  `${acs}/`,
  `${acs}/../evil`,
  `${acs}?x=1`,
  `${acs}#x`,
  `${acs} `,
  acs.slice(0, -1),
  acs.replace('https', 'http'),
  acs.replace('https', 'HTTPS'),
  acs.replace('sp.', 'SP.'),
  acs.replace('example.com', 'example.com.'),
  acs.replace('example.com', 'example.com:443'),
  acs.replace('example.com', 'example.com.evil.example'),
  acs.replace('https://', 'https://user@'),
  acs.replace('https://', 'https://sp.example.com@evil.example/'),
  acs.replace('example', 'еxample'),
  acs.replace('sp.example.com', 'sp.xn--xample-2of.com'),
  acs.replace('/acs', '/%61cs'),
  acs.replace('/acs', '\\acs'),
  acs.replace('https:', ''),
  'javascript:alert(1)',
  'data:text/html,x',
  '',
];

describe('verifying a request', () => {
  for (const [what, parts, reason] of refused) {
    for (const [binding, carry] of [
      ['HTTP-Redirect', redirect],
      ['HTTP-POST', post],
    ] as const) {
      it(`refuses ${what} over ${binding}`, async () => {
        const text = carry(authnRequest(parts));
        assert.equal(await outcome(() => verify(binding, text)), reason);
        assert.ok((await cpuOf(() => verify(binding, text), 3)) < 50);
      });
    }
  }

  for (const location of foreignAcs) {
    it(`sends nothing to ${JSON.stringify(location)}`, async () => {
      assert.equal(
        await outcome(() => verify('HTTP-POST', post(authnRequest(attributes({ AssertionConsumerServiceURL: location }))))),
        'acs-not-registered',
      );
    });
  }

  const passes: readonly (readonly [what: string, parts: RequestParts])[] = [
    ['no Destination', attributes({ Destination: undefined })],
    ['its age at the limit', attributes({ IssueInstant: at(-780_000) })],
    ['its future at the limit', attributes({ IssueInstant: at(180_000) })],
    ['a long fraction of a second', attributes({ IssueInstant: '2026-07-01T10:00:00.123456789Z' })],
    ['an Issuer of Format entity', issuer(entityID, ` Format="${nameIDFormats.entity}"`)],
    ['an Issuer written with references', issuer(entityID.replace('sp', '&#x73;&#112;'))],
    ['Extensions of any kind', content('<samlp:Extensions><x:y xmlns:x="urn:x" z="1">text</x:y></samlp:Extensions>')],
    [
      'foreign attributes',
      attributes({
        'xmlns:x': 'urn:x',
        'x:y': '1',
        Consent: 'urn:oasis:names:tc:SAML:2.0:consent:prior',
        ProviderName: 'x'.repeat(2000),
      }),
    ],
    ['Conditions and Scoping', content('<saml:Conditions/><samlp:Scoping ProxyCount="0"/>')],
    ['HTTP-POST by name', attributes({ ProtocolBinding: bindings.httpPost })],
    ['white space between the elements', content('\r\n  <samlp:NameIDPolicy/>\r\n')],
  ];
  for (const [what, parts] of passes) {
    it(`accepts ${what}`, async () =>
      assert.equal(await outcome(() => verify('HTTP-Redirect', redirect(authnRequest(parts)))), 'accepted'));
  }

  it('reads what is asked for', async () => {
    const read = (parts: RequestParts) => verify('HTTP-POST', post(authnRequest(parts)));
    assert.equal((await read(attributes({ ForceAuthn: '1' }))).forceAuthn, true);
    assert.equal((await read(attributes({ IsPassive: 'true' }))).isPassive, true);
    assert.deepEqual(
      (await read(content(`<samlp:NameIDPolicy Format="${nameIDFormats.persistent}" SPNameQualifier="urn:x" AllowCreate="0"/>`)))
        .nameIDPolicy,
      {
        format: nameIDFormats.persistent,
        spNameQualifier: 'urn:x',
        allowCreate: false,
      },
    );
    assert.deepEqual(
      (
        await read(
          context(`${classRef}<saml:AuthnContextClassRef>\n urn:y\n</saml:AuthnContextClassRef>`, ' Comparison="better"'),
        )
      ).requestedAuthnContext,
      {
        comparison: 'better',
        authnContextClassRefs: [authnContextClasses.password, 'urn:y'],
        authnContextDeclRefs: [],
      },
    );
    assert.deepEqual((await read(context(declRef))).requestedAuthnContext, {
      comparison: 'exact',
      authnContextClassRefs: [],
      authnContextDeclRefs: ['urn:x'],
    });
    const subject = async (inside: string) => (await read(content(`<saml:Subject>${inside}</saml:Subject>`))).subject;
    assert.deepEqual(
      await subject(`<saml:NameID Format="${nameIDFormats.emailAddress}" SPNameQualifier="q">a&lt;@example.com</saml:NameID>`),
      {
        nameID: {
          value: 'a<@example.com',
          format: nameIDFormats.emailAddress,
          nameQualifier: undefined,
          spNameQualifier: 'q',
        },
      },
    );
    const encrypted = await subject('<saml:EncryptedID/>');
    assert.ok(typeof encrypted === 'object' && 'encryptedID' in encrypted);
    for (const inside of [
      '<saml:BaseID/>',
      '<saml:NameID SPProvidedID="x">a</saml:NameID>',
      `<saml:NameID Format="${nameIDFormats.transient}">_a</saml:NameID>`,
    ]) {
      assert.equal(await subject(inside), 'nobody', inside);
    }
    assert.equal((await read(attributes({ AttributeConsumingServiceIndex: '7' }))).attributeConsumingServiceIndex, 7);
    assert.deepEqual(
      (await read(content('<samlp:Scoping><samlp:RequesterID>urn:x</samlp:RequesterID></samlp:Scoping>'))).scoping,
      {
        idpList: undefined,
      },
    );
    assert.deepEqual(
      (
        await read(
          content(
            '<samlp:Scoping ProxyCount="99999999999999999999"><samlp:IDPList><samlp:IDPEntry ProviderID="urn:a" Name="A"/>' +
              '<samlp:IDPEntry ProviderID="urn:b"/><samlp:GetComplete>https://evil.example/</samlp:GetComplete></samlp:IDPList></samlp:Scoping>',
          ),
        )
      ).scoping,
      { idpList: ['urn:a', 'urn:b'] },
    );
    const conditions =
      '<saml:Conditions NotBefore="2026-07-01T10:00:00Z" NotOnOrAfter="2026-07-01T10:01:00Z"><saml:OneTimeUse/>' +
      '<saml:AudienceRestriction><saml:Audience>urn:a</saml:Audience><saml:Audience> urn:b </saml:Audience></saml:AudienceRestriction>' +
      '<saml:ProxyRestriction Count="3"><saml:Audience>urn:c</saml:Audience></saml:ProxyRestriction></saml:Conditions>';
    assert.deepEqual((await read(content(conditions))).conditions, {
      notBefore: now - 5_000,
      notOnOrAfter: now + 55_000,
      audienceRestrictions: [['urn:a', 'urn:b']],
      oneTimeUse: true,
      proxyRestriction: { count: '3', audiences: ['urn:c'] },
      unknown: false,
    });
    assert.equal((await read(content('<saml:Conditions><saml:Condition/></saml:Conditions>'))).conditions?.unknown, true);
  });

  it('reads every string of XML characters without cutting it', async () => {
    const text = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 256 })
      .filter((value) => value.length <= 1024 && !/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u.test(value));
    await fc.assert(
      fc.asyncProperty(text, async (value) => {
        const written = value.replace(/[<&>\r\n\t"]/gu, (character) => `&#${character.codePointAt(0)};`);
        const parts = {
          ...issuer(written),
          ...content(`<saml:Subject><saml:NameID SPNameQualifier="${written}">${written}</saml:NameID></saml:Subject>`),
        };
        const read = await verify('HTTP-POST', post(authnRequest(parts)), [{ ...serviceProvider, entityID: value }]);
        assert.deepEqual(read.subject, {
          nameID: { value, format: undefined, nameQualifier: undefined, spNameQualifier: value },
        });
      }),
    );
  });

  it('never ends in anything but a request or a Refusal', async () => {
    const originals = [authnRequest(), legacyRequest(), profileRequest, sign(authnRequest())];
    const change = fc.record({
      original: fc.nat({ max: originals.length - 1 }),
      at: fc.nat(),
      removed: fc.nat({ max: 20 }),
      inserted: fc.oneof(
        fc.string({ unit: 'binary', maxLength: 10 }),
        fc.constantFrom('<a/>', '<ds:Signature/>', ' ID="x"', '">', 'true', '<saml:Subject>'),
      ),
    });
    const providers: readonly ServiceProvider[] = [{ ...serviceProvider, signingKeys: [rsa.publicKey] }, legacy, profile];
    await fc.assert(
      fc.asyncProperty(
        change,
        fc.constantFrom<Binding>('HTTP-Redirect', 'HTTP-POST'),
        async ({ original, at: where, removed, inserted }, binding) => {
          const xml = originals[original] ?? '';
          const position = where % xml.length;
          const text = xml.slice(0, position) + inserted + xml.slice(position + removed);
          await outcome(() => verify(binding, binding === 'HTTP-POST' ? post(text) : redirect(text), providers));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('choosing where the Response goes', () => {
  const paos = service(0, 'https://sp.example.com/paos', bindings.paos);
  const first = service(1, 'https://sp.example.com/1');
  const second = service(2, 'https://sp.example.com/2', bindings.httpPost, true);
  const chosen = async (given: Readonly<Record<string, string | undefined>>, providers: readonly ServiceProvider[]) => {
    const text = post(authnRequest(attributes({ AssertionConsumerServiceURL: undefined, ...given })));
    return (await verify('HTTP-POST', text, providers)).assertionConsumerService;
  };

  it('takes the index, the URL, or the default', async () => {
    const provider = providing(paos, first, second);
    assert.equal(await chosen({ AssertionConsumerServiceIndex: '1' }, [provider]), first);
    assert.equal(await chosen({ AssertionConsumerServiceURL: first.location }, [provider]), first);
    assert.equal(await chosen({}, [provider]), second);
    assert.equal(await chosen({}, [providing(paos, first)]), first);
  });

  it('takes no other binding', async () => {
    const provider = providing(paos, first);
    assert.equal(await outcome(() => chosen({ AssertionConsumerServiceIndex: '0' }, [provider])), 'binding-unsupported');
    assert.equal(await outcome(() => chosen({ AssertionConsumerServiceURL: paos.location }, [provider])), 'binding-unsupported');
    assert.equal(await outcome(() => chosen({}, [providing(paos)])), 'acs-not-registered');
  });

  it('tells those who share an entity ID apart by their URL alone', async () => {
    const providers = [providing(service(0, 'https://a.example/acs')), providing(service(0, 'https://b.example/acs'))];
    assert.equal(
      (await chosen({ AssertionConsumerServiceURL: 'https://b.example/acs' }, providers)).location,
      'https://b.example/acs',
    );
    assert.equal(await outcome(() => chosen({}, providers)), 'acs-not-registered');
    assert.equal(await outcome(() => chosen({ AssertionConsumerServiceIndex: '0' }, providers)), 'acs-not-registered');
  });

  it('begins here without a request, at the default', async () => {
    const read = unsolicited(providing(paos, first, second), 'state', now);
    assert.equal(read.id, undefined);
    assert.equal(read.assertionConsumerService, second);
    assert.deepEqual([read.issueInstant, read.relayState, read.forceAuthn, read.isPassive], [now, 'state', false, false]);
    assert.equal(await outcome(() => unsolicited(providing(paos), undefined, now)), 'acs-not-registered');
  });
});
