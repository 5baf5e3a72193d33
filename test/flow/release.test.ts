/** Attribute release over HTTP: what stands in the signed Response, whose judges are not ours, and what it costs the directory. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ForeignServiceProvider, makeCredential } from '../fixtures/foreign-service-provider.ts';
import { acs, entityID, openHouse, type House } from '../fixtures/house.ts';
import { openPeople, type People } from '../fixtures/people.ts';
import { responseOf, textOf, Visitor, type RequestOptions } from '../fixtures/visitor.ts';
import { assertValidBySchema, assertVerifiedByXmlsec } from '../fixtures/xml-judges.ts';

const password = 'Ada-Passw0rd';
const SEARCH = 0x63;
let people: People;
let house: House;
let wiki: ForeignServiceProvider;
let entra: ForeignServiceProvider;
let stranger: ForeignServiceProvider;
before(async () => {
  const credential = await makeCredential();
  wiki = new ForeignServiceProvider(credential, 'https://wiki.example.net');
  entra = new ForeignServiceProvider(credential, 'https://entra.example.net');
  stranger = new ForeignServiceProvider(credential, 'https://stranger.example.net');
  people = await openPeople([
    {
      name: 'ada',
      password,
      upn: 'ada@example.com',
      attributes: {
        objectGUID: '\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0009abcdef',
        userCertificate: '0\u0003<&>',
        memberOf: 'CN=svc,DC=corp,DC=example,DC=com',
        displayName: '<Ada> & "Co"',
      },
    },
  ]);
  house = await openHouse({
    ldap: people.ldap,
    config: {
      serviceProviders: [{ kind: 'google-profile', entityId: entityID, acsUrl: acs, attributes: { displayName: 'displayName' } }],
      release: [
        {
          to: { entityIds: wiki.entityID },
          attributes: {
            'urn:oid:2.16.840.1.113730.3.1.241': { from: 'displayName', friendlyName: 'display"Name"' },
            certificate: 'userCertificate',
            guid: { from: 'objectGUID', as: 'base64' },
            sids: { groups: 'sid' },
            service: { text: ['a', 'b'], nameFormat: 'urn:example:format' },
          },
        },
      ],
    },
    metadata: [
      { xml: wiki.metadata() },
      { xml: entra.metadata(), preset: 'microsoft-entra' as const },
      { xml: stranger.metadata() },
    ].map((one) => ({ ...one, encrypt: 'never' as const })),
  });
});
after(async () => {
  await house.close();
  await people.close();
});

async function signIn(site?: ForeignServiceProvider, more: RequestOptions = {}): Promise<string> {
  const to = site && { issuer: site.entityID, attributes: { AssertionConsumerServiceURL: site.acs, ...more.attributes } };
  return responseOf(await new Visitor(house.url).signIn('ada', password, { ...more, ...to })).xml;
}

describe('a Response', () => {
  it('bears attributes as the standard writes them, and its signatures hold', async () => {
    const xml = await signIn(wiki);
    const [statement = ''] = /<saml:AttributeStatement>.*<\/saml:AttributeStatement>/s.exec(xml) ?? [];
    const format = 'urn:oasis:names:tc:SAML:2.0:attrname-format';
    const value = (text: string): string => `<saml:AttributeValue>${text}</saml:AttributeValue>`;
    const attribute = (about: string, ...values: readonly string[]): string =>
      `<saml:Attribute ${about}>${values.map(value).join('')}</saml:Attribute>`;
    const [sid = ''] = /S-1-5-21-[\d-]+/.exec(statement) ?? [];
    assert.equal(
      statement,
      `<saml:AttributeStatement>${[
        attribute(
          `FriendlyName="display&quot;Name&quot;" Name="urn:oid:2.16.840.1.113730.3.1.241" NameFormat="${format}:uri"`,
          '&lt;Ada&gt; &amp; "Co"',
        ),
        attribute(`Name="certificate" NameFormat="${format}:basic"`, Buffer.from('0\u0003<&>').toString('base64')),
        attribute(`Name="guid" NameFormat="${format}:basic"`, 'AAECAwQFBgcICWFiY2RlZg=='),
        attribute(`Name="sids" NameFormat="${format}:basic"`, sid),
        attribute('Name="service" NameFormat="urn:example:format"', 'a', 'b'),
      ].join('')}</saml:AttributeStatement>`,
    );
    assertValidBySchema([xml], 'protocol');
    const certificate = await (await fetch(`${house.url}/saml/certificate.pem`)).text();
    for (const element of ['Response', 'Assertion']) assertVerifiedByXmlsec(xml, element, certificate);
  });

  it('tells a service provider without a rule nothing', async () => {
    assert.doesNotMatch(await signIn(stranger), /AttributeStatement/);
  });

  it('names people to Microsoft Entra by their immutable ID, although it may not create one', async () => {
    const persistent = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
    for (const content of [`<samlp:NameIDPolicy Format="${persistent}"/>`, '']) {
      const xml = await signIn(entra, { content });
      assert.match(xml, new RegExp(`<saml:NameID Format="${persistent}">AAECAwQFBgcICWFiY2RlZg==</saml:NameID>`));
      assert.match(xml, /Name="IDPEmail"[^>]*><saml:AttributeValue>ada@example\.com</);
    }
  });
});

describe('the directory', () => {
  it('is asked for more by those service providers alone whose rules need it', async () => {
    const searches = async (site?: ForeignServiceProvider): Promise<number> => {
      const before = people.asked.filter((operation) => operation === SEARCH).length;
      const xml = await signIn(site);
      assert.equal(textOf(xml, 'NameID') === undefined, false);
      return people.asked.filter((operation) => operation === SEARCH).length - before;
    };
    const [plain, google, more] = [await searches(stranger), await searches(), await searches(wiki)];
    assert.equal(google, 2);
    assert.ok(plain <= google);
    // The person once more; the groups are remembered.
    assert.equal(more - plain, 1);
  });
});
