/** Single logout over HTTP with service providers that share no code with the house (saml-profiles §4.4). */
import assert from 'node:assert/strict';
import { type KeyObject, randomBytes } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { createKeyFolder } from '../../src/keys/key-folder.ts';
import { ForeignServiceProvider, makeCredential } from '../fixtures/foreign-service-provider.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import {
  answer,
  assertSigned,
  bring,
  follow,
  goOnWithout,
  hasSession,
  type Known,
  sentBy,
  shownStates,
  signInAt,
  sloService,
} from '../fixtures/logout-journey.ts';
import { makeEncrypted } from '../fixtures/make-encrypted.ts';
import { responseOf, statusOf, textOf, Visitor, type Page } from '../fixtures/visitor.ts';
import { assertValidBySchema } from '../fixtures/xml-judges.ts';

const credential = await makeCredential();
const foreign = await makeCredential('other.example.net');
const wiki = new ForeignServiceProvider(credential, 'https://wiki.example.net');
const payroll = new ForeignServiceProvider(foreign, 'https://payroll.example.net');
const expenses = new ForeignServiceProvider(credential, 'https://expenses.example.net');
/** Is told of people in secret. */
const secret = new ForeignServiceProvider(foreign, 'https://secret.example.net');
/** Has no endpoint to be told at. */
const silent = new ForeignServiceProvider(credential, 'https://silent.example.net');
/** Has no key to be believed by. */
const keyless = new ForeignServiceProvider(credential, 'https://keyless.example.net');
const three = [wiki, payroll, expenses];
const persistent = '<samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" AllowCreate="true"/>';
const transient = '<samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient"/>';

let house: House;
let slo: string;
let visitor: Visitor;

before(async () => {
  house = await openHouse({
    metadata: [
      { name: 'Wiki', xml: wiki.metadata({ endpoints: sloService('redirect', 'https://wiki.example.net/slo?tenant=1') }) },
      { name: 'Payroll', xml: payroll.metadata({ endpoints: sloService('post', 'https://payroll.example.net/slo') }) },
      {
        name: 'Expenses',
        xml: expenses.metadata({
          endpoints:
            '<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:SOAP" Location="https://expenses.example.net/soap"/>' +
            sloService('redirect', 'https://expenses.example.net/slo', 'https://expenses.example.net/slo-response') +
            sloService('post', 'https://expenses.example.net/slo-post', 'https://expenses.example.net/slo-post-response'),
        }),
      },
      {
        name: 'Secret',
        xml: secret.metadata({ keys: secret.keyDescriptor(), endpoints: sloService('post', 'https://secret.example.net/slo') }),
      },
      { name: 'Silent', xml: silent.metadata() },
      {
        name: 'Keyless',
        xml: keyless.metadata({ keys: '', endpoints: sloService('redirect', 'https://keyless.example.net/slo') }),
      },
    ],
  });
  slo = `${house.url}/saml/slo`;
});
after(() => house.close());
beforeEach(() => {
  visitor = new Visitor(house.url);
});

/** A session in which all three know Alice. */
async function signInAtThree(): Promise<readonly Known[]> {
  const known: Known[] = [];
  for (const serviceProvider of three) known.push(await signInAt(visitor, serviceProvider));
  return known;
}

const idOf = (xml: string): string => / ID="([^"]+)"/.exec(xml)?.[1] ?? '';
const eventsOf = (name: string) => house.events.filter(({ event }) => event === name);

/** The answer that goes back to the service provider that asked. */
function answerOf(page: Page): {
  readonly xml: string;
  readonly location: string;
  readonly status: string[];
  readonly relayState?: string;
} {
  const sent = sentBy(page);
  assert.ok(sent?.parameter === 'SAMLResponse', page.body);
  const { xml, location, relayState } = sent;
  return { xml, location, status: statusOf(xml), ...(relayState !== undefined && { relayState }) };
}

describe('a sign-out that a service provider asks for', () => {
  for (const binding of ['redirect', 'post'] as const) {
    it(`ends the session and answers, by ${binding}`, async () => {
      const [known] = await signInAtThree();
      assert.ok(known !== undefined);
      const relayState = 'a+b/c=&d "<ü日本>';
      const request = wiki.logoutRequest(slo, known.nameID, [known.sessionIndex]);
      let page = await bring(visitor, wiki, binding, request, { relayState });
      assert.equal(await hasSession(visitor, silent), false, 'the session ends before anybody else is told');
      for (const serviceProvider of [payroll, expenses]) {
        await assertSigned(visitor, page);
        const sent = sentBy(page);
        assert.ok(sent !== undefined);
        assert.equal(sent.parameter, 'SAMLRequest');
        assert.equal(/ Destination="([^"]+)"/.exec(sent.xml)?.[1], sent.location);
        assertValidBySchema([sent.xml], 'protocol');
        page = await answer(visitor, serviceProvider, page, 'Success', binding);
      }
      await assertSigned(visitor, page);
      const response = answerOf(page);
      assertValidBySchema([response.xml], 'protocol');
      assert.deepEqual(response.status, ['Success']);
      assert.equal(response.relayState, relayState);
      assert.equal(/ InResponseTo="([^"]+)"/.exec(response.xml)?.[1], idOf(request));
      assert.match(response.location, /^https:\/\/wiki\.example\.net\/slo/);
    });
  }

  it('tells the others of the person as they know them, in the order of their sign-ins', async () => {
    const [known, atPayroll, atExpenses] = await signInAtThree();
    const first = await bring(visitor, wiki, 'redirect', wiki.logoutRequest(slo, known?.nameID ?? ''));
    const toPayroll = sentBy(first);
    assert.equal(toPayroll?.location, 'https://payroll.example.net/slo');
    assert.equal(toPayroll.binding, 'post');
    const second = await answer(visitor, payroll, first);
    const toExpenses = sentBy(second);
    assert.equal(toExpenses?.location, 'https://expenses.example.net/slo', 'the first endpoint that a browser can reach');
    for (const [sent, there] of [
      [toPayroll, atPayroll],
      [toExpenses, atExpenses],
    ] as const) {
      assert.equal(textOf(sent.xml, 'NameID'), textOf(there?.nameID ?? '', 'NameID'));
      assert.equal(/ Format="([^"]+)"/.exec(sent.xml)?.[1], / Format="([^"]+)"/.exec(there?.nameID ?? '')?.[1]);
      assert.equal(textOf(sent.xml, 'SessionIndex'), there?.sessionIndex);
      const [notOnOrAfter] = / NotOnOrAfter="([^"]+)"/.exec(sent.xml)?.slice(1) ?? [];
      const ahead = Date.parse(notOnOrAfter ?? '') - house.now();
      assert.ok(ahead > 60_000 && ahead <= 300_000, notOnOrAfter);
    }
  });

  it('answers at the ResponseLocation, by the binding that was asked by', async () => {
    for (const [binding, location] of [
      ['redirect', 'https://expenses.example.net/slo-response'],
      ['post', 'https://expenses.example.net/slo-post-response'],
    ] as const) {
      const one = new Visitor(house.url);
      const known = await signInAt(one, expenses);
      const page = await bring(one, expenses, binding, expenses.logoutRequest(slo, known.nameID));
      assert.equal(answerOf(page).location, location);
    }
  });

  it('echoes no RelayState where none came', async () => {
    const { nameID } = await signInAt(visitor, wiki);
    const response = answerOf(await bring(visitor, wiki, 'redirect', wiki.logoutRequest(slo, nameID)));
    assert.equal(response.relayState, undefined);
  });

  it('ends all sessions of the person without SessionIndex, in other browsers too, and one alone with it', async () => {
    const other = new Visitor(house.url);
    const third = new Visitor(house.url);
    const known = await signInAt(visitor, wiki, undefined, persistent);
    await signInAt(other, wiki, undefined, persistent);
    const atThird = await signInAt(third, wiki, undefined, persistent);
    const one = await bring(third, wiki, 'redirect', wiki.logoutRequest(slo, atThird.nameID, [atThird.sessionIndex, '_unknown']));
    assert.deepEqual(answerOf(one).status, ['Success']);
    assert.equal(await hasSession(third, silent), false);
    assert.equal(await hasSession(other, silent), true);
    const all = await bring(visitor, wiki, 'redirect', wiki.logoutRequest(slo, known.nameID));
    assert.deepEqual(answerOf(all).status, ['Success']);
    assert.equal(await hasSession(visitor, silent), false);
    assert.equal(await hasSession(other, silent), false);
  });

  it('knows every transient name that it gave out', async () => {
    const first = await signInAt(visitor, wiki, undefined, transient);
    const second = await signInAt(visitor, wiki, undefined, transient);
    assert.notEqual(first.nameID, second.nameID);
    const page = await bring(visitor, wiki, 'redirect', wiki.logoutRequest(slo, first.nameID));
    assert.deepEqual(answerOf(page).status, ['Success']);
    assert.equal(await hasSession(visitor, silent), false);
  });

  it('knows a session whose person signed in again', async () => {
    const known = await signInAt(visitor, wiki);
    const again = payroll.authnRequest(`${house.url}/saml/sso`, { attributes: { ForceAuthn: 'true' } });
    const asked = await visitor.visit(`/saml/sso?${payroll.redirectQuery(again)}`);
    await visitor.fill(asked, 'alice', 'Passw0rd!');
    const page = await bring(visitor, wiki, 'redirect', wiki.logoutRequest(slo, known.nameID, [known.sessionIndex]));
    assert.equal(await hasSession(visitor, silent), false);
    assert.deepEqual(answerOf(await answer(visitor, payroll, page)).status, ['Success']);
  });

  it('leaves alone who has nothing to do with it', async () => {
    const { nameID } = await signInAt(new Visitor(house.url), wiki);
    await signInAt(visitor, wiki, { name: 'bob', password: 'Passw0rd!' });
    const page = await bring(visitor, wiki, 'redirect', wiki.logoutRequest(slo, nameID));
    assert.deepEqual(answerOf(page).status, ['Success']);
    assert.equal(await hasSession(visitor, silent), true);
  });
});

describe('asynchronous logout', () => {
  const asynchronous =
    '<samlp:Extensions><aslo:Asynchronous xmlns:aslo="urn:oasis:names:tc:SAML:2.0:protocol:ext:async-slo"/></samlp:Extensions>';

  it('tells the others, sends no answer, and keeps the person here', async () => {
    const [known] = await signInAtThree();
    const request = wiki.logoutRequest(slo, known?.nameID ?? '', [], { content: asynchronous });
    const first = await bring(visitor, wiki, 'redirect', request);
    const last = await answer(visitor, expenses, await answer(visitor, payroll, first));
    assert.equal(sentBy(last), undefined);
    assert.match(last.body, /You are signed out/);
    assert.deepEqual(shownStates(last), { Payroll: 'done', Expenses: 'done' });
  });

  it('ends at our page where nobody else is to be told', async () => {
    const { nameID } = await signInAt(visitor, wiki);
    const page = await bring(visitor, wiki, 'post', wiki.logoutRequest(slo, nameID, [], { content: asynchronous }));
    assert.equal(sentBy(page), undefined);
    assert.match(page.body, /You are signed out/);
    assert.equal(await hasSession(visitor, silent), false);
  });
});

describe('a sign-out that begins here', () => {
  it('ends the session, then tells everybody, and stays here', async () => {
    await signInAtThree();
    let page = await follow(visitor, await visitor.request('/signout'));
    assert.equal(await hasSession(visitor, silent), false, 'a browser that goes away now leaves no session behind');
    assert.deepEqual(shownStates(page), { Wiki: 'current', Payroll: 'waiting', Expenses: 'waiting' });
    for (const serviceProvider of three) page = await answer(visitor, serviceProvider, page, 'Success', 'post');
    assert.deepEqual(shownStates(page), { Wiki: 'done', Payroll: 'done', Expenses: 'done' });
    assert.equal(visitor.cookie, undefined);
    const event = eventsOf('logout.propagated').at(-1);
    assert.deepEqual(
      event?.detail?.done,
      three.map(({ entityID }) => entityID),
    );
    const ended = eventsOf('session.ended').at(-1);
    assert.equal(ended?.detail?.why, 'signed out here');
  });

  it('says that Google goes on, and leads to its sign-out', async () => {
    const page = await visitor.visit('/signout');
    assert.match(page.body, /href="https:\/\/accounts\.google\.com\/Logout"/);
  });

  it('names the person in secret to whom it did so before', async () => {
    const query = secret.redirectQuery(secret.authnRequest(`${house.url}/saml/sso`));
    const page = await visitor.visit(`/saml/sso?${query}`);
    const response = responseOf(await visitor.fill(page, 'alice', 'Passw0rd!'));
    const first = await follow(visitor, await visitor.request('/signout'));
    const { xml } = sentBy(first) ?? { xml: '' };
    assert.doesNotMatch(xml, /<saml:NameID/);
    assertValidBySchema([xml], 'protocol');
    await assertSigned(visitor, first);
    assert.equal(textOf(secret.decrypt(xml), 'NameID'), textOf(secret.decrypt(response.xml), 'NameID'));
    assert.deepEqual(shownStates(await answer(visitor, secret, first)), { Secret: 'done' });
  });

  it('tells a service provider of the name that it was given last', async () => {
    await signInAt(visitor, wiki, undefined, transient);
    const last = await signInAt(visitor, wiki, undefined, transient);
    const page = await follow(visitor, await visitor.request('/signout'));
    assert.deepEqual(shownStates(page), { Wiki: 'current' });
    assert.equal(textOf(sentBy(page)?.xml ?? '', 'NameID'), textOf(last.nameID, 'NameID'));
    assert.deepEqual(shownStates(await answer(visitor, wiki, page)), { Wiki: 'done' });
  });

  it('passes over who cannot be asked, and says so', async () => {
    const asked = await visitor.visit(`/saml/idp-initiated?sp=${encodeURIComponent(keyless.entityID)}`);
    await visitor.fill(asked, 'alice', 'Passw0rd!');
    await signInAt(visitor, wiki);
    let page = await follow(visitor, await visitor.request('/signout'));
    assert.deepEqual(shownStates(page), { Keyless: 'failed', Wiki: 'current' });
    page = await answer(visitor, wiki, page);
    assert.match(page.body, /not signed out everywhere/);
    assert.deepEqual(shownStates(page), { Keyless: 'failed', Wiki: 'done' });
    assert.deepEqual(eventsOf('logout.partial').at(-1)?.detail?.failed, [`${keyless.entityID}: it cannot be asked`]);
  });

  it('waits for nobody whom the browser came back from: the person may try again or go on', async () => {
    await signInAtThree();
    const first = await follow(visitor, await visitor.request('/signout'));
    assert.match(first.body, /<script/);
    const again = await visitor.request(first.url);
    assert.doesNotMatch(again.body, /<script/, 'a page that went there by itself twice would be a trap');
    assert.match(again.body, /Wiki has not answered/);
    assert.match(again.headers.get('content-security-policy') ?? '', /form-action 'self'/);
    const skipped = await goOnWithout(visitor, again);
    assert.deepEqual(shownStates(skipped), { Wiki: 'failed', Payroll: 'current', Expenses: 'waiting' });
  });

  it('takes the answer to either try', async () => {
    await signInAtThree();
    const first = await follow(visitor, await visitor.request('/signout'));
    const again = await visitor.request(first.url);
    assert.notEqual(idOf(sentBy(first)?.xml ?? ''), idOf(sentBy(again)?.xml ?? ''));
    assert.deepEqual(shownStates(await answer(visitor, wiki, first)), { Wiki: 'done', Payroll: 'current', Expenses: 'waiting' });
  });
});

describe('whoever got stuck at a service provider', () => {
  it('goes on where it stood by signing out here again', async () => {
    await signInAtThree();
    const first = await follow(visitor, await visitor.request('/signout'));
    await answer(visitor, wiki, first);
    const again = await follow(visitor, await visitor.request('/signout'));
    assert.deepEqual(shownStates(again), { Wiki: 'done', Payroll: 'current', Expenses: 'waiting' });
    assert.match(again.body, /Payroll has not answered/);
  });

  it('goes on where it stood by signing out at the same service provider again, which is answered by the later request', async () => {
    for (const binding of ['redirect', 'post'] as const) {
      visitor = new Visitor(house.url);
      const [known] = await signInAtThree();
      await bring(visitor, wiki, binding, wiki.logoutRequest(slo, known?.nameID ?? ''), { relayState: 'first' });
      const later = wiki.logoutRequest(slo, known?.nameID ?? '');
      const again = await bring(visitor, wiki, binding, later, { relayState: 'later' });
      assert.deepEqual(shownStates(again), { Payroll: 'current', Expenses: 'waiting' });
      const last = await goOnWithout(visitor, await goOnWithout(visitor, again));
      const response = answerOf(last);
      assert.deepEqual(response.status, ['Success', 'PartialLogout']);
      assert.equal(response.relayState, 'later');
      assert.equal(/ InResponseTo="([^"]+)"/.exec(response.xml)?.[1], idOf(later));
    }
  });

  it('is not told twice to sign out of where the person did so', async () => {
    const [, atPayroll] = await signInAtThree();
    const first = await follow(visitor, await visitor.request('/signout'));
    assert.equal(shownStates(first).Payroll, 'waiting');
    const own = await bring(visitor, payroll, 'post', payroll.logoutRequest(slo, atPayroll?.nameID ?? ''));
    assert.deepEqual(shownStates(own), { Wiki: 'current', Payroll: 'done', Expenses: 'waiting' });
    const last = await answer(visitor, expenses, await answer(visitor, wiki, own));
    assert.deepEqual(answerOf(last).status, ['Success']);
    assert.equal(answerOf(last).location, 'https://payroll.example.net/slo');
  });

  it('starts afresh once it is over', async () => {
    await signInAtThree();
    const first = await follow(visitor, await visitor.request('/signout'));
    await answer(visitor, expenses, await answer(visitor, payroll, await answer(visitor, wiki, first)));
    const again = await visitor.visit('/signout');
    assert.deepEqual(shownStates(again), {});
    assert.match(again.body, /You are signed out/);
  });
});

describe('a LogoutRequest', () => {
  let known: Known;
  let own: Visitor;
  before(async () => {
    own = new Visitor(house.url);
    known = await signInAt(own, wiki, undefined, persistent);
  });

  const at = (offset: number): string => new Date(house.now() + offset).toISOString();
  type Spoilt = readonly [title: string, act: () => Promise<Page>, reason: string, status: readonly string[] | undefined];
  const spoilt: readonly Spoilt[] = [
    ['without a signature, by redirect', () => send(request(), { sign: false }), 'signature-missing', undefined],
    ['without a signature, by post', () => send(request(), { sign: false }, 'post'), 'signature-missing', undefined],
    ['signed by another service provider', () => bring(own, payroll, 'redirect', request()), 'signature-invalid', undefined],
    [
      'of a stranger',
      () => send(request().replaceAll(wiki.entityID, 'https://stranger.example')),
      'service-provider-unknown',
      undefined,
    ],
    [
      'for another endpoint',
      () => send(wiki.logoutRequest(`${house.url}/saml/sso`, known.nameID)),
      'request-wrong-destination',
      undefined,
    ],
    ['for no endpoint', () => send(wiki.logoutRequest(undefined, known.nameID)), 'request-wrong-destination', undefined],
    ['whose root is another', () => send(wiki.authnRequest(slo)), 'request-not-logout', undefined],
    ['beside a LogoutResponse', () => own.request('/saml/slo?SAMLRequest=x&SAMLResponse=y'), 'request-not-logout', undefined],
    ['that is none', () => own.request('/saml/slo'), 'request-missing', undefined],
    ['whose ID is no NCName', () => send(wiki.logoutRequest(slo, known.nameID, [], { id: '1 2' })), 'request-invalid', undefined],
    ['of another version', () => send(request({ Version: '1.1' })), 'request-version', ['VersionMismatch']],
    ['of no version', () => send(request({ Version: undefined })), 'request-invalid', ['Requester']],
    [
      'past its NotOnOrAfter',
      () => send(request({ NotOnOrAfter: at(-600_000) })),
      'request-stale',
      ['Requester', 'RequestDenied'],
    ],
    ['whose NotOnOrAfter is no instant', () => send(request({ NotOnOrAfter: 'soon' })), 'request-invalid', ['Requester']],
    ['made long ago', () => send(request({ IssueInstant: at(-3_600_000) })), 'request-stale', ['Requester', 'RequestDenied']],
    [
      'made in the future',
      () => send(request({ IssueInstant: at(3_600_000) })),
      'request-from-future',
      ['Requester', 'RequestDenied'],
    ],
    ['about nobody', () => send(wiki.logoutRequest(slo, '')), 'request-invalid', ['Requester']],
    [
      'about a BaseID',
      () => send(wiki.logoutRequest(slo, '<saml:BaseID/>')),
      'logout-identifier-unreadable',
      ['Requester', 'UnknownPrincipal'],
    ],
    [
      'about an EncryptedID that holds nothing',
      () => send(wiki.logoutRequest(slo, '<saml:EncryptedID/>')),
      'decryption-failed',
      ['Requester'],
    ],
    ['with an empty SessionIndex', () => send(wiki.logoutRequest(slo, known.nameID, [''])), 'request-invalid', ['Requester']],
    [
      'with its parts out of order',
      () => send(wiki.logoutRequest(slo, `<samlp:SessionIndex>${known.sessionIndex}</samlp:SessionIndex>${known.nameID}`)),
      'request-invalid',
      ['Requester'],
    ],
    ['with two NameIDs', () => send(wiki.logoutRequest(slo, known.nameID.repeat(2))), 'request-invalid', ['Requester']],
    ...(
      [
        ['another value', (nameID: string) => nameID.replace(/>[^<]+</, '>mallory@example.com<')],
        ['a longer value', (nameID: string) => nameID.replace('</', ' </')],
        [
          'another Format',
          (nameID: string) => nameID.replace(/Format="[^"]+"/, 'Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient"'),
        ],
        ['no Format', (nameID: string) => nameID.replace(/ Format="[^"]+"/, '')],
        [
          'a foreign NameQualifier',
          (nameID: string) => nameID.replace(/ NameQualifier="[^"]+"/, ' NameQualifier="https://other.example"'),
        ],
        [
          'a foreign SPNameQualifier',
          (nameID: string) => nameID.replace(/SPNameQualifier="[^"]+"/, 'SPNameQualifier="https://other.example"'),
        ],
        ['an SPProvidedID', (nameID: string) => nameID.replace('<saml:NameID', '<saml:NameID SPProvidedID="x"')],
      ] as const
    ).map(([title, spoil]): Spoilt => [
      `about ${title}`,
      () => send(wiki.logoutRequest(slo, spoil(known.nameID))),
      'logout-principal-unknown',
      ['Requester', 'UnknownPrincipal'],
    ]),
    [
      'about a session that is not there',
      () => send(wiki.logoutRequest(slo, known.nameID, ['_unknown'])),
      'logout-principal-unknown',
      ['Requester', 'UnknownPrincipal'],
    ],
    [
      'about whom another service provider knows',
      () => bring(own, payroll, 'post', payroll.logoutRequest(slo, known.nameID, [known.sessionIndex])),
      'logout-principal-unknown',
      ['Requester', 'UnknownPrincipal'],
    ],
  ];

  const request = (attributes: Readonly<Record<string, string | undefined>> = {}): string =>
    wiki.logoutRequest(slo, known.nameID, [known.sessionIndex], { attributes });
  const send = (xml: string, options: { sign?: boolean } = {}, binding: 'redirect' | 'post' = 'redirect'): Promise<Page> =>
    bring(own, wiki, binding, xml, options);

  for (const [title, act, reason, status] of spoilt) {
    it(`${title} ends nothing`, async () => {
      const page = await act();
      const event = eventsOf('logout.refused').at(-1);
      assert.equal(event?.reason, reason, JSON.stringify(event));
      if (status === undefined) {
        assert.equal(sentBy(page), undefined);
        assert.ok(page.status >= 400 && page.status < 500);
        assert.equal(page.reference, event.reference);
        assert.match(page.body, /href="\/signout"/);
      } else {
        const response = answerOf(page);
        assert.deepEqual(response.status, status);
        assert.match(response.xml, new RegExp(`reference ${event.reference}`));
        assertValidBySchema([response.xml], 'protocol');
        await assertSigned(own, page);
      }
      assert.equal(await hasSession(own, silent), true);
    });
  }

  it('is taken within the skew of clocks', async () => {
    const one = new Visitor(house.url);
    const { nameID } = await signInAt(one, wiki);
    const xml = wiki.logoutRequest(slo, nameID, [], { attributes: { NotOnOrAfter: at(-60_000), IssueInstant: at(-120_000) } });
    assert.deepEqual(answerOf(await bring(one, wiki, 'redirect', xml)).status, ['Success']);
  });

  it('is taken without NotOnOrAfter', async () => {
    const one = new Visitor(house.url);
    const { nameID } = await signInAt(one, wiki);
    const xml = wiki.logoutRequest(slo, nameID, [], { attributes: { NotOnOrAfter: undefined } });
    assert.deepEqual(answerOf(await bring(one, wiki, 'redirect', xml)).status, ['Success']);
  });

  it('is taken without the qualifiers that go without saying, and with them', async () => {
    const one = new Visitor(house.url);
    const bare = (await signInAt(one, payroll, undefined, persistent)).nameID.replaceAll(/ (?:SP)?NameQualifier="[^"]+"/g, '');
    assert.deepEqual(answerOf(await bring(one, payroll, 'redirect', payroll.logoutRequest(slo, bare))).status, ['Success']);
    const { nameID } = await signInAt(one, wiki);
    const full = nameID
      .replaceAll(/ (?:SP)?NameQualifier="[^"]+"/g, '')
      .replace('<saml:NameID', `<saml:NameID NameQualifier="${house.url}/saml/metadata" SPNameQualifier="${wiki.entityID}"`);
    assert.deepEqual(answerOf(await bring(one, wiki, 'redirect', wiki.logoutRequest(slo, full))).status, ['Success']);
  });

  it('is answered once', async () => {
    const one = new Visitor(house.url);
    const { nameID } = await signInAt(one, wiki, { name: 'bob', password: 'Passw0rd!' });
    const xml = wiki.logoutRequest(slo, nameID);
    assert.deepEqual(answerOf(await bring(one, wiki, 'redirect', xml)).status, ['Success']);
    await signInAt(one, wiki, { name: 'bob', password: 'Passw0rd!' });
    const replayed = await bring(one, wiki, 'redirect', xml);
    assert.equal(eventsOf('logout.refused').at(-1)?.reason, 'request-replayed');
    assert.equal(sentBy(replayed), undefined);
    assert.equal(await hasSession(one, silent), true);
  });

  it('gets a page where its sender has no endpoint for the answer', async () => {
    const one = new Visitor(house.url);
    const { nameID } = await signInAt(one, silent);
    const page = await bring(one, silent, 'redirect', silent.logoutRequest(slo, nameID));
    assert.equal(page.status, 400);
    assert.equal(eventsOf('logout.refused').at(-1)?.reason, 'logout-principal-unknown');
  });
});

describe('a LogoutRequest with an EncryptedID', () => {
  let other: House;
  const certificates: KeyObject[] = [];
  before(async () => {
    other = await openHouse({
      metadata: [{ xml: wiki.metadata({ endpoints: sloService('redirect', 'https://wiki.example.net/slo') }) }],
      layKeys: async (path) => {
        const clock = { now: () => Date.now() - 1_000, until: () => Promise.resolve() };
        const keys = createKeyFolder({ path, commonName: 'localhost', clock, random: randomBytes });
        await keys.open();
        await keys.add({ use: 'encryption' });
        certificates.push(...(await keys.open()).decryption.map(({ certificate }) => certificate.publicKey));
      },
    });
  });
  after(() => other.close());

  for (const [title, index] of [
    ['newest', 0],
    ['older', 1],
  ] as const) {
    it(`opens by the ${title} key`, async () => {
      const one = new Visitor(other.url);
      const { nameID } = await signInAt(one, wiki);
      const key = certificates[index];
      assert.ok(key !== undefined);
      const whole = nameID.replace('<saml:NameID', '<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"');
      const xml = wiki.logoutRequest(`${other.url}/saml/slo`, makeEncrypted(whole, key));
      assert.deepEqual(answerOf(await bring(one, wiki, 'redirect', xml)).status, ['Success']);
      assert.equal(await hasSession(one, wiki), false);
    });
  }

  for (const [title, text, reason] of [
    [
      'nobody',
      '<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">nobody</saml:NameID>',
      'logout-principal-unknown',
    ],
    ['no NameID', '<x xmlns="urn:x">nobody</x>', 'request-invalid'],
  ] as const) {
    it(`that holds ${title} ends nothing`, async () => {
      const one = new Visitor(other.url);
      await signInAt(one, wiki);
      const key = certificates[0];
      assert.ok(key !== undefined);
      const xml = wiki.logoutRequest(`${other.url}/saml/slo`, makeEncrypted(text, key));
      assert.equal(answerOf(await bring(one, wiki, 'redirect', xml)).status[0], 'Requester');
      assert.equal(other.events.at(-1)?.reason, reason);
      assert.equal(await hasSession(one, wiki), true);
    });
  }
});

describe('a LogoutResponse', () => {
  let page: Page;
  let id: string;
  let relayState: string;
  beforeEach(async () => {
    await signInAtThree();
    page = await follow(visitor, await visitor.request('/signout'));
    const sent = sentBy(page);
    id = idOf(sent?.xml ?? '');
    relayState = sent?.relayState ?? '';
  });
  const respond = (xml: string, serviceProvider = wiki, sign = true): Promise<Page> =>
    bring(visitor, serviceProvider, 'redirect', xml, { parameter: 'SAMLResponse', relayState, sign });

  const spoilt: readonly [title: string, act: () => Promise<Page>, reason: string][] = [
    ['without a signature', () => respond(wiki.logoutResponse(slo, id), wiki, false), 'signature-missing'],
    ['signed by another', () => respond(wiki.logoutResponse(slo, id), payroll), 'signature-invalid'],
    ['of a service provider that was not asked', () => respond(payroll.logoutResponse(slo, id), payroll), 'logout-unexpected'],
    ['to a request that was never sent', () => respond(wiki.logoutResponse(slo, `_${'0'.repeat(48)}`)), 'logout-unexpected'],
    [
      'to another request of the same sign-out',
      () => respond(wiki.logoutResponse(slo, `${id.slice(0, -1)}x`)),
      'logout-unexpected',
    ],
    [
      'to nothing',
      () => respond(wiki.logoutResponse(slo, id, 'Success', { attributes: { InResponseTo: undefined } })),
      'logout-unexpected',
    ],
    ['to anything odd', () => respond(wiki.logoutResponse(slo, '../../signin')), 'logout-unexpected'],
    ['for another endpoint', () => respond(wiki.logoutResponse(`${house.url}/`, id)), 'request-wrong-destination'],
    [
      'made long ago',
      () => respond(wiki.logoutResponse(slo, id, 'Success', { issueInstant: Date.now() - 7_200_000 })),
      'request-stale',
    ],
    [
      'without a Status',
      () => respond(wiki.logoutResponse(slo, id).replace(/<samlp:Status>.*<\/samlp:Status>/, '')),
      'request-invalid',
    ],
    [
      'of another version',
      () => respond(wiki.logoutResponse(slo, id, 'Success', { attributes: { Version: '1.0' } })),
      'request-version',
    ],
    ['whose root is a request', () => respond(wiki.logoutRequest(slo, '<saml:NameID>x</saml:NameID>')), 'request-not-logout'],
  ];
  for (const [title, act, reason] of spoilt) {
    it(`${title} changes nothing, and leads back to the sign-out`, async () => {
      const refused = await act();
      assert.equal(eventsOf('logout.refused').at(-1)?.reason, reason);
      assert.ok(refused.status >= 400 && refused.status < 500, refused.body);
      const back = /href="(\/signout\/progress\?id=[0-9a-f]{32})"/.exec(refused.body)?.[1];
      assert.ok(back !== undefined, refused.body);
      assert.deepEqual(shownStates(await visitor.request(back)), { Wiki: 'current', Payroll: 'waiting', Expenses: 'waiting' });
    });
  }

  it('counts once', async () => {
    const response = wiki.logoutResponse(slo, id);
    assert.deepEqual(shownStates(await respond(response)), { Wiki: 'done', Payroll: 'current', Expenses: 'waiting' });
    assert.equal((await respond(response)).status, 400);
    assert.equal(eventsOf('logout.refused').at(-1)?.reason, 'logout-unexpected');
  });

  for (const status of ['Responder', 'Requester'] as const) {
    it(`of ${status} means that the service provider did not do it`, async () => {
      assert.equal(shownStates(await respond(wiki.logoutResponse(slo, id, status))).Wiki, 'failed');
    });
  }

  it('of Success that was partial means that it was not done everywhere', async () => {
    const prefix = 'urn:oasis:names:tc:SAML:2.0:status:';
    const partial = wiki
      .logoutResponse(slo, id)
      .replace('/></samlp:Status>', `><samlp:StatusCode Value="${prefix}PartialLogout"/></samlp:StatusCode></samlp:Status>`);
    assert.equal(shownStates(await respond(partial)).Wiki, 'failed');
  });

  it('never decides where the browser goes', async () => {
    relayState = 'https://evil.example/';
    const refused = await respond(wiki.logoutResponse(slo, `_${'0'.repeat(48)}`));
    assert.doesNotMatch(refused.body, /evil/);
    const taken = await respond(wiki.logoutResponse(slo, id));
    assert.equal(shownStates(taken).Wiki, 'done');
    assert.doesNotMatch(taken.body, /evil/);
  });
});

describe('the page between the hops', () => {
  it('is for the browser of the sign-out alone', async () => {
    await signInAtThree();
    const page = await follow(visitor, await visitor.request('/signout'));
    for (const cookie of [undefined, `__Host-passerelle=${'A'.repeat(43)}`]) {
      const stranger = new Visitor(house.url);
      stranger.cookie = cookie;
      const refused = await stranger.request(page.url);
      assert.equal(refused.status, 400);
      assert.doesNotMatch(refused.body, /Wiki|Payroll/);
      const skipped = await stranger.post('/signout/progress', { id: new URL(page.url).searchParams.get('id') ?? '' });
      assert.equal(skipped.status, 400);
    }
    assert.deepEqual(shownStates(await visitor.request(page.url)), { Wiki: 'current', Payroll: 'waiting', Expenses: 'waiting' });
  });

  it('takes its form from its own site alone', async () => {
    await signInAtThree();
    const page = await follow(visitor, await visitor.request('/signout'));
    const id = new URL(page.url).searchParams.get('id') ?? '';
    const forged = await visitor.post('/signout/progress', { id }, { Origin: 'https://evil.example' });
    assert.equal(forged.status, 400);
    assert.equal(eventsOf('logout.refused').at(-1)?.reason, 'form-malformed');
    assert.equal(shownStates(await visitor.request(page.url)).Wiki, 'current');
  });

  for (const path of ['/signout/progress', '/signout/progress?id=x', `/signout/progress?id=${'0'.repeat(32)}`]) {
    it(`knows nothing of ${path}`, async () => {
      assert.equal((await visitor.request(path)).status, 400);
    });
  }
});

describe('whatever becomes of the others', () => {
  const fates = fc.array(fc.constantFrom('answers', 'refuses', 'stays silent', 'leaves for good'), {
    minLength: 3,
    maxLength: 3,
  });
  const beginnings = fc.constantFrom('wiki', 'here');

  it('the session is gone, and the status says what was reached', async () => {
    await fc.assert(
      fc.asyncProperty(
        fates,
        beginnings,
        fc.constantFrom('redirect' as const, 'post' as const),
        async (each, begins, binding) => {
          visitor = new Visitor(house.url);
          const [known] = await signInAtThree();
          const others = begins === 'here' ? three : three.slice(1);
          let page =
            begins === 'here'
              ? await follow(visitor, await visitor.request('/signout'))
              : await bring(visitor, wiki, binding, wiki.logoutRequest(slo, known?.nameID ?? ''));
          assert.equal(await hasSession(visitor, silent), false);
          const failures: string[] = [];
          for (const [index, serviceProvider] of others.entries()) {
            const fate = each[index];
            if (fate === 'leaves for good') return;
            if (fate !== 'answers') failures.push(serviceProvider.entityID);
            if (fate === 'stays silent') page = await goOnWithout(visitor, await visitor.request(page.url));
            else page = await answer(visitor, serviceProvider, page, fate === 'answers' ? 'Success' : 'Responder', binding);
          }
          const event = house.events.findLast(({ event: name }) => name.startsWith('logout.'));
          assert.equal(event?.event, failures.length > 0 ? 'logout.partial' : 'logout.propagated');
          assert.deepEqual(
            ((event.detail?.failed ?? []) as string[]).map((text) => text.split(': ')[0]),
            failures,
          );
          if (begins === 'here') {
            assert.equal(sentBy(page), undefined);
            assert.equal(page.body.includes('not signed out everywhere'), failures.length > 0);
          } else {
            assert.deepEqual(answerOf(page).status, failures.length > 0 ? ['Success', 'PartialLogout'] : ['Success']);
            assert.equal(
              page.body.includes('<script'),
              failures.length === 0,
              'who was not reached is read before the browser goes back',
            );
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('as time goes by', () => {
  it('the page between the hops is over after ten minutes', async () => {
    await signInAtThree();
    const page = await follow(visitor, await visitor.request('/signout'));
    house.advance(600_001);
    assert.equal((await visitor.request(page.url)).status, 400);
    assert.equal(eventsOf('logout.refused').at(-1)?.reason, 'logout-unknown');
  });

  it('tells the others even where the session here had idled out', async () => {
    const [known] = await signInAtThree();
    house.advance(house.configuration.session.idle + 1);
    const page = await bring(
      visitor,
      wiki,
      'redirect',
      wiki.logoutRequest(slo, known?.nameID ?? '', [], { issueInstant: house.now() }),
    );
    assert.deepEqual(shownStates(page), { Payroll: 'current', Expenses: 'waiting' });
  });
});
