/** Enhanced Client or Proxy 2.0: a client that speaks SOAP to the house and carries the answer itself. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { ForeignServiceProvider, MessageOptions } from '../fixtures/foreign-service-provider.ts';
import { all, attribute, maybe, one, parse } from './dom.ts';
import { judgeFailureMessage, judgeMessage, type Answer } from './judge.ts';
import { at, plain } from './partners.ts';
import { requirement } from './requirement.ts';
import { credential, stage, type Stage, withHouse } from './stage.ts';

const soap = 'http://schemas.xmlsoap.org/soap/envelope/';
const next = 'http://schemas.xmlsoap.org/soap/actor/next';
const paos = (url: string, index = 1): string =>
  `<md:AssertionConsumerService index="${String(index)}" Binding="urn:oasis:names:tc:SAML:2.0:bindings:PAOS" Location="${url}"/>`;
const post = (url: string): string =>
  `<md:AssertionConsumerService index="0" isDefault="true" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${url}"/>`;
const paosBinding = 'urn:oasis:names:tc:SAML:2.0:bindings:PAOS';

let partner: ForeignServiceProvider;
/** Its metadata has a key to encrypt to. */
let encrypting: ForeignServiceProvider;
/** Its metadata has no endpoint over PAOS. */
let browsersOnly: ForeignServiceProvider;
const acsOf = (sp: ForeignServiceProvider): string => `${sp.acs}/paos`;

const open = stage(async () => {
  const key = await credential();
  [partner, encrypting, browsersOnly] = [at('sp', key), at('encrypting', key), at('browsers', key)];
  const services = (sp: ForeignServiceProvider) => ({ assertionConsumerServices: post(sp.acs) + paos(acsOf(sp)) });
  return {
    config: { ecp: { enabled: true } },
    metadata: [
      plain(partner, services(partner)),
      plain(encrypting, { ...services(encrypting), keys: encrypting.keyDescriptor() }),
      plain(browsersOnly),
    ],
  };
});

interface Call extends MessageOptions {
  readonly partner?: ForeignServiceProvider;
  readonly signed?: boolean;
  /** SOAP header blocks. */
  readonly header?: string;
  /** `name:password`; none where null. */
  readonly credentials?: string | null;
  /** The whole header of HTTP, in place of the credentials. */
  readonly authorization?: string;
  readonly envelope?: (xml: string) => string;
}

interface Exchange {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly id: string;
  readonly sp: ForeignServiceProvider;
}

async function call(set: Stage, options: Call = {}): Promise<Exchange> {
  const sp = options.partner ?? partner;
  const id = options.id ?? `_${randomBytes(16).toString('hex')}`;
  const endpoint = set.provider.endpoint('SingleSignOnService', 'SOAP');
  const attributes = { AssertionConsumerServiceURL: acsOf(sp), ProtocolBinding: paosBinding, ...options.attributes };
  const request = sp.authnRequest(endpoint, {
    ...options,
    id,
    attributes,
    issueInstant: options.issueInstant ?? set.house.now(),
  });
  const header = options.header === undefined ? '' : `<S:Header>${options.header}</S:Header>`;
  const message = options.signed === true ? sp.sign(request) : request;
  const xml = `<S:Envelope xmlns:S="${soap}">${header}<S:Body>${message}</S:Body></S:Envelope>`;
  const { credentials = 'alice:Passw0rd!' } = options;
  const basic = credentials === null ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`;
  const authorization = options.authorization ?? basic;
  const response = await fetch(endpoint, {
    method: 'POST',
    body: options.envelope?.(xml) ?? xml,
    headers: {
      'Content-Type': 'text/xml; charset=utf-8',
      ...(authorization !== undefined && { Authorization: authorization }),
    },
  });
  return { status: response.status, headers: response.headers, text: await response.text(), id, sp };
}

/** The envelope is one that an enhanced client takes; gives back its header and the message in its body. */
function unpack({ status, headers, text, sp }: Exchange): { header: Element; xml: string } {
  assert.equal(status, 200, text);
  assert.match(headers.get('content-type') ?? '', /^(text\/xml|application\/(soap\+|vnd\.paos\+)?xml)/);
  const envelope = parse(text);
  const header = one('soap:Header', envelope);
  const block = one('ecp:Response', header);
  assert.equal(attribute(block, 'AssertionConsumerServiceURL'), acsOf(sp));
  assert.equal(block.getAttributeNS(soap, 'mustUnderstand'), '1', 'saml-ecp-v2.0 §2.3.6');
  assert.equal(block.getAttributeNS(soap, 'actor'), next);
  assert.equal(all('soap:Body/*', envelope).length, 1);
  return { header, xml: /<(\w+):Body[^>]*>([^]*)<\/\1:Body>/.exec(text)?.[2] ?? '' };
}

function answered(set: Stage, exchange: Exchange): { header: Element; answer: Answer } {
  const { header, xml } = unpack(exchange);
  return { header, answer: judgeMessage(set, exchange.sp, xml, exchange.id, { acs: acsOf(exchange.sp) }) };
}

function failed(set: Stage, exchange: Exchange, status: string | readonly string[]): void {
  judgeFailureMessage(set, unpack(exchange).xml, exchange.id, status, acsOf(exchange.sp));
}

/** No Response at all: a fault of SOAP, or a refusal by HTTP. */
function turnedAway({ status, text }: Exchange): void {
  assert.ok(status >= 400 && status <= 500, `${String(status)} ${text}`);
  assert.doesNotMatch(text, /:Response[ >]|Assertion/);
}

requirement('IIP-IDP13', 'Enhanced Client or Proxy 2.0', (prove) => {
  for (const signed of [false, true]) {
    prove(`answers a ${signed ? 'signed' : 'plain'} request with a bearer assertion for the endpoint over PAOS`, async () => {
      const set = await open();
      const { answer, header } = answered(set, await call(set, { signed }));
      assert.equal(answer.nameID?.value, 'alice.liddell@example.com');
      // saml-ecp-v2.0 §2.3.6: it says whether the request was authenticated.
      assert.equal(maybe('ecp:RequestAuthenticated', header) !== undefined, signed);
    });
  }
  prove('encrypts the assertion where metadata has a key', async () => {
    const set = await open();
    const { answer } = answered(set, await call(set, { partner: encrypting }));
    assert.ok(answer.encryption !== undefined);
  });
  prove('takes header blocks that it need not understand', async () => {
    const set = await open();
    answered(set, await call(set, { header: '<e:block xmlns:e="urn:example:block">x</e:block>' }));
  });
  prove('refuses a header block for it that it must understand and does not', async () => {
    const set = await open();
    const exchange = await call(set, {
      header: `<e:block xmlns:e="urn:example:block" S:mustUnderstand="1" S:actor="${next}">x</e:block>`,
    });
    turnedAway(exchange);
    assert.match(exchange.text, /faultcode[^<]*>[^<]*:MustUnderstand</);
  });
  prove('leaves no session behind in the client', async () => {
    const set = await open();
    const { headers } = await call(set);
    assert.deepEqual(headers.getSetCookie(), []);
  });

  const bindings = (value: string, attributes = '', type = 'tls-server-end-point'): string =>
    `<cb:ChannelBindings xmlns:cb="urn:oasis:names:tc:SAML:protocol:ext:channel-binding" Type="${type}"${attributes}>${value}</cb:ChannelBindings>`;
  const block = (value: string, type?: string): string =>
    bindings(value, ` xmlns:S="${soap}" S:mustUnderstand="1" S:actor="${next}"`, type);
  const asked = (value: string): string => `<samlp:Extensions>${bindings(value)}</samlp:Extensions>`;
  const [one64, other64] = [
    Buffer.from('one channel').toString('base64'),
    Buffer.from('other channel').toString('base64'),
  ] as const;

  prove('channel bindings that agree are confirmed to the client and in the assertion', async () => {
    const set = await open();
    const exchange = await call(set, { signed: true, content: asked(one64), header: block(one64) });
    const { header, answer } = answered(set, exchange);
    const confirmed = one('cb:ChannelBindings', header);
    assert.equal(confirmed.textContent, one64);
    assert.equal(attribute(confirmed, 'Type'), 'tls-server-end-point');
    assert.equal(one('saml:Advice/cb:ChannelBindings', answer.assertion).textContent, one64);
  });
  prove('nothing is confirmed where nobody speaks of channel bindings', async () => {
    const set = await open();
    const { header, answer } = answered(set, await call(set, { signed: true }));
    assert.equal(maybe('cb:ChannelBindings', header), undefined);
    assert.equal(maybe('saml:Advice', answer.assertion), undefined);
  });
  const disagreements: readonly [string, Call][] = [
    ['differ', { signed: true, content: asked(one64), header: block(other64) }],
    ['differ in type', { signed: true, content: asked(one64), header: block(one64, 'tls-unique') }],
    ['are in the request alone', { signed: true, content: asked(one64) }],
    ['are in the header alone', { signed: true, header: block(one64) }],
    ['agree, yet nobody signed the request', { signed: false, content: asked(one64), header: block(one64) }],
  ];
  for (const [title, options] of disagreements) {
    prove(`channel bindings that ${title} end in an error`, async () => {
      const set = await open();
      const exchange = await call(set, options);
      assert.doesNotMatch(exchange.text, /:Assertion[ >]|EncryptedAssertion/);
      if (exchange.status === 200) assert.match(exchange.text, /:status:(Requester|Responder)"/);
      else turnedAway(exchange);
    });
  }
});

requirement('IIP-IDP14', 'HTTP Basic', (prove) => {
  prove('without credentials, it asks for them', async () => {
    const exchange = await call(await open(), { credentials: null });
    assert.equal(exchange.status, 401);
    assert.match(exchange.headers.get('www-authenticate') ?? '', /^Basic realm="/);
  });
  prove('the same request is answered once the credentials are there', async () => {
    const set = await open();
    const { id } = await call(set, { credentials: null });
    answered(set, await call(set, { id }));
  });
  for (const [title, credentials] of [
    ['a wrong password', 'bob:wrong'],
    ['an unknown person', 'nobody:Passw0rd!'],
    ['an empty password', 'bob:'],
  ] as const) {
    prove(`${title} gets no assertion`, async () => {
      const set = await open();
      const exchange = await call(set, { credentials });
      if (exchange.status === 200) failed(set, exchange, 'AuthnFailed');
      else assert.equal(exchange.status, 401);
    });
  }
  for (const [title, credentials] of [
    ['the user principal name', 'alice.liddell@example.com:Passw0rd!'],
    ['the domain before the name', 'CORP\\alice:Passw0rd!'],
  ] as const) {
    prove(`a person is known by ${title}`, async () => {
      const set = await open();
      assert.equal(answered(set, await call(set, { credentials })).answer.nameID?.value, 'alice.liddell@example.com');
    });
  }
  prove('credentials that are not base64 are asked for anew', async () => {
    const set = await open();
    const { status } = await call(set, { authorization: 'Basic ***' });
    assert.equal(status, 401);
  });
});

requirement('IIP-IDP15', 'the generated key of SAML-EC', (prove) => {
  prove('the client and the encrypted assertion hold the same key', async () => {
    const set = await open();
    const { header, answer } = answered(set, await call(set, { partner: encrypting, signed: true }));
    const key = one('samlec:GeneratedKey', header);
    assert.match(key.textContent, /^[A-Za-z0-9+/]+={0,2}$/);
    assert.ok(Buffer.from(key.textContent, 'base64').length >= 16);
    assert.equal(key.getAttributeNS(soap, 'actor'), next);
    assert.equal(one('saml:Advice/samlec:GeneratedKey', answer.assertion).textContent, key.textContent);
  });
  prove('each exchange has a key of its own', async () => {
    const set = await open();
    const keys = [];
    for (let round = 0; round < 3; round += 1) {
      keys.push(one('samlec:GeneratedKey', answered(set, await call(set, { partner: encrypting })).header).textContent);
    }
    assert.equal(new Set(keys).size, 3);
  });
  prove('no key goes where the assertion is not encrypted', async () => {
    const set = await open();
    assert.doesNotMatch((await call(set)).text, /GeneratedKey/);
  });
  prove('the header block that asks for a key is understood', async () => {
    const set = await open();
    const header =
      `<samlec:SessionKey xmlns:samlec="urn:ietf:params:xml:ns:samlec" xmlns:S="${soap}" S:mustUnderstand="1" S:actor="${next}">` +
      '<samlec:EncType>17</samlec:EncType></samlec:SessionKey>';
    one('samlec:GeneratedKey', answered(set, await call(set, { partner: encrypting, header })).header);
  });
});

requirement('IIP-IDP16', 'settings for ECP from metadata', (prove) => {
  prove('our endpoint over SOAP stands in our metadata', async () => {
    assert.match((await open()).provider.endpoint('SingleSignOnService', 'SOAP'), /\/saml\/ecp$/);
  });
  prove('the endpoint over PAOS is found without being named', async () => {
    const set = await open();
    answered(set, await call(set, { attributes: { AssertionConsumerServiceURL: undefined, ProtocolBinding: undefined } }));
  });
  prove('the endpoint over PAOS is found by its index', async () => {
    const set = await open();
    const attributes = { AssertionConsumerServiceURL: undefined, ProtocolBinding: undefined, AssertionConsumerServiceIndex: '1' };
    answered(set, await call(set, { attributes }));
  });
  const refused: readonly [string, () => Call][] = [
    [
      'an endpoint that nobody registered',
      () => ({ attributes: { AssertionConsumerServiceURL: 'https://evil.example.net/acs' } }),
    ],
    ['an endpoint that is registered for browsers alone', () => ({ attributes: { AssertionConsumerServiceURL: partner.acs } })],
    [
      'a service provider without an endpoint over PAOS',
      () => ({
        partner: browsersOnly,
        attributes: { AssertionConsumerServiceURL: undefined, ProtocolBinding: undefined },
      }),
    ],
    ['a stranger', () => ({ issuer: '<saml:Issuer>https://stranger.example.net/</saml:Issuer>' })],
    ['another Destination', () => ({ attributes: { Destination: 'https://idp.example.org/saml/ecp' } })],
  ];
  for (const [title, options] of refused) {
    prove(`gives nothing to ${title}`, async () => {
      const exchange = await call(await open(), options());
      assert.doesNotMatch(exchange.text, /Assertion[ >]/);
      if (exchange.status === 200) assert.doesNotMatch(exchange.text, /evil\.example\.net/);
    });
  }
  prove('a spoilt signature gets nothing', async () => {
    const envelope = (xml: string): string =>
      xml.replace('</saml:Issuer>', '</saml:Issuer >').replace('Version="2.0"', 'Version="2.0" ForceAuthn="1"');
    turnedAway(await call(await open(), { signed: true, envelope }));
  });
  prove('an error reaches the client as a Response in an envelope', async () => {
    const set = await open();
    const content = '<samlp:NameIDPolicy Format="urn:example:format"/>';
    failed(set, await call(set, { content }), 'InvalidNameIDPolicy');
  });
  prove('what is no envelope gets a fault or a refusal', async () => {
    const set = await open();
    for (const envelope of [
      () => '',
      () => '<a/>',
      (xml: string) => xml.replace(soap, 'urn:example'),
      (xml: string) => `<!DOCTYPE a>${xml}`,
    ]) {
      turnedAway(await call(set, { envelope }));
    }
  });
  prove('where it is switched off, it neither answers nor stands in metadata', async () =>
    withHouse({ metadata: [plain(partner)] }, async ({ house, provider }) => {
      assert.equal(all('//md:SingleSignOnService[contains(@Binding, "SOAP")]', provider.descriptor).length, 0);
      const { status } = await fetch(`${house.url}/saml/ecp`, {
        method: 'POST',
        body: '<a/>',
        headers: { 'Content-Type': 'text/xml' },
      });
      assert.equal(status, 404);
    }),
  );
});
