/** HTTP-Artifact over HTTP (saml-bindings §3.6): a reference through the browser, the Response by SOAP, once, to the one it is for. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { refusals } from '../../src/refusal.ts';
import { ForeignServiceProvider, makeCredential, post, type MessageOptions } from '../fixtures/foreign-service-provider.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import {
  envelope,
  httpArtifact,
  look,
  paos,
  soapPost,
  soapStatusOf,
  toUnderstand,
  type SoapAnswer,
} from '../fixtures/soap-client.ts';
import { responseOf, Visitor, type Page } from '../fixtures/visitor.ts';
import { assertValidBySchema, verifiedByXmlCrypto } from '../fixtures/xml-judges.ts';

const password = 'Passw0rd!';
const own = await makeCredential();
const stolen = await makeCredential();
const sp = new ForeignServiceProvider(own, 'https://artifact.example.net');
const other = new ForeignServiceProvider(stolen, 'https://other.example.net');
const byPost = new ForeignServiceProvider(own, 'https://post.example.net');

const service = (index: number, binding: string, location: string, isDefault?: boolean): string =>
  `<md:AssertionConsumerService index="${String(index)}"${isDefault === undefined ? '' : ` isDefault="${String(isDefault)}"`} Binding="${binding}" Location="${location}"/>`;
const artifactAcs = `${sp.acs}/artifact?from=idp`;
const metadata = [
  {
    xml: sp.metadata({
      assertionConsumerServices:
        service(0, post, sp.acs) + service(1, httpArtifact, artifactAcs, true) + service(2, paos, `${sp.acs}/paos`, true),
    }),
  },
  { xml: other.metadata({ assertionConsumerServices: service(0, httpArtifact, `${other.acs}/artifact`) }) },
  // The same location by either binding; the first is the default.
  { xml: byPost.metadata({ assertionConsumerServices: service(0, post, byPost.acs) + service(1, httpArtifact, byPost.acs) }) },
];

let house: House;
let certificate: string;
before(async () => {
  house = await openHouse({ metadata });
  certificate = await (await fetch(`${house.url}/saml/certificate.pem`)).text();
});
after(() => house.close());

interface Carried {
  readonly location: string;
  readonly artifact: string;
  readonly relayState: string | undefined;
}

function inForm(page: Page): Carried {
  const artifact = page.form?.fields.SAMLart;
  assert.ok(
    page.form !== undefined && artifact !== undefined,
    `no artifact, but ${String(page.status)}: ${page.body.slice(0, 2000)}`,
  );
  assert.equal(page.form.fields.SAMLResponse, undefined);
  return { location: page.form.action, artifact, relayState: page.form.fields.RelayState };
}

function inUrl(page: Page): Carried {
  assert.equal(page.status, 303, page.body.slice(0, 2000));
  const [location = '', query = ''] = (page.headers.get('location') ?? '').split(/[?&](?=SAMLart=)/);
  const parameters = new URLSearchParams(query);
  assert.equal(page.headers.get('cache-control'), 'no-store');
  return { location, artifact: parameters.get('SAMLart') ?? '', relayState: parameters.get('RelayState') ?? undefined };
}

const request = (by: ForeignServiceProvider, options: MessageOptions = {}): string =>
  by.authnRequest(undefined, { ...options, attributes: { AssertionConsumerServiceURL: undefined, ...options.attributes } });
const go = (visitor: Visitor, by: ForeignServiceProvider, options: MessageOptions = {}, relayState?: string): Promise<Page> =>
  visitor.visit(
    `/saml/sso?${by.redirectQuery(request(by, options), { sign: false, ...(relayState !== undefined && { relayState }) })}`,
  );
/** Somebody who has a session already. */
async function signedIn(): Promise<Visitor> {
  const visitor = new Visitor(house.url);
  await visitor.fill(await go(visitor, sp), 'alice', password);
  return visitor;
}
/** One request, its redirect not followed. */
const direct = (visitor: Visitor, by: ForeignServiceProvider, options: MessageOptions = {}, relayState?: string): Promise<Page> =>
  visitor.request(
    `/saml/sso?${by.redirectQuery(request(by, options), { sign: false, ...(relayState !== undefined && { relayState }) })}`,
  );

const endpoint = (): string => `${house.url}/saml/artifact`;
const resolve = (artifact: string, by = sp, options: MessageOptions = {}): Promise<SoapAnswer> =>
  soapPost(endpoint(), envelope(by.sign(by.artifactResolve(endpoint(), artifact, options))));
const nothing = (answer: SoapAnswer): void => {
  assert.deepEqual([answer.status, ...soapStatusOf(answer)], [200, 'Success'], answer.text);
  assert.equal(answer.count('//samlp:ArtifactResponse/*'), 3, 'Issuer, Signature and Status');
  verifiedByXmlCrypto(answer.text, 'ArtifactResponse', certificate);
};
const embedded = (answer: SoapAnswer): string => {
  assert.equal(answer.count('/soap:Envelope/soap:Body/samlp:ArtifactResponse/samlp:Response'), 1, answer.text);
  return /<samlp:Response.*<\/samlp:Response>/s.exec(answer.text)?.[0] ?? '';
};
const lastEvent = () => house.events.at(-1);

describe('an artifact', () => {
  it('goes by a form of ours after the password, and stands for the Response', async () => {
    const id = `_${randomBytes(16).toString('hex')}`;
    const relayState = 'a&b="<ü> %20';
    const visitor = new Visitor(house.url);
    const page = await visitor.fill(await go(visitor, sp, { id }, relayState), 'alice', password);
    const carried = inForm(page);
    assert.deepEqual([carried.location, carried.relayState], [artifactAcs, relayState]);
    assert.match(
      page.headers.get('content-security-policy') ?? '',
      /form-action https:\/\/artifact\.example\.net\/acs\/artifact /,
    );
    const bytes = Buffer.from(carried.artifact, 'base64');
    assert.equal(bytes.length, 44);
    assert.equal(bytes.subarray(0, 4).toString('hex'), '00040000');
    assert.equal(bytes.subarray(4, 24).toString('hex'), createHash('sha1').update(`${house.url}/saml/metadata`).digest('hex'));

    const resolveId = `_${randomBytes(16).toString('hex')}`;
    const answer = await resolve(carried.artifact, sp, { id: resolveId });
    assert.deepEqual([answer.status, ...soapStatusOf(answer)], [200, 'Success', 'Success'], answer.text);
    assert.equal(answer.headers.get('content-type'), 'text/xml; charset=utf-8');
    assert.deepEqual(answer.headers.getSetCookie(), []);
    assert.equal(answer.value('//samlp:ArtifactResponse/@InResponseTo'), resolveId);
    assert.equal(answer.value('//samlp:Response/@InResponseTo'), id);
    assert.equal(answer.value('//samlp:Response/@Destination'), artifactAcs);
    assert.equal(answer.value('//saml:SubjectConfirmationData/@Recipient'), artifactAcs);
    for (const element of ['ArtifactResponse', 'Response', 'Assertion']) verifiedByXmlCrypto(answer.text, element, certificate);
    assertValidBySchema([/<samlp:ArtifactResponse.*<\/samlp:ArtifactResponse>/s.exec(answer.text)?.[0] ?? ''], 'protocol');
    // What is taken out of it is the Response as it would have been posted.
    const alone = embedded(answer).replace(
      '<samlp:Response',
      '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"',
    );
    verifiedByXmlCrypto(alone, 'Response', certificate);
    assert.equal(lastEvent()?.event, 'artifact.resolved');
    assert.equal(lastEvent()?.serviceProvider, sp.entityID);
  });

  it('goes by a redirect where nobody is asked', async () => {
    const relayState = 'https://app.example.net/?a=1&b=2#c';
    const carried = inUrl(await direct(await signedIn(), sp, {}, relayState));
    assert.deepEqual([carried.location, carried.relayState], [artifactAcs, relayState]);
    assert.deepEqual(soapStatusOf(await resolve(carried.artifact)), ['Success', 'Success']);
    assert.equal(inUrl(await direct(await signedIn(), sp)).relayState, undefined);
  });

  it('goes by a form where a URL would be too long', async () => {
    const relayState = 'r'.repeat(4_000);
    const carried = inForm(await direct(await signedIn(), sp, {}, relayState));
    assert.equal(carried.relayState, relayState);
    assert.deepEqual(soapStatusOf(await resolve(carried.artifact)), ['Success', 'Success']);
  });

  it('carries refusals too', async () => {
    const carried = inUrl(await direct(new Visitor(house.url), sp, { attributes: { IsPassive: 'true' } }, 'state'));
    assert.equal(carried.relayState, 'state');
    const answer = await resolve(carried.artifact);
    assert.deepEqual(soapStatusOf(answer), ['Success', 'Responder', 'NoPassive']);
    verifiedByXmlCrypto(answer.text, 'Response', certificate);
    const visitor = new Visitor(house.url);
    const told = inForm(await visitor.fill(await go(visitor, sp), 'pwexpired', password));
    assert.equal(told.location, artifactAcs);
    assert.deepEqual(soapStatusOf(await resolve(told.artifact)), ['Success', 'Responder', 'AuthnFailed']);
  });

  it('is not made where the Response is posted', async () => {
    for (const [by, attributes] of [
      [sp, { AssertionConsumerServiceURL: sp.acs }],
      [sp, { ProtocolBinding: post }],
      [sp, { AssertionConsumerServiceIndex: '0' }],
      [byPost, {}],
      [byPost, { AssertionConsumerServiceURL: byPost.acs }],
    ] as const) {
      const { location } = responseOf(await direct(await signedIn(), by, { attributes }));
      assert.equal(location, by.acs);
    }
  });

  for (const [what, by, attributes] of [
    ['by its URL', sp, { AssertionConsumerServiceURL: artifactAcs }],
    ['by its binding', sp, { ProtocolBinding: httpArtifact }],
    ['by both', sp, { AssertionConsumerServiceURL: artifactAcs, ProtocolBinding: httpArtifact }],
    ['by its index', sp, { AssertionConsumerServiceIndex: '1' }],
    [
      'by the binding, where the location has two',
      byPost,
      { AssertionConsumerServiceURL: byPost.acs, ProtocolBinding: httpArtifact },
    ],
    ['by the index, where the location has two', byPost, { AssertionConsumerServiceIndex: '1' }],
  ] as const) {
    it(`is made where the request asks for it ${what}`, async () => {
      const carried = inUrl(await direct(await signedIn(), by, { attributes }));
      assert.deepEqual(soapStatusOf(await resolve(carried.artifact, by)), ['Success', 'Success']);
    });
  }

  for (const [what, attributes] of [
    ['a URL by another binding', { AssertionConsumerServiceURL: sp.acs, ProtocolBinding: httpArtifact }],
    ['an endpoint for clients, by its index', { AssertionConsumerServiceIndex: '2' }],
    ['an endpoint for clients, by its URL', { AssertionConsumerServiceURL: `${sp.acs}/paos` }],
    ['an endpoint for clients, by its binding', { ProtocolBinding: paos }],
  ] as const) {
    it(`stands for a refusal where the request asks for ${what}`, async () => {
      const page = await direct(await signedIn(), sp, { attributes });
      const xml = page.status === 303 ? (await resolve(inUrl(page).artifact)).text : responseOf(page).xml;
      assert.equal(look(xml).value('//samlp:StatusCode/samlp:StatusCode/@Value').split(':').at(-1), 'UnsupportedBinding');
      assert.equal(lastEvent()?.event === 'artifact.resolved' || lastEvent()?.reason === 'binding-unsupported', true);
    });
  }
});

describe('what is fetched', () => {
  const fresh = async (): Promise<string> => inUrl(await direct(await signedIn(), sp)).artifact;

  it('is there once', async () => {
    const artifact = await fresh();
    assert.deepEqual(soapStatusOf(await resolve(artifact)), ['Success', 'Success']);
    nothing(await resolve(artifact));
    assert.equal(lastEvent()?.event, 'artifact.unresolved');
  });

  it('is there once, whatever comes at the same time and in which order', async () => {
    const visitor = await signedIn();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ right: fc.boolean(), later: fc.boolean() }), { minLength: 2, maxLength: 6 }),
        async (attempts) => {
          const { artifact } = inUrl(await direct(visitor, sp));
          const started: Promise<SoapAnswer>[] = [];
          for (const { right, later } of attempts) {
            if (later) await started.at(-1);
            started.push(resolve(artifact, right ? sp : other));
          }
          const answers = await Promise.all(started);
          const got = answers.flatMap((answer, index) => (answer.count('//samlp:Response') > 0 ? [index] : []));
          assert.equal(got.length, attempts.some(({ right }) => right) ? 1 : 0);
          assert.ok(got.every((index) => attempts[index]?.right));
        },
      ),
      { numRuns: 15 },
    );
  });

  it('is there for the one it is for alone, and still is after another has asked', async () => {
    const artifact = await fresh();
    nothing(await resolve(artifact, other));
    assert.equal(lastEvent()?.event, 'artifact.unresolved');
    assert.deepEqual(soapStatusOf(await resolve(artifact)), ['Success', 'Success']);
  });

  it('is there for a moment', async () => {
    const artifact = await fresh();
    house.advance(91_000);
    const later = { issueInstant: house.now() };
    nothing(await resolve(artifact, sp, later));
    house.advance(-91_000);
  });

  for (const [what, artifact] of [
    [
      'an artifact that nobody made',
      () =>
        Buffer.concat([
          Buffer.from('00040000', 'hex'),
          createHash('sha1').update(`${house.url}/saml/metadata`).digest(),
          randomBytes(20),
        ]).toString('base64'),
    ],
    ['another’s artifact', () => Buffer.concat([Buffer.from('00040000', 'hex'), randomBytes(40)]).toString('base64')],
    [
      'an artifact of another endpoint',
      () =>
        Buffer.concat([
          Buffer.from('00040001', 'hex'),
          createHash('sha1').update(`${house.url}/saml/metadata`).digest(),
          randomBytes(20),
        ]).toString('base64'),
    ],
    ['an artifact of another type', () => Buffer.concat([Buffer.from('00010000', 'hex'), randomBytes(40)]).toString('base64')],
    ['no base64', () => '&lt;&gt;'],
    ['nothing', () => ''],
  ] as const) {
    it(`is nothing for ${what}`, async () => {
      nothing(await resolve(artifact()));
    });
  }

  it('is asked for once with one ID', async () => {
    const id = `_${randomBytes(16).toString('hex')}`;
    nothing(await resolve(randomBytes(44).toString('base64'), sp, { id }));
    const again = await resolve(await fresh(), sp, { id });
    assert.deepEqual(soapStatusOf(again), [...refusals['request-replayed'].status]);
    assert.equal(again.count('//samlp:Response'), 0);
    assert.deepEqual([lastEvent()?.event, lastEvent()?.reason], ['artifact.refused', 'request-replayed']);
  });

  for (const [what, options, reason] of [
    ['too old', { issueInstant: Date.now() - 3_600_000 }, 'request-stale'],
    ['from the future', { issueInstant: Date.now() + 3_600_000 }, 'request-from-future'],
    ['for another', { attributes: { Destination: 'https://idp.example.org/saml/artifact' } }, 'request-wrong-destination'],
    ['of another version', { attributes: { Version: '1.1' } }, 'request-version'],
    ['without an instant', { attributes: { IssueInstant: undefined } }, 'request-invalid'],
    ['with something else in it', { content: '<samlp:Extensions/><samlp:Extensions/>' }, 'request-invalid'],
  ] as const) {
    it(`is refused to a request that is ${what}`, async () => {
      const artifact = await fresh();
      const answer = await resolve(artifact, sp, options);
      assert.deepEqual([answer.status, ...soapStatusOf(answer)], [200, ...refusals[reason].status], answer.text);
      assert.equal(answer.count('//samlp:Response'), 0);
      verifiedByXmlCrypto(answer.text, 'ArtifactResponse', certificate);
      assert.deepEqual([lastEvent()?.event, lastEvent()?.reason], ['artifact.refused', reason]);
      assert.deepEqual(soapStatusOf(await resolve(artifact)), ['Success', 'Success'], 'what was refused did not use it up');
    });
  }

  it('needs no Destination', async () => {
    const answer = await resolve(await fresh(), sp, { attributes: { Destination: undefined } });
    assert.deepEqual(soapStatusOf(answer), ['Success', 'Success']);
  });

  const signedBy = (credential: ForeignServiceProvider, xml: string) => credential.sign(xml);
  for (const [what, message, reason] of [
    ['is not signed', (artifact: string) => sp.artifactResolve(undefined, artifact), 'signature-missing'],
    [
      'is signed with another key',
      (artifact: string) => signedBy(other, sp.artifactResolve(undefined, artifact)),
      'signature-invalid',
    ],
    [
      'was changed',
      (artifact: string) =>
        sp
          .sign(sp.artifactResolve(undefined, randomBytes(44).toString('base64')))
          .replace(/(<samlp:Artifact>)[^<]*/, `$1${artifact}`),
      'signature-invalid',
    ],
    [
      'comes from a stranger',
      (artifact: string) => new ForeignServiceProvider(own, 'https://stranger.example.net').artifactResolve(undefined, artifact),
      'service-provider-unknown',
    ],
  ] as const) {
    it(`is denied to one whose request ${what}`, async () => {
      const artifact = await fresh();
      const answer = await soapPost(endpoint(), envelope(message(artifact)));
      assert.deepEqual([answer.status, answer.value('//faultcode')], [403, 'soap:Client'], answer.text);
      assert.deepEqual([lastEvent()?.event, lastEvent()?.reason], ['artifact.refused', reason]);
      assert.deepEqual(soapStatusOf(await resolve(artifact)), ['Success', 'Success']);
    });
  }

  for (const [what, xml, code] of [
    ['an AuthnRequest', () => envelope(sp.sign(request(sp))), 'Client'],
    ['no SOAP', () => sp.sign(sp.artifactResolve(undefined, 'AAQA')), 'Client'],
    [
      'SOAP 1.2',
      () => envelope('<a/>').replace('http://schemas.xmlsoap.org/soap/envelope/', 'http://www.w3.org/2003/05/soap-envelope'),
      'VersionMismatch',
    ],
    ['a header that must be understood', () => envelope('<a/>', `<x:y xmlns:x="urn:x"${toUnderstand}/>`), 'MustUnderstand'],
    ['a DTD', () => `<!DOCTYPE a [<!ENTITY b "c">]>${envelope('<a/>')}`, 'Client'],
    ['a megabyte', () => envelope(`<a>${'x'.repeat(1_048_576)}</a>`), 'Client'],
    ['nothing', () => '', 'Client'],
  ] as const) {
    it(`is a SOAP fault for ${what}`, async () => {
      const answer = await soapPost(endpoint(), xml());
      assert.deepEqual([answer.status, answer.value('//faultcode')], [500, `soap:${code}`], answer.text);
    });
  }

  it('makes no fault of whatever comes', async () => {
    const good = sp.sign(sp.artifactResolve(endpoint(), 'AAQA'));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(good.length),
        fc.nat(200),
        fc.string({ unit: 'binary', maxLength: 20 }),
        async (at, length, text) => {
          const { status, headers } = await soapPost(endpoint(), envelope(good.slice(0, at) + text + good.slice(at + length)));
          assert.ok([200, 403, 500].includes(status));
          assert.equal(headers.get('content-type'), 'text/xml; charset=utf-8');
        },
      ),
      { numRuns: 60 },
    );
    assert.deepEqual(
      house.events.filter(({ event }) => event === 'fault'),
      [],
    );
  });
});

describe('the endpoint', () => {
  it('stands in the metadata under the index that artifacts bear', async () => {
    const xml = await (await fetch(`${house.url}/saml/metadata`)).text();
    assert.match(xml, /<md:ArtifactResolutionService Binding="[^"]*:bindings:SOAP" Location="[^"]*\/saml\/artifact" index="0">/);
  });

  it('takes nothing but POST', async () => {
    assert.equal((await fetch(endpoint())).status, 405);
  });

  it('cannot be filled by strangers without end', async () => {
    const at = await openHouse({ metadata, config: { throttle: { floor: '1ms', megabytesPerAddress: 1 } } });
    try {
      const statuses = new Set<number>();
      for (let round = 0; round < 400 && !statuses.has(429); round += 1) {
        const query = sp.redirectQuery(request(sp, { attributes: { IsPassive: 'true' } }), { sign: false });
        statuses.add((await new Visitor(at.url).request(`/saml/sso?${query}`)).status);
      }
      assert.deepEqual([...statuses], [303, 429]);
    } finally {
      await at.close();
    }
  });
});
