/** Enhanced clients over HTTP (saml-ecp-v2.0): name and password by HTTP Basic, one exchange, answers for the PAOS endpoint alone. */
import assert from 'node:assert/strict';
import { randomBytes, X509Certificate } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { refusals } from '../../src/refusal.ts';
import { ForeignServiceProvider, makeCredential, post, type MessageOptions } from '../fixtures/foreign-service-provider.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import {
  actorNext,
  basic,
  channelBindings,
  decrypted,
  envelope,
  httpArtifact,
  look,
  paos,
  soapPost,
  soapStatusOf,
  toUnderstand,
  type SoapAnswer,
} from '../fixtures/soap-client.ts';
import { Visitor } from '../fixtures/visitor.ts';
import { assertValidBySchema, verifiedByXmlCrypto } from '../fixtures/xml-judges.ts';

const password = 'Passw0rd!';
const type = 'tls-server-end-point';
const fingerprint = randomBytes(32).toString('base64');
const alice = basic('alice', password);

const credential = await makeCredential();
/** Plain; one that takes encrypted assertions; one that always signs; one without an endpoint for clients. */
const plain = new ForeignServiceProvider(credential, 'https://plain.example.net');
const secret = new ForeignServiceProvider(credential, 'https://secret.example.net');
const strict = new ForeignServiceProvider(credential, 'https://strict.example.net');
const browserOnly = new ForeignServiceProvider(credential, 'https://browser.example.net');

const service = (index: number, binding: string, location: string, isDefault?: boolean): string =>
  `<md:AssertionConsumerService index="${String(index)}"${isDefault === undefined ? '' : ` isDefault="${String(isDefault)}"`} Binding="${binding}" Location="${location}"/>`;
const services = (sp: ForeignServiceProvider): string =>
  service(0, post, sp.acs, true) + service(1, paos, `${sp.acs}/paos-other`, false) + service(2, paos, `${sp.acs}/paos`);
const paosOf = (sp: ForeignServiceProvider): string => `${sp.acs}/paos`;
const metadata = [
  {
    xml: plain.metadata({
      assertionConsumerServices: services(plain),
      endpoints: '<md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress</md:NameIDFormat>',
    }),
  },
  { xml: secret.metadata({ assertionConsumerServices: services(secret), keys: secret.keyDescriptor() }) },
  { xml: strict.metadata({ assertionConsumerServices: services(strict), role: { AuthnRequestsSigned: 'true' } }) },
  { xml: browserOnly.metadata() },
];

let house: House;
let certificate: string;
const others: House[] = [];
before(async () => {
  house = await openHouse({ config: { ecp: { enabled: true } }, metadata });
  certificate = await (await fetch(`${house.url}/saml/certificate.pem`)).text();
});
after(async () => {
  for (const other of others) await other.close();
  await house.close();
});

const endpoint = (at = house): string => `${at.url}/saml/ecp`;
/** A request as the service provider gives it to the client: without an endpoint it is for the default one. */
const request = (sp: ForeignServiceProvider, options: MessageOptions = {}): string =>
  sp.authnRequest(undefined, { ...options, attributes: { AssertionConsumerServiceURL: undefined, ...options.attributes } });
const ask = (body: string, headers: Readonly<Record<string, string>> = alice, header = '', at = house): Promise<SoapAnswer> =>
  soapPost(endpoint(at), envelope(body, header), headers);
const assertNoAssertion = (answer: SoapAnswer): void => {
  assert.equal(answer.count('//saml:Assertion') + answer.count('//saml:EncryptedAssertion'), 0, answer.text);
};
const lastEvent = (at = house) => at.events.at(-1);

describe('an enhanced client', () => {
  it('brings back a Response for the default endpoint over PAOS', async () => {
    const id = `_${randomBytes(16).toString('hex')}`;
    const answer = await ask(request(plain, { id }));
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.headers.get('content-type'), 'text/xml; charset=utf-8');
    assert.match(answer.headers.get('cache-control') ?? '', /no-store/);
    assert.deepEqual(answer.headers.getSetCookie(), []);
    assert.equal(answer.headers.get('access-control-allow-origin'), null);
    assert.deepEqual(soapStatusOf(answer), ['Success']);
    assert.equal(answer.value('/soap:Envelope/soap:Header/ecp:Response/@AssertionConsumerServiceURL'), paosOf(plain));
    assert.equal(answer.value('//ecp:Response/@soap:actor'), actorNext);
    assert.equal(answer.value('//ecp:Response/@soap:mustUnderstand'), '1');
    assert.equal(answer.count('//ecp:RequestAuthenticated'), 0);
    assert.equal(answer.count('//cb:ChannelBindings') + answer.count('//samlec:GeneratedKey') + answer.count('//saml:Advice'), 0);
    assert.equal(answer.value('//samlp:Response/@Destination'), paosOf(plain));
    assert.equal(answer.value('//samlp:Response/@InResponseTo'), id);
    const confirmation =
      '//saml:SubjectConfirmation[@Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"]/saml:SubjectConfirmationData';
    assert.equal(answer.value(`${confirmation}/@Recipient`), paosOf(plain));
    assert.equal(answer.value(`${confirmation}/@InResponseTo`), id);
    assert.equal(answer.value('//saml:NameID'), 'alice.liddell@example.com');
    assert.equal(answer.value('//saml:Audience'), plain.entityID);
    for (const element of ['Response', 'Assertion']) verifiedByXmlCrypto(answer.text, element, certificate);
    assertValidBySchema([/<samlp:Response.*<\/samlp:Response>/s.exec(answer.text)?.[0] ?? ''], 'protocol');
    assert.equal(lastEvent()?.event, 'signin.issued');
  });

  for (const [what, attributes, location] of [
    ['the URL of an endpoint', { AssertionConsumerServiceURL: `${plain.acs}/paos-other` }, `${plain.acs}/paos-other`],
    ['an index', { AssertionConsumerServiceIndex: '1' }, `${plain.acs}/paos-other`],
    ['the binding', { ProtocolBinding: paos }, paosOf(plain)],
    ['URL and binding', { AssertionConsumerServiceURL: paosOf(plain), ProtocolBinding: paos }, paosOf(plain)],
  ] as const) {
    it(`goes where the request asks by ${what}`, async () => {
      const answer = await ask(request(plain, { attributes }));
      assert.deepEqual(soapStatusOf(answer), ['Success'], answer.text);
      assert.equal(answer.value('//ecp:Response/@AssertionConsumerServiceURL'), location);
      assert.equal(answer.value('//saml:SubjectConfirmationData/@Recipient'), location);
    });
  }

  it('learns that the service provider proved its request', async () => {
    const answer = await ask(plain.sign(request(plain)));
    assert.deepEqual(soapStatusOf(answer), ['Success']);
    assert.equal(answer.value('//soap:Header/ecp:RequestAuthenticated/@soap:actor'), actorNext);
    const addressed = await ask(plain.sign(request(plain, { attributes: { Destination: endpoint() } })));
    assert.deepEqual(soapStatusOf(addressed), ['Success']);
  });

  it('is asked for a name and password, and comes back with the same request, which then counts once', async () => {
    const body = request(plain);
    const challenged = await ask(body, {});
    assert.equal(challenged.status, 401);
    assert.equal(challenged.headers.get('www-authenticate'), `Basic realm="${house.url}", charset="UTF-8"`);
    const events = house.events.length;
    assert.equal((await ask(body, { Authorization: 'Bearer x' })).status, 401);
    assert.equal(house.events.length, events, 'a challenge is no refusal');
    assert.deepEqual(soapStatusOf(await ask(body)), ['Success']);
    const again = await ask(body);
    assert.deepEqual(soapStatusOf(again), [...refusals['request-replayed'].status]);
    assertNoAssertion(again);
    assert.equal(lastEvent()?.reason, 'request-replayed');
    assert.equal((await ask(body, {})).status, 401);
  });

  it('answers one of the requests that come at once', async () => {
    const body = request(plain);
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(body)));
    assert.equal(answers.filter((answer) => soapStatusOf(answer)[0] === 'Success').length, 1);
  });

  it('answers a request once, whichever way it came first', async () => {
    const xml = plain.authnRequest(undefined, { attributes: { AssertionConsumerServiceURL: undefined } });
    await new Visitor(house.url).visit(`/saml/sso?${plain.redirectQuery(xml, { sign: false })}`);
    assert.deepEqual(soapStatusOf(await ask(xml)), [...refusals['request-replayed'].status]);
    assert.equal(lastEvent()?.reason, 'request-replayed');
  });

  it('is not asked where nobody may be', async () => {
    const attributes = { IsPassive: 'true' };
    const answer = await ask(request(plain, { attributes }), {});
    assert.deepEqual([answer.status, ...soapStatusOf(answer)], [200, 'Responder', 'NoPassive']);
    assert.deepEqual(soapStatusOf(await ask(request(plain, { attributes }))), ['Success']);
    assert.deepEqual(soapStatusOf(await ask(request(plain, { attributes: { ForceAuthn: 'true' } }))), ['Success']);
  });

  it('leaves no session behind', async () => {
    const before = await new Visitor(house.url).visit('/');
    assert.equal(before.status, 200);
    const answer = await ask(request(plain));
    assert.deepEqual(answer.headers.getSetCookie(), []);
    assert.notEqual(
      (await ask(request(plain))).value('//saml:AuthnStatement/@SessionIndex'),
      answer.value('//saml:AuthnStatement/@SessionIndex'),
    );
  });
});

describe('names and passwords', () => {
  for (const [what, headers] of [
    ['a wrong password', basic('alice', 'wrong')],
    ['an unknown name', basic('nobody-of-that-name', password)],
    ['no password', basic('alice', '')],
    ['a name with a colon, which ends at it', basic('alice:x', password)],
    ['NUL in the password', basic('alice', 'a\0b')],
    ['no name', basic('', password)],
  ] as const) {
    it(`are refused with the same words: ${what}`, async () => {
      const answer = await ask(request(plain), headers);
      assert.equal(answer.status, 401);
      assert.match(answer.headers.get('www-authenticate') ?? '', /^Basic realm="[^"]+", charset="UTF-8"$/);
      assert.match(answer.text, /^not-accepted, reference [0-9A-Z]{4}-[0-9A-Z]{6}$/);
      assert.equal(lastEvent()?.event, 'signin.refused');
      assert.match(answer.text, new RegExp(`${lastEvent()?.reference ?? '-'}$`));
      assert.doesNotMatch(JSON.stringify(lastEvent()), /Passw0rd/);
    });
  }

  for (const [what, authorization] of [
    ['another scheme', 'Negotiate YII='],
    ['no base64', 'Basic !!!!'],
    ['no colon', `Basic ${Buffer.from('alice').toString('base64')}`],
    ['another charset', `Basic ${Buffer.from('al\u00efce:x', 'latin1').toString('base64')}`],
    ['nothing', 'Basic'],
  ] as const) {
    it(`are asked for again where there is ${what}`, async () => {
      assert.equal((await ask(request(plain), { Authorization: authorization })).status, 401);
    });
  }

  it('may hold any character and any colon', async () => {
    const answer = await ask(request(plain), basic('alice', 'p:\u00fc:\u6d4b'));
    assert.equal(answer.status, 401);
    assert.equal(lastEvent()?.reason, 'password-wrong');
  });

  it('are no way to ask another site’s browser: a form’s types are none of ours', async () => {
    for (const form of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x']) {
      const answer = await soapPost(endpoint(), envelope(request(plain)), { ...alice, 'Content-Type': form });
      assert.deepEqual([answer.status, answer.value('//faultcode')], [500, 'soap:Client']);
      assert.equal(lastEvent()?.reason, 'soap-malformed');
    }
    const preflight = await fetch(endpoint(), {
      method: 'OPTIONS',
      headers: { Origin: 'https://evil.example.net', 'Access-Control-Request-Method': 'POST' },
    });
    assert.equal(preflight.status, 405);
    assert.equal(preflight.headers.get('access-control-allow-origin'), null);
  });

  it('are throttled together with the form’s, in both directions', async () => {
    const at = await openHouse({
      config: { ecp: { enabled: true }, throttle: { floor: '1ms', attemptsPerAccount: 3, attemptsPerAddress: 10_000 } },
      metadata,
    });
    others.push(at);
    const guess = (headers: Readonly<Record<string, string>>) => ask(request(plain), headers, '', at);
    assert.equal((await guess(basic('bob', 'wrong1'))).status, 401);
    assert.equal((await guess(basic('CORP\\bob', 'wrong2'))).status, 401);
    const byForm = (typed: string) =>
      new Visitor(at.url).signIn('BOB', typed, {
        issuer: browserOnly.entityID,
        attributes: { AssertionConsumerServiceURL: browserOnly.acs },
      });
    assert.equal((await byForm('wrong3')).status, 401);
    const refused = await guess(basic('bob', password));
    assert.deepEqual([refused.status, ...soapStatusOf(refused)], [200, 'Responder', 'AuthnFailed']);
    assert.match(refused.value('//samlp:StatusMessage'), /^too-many-attempts, reference /);
    assert.ok(Number(refused.headers.get('retry-after')) >= 60);
    assertNoAssertion(refused);
    assert.equal(lastEvent(at)?.reason, 'attempts-exhausted');
    assert.equal((await byForm(password)).status, 429);
    // As the form's, each answers as soon as the other: nobody else's name is affected.
    assert.deepEqual(soapStatusOf(await guess(alice)), ['Success']);
  });

  it('take as long as the form’s when they are refused', async () => {
    const at = await openHouse({ config: { ecp: { enabled: true }, throttle: { floor: '150ms' } }, metadata });
    others.push(at);
    for (const name of ['alice', 'nobody-of-that-name']) {
      const began = performance.now();
      assert.equal((await ask(request(plain), basic(name, 'wrong'), '', at)).status, 401);
      assert.ok(performance.now() - began >= 145);
    }
  });
});

describe('channel bindings', () => {
  const same = channelBindings(type, fingerprint);
  const sent = channelBindings(type, fingerprint, toUnderstand);
  const other = randomBytes(32).toString('base64');
  const asking = (bindings: string, signed = true): string => {
    const xml = request(plain, { content: `<samlp:Extensions>${bindings}</samlp:Extensions>` });
    return signed ? plain.sign(xml) : xml;
  };

  it('are told to both sides once they agree in a signed request', async () => {
    const answer = await ask(asking(channelBindings('tls-unique', other) + same), alice, sent);
    assert.deepEqual(soapStatusOf(answer), ['Success'], answer.text);
    assert.equal(answer.count('//cb:ChannelBindings'), 2);
    assert.equal(answer.value(`//soap:Header/cb:ChannelBindings[@Type="${type}"]`), fingerprint);
    assert.equal(answer.value('//soap:Header/cb:ChannelBindings/@soap:actor'), actorNext);
    assert.equal(answer.value('//soap:Header/cb:ChannelBindings/@soap:mustUnderstand'), '1');
    assert.equal(answer.value(`//saml:Assertion/saml:Advice/cb:ChannelBindings[@Type="${type}"]`), fingerprint);
    for (const element of ['Response', 'Assertion']) verifiedByXmlCrypto(answer.text, element, certificate);
    assertValidBySchema([/<samlp:Response.*<\/samlp:Response>/s.exec(answer.text)?.[0] ?? ''], 'protocol');
  });

  it('fit whatever white space the client writes', async () => {
    const answer = await ask(
      asking(same),
      alice,
      channelBindings(type, `\n  ${fingerprint.slice(0, 8)}\n  ${fingerprint.slice(8)}\n`),
    );
    assert.deepEqual(soapStatusOf(answer), ['Success']);
  });

  for (const [what, body, header] of [
    ['differ', () => asking(same), channelBindings(type, other, toUnderstand)],
    ['are of different types', () => asking(same), channelBindings('tls-unique', fingerprint, toUnderstand)],
    ['come from the service provider alone', () => asking(same), ''],
    ['come from the client alone', () => plain.sign(request(plain)), sent],
    ['come from the client alone, with a request that is not signed', () => request(plain), sent],
    ['agree in a request that is not signed', () => asking(same, false), sent],
    ['are no base64 on both sides', () => asking(channelBindings(type, '%')), channelBindings(type, '%')],
    ['are empty on both sides', () => asking(channelBindings(type, '')), channelBindings(type, '')],
    ['are another actor’s', () => asking(same), channelBindings(type, fingerprint, ' S:actor="urn:somebody"')],
  ] as const) {
    it(`refuse where they ${what}`, async () => {
      const answer = await ask(body(), alice, header);
      assert.deepEqual([answer.status, ...soapStatusOf(answer)], [200, 'Requester', 'RequestDenied'], answer.text);
      assertNoAssertion(answer);
      assert.equal(answer.count('//cb:ChannelBindings'), 0);
      assert.equal(answer.value('//ecp:Response/@AssertionConsumerServiceURL'), paosOf(plain));
      verifiedByXmlCrypto(answer.text, 'Response', certificate);
      assert.equal(lastEvent()?.reason, 'channel-bindings-unverified');
    });
  }

  it('are looked at before anybody is asked for a password', async () => {
    assert.deepEqual(soapStatusOf(await ask(asking(same), {}, '')), ['Requester', 'RequestDenied']);
  });
});

describe('the key of SAML-EC', () => {
  const sessionKey = `<samlec:SessionKey xmlns:samlec="urn:ietf:params:xml:ns:samlec"${toUnderstand}><samlec:EncType>17</samlec:EncType></samlec:SessionKey>`;

  it('is the client’s in a header and the service provider’s in an encrypted assertion', async () => {
    const keys = new Set<string>();
    for (const header of [sessionKey, '']) {
      const answer = await ask(request(secret), alice, header);
      assert.deepEqual(soapStatusOf(answer), ['Success'], answer.text);
      assert.equal(answer.count('//samlec:GeneratedKey'), 1, 'in the clear, the header alone has it');
      const key = answer.value('//soap:Header/samlec:GeneratedKey');
      assert.equal(answer.value('//soap:Header/samlec:GeneratedKey/@soap:actor'), actorNext);
      assert.equal(Buffer.from(key, 'base64').length, 32);
      assert.equal(answer.count('//saml:EncryptedAssertion'), 1);
      const opened = look(decrypted(/<samlp:Response.*<\/samlp:Response>/s.exec(answer.text)?.[0] ?? '', credential.privateKey));
      assert.equal(opened.value('//saml:Assertion/saml:Advice/samlec:GeneratedKey'), key);
      assert.equal(opened.value('//saml:SubjectConfirmationData/@Recipient'), paosOf(secret));
      keys.add(key);
    }
    assert.equal(keys.size, 2);
  });

  it('is not made where the assertion cannot be encrypted', async () => {
    const answer = await ask(request(plain), alice, sessionKey);
    assert.deepEqual(soapStatusOf(answer), ['Success']);
    assert.equal(answer.count('//samlec:GeneratedKey'), 0);
  });

  it('is not made for a refusal', async () => {
    const answer = await ask(request(secret, { attributes: { IsPassive: 'true' } }), {}, sessionKey);
    assert.equal(answer.count('//samlec:GeneratedKey'), 0);
  });

  it('goes along with channel bindings', async () => {
    const content = `<samlp:Extensions>${channelBindings(type, fingerprint)}</samlp:Extensions>`;
    const answer = await ask(secret.sign(request(secret, { content })), alice, channelBindings(type, fingerprint));
    const opened = look(decrypted(/<samlp:Response.*<\/samlp:Response>/s.exec(answer.text)?.[0] ?? '', credential.privateKey));
    assert.equal(opened.value('//saml:Advice/cb:ChannelBindings'), fingerprint);
    assert.equal(opened.value('//saml:Advice/samlec:GeneratedKey'), answer.value('//soap:Header/samlec:GeneratedKey'));
  });
});

describe('refusals', () => {
  it('of the person reach the service provider as a signed Response', async () => {
    const answer = await ask(plain.sign(request(plain)), basic('pwexpired', password));
    assert.deepEqual([answer.status, ...soapStatusOf(answer)], [200, 'Responder', 'AuthnFailed'], answer.text);
    assert.equal(answer.value('//ecp:Response/@AssertionConsumerServiceURL'), paosOf(plain));
    assert.equal(answer.count('//ecp:RequestAuthenticated'), 1);
    assert.equal(answer.value('//samlp:Response/@Destination'), paosOf(plain));
    assertNoAssertion(answer);
    verifiedByXmlCrypto(answer.text, 'Response', certificate);
    assert.equal(lastEvent()?.reason, 'password-expired');
  });

  for (const [what, body, reason] of [
    [
      'a NameID that is not offered',
      () =>
        request(plain, { content: '<samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"/>' }),
      'name-id-policy-unsupported',
    ],
    [
      'an authentication context that cannot be met',
      () =>
        request(plain, {
          content:
            '<samlp:RequestedAuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:X509</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>',
        }),
      'authn-context-unmet',
    ],
    ['a request that is too old', () => request(plain, { issueInstant: Date.now() - 3_600_000 }), 'request-stale'],
    [
      'another destination',
      () => request(plain, { attributes: { Destination: `${house.url}/saml/sso` } }),
      'request-wrong-destination',
    ],
  ] as const) {
    it(`are told to the service provider: ${what}`, async () => {
      const answer = await ask(body());
      assert.deepEqual([answer.status, ...soapStatusOf(answer)], [200, ...refusals[reason].status], answer.text);
      assertNoAssertion(answer);
      assert.equal(lastEvent()?.reason, reason);
    });
  }

  const acsOf = (sp: ForeignServiceProvider, location: string) =>
    request(sp, { attributes: { AssertionConsumerServiceURL: location } });
  for (const [what, body, reason] of [
    [
      'an unknown service provider',
      () => new ForeignServiceProvider(credential, 'https://stranger.example.net').authnRequest(undefined),
      'service-provider-unknown',
    ],
    ['one without an endpoint for clients', () => request(browserOnly), 'acs-not-registered'],
    ['an endpoint that is not registered', () => acsOf(plain, 'https://evil.example.net/paos'), 'acs-not-registered'],
    ['one who must sign and does not', () => request(strict), 'signature-missing'],
    [
      'a signature that is somebody else’s',
      () =>
        strict
          .sign(request(strict))
          .replace('<saml:Issuer>', '<saml:Issuer >')
          .replace(/ ID="_./, ' ID="_z'),
      'signature-malformed',
    ],
    ['a message that is no AuthnRequest', () => plain.artifactResolve(undefined, 'AAQA'), 'request-not-authn-request'],
  ] as const) {
    it(`are SOAP faults where no endpoint is certain: ${what}`, async () => {
      const answer = await ask(body());
      assert.deepEqual([answer.status, answer.value('//faultcode')], [500, 'soap:Client'], answer.text);
      assert.equal(answer.value('//faultstring'), `${reason}, reference ${lastEvent()?.reference ?? ''}`);
      assert.equal(lastEvent()?.reason, reason);
      assert.equal(answer.count('//samlp:Response'), 0);
    });
  }

  for (const [what, protocolBinding] of [
    ['HTTP-POST', post],
    ['HTTP-Artifact', httpArtifact],
  ] as const) {
    it(`meet a request for ${what}, which reaches no client`, async () => {
      const answer = await ask(request(plain, { attributes: { ProtocolBinding: protocolBinding } }));
      assert.deepEqual(soapStatusOf(answer), ['Requester', 'UnsupportedBinding'], answer.text);
      assert.equal(answer.value('//ecp:Response/@AssertionConsumerServiceURL'), paosOf(plain));
    });
  }

  for (const [what, xml, code] of [
    [
      'SOAP 1.2',
      () =>
        envelope(request(plain)).replace('http://schemas.xmlsoap.org/soap/envelope/', 'http://www.w3.org/2003/05/soap-envelope'),
      'VersionMismatch',
    ],
    [
      'a header that must be understood',
      () => envelope(request(plain), `<x:y xmlns:x="urn:x"${toUnderstand}/>`),
      'MustUnderstand',
    ],
    [
      'the service provider’s own headers',
      () => envelope(request(plain), `<paos:Request xmlns:paos="urn:liberty:paos:2003-08"${toUnderstand}/>`),
      'MustUnderstand',
    ],
    ['two messages', () => envelope(request(plain) + request(plain)), 'Client'],
    ['a DTD', () => `<!DOCTYPE a>${envelope(request(plain))}`, 'Client'],
    ['no SOAP', () => request(plain), 'Client'],
    ['a megabyte', () => envelope(`<a>${'x'.repeat(1_048_576)}</a>`), 'Client'],
    ['nothing', () => '', 'Client'],
  ] as const) {
    it(`are SOAP faults for ${what}`, async () => {
      const answer = await soapPost(endpoint(), xml(), alice);
      assert.deepEqual([answer.status, answer.value('//faultcode')], [500, `soap:${code}`], answer.text);
      assert.equal(lastEvent()?.event, 'signin.refused');
    });
  }
});

describe('the endpoint', () => {
  it('stands in the metadata once it is on', async () => {
    const xml = await (await fetch(`${house.url}/saml/metadata`)).text();
    assert.match(
      xml,
      /<md:SingleSignOnService xmlns:cb="[^"]*" Binding="[^"]*:SOAP" Location="[^"]*\/saml\/ecp" cb:supportsChannelBindings="true">/,
    );
    const [body] = /(?<=<ds:X509Certificate>)[^<]+/.exec(xml) ?? [];
    verifiedByXmlCrypto(xml, 'EntityDescriptor', new X509Certificate(Buffer.from(body ?? '', 'base64')).toString());
  });

  it('takes nothing but POST', async () => {
    assert.equal((await fetch(endpoint())).status, 405);
    assert.equal((await fetch(endpoint(), { method: 'HEAD' })).status, 405);
  });

  it('is off unless it is asked for', async () => {
    const at = await openHouse({ metadata });
    others.push(at);
    assert.equal((await ask(request(plain), alice, '', at)).status, 404);
    assert.doesNotMatch(await (await fetch(`${at.url}/saml/metadata`)).text(), /\/saml\/ecp/);
  });
});
