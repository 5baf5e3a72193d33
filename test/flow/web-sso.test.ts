/** Web single sign-on over HTTP, as service providers that are not Google ask for it: each option honoured, or its error answered. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { DOMParser } from '@xmldom/xmldom';
import {
  ForeignServiceProvider,
  makeCredential,
  post as postBinding,
  type MessageOptions,
} from '../fixtures/foreign-service-provider.ts';
import { acs as googleAcs, openHouse, type House } from '../fixtures/house.ts';
import { makeEncrypted } from '../fixtures/make-encrypted.ts';
import { openPeople } from '../fixtures/people.ts';
import { responseOf, statusOf, textOf, Visitor, type Page } from '../fixtures/visitor.ts';
import { assertValidBySchema } from '../fixtures/xml-judges.ts';

const password = 'Passw0rd!';
const urn = 'urn:oasis:names:tc:SAML';
const emailAddress = `${urn}:1.1:nameid-format:emailAddress`;
const unspecified = `${urn}:1.1:nameid-format:unspecified`;
const [persistent, transient, encrypted, kerberos] = ['persistent', 'transient', 'encrypted', 'kerberos'].map(
  (name) => `${urn}:2.0:nameid-format:${name}`,
) as [string, string, string, string];
const alice = 'alice.liddell@example.com';
/** 256 code points that no parser may stumble over. */
const odd = `${'漢字e\u0301\u{1F600}<&>"\'xyz'.repeat(19)}abcdef&#x9;&#xA;z`.replace(
  /[<>"']|&(?!#)/g,
  (found) => `&#${String(found.charCodeAt(0))};`,
);

const credential = await makeCredential();
const at = (name: string): ForeignServiceProvider => new ForeignServiceProvider(credential, `https://${name}.example.net`);
const plain = at('plain');
const other = at('other');
const mail = at('mail');
const named = at('named');
const nameless = at('nameless');
const sealed = at('sealed');
const strange = at('strange');
const signer = at('signer');
const several = at('several');
const format = (value: string): string => `<md:NameIDFormat>${value}</md:NameIDFormat>`;

let house: House;
before(async () => {
  house = await openHouse({
    metadata: [
      { xml: plain.metadata() },
      { xml: other.metadata() },
      { xml: mail.metadata(), nameId: { format: 'emailAddress' } },
      { xml: named.metadata({ endpoints: format(emailAddress) + format(transient) }) },
      { xml: nameless.metadata(), nameId: { format: 'none' } },
      {
        xml: sealed.metadata({ keys: sealed.keyDescriptor() }),
        nameId: { format: 'emailAddress' },
        encrypt: 'never',
      },
      { xml: strange.metadata({ entity: { entityID: odd } }) },
      { xml: signer.metadata({ role: { AuthnRequestsSigned: 'true' } }) },
      {
        xml: several.metadata({
          assertionConsumerServices: [3, 7]
            .map(
              (index) =>
                `<md:AssertionConsumerService index="${String(index)}" Binding="${postBinding}" Location="${several.acs}/${String(index)}"/>`,
            )
            .join(''),
        }),
      },
    ],
  });
});
after(() => house.close());

const query = (serviceProvider: ForeignServiceProvider, options: MessageOptions, sign = false): string =>
  serviceProvider.redirectQuery(
    serviceProvider.authnRequest(`${house.url}/saml/sso`, { issueInstant: house.now(), ...options }),
    { sign, relayState: 'state' },
  );
const ask = (visitor: Visitor, serviceProvider: ForeignServiceProvider, options: MessageOptions = {}): Promise<Page> =>
  visitor.visit(`/saml/sso?${query(serviceProvider, options)}`);
/** Asks, and signs in where that is wanted. */
async function answer(
  serviceProvider: ForeignServiceProvider,
  options: MessageOptions = {},
  name = 'alice',
  visitor = new Visitor(house.url),
): Promise<string> {
  const page = await ask(visitor, serviceProvider, options);
  return responseOf(page.form?.action === '/signin/password' ? await visitor.fill(page, name, password) : page).xml;
}

const nameIDOf = (xml: string): string => /<saml:NameID.*?<\/saml:NameID>/s.exec(xml)?.[0] ?? '';
const formatOf = (xml: string): string | undefined => / Format="([^"]*)"/.exec(nameIDOf(xml))?.[1];
const policy = (attributes: string): MessageOptions => ({ content: `<samlp:NameIDPolicy ${attributes}/>` });
const inside = (content: string): MessageOptions => ({ content });

/** What an answer comes to: the format of its NameID, or its status codes. */
const outcomeOf = (xml: string): string =>
  statusOf(xml)[0] === 'Success' ? (formatOf(xml) ?? 'nobody') : statusOf(xml).join(' ');

describe('NameIDPolicy', () => {
  const invalid = 'Requester InvalidNameIDPolicy';
  for (const [what, serviceProvider, options, expected] of [
    ['nothing asked', plain, {}, transient],
    ['nothing asked, by its metadata', named, {}, emailAddress],
    ['nothing asked, by its settings', mail, {}, emailAddress],
    ['nothing asked, nobody to be named', nameless, {}, 'nobody'],
    ['no Format', plain, policy('AllowCreate="true"'), transient],
    ['unspecified', mail, policy(`Format="${unspecified}"`), emailAddress],
    ['unspecified with the prefix of 2.0', mail, policy(`Format="${urn}:2.0:nameid-format:unspecified"`), emailAddress],
    ['transient', mail, policy(`Format="${transient}"`), transient],
    ['persistent', plain, policy(`Format="${persistent}" AllowCreate="true"`), persistent],
    ['persistent of nobody named', nameless, policy(`Format="${persistent}" AllowCreate="1"`), persistent],
    ['emailAddress', named, policy(`Format="${emailAddress}"`), emailAddress],
    ['emailAddress, which it may not have', plain, policy(`Format="${emailAddress}"`), invalid],
    ['kerberos', plain, policy(`Format="${kerberos}"`), invalid],
    ['encrypted, without a key', plain, policy(`Format="${encrypted}"`), invalid],
    ['a foreign SPNameQualifier', plain, policy(`SPNameQualifier="${other.entityID}"`), invalid],
    ['an unknown SPNameQualifier', plain, policy('SPNameQualifier="urn:nobody"'), invalid],
    [
      'its own SPNameQualifier',
      plain,
      policy(`Format="${persistent}" AllowCreate="1" SPNameQualifier="${plain.entityID}"`),
      persistent,
    ],
    ['persistent, and none was made yet', other, policy(`Format="${persistent}"`), invalid],
  ] as const) {
    it(`${what}: ${expected}`, async () => {
      const xml = await answer(serviceProvider, options);
      assert.equal(outcomeOf(xml), expected);
      assertValidBySchema([xml], 'protocol');
    });
  }

  it('gives the same persistent name again, another to another, and says whose it is', async () => {
    const create = policy(`Format="${persistent}" AllowCreate="true"`);
    const first = nameIDOf(await answer(plain, create));
    assert.equal(nameIDOf(await answer(plain, policy(`Format="${persistent}"`))), first);
    assert.match(
      first,
      new RegExp(`NameQualifier="${house.url}/saml/metadata" SPNameQualifier="${plain.entityID}">[A-Z2-7]{32}<`),
    );
    const names = [first, nameIDOf(await answer(plain, create, 'bob')), nameIDOf(await answer(other, create))];
    assert.equal(new Set(names.map((name) => textOf(name, 'NameID')?.toLowerCase())).size, 3);
    await house.restart();
    assert.equal(nameIDOf(await answer(plain, create)), first);
  });

  it('encrypts the name where the request asks for that, and the service provider can read it', async () => {
    const xml = await answer(sealed, policy(`Format="${encrypted}"`));
    assert.deepEqual(statusOf(xml), ['Success']);
    assert.match(xml, /<saml:Subject><saml:EncryptedID>/);
    assert.doesNotMatch(xml, /<saml:NameID|alice/);
    assert.equal(outcomeOf(await answer(sealed)), emailAddress);
  });

  it('gives Google the address alone', async () => {
    for (const asked of [persistent, transient, encrypted]) {
      const page = await new Visitor(house.url).arrive({ content: `<samlp:NameIDPolicy Format="${asked}" AllowCreate="true"/>` });
      assert.deepEqual(statusOf(responseOf(page).xml), ['Requester', 'InvalidNameIDPolicy']);
    }
    assert.equal(
      nameIDOf(responseOf(await new Visitor(house.url).signIn('alice', password)).xml),
      `<saml:NameID Format="${emailAddress}">${alice}</saml:NameID>`,
    );
  });

  it('names people without an address of their own where none is told, and nowhere else', async () => {
    for (const name of ['outsider', 'noupn', 'twin1']) {
      const visitor = new Visitor(house.url);
      assert.equal(outcomeOf(await answer(plain, {}, name, visitor)), transient);
      // The session goes on, and so does the question.
      const page = await visitor.arrive();
      assert.equal(responseOf(page).location, googleAcs);
      assert.deepEqual(statusOf(responseOf(page).xml), ['Responder', 'UnknownPrincipal']);
      assert.equal(
        outcomeOf(await answer(plain, policy(`Format="${persistent}" AllowCreate="true"`), name, visitor)),
        persistent,
      );
    }
  });

  it('keeps the persistent name of somebody who was renamed', async () => {
    const objectGUID = 'sixteen bytes ok';
    const person = (name: string) => openPeople([{ name, password, upn: `${name}@example.com`, attributes: { objectGUID } }]);
    const [before, renamed] = [await person('maiden'), await person('married')];
    const own = await openHouse({
      ldap: before.ldap,
      metadata: [{ xml: plain.metadata(), nameId: { format: 'persistent' } }],
    });
    const enter = async (name: string): Promise<string> => {
      const visitor = new Visitor(own.url);
      const page = await visitor.visit(
        `/saml/sso?${plain.redirectQuery(plain.authnRequest(undefined, { issueInstant: own.now() }), { sign: false })}`,
      );
      return nameIDOf(responseOf(await visitor.fill(page, name, password)).xml);
    };
    try {
      const first = await enter('maiden');
      assert.match(first, /[A-Z2-7]{32}/);
      own.advance(3_600_000);
      const { directory } = own.configuration;
      const controllers = (renamed.ldap.urls ?? []).map((url) => ({ url, priority: 1 }));
      const forests = directory.forests.map((forest) => ({
        ...forest,
        domains: forest.domains.map((domain) => ({ ...domain, controllers })),
      }));
      await own.restart({ directory: { ...directory, forests } });
      assert.equal(await enter('married'), first);
    } finally {
      await own.close();
      await before.close();
      await renamed.close();
    }
  });
});

describe('the Subject of a request', () => {
  const subject = (nameID: string): MessageOptions => inside(`<saml:Subject>${nameID}</saml:Subject>`);
  const written = (value: string, attributes = ''): MessageOptions => subject(`<saml:NameID${attributes}>${value}</saml:NameID>`);
  const unknown = ['Responder', 'UnknownPrincipal'];
  for (const [what, options, status] of [
    ['who signs in', written(alice, ` Format="${emailAddress}"`), ['Success']],
    ['who signs in, without Format', written(alice), ['Success']],
    ['somebody else', written('bob@example.com', ` Format="${emailAddress}"`), unknown],
    ['nobody', written('nobody@example.com'), unknown],
    ['a transient name', written('_abc', ` Format="${transient}"`), unknown],
    ['a name of the service provider’s own', written(alice, ' SPProvidedID="a"'), unknown],
    ['a BaseID', subject('<saml:BaseID/>'), unknown],
    ['a foreign qualifier', written(alice, ` SPNameQualifier="${other.entityID}"`), unknown],
    ['an odd name', written(odd), unknown],
    [
      'a SubjectConfirmation',
      subject(`<saml:NameID>${alice}</saml:NameID><saml:SubjectConfirmation Method="${urn}:2.0:cm:bearer"/>`),
      ['Requester'],
    ],
    [
      'another format than the policy',
      inside(
        `<saml:Subject><saml:NameID Format="${emailAddress}">${alice}</saml:NameID></saml:Subject><samlp:NameIDPolicy Format="${persistent}" AllowCreate="true"/>`,
      ),
      ['Requester', 'InvalidNameIDPolicy'],
    ],
  ] as const) {
    it(`${what}: ${status.join(' ')}`, async () => {
      const xml = await answer(mail, options);
      assert.deepEqual(statusOf(xml), status);
      // An assertion is about whom was asked for, word for word, or there is none.
      const asked = nameIDOf((options.content ?? '').replace(/<samlp:NameIDPolicy.*/, ''));
      assert.equal(nameIDOf(xml), status[0] === 'Success' ? asked : '');
      assert.equal(xml.includes('<saml:Assertion'), status[0] === 'Success');
    });
  }

  it('may be encrypted to us, and is answered as in the clear, to the letter', async () => {
    const metadata = await (await fetch(`${house.url}/saml/metadata`)).text();
    const [, key = ''] = /use="encryption".*?X509Certificate>([^<]*)</s.exec(metadata) ?? [];
    const certificate = `-----BEGIN CERTIFICATE-----\n${key}\n-----END CERTIFICATE-----`;
    const hidden = (nameID: string): MessageOptions =>
      subject(makeEncrypted(nameID.replace(/<saml:\w+/, `$& xmlns:saml="${urn}:2.0:assertion"`), certificate));
    const given = nameIDOf(await answer(plain, policy(`Format="${persistent}" AllowCreate="true"`)));
    const address = `<saml:NameID Format="${emailAddress}">${alice}</saml:NameID>`;
    for (const [serviceProvider, nameID] of [
      [plain, given],
      [mail, address],
    ] as const) {
      assert.equal(nameIDOf(await answer(serviceProvider, hidden(nameID))), nameID);
      assert.deepEqual(statusOf(await answer(serviceProvider, hidden(nameID), 'bob')), unknown);
    }
    for (const nameID of [
      written('_abc', ` Format="${transient}"`).content,
      address.replace('NameID ', 'NameID SPProvidedID="a" '),
      address.replace(/NameID\b/g, 'BaseID'),
    ]) {
      const page = await ask(new Visitor(house.url), mail, hidden(nameID?.replace(/<\/?saml:Subject>/g, '') ?? ''));
      assert.deepEqual(statusOf(responseOf(page).xml), unknown, nameID);
    }
    assert.deepEqual(statusOf(await answer(mail, hidden('<saml:NameID/>'))), ['Requester']);
  });

  it('is known by the persistent name that it was given, and by nobody else’s', async () => {
    const given = async (name: string): Promise<string> =>
      nameIDOf(await answer(plain, policy(`Format="${persistent}" AllowCreate="true"`), name));
    const [own, foreign] = [await given('alice'), await given('bob')];
    assert.equal(nameIDOf(await answer(plain, subject(own))), own);
    assert.deepEqual(statusOf(await answer(plain, subject(foreign))), unknown);
    assert.deepEqual(statusOf(await answer(other, subject(own))), unknown);
    // From a live session no less.
    const visitor = new Visitor(house.url);
    await answer(plain, {}, 'alice', visitor);
    assert.deepEqual(statusOf(await answer(plain, subject(foreign), 'bob', visitor)), unknown);
  });
});

describe('what else a request may ask', () => {
  const scoping = (content: string): MessageOptions => inside(`<samlp:Scoping>${content}</samlp:Scoping>`);
  const listing = (...entities: string[]): MessageOptions =>
    scoping(`<samlp:IDPList>${entities.map((entity) => `<samlp:IDPEntry ProviderID="${entity}"/>`).join('')}</samlp:IDPList>`);
  const context = (comparison: string, ...names: string[]): MessageOptions =>
    inside(
      `<samlp:RequestedAuthnContext Comparison="${comparison}">${names
        .map((name) => `<saml:AuthnContextClassRef>${urn}:2.0:ac:classes:${name}</saml:AuthnContextClassRef>`)
        .join('')}</samlp:RequestedAuthnContext>`,
    );
  const conditions = (attributes: string, content = ''): MessageOptions =>
    inside(`<saml:Conditions${attributes}>${content}</saml:Conditions>`);
  const audience = (...names: string[]): MessageOptions =>
    conditions(
      '',
      `<saml:AudienceRestriction>${names.map((name) => `<saml:Audience>${name}</saml:Audience>`).join('')}</saml:AudienceRestriction>`,
    );
  const soon = new Date(Date.now() + 90_000).toISOString();

  for (const [what, options, status, contains] of [
    ['ProxyCount 0', inside('<samlp:Scoping ProxyCount="0"/>'), ['Success']],
    [
      'any ProxyCount, for others',
      inside(`<samlp:Scoping ProxyCount="${'9'.repeat(40)}"><samlp:RequesterID>${odd}</samlp:RequesterID></samlp:Scoping>`),
      ['Success'],
    ],
    ['an IDPList of others', listing('urn:a', 'urn:b'), ['Responder', 'NoSupportedIDP']],
    ['a broken Scoping', inside('<samlp:Scoping ProxyCount="-1"/>'), ['Requester']],
    ['Conditions that end soon', conditions(` NotOnOrAfter="${soon}"`), ['Success'], `NotOnOrAfter="${soon}">`],
    ['Conditions that are over', conditions(' NotOnOrAfter="2020-01-01T00:00:00Z"'), ['Requester', 'RequestUnsupported']],
    ['its own audience', audience('urn:x', plain.entityID), ['Success'], `<saml:Audience>${plain.entityID}<`],
    ['another audience', audience('urn:x'), ['Requester', 'RequestUnsupported']],
    ['OneTimeUse', conditions('', '<saml:OneTimeUse/>'), ['Success'], '<saml:OneTimeUse>'],
    [
      'ProxyRestriction',
      conditions('', '<saml:ProxyRestriction Count="1"><saml:Audience>urn:a</saml:Audience></saml:ProxyRestriction>'),
      ['Success'],
      '<saml:ProxyRestriction Count="1"><saml:Audience>urn:a<',
    ],
    [
      'a condition that nobody knows',
      conditions('', '<saml:Condition xmlns:x="urn:x" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="x:y"/>'),
      ['Requester', 'RequestUnsupported'],
    ],
    ['exactly Password', context('exact', 'Password'), ['Success'], ':Password<'],
    ['exactly X509', context('exact', 'X509'), ['Responder', 'NoAuthnContext']],
    ['at least Password', context('minimum', 'Password'), ['Success'], ':PasswordProtectedTransport<'],
    ['at most Password', context('maximum', 'Password'), ['Success'], ':Password<'],
    ['better than Password', context('better', 'Password'), ['Success'], ':PasswordProtectedTransport<'],
    ['better than the best', context('better', 'TimeSyncToken'), ['Responder', 'NoAuthnContext']],
    [
      'a declaration',
      inside(
        '<samlp:RequestedAuthnContext><saml:AuthnContextDeclRef>urn:x</saml:AuthnContextDeclRef></samlp:RequestedAuthnContext>',
      ),
      ['Responder', 'NoAuthnContext'],
    ],
    [
      'Extensions, Consent and attributes of others',
      {
        attributes: { Consent: `${urn}:2.0:consent:prior`, 'xmlns:x': 'urn:x', 'x:y': 'z', ProviderName: odd },
        content: '<samlp:Extensions><x:z><x:z/>&#x1F600;</x:z></samlp:Extensions>',
      },
      ['Success'],
    ],
  ] as readonly (readonly [string, MessageOptions, readonly string[], string?])[]) {
    it(`${what}: ${status.join(' ')}`, async () => {
      const xml = await answer(plain, options);
      assert.deepEqual(statusOf(xml), status);
      if (contains !== undefined) assert.ok(xml.includes(contains), xml);
      assertValidBySchema([xml], 'protocol');
    });
  }

  it('an IDPList that names us: Success', async () => {
    assert.deepEqual(statusOf(await answer(plain, listing('urn:a', `${house.url}/saml/metadata`))), ['Success']);
  });

  it('an entity ID of any characters is taken and given back whole', async () => {
    const create = policy(`Format="${persistent}" AllowCreate="1"`);
    const xml = await answer(strange, { issuer: `<saml:Issuer>${odd}</saml:Issuer>`, ...create });
    assert.deepEqual(statusOf(xml), ['Success']);
    const [whole, tree] = [`<a>${odd}</a>`, xml].map((text) => new DOMParser().parseFromString(text, 'text/xml'));
    const entityID = whole?.documentElement.textContent ?? '';
    assert.equal([...entityID].length, 256);
    assert.equal(tree?.getElementsByTagName('saml:Audience')[0]?.textContent, entityID);
    assert.equal(tree.getElementsByTagName('saml:NameID')[0]?.getAttribute('SPNameQualifier'), entityID);
    assertValidBySchema([xml], 'protocol');
  });

  it('goes to the AssertionConsumerService of the index, and to none that is not registered', async () => {
    const none = { AssertionConsumerServiceURL: undefined };
    const to = async (attributes: Readonly<Record<string, string | undefined>>): Promise<Page> => {
      const visitor = new Visitor(house.url);
      const page = await ask(visitor, several, { attributes });
      return page.form?.action === '/signin/password' ? visitor.fill(page, 'alice', password) : page;
    };
    for (const index of ['3', '7']) {
      const page = await to({ ...none, AssertionConsumerServiceIndex: index });
      assert.equal(responseOf(page).location, `${several.acs}/${index}`);
    }
    assert.equal(responseOf(await to({ ...none, ProtocolBinding: postBinding })).location, `${several.acs}/3`);
    assert.equal((await to({ ...none, AssertionConsumerServiceIndex: '4' })).form, undefined);
  });
});

describe('IsPassive and ForceAuthn', () => {
  const passive: MessageOptions = { attributes: { IsPassive: 'true' } };
  const forced: MessageOptions = { attributes: { ForceAuthn: 'true' } };
  const noPassive = ['Responder', 'NoPassive'];

  it('IsPassive is answered by every state of the session, and never asks', async () => {
    const visitor = new Visitor(house.url);
    const passively = async (options = passive): Promise<string[]> =>
      statusOf(responseOf(await ask(visitor, plain, options)).xml);
    assert.deepEqual(await passively(), noPassive);
    await answer(plain, {}, 'alice', visitor);
    assert.deepEqual(await passively(), ['Success']);
    assert.deepEqual(await passively({ attributes: { IsPassive: '1', ForceAuthn: '1' } }), noPassive);
    assert.deepEqual(
      await passively({ ...passive, ...inside(`<saml:Subject><saml:NameID>bob@example.com</saml:NameID></saml:Subject>`) }),
      ['Responder', 'UnknownPrincipal'],
    );
    const { cookie } = visitor;
    visitor.cookie = `${cookie ?? ''}x`;
    assert.deepEqual(await passively(), noPassive);
    visitor.cookie = cookie;
    house.advance(3_600_001);
    assert.deepEqual(await passively(), noPassive);
  });

  it('IsPassive over HTTP-POST waits for the cookie that comes with the redirect', async () => {
    const visitor = new Visitor(house.url);
    await answer(plain, {}, 'alice', visitor);
    const post = (browser: Visitor): Promise<Page> =>
      browser.visit('/saml/sso', {
        method: 'POST',
        body: new URLSearchParams(
          plain.postFields(plain.authnRequest(`${house.url}/saml/sso`, { issueInstant: house.now(), ...passive }), {
            sign: false,
          }),
        ),
      });
    assert.deepEqual(statusOf(responseOf(await post(visitor)).xml), ['Success']);
    assert.deepEqual(statusOf(responseOf(await post(new Visitor(house.url))).xml), noPassive);
  });

  it('IsPassive shows no page where a request is old or repeated either', async () => {
    const visitor = new Visitor(house.url);
    const stale = await ask(visitor, plain, { ...passive, issueInstant: house.now() - 3_600_000 });
    assert.deepEqual(statusOf(responseOf(stale).xml), ['Requester', 'RequestDenied']);
    assert.match(stale.body, /<title>Going to/);
    const path = `/saml/sso?${query(plain, passive)}`;
    assert.deepEqual(statusOf(responseOf(await visitor.visit(path)).xml), noPassive);
    const again = await visitor.visit(path);
    assert.deepEqual(statusOf(responseOf(again).xml), ['Requester', 'RequestDenied']);
    assert.match(again.body, /<title>Going to/);
  });

  it('ForceAuthn asks again, whatever session there is', async () => {
    const visitor = new Visitor(house.url);
    await answer(plain, {}, 'alice', visitor);
    const before = house.now();
    const page = await ask(visitor, plain, forced);
    assert.equal(page.form?.action, '/signin/password');
    const { xml } = responseOf(await visitor.fill(page, 'alice', password));
    assert.ok(Date.parse(/AuthnInstant="([^"]*)"/.exec(xml)?.[1] ?? '') >= before - 1_000);
  });
});

describe('what goes wrong once the return address is certain', () => {
  const answered: readonly (readonly [string, MessageOptions, readonly string[]])[] = [
    ['Version 1.1', { attributes: { Version: '1.1' } }, ['VersionMismatch']],
    ['another Destination', { attributes: { Destination: 'https://elsewhere.example/' } }, ['Requester', 'RequestDenied']],
    ['a broken element', inside('<samlp:Unknown/>'), ['Requester']],
    [
      'SimpleSign for the Response',
      { attributes: { ProtocolBinding: `${urn}:2.0:bindings:HTTP-POST-SimpleSign` } },
      ['Requester', 'UnsupportedBinding'],
    ],
    [
      'PAOS for the Response',
      { attributes: { ProtocolBinding: `${urn}:2.0:bindings:PAOS` } },
      ['Requester', 'UnsupportedBinding'],
    ],
  ];
  for (const [what, options, status] of answered) {
    it(`${what} is answered at once, signed, with the ID and the RelayState: ${status.join(' ')}`, async () => {
      const id = '_the-request';
      const page = await ask(new Visitor(house.url), plain, { id, ...options });
      const { xml, location, relayState } = responseOf(page);
      assert.equal(page.status, 200);
      assert.deepEqual([location, relayState, statusOf(xml)], [plain.acs, 'state', [...status]]);
      assert.match(xml, / InResponseTo="_the-request"/);
      assert.match(xml, /<ds:SignatureValue>/);
      assertValidBySchema([xml], 'protocol');
      const event = house.events.findLast(({ event: kind }) => kind === 'signin.refused');
      assert.deepEqual([event?.request, event?.serviceProvider], [id, plain.entityID]);
    });
  }

  it('what the person may cause by reloading is told first, and leads back', async () => {
    const text = query(plain, {});
    await new Visitor(house.url).visit(`/saml/sso?${text}`);
    for (const page of [
      await new Visitor(house.url).visit(`/saml/sso?${text}`),
      await ask(new Visitor(house.url), plain, { issueInstant: house.now() - 86_400_000 }),
      await ask(new Visitor(house.url), plain, { issueInstant: house.now() + 86_400_000 }),
    ]) {
      assert.equal(page.status, 400);
      assert.ok(page.reference !== undefined);
      const { xml, location } = responseOf(page);
      assert.deepEqual([location, statusOf(xml)], [plain.acs, ['Requester', 'RequestDenied']]);
    }
  });

  it('an ID that is none is not repeated', async () => {
    for (const id of ['1', 'a:b', '&lt;&quot;']) {
      const { xml } = responseOf(await ask(new Visitor(house.url), plain, { id }));
      assert.deepEqual(statusOf(xml), ['Requester']);
      assert.doesNotMatch(xml, /InResponseTo/);
    }
  });

  for (const [what, text, reason] of [
    [
      'an ACS that is not registered',
      () => query(plain, { attributes: { AssertionConsumerServiceURL: 'https://evil.example/' } }),
      'acs-not-registered',
    ],
    ['an unsigned request of one who signs', () => query(signer, {}), 'signature-missing'],
    ['a spoilt unsigned request of one who signs', () => query(signer, { attributes: { Version: '1.1' } }), 'signature-missing'],
    [
      'a signature that fits no key',
      () => query(signer, {}, true).replace('RelayState=state', 'RelayState=other'),
      'signature-invalid',
    ],
    ['an unknown issuer', () => query(at('stranger'), {}), 'service-provider-unknown'],
  ] as const) {
    it(`${what} is told on a page that leads nowhere`, async () => {
      const page = await new Visitor(house.url).visit(`/saml/sso?${text()}`);
      assert.equal(page.form, undefined);
      assert.ok(page.status >= 400 && page.reference !== undefined);
      assert.equal(house.events.findLast(({ event }) => event === 'signin.refused')?.reason, reason);
    });
  }

  it('SimpleSign of a request is refused by name', async () => {
    const fields = plain.postFields(plain.authnRequest(undefined), { sign: false });
    const body = new URLSearchParams({
      ...fields,
      SigAlg: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
      Signature: 'AAAA',
    });
    const page = await new Visitor(house.url).visit('/saml/sso', { method: 'POST', body });
    assert.equal(page.form, undefined);
    const event = house.events.findLast(({ event: kind }) => kind === 'signin.refused');
    assert.equal(event?.reason, 'binding-unsupported');
    assert.equal(event.detail?.binding, `${urn}:2.0:bindings:HTTP-POST-SimpleSign`);
  });

  it('a signed request of one who signs is answered, whatever else is wrong with it', async () => {
    const page = await new Visitor(house.url).visit(`/saml/sso?${query(signer, { attributes: { Version: '3.0' } }, true)}`);
    assert.deepEqual(statusOf(responseOf(page).xml), ['VersionMismatch']);
  });
});
