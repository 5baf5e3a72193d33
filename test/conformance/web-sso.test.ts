/** The Web Browser SSO profile (saml-profiles §4.1), by either binding, with what is signed as each peer wants it. */
import assert from 'node:assert/strict';
import { SAML } from '@node-saml/node-saml';
import type { ForeignServiceProvider } from '../fixtures/foreign-service-provider.ts';
import { responseOf, Visitor } from '../fixtures/visitor.ts';
import { all, attribute } from './dom.ts';
import { arrive, asksForPassword, enter, type Outcome, type Question, signIn } from './exchange.ts';
import { judge, judgeFailure, judgeRefusal, judgeRefusalPage } from './judge.ts';
import { at, plain } from './partners.ts';
import { requirement } from './requirement.ts';
import { credential, stage, type Stage } from './stage.ts';

const kinds = ['both', 'response', 'assertion'] as const;
let partner: ForeignServiceProvider;
let other: ForeignServiceProvider;
/** By what is signed for it. */
let signed: Readonly<Record<(typeof kinds)[number], ForeignServiceProvider>>;

const open = stage(async () => {
  const key = await credential();
  partner = at('sp', key);
  other = at('other', key);
  signed = { both: at('both', key), response: at('response', key), assertion: at('assertion', key) };
  return { metadata: [plain(partner), plain(other), ...kinds.map((sign) => plain(signed[sign], {}, { sign }))] };
});

/** The request is taken: somebody is asked for a password, and the answer is sound. */
async function taken(set: Stage, question: Question): Promise<void> {
  const outcome = await arrive(set, partner, question);
  assert.ok(asksForPassword(outcome), `${String(outcome.page.status)} ${outcome.page.body.slice(0, 1000)}`);
  judge(set, partner, await enter(outcome));
}

requirement('IIP-SSO01', 'Web Browser SSO: request and Response', (prove) => {
  prove('answers with a Response that keeps every rule of saml-profiles §4.1.4', async () => {
    const set = await open();
    const answer = judge(set, partner, await signIn(set, partner, { relayState: 'relay "state" <&>' }));
    assert.equal(answer.nameID?.value, 'alice.liddell@example.com');
    assert.equal(answer.classRef, 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport');
  });

  prove('answers with a Response that node-saml takes', async () => {
    const set = await open();
    const outcome = await signIn(set, partner);
    const judgeToo = new SAML({
      callbackUrl: partner.acs,
      entryPoint: set.provider.endpoint('SingleSignOnService', 'HTTP-Redirect'),
      issuer: partner.entityID,
      audience: partner.entityID,
      idpCert: [...set.provider.certificates],
      idpIssuer: set.provider.entityID,
      wantAuthnResponseSigned: true,
      wantAssertionsSigned: true,
    });
    const { profile } = await judgeToo.validatePostResponseAsync({ SAMLResponse: responseOf(outcome.page).raw });
    assert.equal(profile?.inResponseTo, outcome.id);
  });

  prove('gives each Response and assertion an ID of its own', async () => {
    const set = await open();
    const visitor = new Visitor(set.house.url);
    const answers = [];
    for (let round = 0; round < 4; round += 1) answers.push(judge(set, partner, await signIn(set, partner, { visitor })));
    const ids = answers.flatMap(({ response, assertion }) => [attribute(response, 'ID'), attribute(assertion, 'ID')]);
    assert.equal(new Set(ids).size, 8);
  });

  prove('answers from a live session with the AuthnInstant of the sign-in', async () => {
    const set = await open();
    const visitor = new Visitor(set.house.url);
    const first = judge(set, partner, await signIn(set, partner, { visitor }));
    const outcome = await arrive(set, other, { visitor });
    const second = judge(set, other, outcome);
    assert.equal(second.authnInstant, first.authnInstant);
  });

  prove('begins by itself where asked to, and answers to nobody’s request', async () => {
    const set = await open();
    const visitor = new Visitor(set.house.url);
    const query = new URLSearchParams({ sp: partner.entityID, RelayState: 'deep' });
    const page = await visitor.fill(await visitor.visit(`/saml/idp-initiated?${query.toString()}`), 'alice', 'Passw0rd!');
    judge(set, partner, { page, id: '', relayState: 'deep', visitor }, { unsolicited: true });
  });

  for (const binding of ['redirect', 'post'] as const) {
    for (const isSigned of [false, true]) {
      const how = `over ${binding === 'post' ? 'HTTP-POST' : 'HTTP-Redirect'}, ${isSigned ? 'signed' : 'unsigned'}`;
      const question = { binding, signed: isSigned };
      prove(`takes the Destination of this endpoint ${how}`, async () => taken(await open(), question));
      for (const [title, change] of [
        ['of another host', (url: string) => url.replace(/\/\/[^/]+/, '//idp.example.org')],
        ['of another path', (url: string) => `${url}/other`],
        ['of another path that begins alike', (url: string) => `${url}x`],
        ['of another scheme', (url: string) => url.replace('http:', 'https:')],
        ['of another endpoint of ours', (url: string) => url.replace('/sso', '/slo')],
      ] as const) {
        prove(`refuses a Destination ${title} ${how}`, async () => {
          const set = await open();
          const Destination = change(`${set.house.url}/saml/sso`);
          judgeRefusal(set, partner, await arrive(set, partner, { ...question, attributes: { Destination } }));
        });
      }
    }
    prove(`needs no Destination in an unsigned request over ${binding}`, async () =>
      taken(await open(), { binding, attributes: { Destination: undefined } }),
    );
  }

  prove('answers a request once', async () => {
    const set = await open();
    const first = await signIn(set, partner);
    judge(set, partner, first);
    judgeRefusal(set, partner, await arrive(set, partner, { id: first.id }));
  });

  const malformed: readonly [string, Question][] = [
    ['without an ID', { attributes: { ID: undefined } }],
    ['whose ID is no xs:ID', { attributes: { ID: '1 2' } }],
    ['without an IssueInstant', { attributes: { IssueInstant: undefined } }],
    ['whose IssueInstant has no time zone', { attributes: { IssueInstant: '2026-01-01T00:00:00' } }],
    ['without an Issuer', { issuer: '' }],
    ['whose Issuer is nobody we know', { issuer: '<saml:Issuer>https://nobody.example.net/</saml:Issuer>' }],
    [
      'whose Issuer is no entity',
      {
        issuer:
          '<saml:Issuer Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">https://sp.example.net/metadata</saml:Issuer>',
      },
    ],
    ['whose Issuer differs in letter case', { issuer: '<saml:Issuer>https://SP.example.net/metadata</saml:Issuer>' }],
    ['of another root element', { spoil: (xml) => xml.replaceAll('samlp:AuthnRequest', 'samlp:AuthzDecisionQuery') }],
    [
      'of another namespace',
      { spoil: (xml) => xml.replace('urn:oasis:names:tc:SAML:2.0:protocol', 'urn:oasis:names:tc:SAML:1.0:protocol') },
    ],
    ['that is not well formed', { spoil: (xml) => xml.replace('</samlp:AuthnRequest>', '') }],
  ];
  for (const [title, question] of malformed) {
    prove(`refuses a message ${title}`, async () => {
      const set = await open();
      judgeRefusal(set, partner, await arrive(set, partner, question));
    });
  }

  prove('takes an Issuer that says it is an entity', async () =>
    taken(await open(), {
      issuer: `<saml:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">https://sp.example.net/metadata</saml:Issuer>`,
    }),
  );
});

requirement('IIP-SSO02', 'requests by HTTP-Redirect and HTTP-POST', (prove) => {
  prove('both endpoints stand in our metadata', async () => {
    const { provider, house } = await open();
    for (const binding of ['HTTP-Redirect', 'HTTP-POST']) {
      assert.equal(provider.endpoint('SingleSignOnService', binding), `${house.url}/saml/sso`);
    }
  });
  for (const binding of ['redirect', 'post'] as const) {
    for (const isSigned of [false, true]) {
      for (const relayState of [undefined, 'opaque', 'é\u{1F600}&=+%20 "<']) {
        const how = `${isSigned ? 'signed' : 'unsigned'}, ${relayState === undefined ? 'without RelayState' : `RelayState of ${String(relayState.length)} characters`}`;
        prove(`takes a request by ${binding}, ${how}`, async () =>
          taken(await open(), { binding, signed: isSigned, ...(relayState !== undefined && { relayState }) }),
        );
      }
    }
  }
  prove('takes base64 with line breaks over HTTP-POST', async () => {
    const set = await open();
    const visitor = new Visitor(set.house.url);
    const id = '_with-line-breaks';
    const { SAMLRequest = '' } = partner.postFields(partner.authnRequest(`${set.house.url}/saml/sso`, { id }), { sign: false });
    const body = new URLSearchParams({ SAMLRequest: SAMLRequest.replace(/(.{76})/g, '$1\r\n') });
    const outcome: Outcome = {
      page: await visitor.visit('/saml/sso', { method: 'POST', body }),
      id,
      relayState: undefined,
      visitor,
    };
    assert.ok(asksForPassword(outcome));
    judge(set, partner, await enter(outcome));
  });
  for (const [title, encoding, good] of [
    ['takes the DEFLATE encoding by name', 'urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE', true],
    ['refuses an encoding that it does not know', 'urn:example:encoding', false],
  ] as const) {
    prove(title, async () => {
      const set = await open();
      const visitor = new Visitor(set.house.url);
      const query = partner.redirectQuery(partner.authnRequest(`${set.house.url}/saml/sso`), { sign: false });
      const page = await visitor.visit(`/saml/sso?${query}&SAMLEncoding=${encodeURIComponent(encoding)}`);
      if (good) assert.equal(page.form?.action, '/signin/password');
      else judgeRefusalPage({ page });
    });
  }
});

requirement('IIP-SSO03', 'Responses and errors by HTTP-POST', (prove) => {
  for (const binding of ['redirect', 'post'] as const) {
    prove(`posts the Response with its RelayState: asked by ${binding}`, async () => {
      const set = await open();
      judge(set, partner, await signIn(set, partner, { binding, relayState: 'r' }));
    });
    prove(`posts an error with its RelayState: asked by ${binding}`, async () => {
      const set = await open();
      const outcome = await arrive(set, partner, { binding, relayState: 'r', attributes: { IsPassive: 'true' } });
      judgeFailure(set, partner, outcome, 'NoPassive');
    });
  }
  prove('the page works without scripts: it has a button', async () => {
    const { page } = await signIn(await open(), partner);
    assert.match(page.body, /<button|<input[^>]* type="submit"/);
    assert.match(page.headers.get('cache-control') ?? '', /no-store/);
  });
  prove('a request that names HTTP-POST itself is answered by it', async () => {
    const set = await open();
    const ProtocolBinding = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST';
    judge(set, partner, await signIn(set, partner, { attributes: { ProtocolBinding } }));
  });
});

requirement('IIP-SSO04', 'the assertion, the Response or both are signed', (prove) => {
  for (const sign of kinds) {
    prove(`signs ${sign === 'both' ? 'both' : `the ${sign} alone`} where configured`, async () => {
      const set = await open();
      const { signatures } = judge(set, signed[sign], await signIn(set, signed[sign]));
      assert.equal(signatures.response !== undefined, sign !== 'assertion');
      assert.equal(signatures.assertion !== undefined, sign !== 'response');
    });
    prove(`signs an error in any case: ${sign}`, async () => {
      const set = await open();
      const outcome = await arrive(set, signed[sign], { attributes: { IsPassive: 'true' } });
      judgeFailure(set, signed[sign], outcome, 'NoPassive');
    });
  }
  prove('the signatures of one exchange are of the key in our metadata, and no other is brought along', async () => {
    const set = await open();
    const { response } = judge(set, partner, await signIn(set, partner));
    const published = all('//md:KeyDescriptor//ds:X509Certificate', set.provider.descriptor).map(
      ({ textContent }) => textContent,
    );
    for (const { textContent } of all('//ds:X509Certificate', response)) assert.ok(published.includes(textContent));
  });
});
