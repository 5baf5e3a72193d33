/** What anybody may read: metadata, certificate, values, health; and how the house stops. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { randomBytes, X509Certificate } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import supertest from 'supertest';
import { createKeyFolder } from '../../src/keys/key-folder.ts';
import { acs, entityID, openHouse, type House } from '../fixtures/house.ts';
import { authnRequest, redirectQuery, responseOf, textOf, Visitor } from '../fixtures/visitor.ts';
import { assertValidBySchema, assertVerifiedByXmlsec } from '../fixtures/xml-judges.ts';

let house: House;
before(async () => {
  house = await openHouse({ config: { branding: { changePasswordUrl: 'https://password.example.com/' } } });
});
after(() => house.close());

const get = (path: string) => supertest(house.url).get(path);

/** A body of a type that the client does not know as text. */
function textIn(response: supertest.Response): string {
  const body: unknown = response.body;
  return Buffer.isBuffer(body) ? body.toString() : response.text;
}

const certificatePem = async (): Promise<string> => textIn(await get('/saml/certificate.pem').buffer().expect(200));

describe('the metadata', () => {
  it('is signed, valid by the schema, cacheable, and answers a conditional request', async () => {
    const response = await get('/saml/metadata')
      .buffer()
      .expect(200)
      .expect('Content-Type', 'application/samlmetadata+xml; charset=utf-8')
      .expect('Cache-Control', /max-age=3600/);
    const xml = textIn(response);
    assertValidBySchema([xml], 'metadata');
    assertVerifiedByXmlsec(xml, 'EntityDescriptor', await certificatePem());
    assert.match(xml, new RegExp(`entityID="${house.url}/saml/metadata"`));
    assert.ok(Date.parse(/validUntil="([^"]+)"/.exec(xml)?.[1] ?? '') > house.now());
    await get('/saml/metadata')
      .set('If-None-Match', response.get('ETag') ?? '')
      .expect(304);
  });

  it('derives from publicUrl, whatever the request’s headers say', async () => {
    const headers = {
      Host: 'evil.example.net',
      'X-Forwarded-Host': 'evil.example.net',
      'X-Forwarded-Proto': 'https',
      Forwarded: 'host=evil.example.net',
    };
    for (const path of ['/saml/metadata', '/saml', '/', '/signout', `/saml/sso?${redirectQuery(authnRequest())}`]) {
      const text = await new Promise<string>((resolve, reject) => {
        const { port } = new URL(house.url);
        request({ host: '127.0.0.1', port, path, headers }, (response) => {
          let body = JSON.stringify(response.headers);
          response.on('data', (chunk: Buffer) => (body += chunk.toString()));
          response.on('end', () => {
            resolve(body);
          });
        })
          .on('error', reject)
          .end();
      });
      assert.doesNotMatch(text, /evil/, path);
    }
  });

  it('names both keys during a rollover, and the new one signs once it is activated', async () => {
    const rolling = await openHouse();
    const { folder } = rolling.configuration.keys;
    const keys = createKeyFolder({
      path: folder,
      commonName: 'x',
      clock: { now: () => Date.now(), until: () => Promise.resolve() },
      random: randomBytes,
    });
    const certificates = async (): Promise<string[]> => {
      const xml = await (await fetch(`${rolling.url}/saml/metadata`)).text();
      return [...xml.matchAll(/<md:KeyDescriptor use="signing">.*?<ds:X509Certificate>([^<]+)</g)].map(
        ([, found]) => found ?? '',
      );
    };
    const [old] = await certificates();
    const next = await keys.add();
    await rolling.restart();
    assert.deepEqual(await certificates(), [old, next.certificate.raw.toString('base64')]);
    await keys.activate(next.name);
    await rolling.restart();
    const [, signed] = await certificates();
    assert.equal(signed, old);
    const { xml } = responseOf(await new Visitor(rolling.url).signIn('bob', 'Passw0rd!'));
    assertVerifiedByXmlsec(xml, 'Assertion', next.certificate.toString());
    await rolling.close();
  });
});

describe('the page of an administrator', () => {
  it('shows the five values of Google Admin', async () => {
    const body = (await get('/saml').expect(200)).text;
    const certificate = await certificatePem();
    for (const value of ['/saml/metadata', '/saml/sso', '/signout'].map((path) => house.url + path))
      assert.ok(body.includes(value), value);
    assert.ok(body.includes('https://password.example.com/'));
    assert.ok(body.includes(certificate.trim().split('\n')[1] ?? '?'));
    assert.equal(new X509Certificate(certificate).subject, 'CN=localhost');
  });
});

describe('a key for one service provider of Google alone', () => {
  it('signs what it is sent; the metadata have it, and the administrator sees whose certificate is whose', async () => {
    const [one, other] = [`${entityID}/one`, `${entityID}/other`];
    const its = await openHouse({
      config: {
        serviceProviders: [
          { kind: 'google-profile', entityId: one, acsUrl: `${acs}/one`, name: 'One' },
          { kind: 'google-profile', entityId: other, acsUrl: `${acs}/other`, name: 'Other', signature: { key: 'its-own' } },
        ],
      },
      layKeys: async (path) => {
        const clock = { now: () => Date.now(), until: () => Promise.resolve() };
        const keys = createKeyFolder({ path, commonName: 'x', clock, random: randomBytes });
        await keys.open();
        await keys.add({ use: 'service-provider', name: 'its-own' });
      },
    });
    const pemOf = async (path: string): Promise<string> => (await fetch(its.url + path)).text();
    const everybodys = await pemOf('/saml/certificate.pem');
    const own = await pemOf('/saml/certificate.pem?key=its-own');
    assert.notEqual(own, everybodys);
    const visitor = new Visitor(its.url);
    for (const [issuer, certificate] of [
      [one, everybodys],
      [other, own],
    ] as const) {
      let page = await visitor.visit(`/saml/idp-initiated?sp=${encodeURIComponent(issuer)}`);
      if (page.form?.action === '/signin/password') page = await visitor.fill(page, 'bob', 'Passw0rd!');
      const { xml } = responseOf(page);
      assertVerifiedByXmlsec(xml, 'Response', certificate);
      assertVerifiedByXmlsec(xml, 'Assertion', certificate);
    }
    const published = await pemOf('/saml/metadata');
    const page = await pemOf('/saml');
    for (const [name, certificate] of [
      [`One: ${one}`, everybodys],
      [`Other: ${other}`, own],
    ] as const) {
      assert.ok(published.includes(new X509Certificate(certificate).raw.toString('base64')));
      assert.ok(page.includes(name), name);
      assert.ok(page.includes(certificate.trim().split('\n')[3] ?? '?'));
    }
    assert.equal((await fetch(`${its.url}/saml/certificate.pem?key=nobody`)).status, 404);
    await its.close();
  });
});

describe('every page', () => {
  it('is kept from frames, caches and search engines, and may send its form to the one place it is for', async () => {
    const visitor = new Visitor(house.url);
    const asked = await visitor.arrive();
    const answered = await visitor.fill(asked, 'bob', 'Passw0rd!');
    for (const page of [
      asked,
      answered,
      await visitor.visit('/signout'),
      await visitor.visit('/saml'),
      await visitor.visit('/nothing'),
    ]) {
      const policy = page.headers.get('content-security-policy') ?? '';
      assert.match(policy, /default-src 'none'/);
      assert.match(policy, /frame-ancestors 'none'/);
      assert.match(policy, /style-src 'nonce-/);
      assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval/);
      assert.equal(page.headers.get('cache-control'), 'no-store');
      assert.match(page.headers.get('x-robots-tag') ?? '', /noindex/);
    }
    assert.match(asked.headers.get('content-security-policy') ?? '', /form-action 'self'(;|$)/);
    assert.ok((answered.headers.get('content-security-policy') ?? '').includes(`form-action ${acs}`));
  });

  it('speaks the browser’s language', async () => {
    for (const [language, word] of [
      ['de', 'Anmelden'],
      ['fr', 'connecter'],
      ['es', 'Iniciar sesión'],
      ['ja', 'ログイン'],
      ['tlh', 'Sign in'],
    ] as const) {
      const visitor = new Visitor(house.url);
      visitor.language = language;
      const { body } = await visitor.arrive();
      assert.ok(body.includes(word), language);
    }
  });
});

describe('stopping', () => {
  it('finishes the sign-in in flight, refuses new ones, and is quick', async () => {
    const stopping = await openHouse({ config: { throttle: { floor: '700ms' } } });
    const visitor = new Visitor(stopping.url);
    const page = await visitor.arrive();
    const inFlight = visitor.fill(page, 'bob', 'wrong');
    // Sent later and answered: by then the form has arrived.
    await fetch(`${stopping.url}/healthz`);
    const started = Date.now();
    const closed = stopping.close();
    assert.equal((await inFlight).status, 401);
    await closed;
    assert.ok(Date.now() - started < 5_000);
    await assert.rejects(fetch(`${stopping.url}/healthz`));
  });
});

describe('another service provider', () => {
  it('is served from its place in the configuration, each with its own name of the session', async () => {
    const both = await openHouse({
      config: {
        serviceProviders: [
          { kind: 'google-profile', entityId: entityID, acsUrl: acs },
          { kind: 'google-legacy', domain: 'example.com' },
          { kind: 'google-workforce', pool: 'my-pool', provider: 'my-provider', groups: true },
        ],
      },
    });
    const visitor = new Visitor(both.url);
    const first = responseOf(await visitor.signIn('alice', 'Passw0rd!')).xml;
    const legacy = responseOf(
      await visitor.arrive({
        issuer: 'google.com',
        attributes: { AssertionConsumerServiceURL: 'https://www.google.com/a/example.com/acs' },
      }),
    );
    assert.equal(textOf(legacy.xml, 'Audience'), 'google.com');
    const domainSpecific = responseOf(
      await visitor.arrive({
        issuer: 'google.com/a/example.com',
        attributes: { AssertionConsumerServiceURL: 'https://www.google.com/a/example.com/acs' },
      }),
    );
    assert.equal(textOf(domainSpecific.xml, 'Audience'), 'google.com/a/example.com');
    const pool = 'locations/global/workforcePools/my-pool/providers/my-provider';
    const workforce = responseOf(
      await visitor.visit(`/saml/idp-initiated?sp=${encodeURIComponent(`https://iam.googleapis.com/${pool}`)}`),
    );
    assert.equal(workforce.location, `https://auth.cloud.google/signin-callback/${pool}`);
    assert.match(workforce.xml, /claims\/groups"[^]*<saml:AttributeValue>engineering</);
    const index = (xml: string) => /SessionIndex="([^"]+)"/.exec(xml)?.[1];
    assert.notEqual(index(first), index(legacy.xml));
    await both.close();
  });
});
