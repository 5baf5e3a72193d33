/**
 * Windows integrated authentication over HTTP: who is asked for a ticket, what becomes of right ones and of hostile ones. The test
 * holds the service's key, so that it can make any ticket that a KDC could, and those that none would; the machine's own Kerberos
 * library judges them all.
 */
import assert from 'node:assert/strict';
import { hash, randomBytes, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openKerberosHouse, principal, type KerberosHouse } from '../fixtures/kerberos-house.ts';
import {
  der,
  kerberosToken,
  makeApRequest,
  makeServiceKey,
  makeToken,
  negotiation,
  ntlmNegotiate,
  oids,
} from '../fixtures/make-ticket.ts';
import {
  authnRequest,
  redirectQuery,
  responseOf,
  statusOf,
  textOf,
  Visitor,
  type Page,
  type RequestOptions,
} from '../fixtures/visitor.ts';

const kerberosContext = 'urn:oasis:names:tc:SAML:2.0:ac:classes:Kerberos';
const passwordContext = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport';
const asking = (classRef: string, comparison = 'exact'): RequestOptions => ({
  content: `<samlp:RequestedAuthnContext Comparison="${comparison}"><saml:AuthnContextClassRef>${classRef}</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>`,
});
const person = 'alice.liddell@example.com';

let stage: KerberosHouse;
before(async () => {
  stage = await openKerberosHouse();
});
after(() => stage.close());

/** The last thing that the log tells of a ticket. */
const refusalIn = ({ house }: KerberosHouse): string | undefined =>
  house.events.findLast(({ event }) => event === 'kerberos.refused')?.reason;

/** The form as it is without any ticket: no challenge, no word of what was tried. */
function assertForm(page: Page, status = 200): void {
  assert.equal(page.status, status, page.body.slice(0, 1_000));
  assert.equal(page.headers.get('www-authenticate'), status === 401 ? 'Negotiate' : null);
  assert.equal(page.form?.action, '/signin/password');
  assert.equal(page.reference, undefined);
}

async function assertSignedIn(visitor: Visitor, page: Page, as = person): Promise<string> {
  assert.equal(page.status, 303, page.body.slice(0, 1_000));
  const { xml } = responseOf(await visitor.visit(page.headers.get('location') ?? ''));
  assert.deepEqual(statusOf(xml), ['Success']);
  assert.equal(textOf(xml, 'NameID'), as);
  return xml;
}

describe('a computer of the domain', () => {
  it('signs its person in without a question, and is shown who answered', async () => {
    const { visitor, page: asked } = await stage.arrive();
    assertForm(asked, 401);
    assert.equal(new URL(asked.url).pathname, '/signin/kerberos');
    const page = await visitor.request(asked.url, { headers: { Authorization: `Negotiate ${await stage.token()}` } });
    assert.match(page.headers.get('www-authenticate') ?? '', /^Negotiate [A-Za-z0-9+/]+=*$/);
    const xml = await assertSignedIn(visitor, page);
    assert.equal(textOf(xml, 'AuthnContextClassRef'), kerberosContext);
    assert.equal(stage.house.events.findLast(({ event }) => event === 'kerberos.accepted')?.remoteAddress, '127.0.0.1');
    // From now on it is a session like any other.
    const again = responseOf(await visitor.arrive());
    assert.equal(textOf(again.xml, 'AuthnContextClassRef'), kerberosContext);
  });

  it('without a ticket has the form beside the question, which works', async () => {
    const visitor = new Visitor(stage.house.url);
    const page = await visitor.arrive();
    assertForm(page, 401);
    const xml = responseOf(await visitor.fill(page, 'alice', 'Passw0rd!')).xml;
    assert.equal(textOf(xml, 'AuthnContextClassRef'), passwordContext);
  });

  const right: Readonly<Record<string, () => Promise<string>>> = {
    'without SPNEGO around it': async () =>
      kerberosToken(makeApRequest({ key: stage.key, sid: await stage.sidOf('alice') })).toString('base64'),
    'by the number that Windows has for Kerberos': async () =>
      negotiation(kerberosToken(makeApRequest({ key: stage.key, sid: await stage.sidOf('alice') })), [
        oids.kerberosOfWindows,
        oids.kerberos,
        oids.negoEx,
        oids.ntlm,
      ]).toString('base64'),
    'that wants no proof of us': () => stage.token({ wantsReply: false }),
    'with the other AES for the session': () => stage.token({ sessionEnctype: 17 }),
    'with AES and SHA-2 for the session': () => stage.token({ sessionEnctype: 20 }),
    'in another spelling of our name': () => stage.token({ service: 'http/LOCALHOST@CORP.EXAMPLE.COM' }),
    'of a person by an enterprise name': () => stage.token({ name: ['alice.liddell@example.com'], nameType: 10 }),
    'of a person by the first part of an implicit user principal name': () => stage.token({ name: ['ALICE'] }),
    'from a clock four minutes off': () => stage.token({ at: Date.now() - 240_000 }),
  };
  for (const [title, token] of Object.entries(right)) {
    it(`brings a ticket ${title}`, async () => {
      const { visitor, page } = await stage.bring(await token());
      await assertSignedIn(visitor, page);
    });
  }
});

describe('a ticket that does not do leads to the form, without a second question, and the log says why', () => {
  const inNegotiation = (token: Buffer | undefined, mechanisms?: readonly string[]): string =>
    negotiation(token, mechanisms).toString('base64');
  const cases: readonly (readonly [title: string, reason: string, token: () => string | Promise<string>])[] = [
    ['raw NTLM', 'kerberos-ntlm', () => ntlmNegotiate.toString('base64')],
    ['NTLM in SPNEGO', 'kerberos-ntlm', () => inNegotiation(ntlmNegotiate, [oids.ntlm])],
    ['NTLM under the name of Kerberos', 'kerberos-ntlm', () => inNegotiation(ntlmNegotiate, [oids.kerberos, oids.ntlm])],
    [
      'NegoEx before Kerberos',
      'kerberos-ntlm',
      async () => inNegotiation(kerberosToken(await apRequest()), [oids.negoEx, oids.kerberos]),
    ],
    ['Kerberos without a ticket', 'kerberos-ntlm', () => inNegotiation(undefined)],
    ['no base64', 'kerberos-token-malformed', () => '@@@@'],
    ['bytes at random', 'kerberos-token-malformed', () => randomBytes(600).toString('base64')],
    ['more than any ticket', 'kerberos-token-malformed', () => Buffer.alloc(60_000, 0x60).toString('base64')],
    ['a second round', 'kerberos-token-malformed', () => der(0xa1, der(0x30)).toString('base64')],
    ['a list of no mechanism', 'kerberos-token-malformed', () => inNegotiation(undefined, [])],
    [
      'a list of many mechanisms',
      'kerberos-token-malformed',
      () =>
        inNegotiation(
          undefined,
          Array.from({ length: 21 }, () => oids.kerberos),
        ),
    ],
    [
      'another mechanism within',
      'kerberos-token-malformed',
      async () => inNegotiation(kerberosToken(await apRequest(), '2a864886f712010203')),
    ],
    [
      'something behind the token',
      'kerberos-token-malformed',
      async () => Buffer.concat([Buffer.from(await stage.token(), 'base64'), Buffer.alloc(3)]).toString('base64'),
    ],
    [
      'an answer in place of a request',
      'kerberos-token-malformed',
      async () => inNegotiation(der(0x60, der(0x06, Buffer.from(oids.kerberos, 'hex')), Buffer.from([2, 0]), await apRequest())),
    ],
    ['a ticket by RC4', 'kerberos-encryption-weak', () => makeToken({ key: makeServiceKey(principal, 23) })],
    ['a ticket by DES', 'kerberos-encryption-weak', () => makeToken({ key: makeServiceKey(principal, 3) })],
    ['a session by RC4', 'kerberos-encryption-weak', () => stage.token({ sessionEnctype: 23 })],
    ['another service', 'kerberos-service-unknown', () => stage.token({ service: 'cifs/localhost@CORP.EXAMPLE.COM' })],
    ['another host', 'kerberos-service-unknown', () => stage.token({ service: 'HTTP/other.example.com@CORP.EXAMPLE.COM' })],
    ['another realm’s service', 'kerberos-service-unknown', () => stage.token({ service: 'HTTP/localhost@OTHER.EXAMPLE.COM' })],
    ['another key', 'kerberos-key-unknown', () => makeToken({ key: makeServiceKey(principal) })],
    ['the key of another encryption', 'kerberos-key-unknown', () => makeToken({ key: makeServiceKey(principal, 17) })],
    ['a changed byte', 'kerberos-key-unknown', async () => changed(await stage.token(), 0.4)],
    ['a changed byte of the authenticator', 'kerberos-key-unknown', async () => changed(await stage.token(), 0.9)],
    [
      'an expired ticket',
      'kerberos-untimely',
      () => stage.token({ from: Date.now() - 7_200_000, until: Date.now() - 3_600_000 }),
    ],
    [
      'a ticket of tomorrow',
      'kerberos-untimely',
      () => stage.token({ from: Date.now() + 80_000_000, until: Date.now() + 90_000_000 }),
    ],
    ['a clock ten minutes behind', 'kerberos-untimely', () => stage.token({ at: Date.now() - 600_000 })],
    ['a clock ten minutes ahead', 'kerberos-untimely', () => stage.token({ at: Date.now() + 600_000 })],
    ['another’s ticket', 'kerberos-refused', () => stage.token({ authenticatorName: ['bob'] })],
    ['a realm that nobody configured', 'kerberos-realm-unknown', () => stage.token({ realm: 'PARTNER.EXAMPLE.NET' })],
    ['our realm in small letters', 'kerberos-realm-unknown', () => stage.token({ realm: 'corp.example.com' })],
    ['nobody', 'kerberos-person-unknown', () => stage.token({ name: ['nobody-of-that-name'] })],
    ['a computer', 'kerberos-person-unknown', () => stage.token({ name: ['PC1$'] })],
    ['a service', 'kerberos-person-unknown', () => stage.token({ name: ['host', 'alice'] })],
    [
      'a mail address in place of a name',
      'kerberos-person-unknown',
      () => stage.token({ name: ['shared@example.com'], nameType: 10 }),
    ],
    ['a name of another domain', 'kerberos-person-unknown', () => stage.token({ name: ['OTHER\\alice'] })],
    ['a namesake, by the SID', 'kerberos-person-mismatch', async () => stage.token({ sid: await stage.sidOf('bob') })],
    ['a SID that the person wrote into the ticket', 'kerberos-person-mismatch', () => stage.token({ pacKey: randomBytes(32) })],
    ['a SID twice', 'kerberos-person-mismatch', () => stage.token({ pac: { times: 2 } })],
    ['a ticket that a service got in somebody’s name', 'kerberos-delegated', () => stage.token({ pac: { delegated: true } })],
    ['a ticket that its KDC has yet to validate', 'kerberos-refused', () => stage.token({ flags: 0x01000000 })],
    [
      'nobody’s ticket, which anybody gets',
      'kerberos-person-unknown',
      () => stage.token({ name: ['WELLKNOWN', 'ANONYMOUS'], nameType: 11, flags: 0x00008000 }),
    ],
    ['a key service', 'kerberos-service-unknown', () => stage.token({ service: 'krbtgt/CORP.EXAMPLE.COM@CORP.EXAMPLE.COM' })],
    ['somebody without a SID', 'kerberos-person-mismatch', () => makeToken({ key: stage.key })],
  ];
  const apRequest = async (): Promise<Buffer> => makeApRequest({ key: stage.key, sid: await stage.sidOf('alice') });
  const changed = (token: string, part: number): string => {
    const bytes = Buffer.from(token, 'base64');
    const at = Math.floor(bytes.length * part);
    bytes[at] = bytes[at]! ^ 1;
    return bytes.toString('base64');
  };
  for (const [title, reason, token] of cases) {
    it(`${title}: ${reason}`, async () => {
      const { visitor, page } = await stage.bring(await token());
      assert.equal(refusalIn(stage), reason, JSON.stringify(stage.house.events.at(-1)));
      assertForm(page);
      // The form works, and a session begins only with it.
      assert.equal(visitor.cookie, undefined);
      responseOf(await visitor.fill(page, 'alice', 'Passw0rd!'));
    });
  }

  it('the same token again: kerberos-replayed', async () => {
    const token = await stage.token();
    await stage.bring(token);
    const { page } = await stage.bring(token);
    assert.equal(refusalIn(stage), 'kerberos-replayed');
    assertForm(page);
  });

  it('whose person may not sign in is told so, as behind the form', async () => {
    const { page } = await stage.bring(await stage.token({ name: ['disabled'], sid: await stage.sidOf('disabled') }));
    assert.equal(page.status, 403);
    assert.equal(stage.house.events.findLast(({ event }) => event === 'signin.refused')?.reason, 'person-disabled');
  });

  it('counts as no wrong password of anybody’s, however often', async () => {
    const strict = await openKerberosHouse({}, { config: { throttle: { floor: '1ms', attemptsPerAddress: 2 } } });
    try {
      for (let round = 0; round < 5; round += 1) {
        const { page } = await strict.bring(ntlmNegotiate.toString('base64'));
        assertForm(page);
      }
      const { visitor, page } = await strict.bring(await strict.token());
      await assertSignedIn(visitor, page);
    } finally {
      await strict.close();
    }
  });
});

describe('a browser is asked for a ticket', () => {
  it('once in a sign-in, so that one without cookies goes in no circle', async () => {
    const { page: asked } = await stage.arrive();
    const cookieless = new Visitor(stage.house.url);
    const headers = { Authorization: `Negotiate ${await stage.token()}` };
    let page = await cookieless.request(asked.url, { headers });
    assert.equal(page.status, 303);
    cookieless.cookie = undefined;
    page = await cookieless.visit(page.headers.get('location') ?? '');
    assertForm(page);
    assert.equal(new URL(page.url).pathname, '/signin');
    // Nor does a second token count in it.
    page = await cookieless.request(asked.url, { headers: { Authorization: `Negotiate ${await stage.token()}` } });
    assert.equal(page.status, 303);
    assert.equal(page.headers.getSetCookie().length, 0);
  });

  it('and two tokens at once in one sign-in begin one session', async () => {
    const { visitor, page: asked } = await stage.arrive();
    const tokens = [await stage.token(), await stage.token()];
    const pages = await Promise.all(
      tokens.map((token) => visitor.request(asked.url, { headers: { Authorization: `Negotiate ${token}` } })),
    );
    assert.equal(pages.flatMap(({ headers }) => headers.getSetCookie()).length, 1);
  });

  it('never for ForceAuthn, which a ticket does not satisfy either', async () => {
    const visitor = new Visitor(stage.house.url);
    const page = await visitor.arrive({ attributes: { ForceAuthn: 'true' } });
    assertForm(page);
    const id = new URL(page.url).searchParams.get('id') ?? '';
    const headers = { Authorization: `Negotiate ${await stage.token()}` };
    assertForm(await visitor.visit(`/signin/kerberos?id=${id}`, { headers }));
  });

  it('and passively never', async () => {
    const page = await new Visitor(stage.house.url).arrive({ attributes: { IsPassive: 'true' } });
    assert.deepEqual(statusOf(responseOf(page).xml), ['Responder', 'NoPassive']);
  });

  it('only for a page: no image, frame or script of another site signs anybody in', async () => {
    const { visitor, page: asked } = await stage.arrive();
    for (const dest of ['image', 'iframe', 'empty', 'script']) {
      const headers = { Authorization: `Negotiate ${await stage.token()}`, 'Sec-Fetch-Dest': dest };
      const page = await visitor.request(asked.url, { headers });
      assert.equal(page.status, 303);
      assert.deepEqual(page.headers.getSetCookie(), []);
    }
  });

  it('by GET alone', async () => {
    const { visitor, page: asked } = await stage.arrive();
    assert.equal((await visitor.request(asked.url, { method: 'HEAD' })).status, 405);
    assert.equal((await visitor.post(asked.url, {})).status, 404);
  });

  it('not where the request wants a password', async () => {
    const visitor = new Visitor(stage.house.url);
    const page = await visitor.arrive(asking(passwordContext));
    assertForm(page);
    const id = new URL(page.url).searchParams.get('id') ?? '';
    const headers = { Authorization: `Negotiate ${await stage.token()}` };
    assertForm(await visitor.visit(`/signin/kerberos?id=${id}`, { headers }));
    assert.equal(visitor.cookie, undefined);
  });

  it('where the request wants Kerberos, and no form is shown', async () => {
    const visitor = new Visitor(stage.house.url);
    const asked = await visitor.arrive(asking(kerberosContext));
    assert.equal(asked.status, 401);
    assert.equal(asked.form, undefined);
    const headers = { Authorization: `Negotiate ${await stage.token()}` };
    const xml = await assertSignedIn(visitor, await visitor.request(asked.url, { headers }));
    assert.equal(textOf(xml, 'AuthnContextClassRef'), kerberosContext);
  });

  it('and where such a request meets no ticket or a wrong one, the service provider learns it', async () => {
    const visitor = new Visitor(stage.house.url);
    const asked = await visitor.arrive(asking(kerberosContext));
    const href = / href="(\/signin\?[^"]*)"/.exec(asked.body)?.[1]?.replaceAll('&amp;', '&') ?? '';
    assert.deepEqual(statusOf(responseOf(await visitor.visit(href)).xml), ['Responder', 'NoAuthnContext']);
    const other = await visitor.arrive(asking(kerberosContext));
    const headers = { Authorization: `Negotiate ${ntlmNegotiate.toString('base64')}` };
    assert.deepEqual(statusOf(responseOf(await visitor.request(other.url, { headers })).xml), ['Responder', 'NoAuthnContext']);
  });

  const windows = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0';
  const iPhone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1';
  const android = 'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36';
  const mac = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:143.0) Gecko/20100101 Firefox/143.0';
  const linux = 'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0';
  const byDefault = undefined;
  type Place = readonly [string, readonly string[], readonly string[] | undefined, userAgent: string, asked: boolean];
  const places: readonly Place[] = [
    ['from a network that is named', ['10.0.0.0/8', '127.0.0.0/8'], [], 'curl', true],
    ['from an address that is named', ['127.0.0.1'], [], 'curl', true],
    ['from no other', ['10.0.0.0/8', 'fd00::/8'], [], windows, false],
    ['on Windows', ['127.0.0.1'], byDefault, windows, true],
    ['on a Mac', ['127.0.0.1'], byDefault, mac, true],
    ['on Linux', ['127.0.0.1'], byDefault, linux, true],
    ['not on an iPhone', ['127.0.0.1'], byDefault, iPhone, false],
    ['not on Android', ['127.0.0.1'], byDefault, android, false],
    ['not by an unknown browser', ['127.0.0.1'], byDefault, 'curl/8.0', false],
    ['of those that are named, as a whole', ['127.0.0.1'], ['Lynx.*', '.*Firefox.*'], mac, true],
    ['and no other', ['127.0.0.1'], ['.*Firefox', 'Firefox.*'], mac, false],
  ];
  for (const [title, networks, userAgents, userAgent, asked] of places) {
    it(title, async () => {
      const at = await openKerberosHouse({ networks: [...networks], userAgents: userAgents && [...userAgents] });
      try {
        const visitor = new Visitor(at.house.url);
        const headers = { 'User-Agent': userAgent };
        const { headers: to } = await visitor.request(`/saml/sso?${redirectQuery(authnRequest())}`, { headers });
        const page = to.get('location') ?? '';
        const led = await visitor.request(page, { headers });
        assert.equal(led.status, asked ? 303 : 200);
        if (asked) assertForm(await visitor.request(led.headers.get('location') ?? '', { headers }), 401);
        const brought = await visitor.request(page.replace('/signin', '/signin/kerberos'), {
          headers: { ...headers, Authorization: `Negotiate ${await at.token()}` },
        });
        assert.equal(brought.headers.getSetCookie().length, asked ? 1 : 0);
      } finally {
        await at.close();
      }
    });
  }

  it('by the address behind a proxy that is believed', async () => {
    const at = await openKerberosHouse({ networks: ['10.0.0.0/8'] }, { config: { trustProxy: ['127.0.0.1'] } });
    try {
      for (const [address, asked] of [
        ['10.1.2.3', true],
        ['::ffff:10.1.2.3', true],
        // What a browser claims stands before what the proxy saw.
        ['10.1.2.3, 198.51.100.1', false],
        ['10.1.2.3, no address', false],
        ['198.51.100.1', false],
        ['no address', false],
      ] as const) {
        const visitor = new Visitor(at.house.url);
        const headers = { 'X-Forwarded-For': address };
        const { headers: to } = await visitor.request(`/saml/sso?${redirectQuery(authnRequest())}`, { headers });
        const page = await visitor.request(to.get('location') ?? '', { headers });
        assert.equal(page.status === 303, asked, address);
      }
    } finally {
      await at.close();
    }
  });
});

describe('an address that a browser claims', () => {
  it('counts for nothing without a proxy that is believed', async () => {
    const at = await openKerberosHouse({ networks: ['10.0.0.0/8'] });
    try {
      const visitor = new Visitor(at.house.url);
      const headers = { 'X-Forwarded-For': '10.1.2.3', Forwarded: 'for=10.1.2.3', 'X-Real-IP': '10.1.2.3' };
      const { headers: to } = await visitor.request(`/saml/sso?${redirectQuery(authnRequest())}`, { headers });
      assertForm(await visitor.request(to.get('location') ?? '', { headers }));
    } finally {
      await at.close();
    }
  });
});

describe('whoever signed out', () => {
  /** Keeps every cookie, as a browser does. */
  async function signOut(visitor: Visitor): Promise<string> {
    const page = await visitor.request('/signout');
    const last = page.status === 303 ? await visitor.request(page.headers.get('location') ?? '') : page;
    const cookie = last.headers.getSetCookie().find((one) => one.startsWith('__Host-passerelle-signed-out='));
    assert.match(cookie ?? '', /^__Host-passerelle-signed-out=1; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=3600$/);
    return '__Host-passerelle-signed-out=1';
  }

  it('is shown the form for a while, with a link to what the computer knows', async () => {
    const { visitor, page } = await stage.bring(await stage.token());
    await assertSignedIn(visitor, page);
    visitor.cookie = await signOut(visitor);
    const form = await visitor.arrive();
    assertForm(form);
    const href = / href="(\/signin\/kerberos[^"]*)"/.exec(form.body)?.[1]?.replaceAll('&amp;', '&') ?? '';
    assert.ok(form.body.includes('Use the sign-in of this computer'));
    assertForm(await visitor.request(href), 401);
    const kept = visitor.cookie;
    const signedIn = await visitor.request(href, { headers: { Authorization: `Negotiate ${await stage.token()}` } });
    assert.ok(signedIn.headers.getSetCookie().some((one) => one.startsWith('__Host-passerelle-signed-out=;')));
    assert.ok(signedIn.headers.getSetCookie().some((one) => one.startsWith('__Host-passerelle=')));
    assert.equal(kept, '__Host-passerelle-signed-out=1');
  });

  it('and asks for it in vain is told so', async () => {
    const { visitor, page } = await stage.bring(ntlmNegotiate.toString('base64'), undefined, '&asked=1');
    assert.equal(page.status, 403);
    assert.ok(page.body.includes('The sign-in of this computer could not be used'));
    assert.equal(page.reference, stage.house.events.at(-1)?.reference);
    responseOf(await visitor.fill(page, 'alice', 'Passw0rd!'));
  });

  it('without ever having been signed in, too', async () => {
    const visitor = new Visitor(stage.house.url);
    visitor.cookie = await signOut(visitor);
    assertForm(await visitor.arrive());
  });
});

describe('the keytab', () => {
  const second = 'HTTP/login.example.com@CORP.EXAMPLE.COM';

  it('may hold keys of several principals, old ones and strong ones of every kind', async () => {
    const at = await openKerberosHouse({ principals: [principal, second] });
    try {
      const keys = [17, 18, 19, 20].map((enctype) => makeServiceKey(second, enctype, 3));
      at.layKeytab([makeServiceKey(principal, 23, 9), at.key, makeServiceKey(second, 18, 2), ...keys]);
      const sid = await at.sidOf('alice');
      for (const key of [at.key, ...keys]) {
        const { visitor, page } = await at.bring(makeToken({ key, sid }));
        await assertSignedIn(visitor, page);
      }
    } finally {
      await at.close();
    }
  });

  it('may be replaced at any time, and is missed only while it is gone', async () => {
    const at = await openKerberosHouse();
    try {
      const sid = await at.sidOf('alice');
      const next = makeServiceKey(principal, 18, 2);
      at.layKeytab([next]);
      assertForm((await at.bring(await at.token())).page);
      assert.equal(refusalIn(at), 'kerberos-key-unknown');
      const { kvno, held } = at.house.events.at(-1)?.detail ?? {};
      assert.deepEqual([kvno, held], [1, '2']);
      const { visitor, page } = await at.bring(makeToken({ key: next, sid }));
      await assertSignedIn(visitor, page);
      const file = at.house.configuration.kerberos?.keytab ?? '';
      rmSync(file);
      assertForm((await at.bring(makeToken({ key: next, sid }))).page);
      assert.equal(refusalIn(at), 'kerberos-key-unknown');
      at.layKeytab([at.key, next]);
      const restored = await at.bring(await at.token());
      await assertSignedIn(restored.visitor, restored.page);
    } finally {
      await at.close();
    }
  });

  it('does not lend a key of another principal, though the ticket claims to be for ours', async () => {
    const at = await openKerberosHouse();
    try {
      const other = makeServiceKey('host/localhost@CORP.EXAMPLE.COM');
      at.layKeytab([at.key, other]);
      const token = makeToken({ key: other, service: principal, sid: await at.sidOf('alice') });
      assertForm((await at.bring(token)).page);
      assert.equal(refusalIn(at), 'kerberos-key-unknown');
    } finally {
      await at.close();
    }
  });
});

describe('realms that are named', () => {
  it('lead to their domain, and no other realm does', async () => {
    const at = await openKerberosHouse({
      realms: { 'EXAMPLE.NET': 'corp.example.com', 'SOUTH.EXAMPLE.NET': 'south.example.net' },
    });
    try {
      const { visitor, page } = await at.bring(await at.token({ realm: 'EXAMPLE.NET' }));
      await assertSignedIn(visitor, page);
      assertForm((await at.bring(await at.token({ realm: 'SOUTH.EXAMPLE.NET' }))).page);
      assert.equal(refusalIn(at), 'kerberos-person-unknown');
      assertForm((await at.bring(await at.token())).page);
      assert.equal(refusalIn(at), 'kerberos-realm-unknown');
    } finally {
      await at.close();
    }
  });
});

describe('a ticket is bound to the TLS connection', () => {
  const bind = (certificate: Buffer, digest = 'sha256'): Buffer => {
    const data = Buffer.concat([Buffer.from('tls-server-end-point:'), hash(digest, certificate, 'buffer')]);
    const head = Buffer.alloc(20);
    head.writeUInt32LE(data.length, 16);
    return hash('md5', Buffer.concat([head, data]), 'buffer');
  };

  /** The house behind a proxy that shows the certificate of that file. */
  async function behind(channelBinding: 'none' | 'offered' | 'required'): Promise<{ at: KerberosHouse; ours: Buffer }> {
    const file = new URL('../fixtures/proxy-certificate.pem', import.meta.url).pathname;
    const at = await openKerberosHouse({ channelBinding, certFiles: [file] });
    return { at, ours: bind(new X509Certificate(readFileSync(file)).raw) };
  }
  const rows = [
    ['none', 'other', true],
    ['offered', 'none', true],
    ['offered', 'ours', true],
    ['offered', 'other', false],
    ['required', 'none', false],
    ['required', 'ours', true],
    ['required', 'other', false],
  ] as const;
  for (const [setting, bound, taken] of rows) {
    it(`${setting}, ${bound === 'none' ? 'and the browser binds it to nothing' : `and it is bound to ${bound === 'ours' ? 'ours' : 'another one'}`}: ${taken ? 'taken' : 'refused'}`, async () => {
      const { at, ours } = await behind(setting);
      try {
        const bindings = { none: {}, ours: { bindings: ours }, other: { bindings: randomBytes(16) } }[bound];
        const { visitor, page } = await at.bring(await at.token(bindings));
        if (taken) await assertSignedIn(visitor, page);
        else {
          assertForm(page);
          assert.equal(refusalIn(at), 'kerberos-channel-binding');
        }
      } finally {
        await at.close();
      }
    });
  }

  for (const setting of ['offered', 'required'] as const) {
    it(`${setting}, and to the certificate that was there while another is being written in its place`, async () => {
      const pem = readFileSync(new URL('../fixtures/proxy-certificate.pem', import.meta.url));
      const folder = mkdtempSync(join(tmpdir(), 'passerelle-certificate-'));
      const file = join(folder, 'proxy.pem');
      writeFileSync(file, pem);
      const at = await openKerberosHouse({ channelBinding: setting, certFiles: [file] });
      try {
        for (const half of [pem.subarray(0, 100), Buffer.alloc(0)]) {
          writeFileSync(file, half);
          const bindings = bind(new X509Certificate(pem).raw);
          const { visitor, page } = await at.bring(await at.token({ bindings }));
          await assertSignedIn(visitor, page);
          assertForm((await at.bring(await at.token({ bindings: randomBytes(16) }))).page);
          assert.equal(refusalIn(at), 'kerberos-channel-binding');
        }
      } finally {
        await at.close();
        rmSync(folder, { recursive: true });
      }
    });
  }
});
