/** Envelopes that hold a message which the service provider signed, and another one that is to be believed in its place. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ForeignServiceProvider, makeCredential } from '../fixtures/foreign-service-provider.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { basic, envelope, httpArtifact, paos, soapPost, soapStatusOf, type SoapAnswer } from '../fixtures/soap-client.ts';
import { Visitor } from '../fixtures/visitor.ts';
import { signatureOf } from './scene.ts';

const soap = 'http://schemas.xmlsoap.org/soap/envelope/';
const alice = basic('alice', 'Passw0rd!');

let house: House;
let site: ForeignServiceProvider;
before(async () => {
  site = new ForeignServiceProvider(await makeCredential(), 'https://signing.example.net');
  const service = (index: number, binding: string): string =>
    `<md:AssertionConsumerService index="${String(index)}" Binding="${binding}" Location="${site.acs}"/>`;
  const xml = site.metadata({
    role: { AuthnRequestsSigned: 'true' },
    assertionConsumerServices: service(0, httpArtifact) + service(1, paos),
  });
  house = await openHouse({ config: { ecp: { enabled: true } }, metadata: [{ xml }] });
});
after(() => house.close());

/** What an attacker has of the service provider, and what they would have it say. */
interface Pair {
  readonly signed: string;
  readonly wanted: string;
}

const without = (xml: string, part: string): string => xml.replace(part, '');
const afterIssuer = (xml: string, part: string): string => xml.replace(/<saml:Issuer>.*?<\/saml:Issuer>/, `$&${part}`);
const idOf = (xml: string): string => / ID="([^"]*)"/.exec(xml)?.[1] ?? '';
const within = (signature: string, part: string): string => signature.replace('</ds:Signature>', `${part}</ds:Signature>`);
const bodies = (...contents: readonly string[]): string =>
  `<S:Envelope xmlns:S="${soap}">${contents.map((content) => `<S:Body>${content}</S:Body>`).join('')}</S:Envelope>`;

const wrappings: readonly (readonly [name: string, wrap: (pair: Pair) => string])[] = [
  ['the wanted one alone', ({ wanted }) => envelope(wanted)],
  ['the signed one in the header', ({ signed, wanted }) => envelope(wanted, signed)],
  [
    'the signed one in the header, its signature in the wanted one',
    ({ signed, wanted }) => envelope(afterIssuer(wanted, signatureOf(signed)), without(signed, signatureOf(signed))),
  ],
  [
    'the same under one ID',
    ({ signed, wanted }) =>
      envelope(
        afterIssuer(wanted.replace(idOf(wanted), idOf(signed)), signatureOf(signed)),
        without(signed, signatureOf(signed)),
      ),
  ],
  ['the signed one first', ({ signed, wanted }) => envelope(signed + wanted)],
  ['the signed one second', ({ signed, wanted }) => envelope(wanted + signed)],
  ['a body each, the signed one first', ({ signed, wanted }) => bodies(signed, wanted)],
  ['a body each, the signed one second', ({ signed, wanted }) => bodies(wanted, signed)],
  ['a body in the header', ({ signed, wanted }) => envelope(wanted, `<S:Body>${signed}</S:Body>`)],
  ['an envelope in the body', ({ signed }) => envelope(envelope(signed))],
  [
    'a header behind the body',
    ({ signed, wanted }) => bodies(wanted).replace('</S:Envelope>', `<S:Header>${signed}</S:Header>$&`),
  ],
  [
    'a body of another namespace before it',
    ({ signed, wanted }) => bodies(wanted).replace('<S:Body>', `<Body xmlns="urn:x">${signed}</Body>$&`),
  ],
  [
    'the signed one in an object of its signature',
    ({ signed, wanted }) =>
      envelope(
        afterIssuer(wanted, within(signatureOf(signed), `<ds:Object>${without(signed, signatureOf(signed))}</ds:Object>`)),
      ),
  ],
  [
    'the signed one in its extensions',
    ({ signed, wanted }) =>
      envelope(
        afterIssuer(wanted, `${signatureOf(signed)}<samlp:Extensions>${without(signed, signatureOf(signed))}</samlp:Extensions>`),
      ),
  ],
  ['the signed one as a child', ({ signed, wanted }) => envelope(wanted.replace(/<\/samlp:\w+>$/, `${signed}$&`))],
  [
    'a prefix that means something else around it',
    ({ signed, wanted }) =>
      envelope(without(wanted, ' xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"'), signed).replace(
        '<S:Body>',
        '<S:Body xmlns:samlp="urn:x">',
      ),
  ],
];

/** Nothing is told of anybody. */
function assertNothing(answer: SoapAnswer): void {
  assert.equal(answer.count('//saml:Assertion | //saml:EncryptedAssertion'), 0, answer.text);
  assert.notEqual(soapStatusOf(answer)[0], 'Success', answer.text);
  assert.ok([403, 500].includes(answer.status), answer.text);
  assert.match(house.events.at(-1)?.event ?? '', /\.refused$/);
}

describe('a client that changes what it was given', () => {
  const ask = (body: string): Promise<SoapAnswer> => soapPost(`${house.url}/saml/ecp`, body, alice);
  const make = (): Pair => ({
    signed: site.sign(site.authnRequest(undefined, { attributes: { ForceAuthn: 'true' } })),
    wanted: site.authnRequest(undefined, { content: '<samlp:NameIDPolicy AllowCreate="true"/>' }),
  });

  it('is answered as long as it does not', async () => {
    assert.deepEqual(soapStatusOf(await ask(envelope(make().signed))), ['Success']);
  });
  for (const [name, wrap] of wrappings) {
    it(`has nothing of ${name}`, async () => {
      assertNothing(await ask(wrap(make())));
    });
  }
  it('has nothing of the session of a browser', async () => {
    const visitor = new Visitor(house.url);
    await visitor.signIn('bob', 'Passw0rd!');
    assert.ok(visitor.cookie !== undefined);
    const answer = await soapPost(`${house.url}/saml/ecp`, envelope(make().signed), { Cookie: visitor.cookie });
    assert.equal(answer.status, 401);
    assert.equal(answer.count('//saml:Assertion'), 0);
  });
});

describe('whoever came by an artifact, and has heard another be resolved', () => {
  const resolve = (body: string): Promise<SoapAnswer> => soapPost(`${house.url}/saml/artifact`, body);

  async function newArtifact(): Promise<string> {
    const visitor = new Visitor(house.url);
    const xml = site.sign(site.authnRequest(`${house.url}/saml/sso`));
    const arrived = await visitor.visit('/saml/sso', {
      method: 'POST',
      body: new URLSearchParams({ SAMLRequest: Buffer.from(xml).toString('base64') }),
    });
    const page = await visitor.fill(arrived, 'alice', 'Passw0rd!');
    return page.form?.fields.SAMLart ?? '';
  }

  for (const [name, wrap] of wrappings) {
    it(`has nothing of ${name}`, async () => {
      const artifact = await newArtifact();
      assertNothing(
        await resolve(
          wrap({
            signed: site.sign(site.artifactResolve(undefined, await newArtifact())),
            wanted: site.artifactResolve(undefined, artifact),
          }),
        ),
      );
      const answer = await resolve(envelope(site.sign(site.artifactResolve(undefined, artifact))));
      assert.deepEqual(soapStatusOf(answer), ['Success', 'Success']);
    });
  }

  it('has nothing after a restart either, and the service provider all of it, once', async () => {
    const artifact = await newArtifact();
    const spent = site.sign(site.artifactResolve(undefined, await newArtifact()));
    assert.deepEqual(soapStatusOf(await resolve(envelope(spent))), ['Success', 'Success']);
    await house.restart();
    const again = await resolve(envelope(spent));
    assert.equal(again.count('//saml:Assertion'), 0);
    assert.equal(house.events.at(-1)?.reason, 'request-replayed');
    const fetch = (): Promise<SoapAnswer> => resolve(envelope(site.sign(site.artifactResolve(undefined, artifact))));
    const answers = await Promise.all([fetch(), fetch(), fetch()]);
    assert.equal(answers.filter(({ text }) => text.includes('<saml:Assertion')).length, 1);
  });
});

describe('a RelayState on its way with an artifact', () => {
  for (const [what, relayState] of [
    ['a header of its own', 'a\r\nSet-Cookie: session=evil\r\nLocation: https://evil.example.net/'],
    ['parameters of its own', 'a&SAMLart=evil#fragment?x=y'],
    ['another place', '//evil.example.net/\\@x'],
  ] as const) {
    it(`does not bring ${what}`, async () => {
      const visitor = new Visitor(house.url);
      const ask = () => {
        const xml = site.authnRequest(`${house.url}/saml/sso`);
        return `/saml/sso?${site.redirectQuery(xml, { relayState })}`;
      };
      await visitor.fill(await visitor.visit(ask()), 'alice', 'Passw0rd!');
      const { status, headers } = await visitor.request(ask());
      assert.equal(status, 303);
      const url = new URL(headers.get('location') ?? '');
      assert.deepEqual([url.origin + url.pathname, url.hash], [site.acs, '']);
      assert.deepEqual([...url.searchParams.keys()], ['SAMLart', 'RelayState']);
      assert.equal(url.searchParams.get('RelayState'), relayState);
      assert.deepEqual(headers.getSetCookie(), []);
    });
  }
});
