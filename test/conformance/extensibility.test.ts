/** What nobody here knows never breaks anything. */
import assert from 'node:assert/strict';
import type { ForeignServiceProvider } from '../fixtures/foreign-service-provider.ts';
import { Visitor } from '../fixtures/visitor.ts';
import { arrive, asksForPassword, enter, type Question, signIn } from './exchange.ts';
import { deliver, judgeLogoutResponse } from './front-channel.ts';
import { judge, judgeFailure } from './judge.ts';
import { at, plain } from './partners.ts';
import { requirement } from './requirement.ts';
import { credential, stage } from './stage.ts';

let partner: ForeignServiceProvider;
const slo =
  '<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://sp.example.net/slo"/>';
const open = stage(async () => {
  partner = at('sp', await credential());
  return { metadata: [plain(partner, { endpoints: slo })] };
});

const extensions = (content: string): Question => ({ content: `<samlp:Extensions>${content}</samlp:Extensions>` });
const rows: readonly [string, Question][] = [
  ['an extension', extensions('<e:x xmlns:e="urn:example">y</e:x>')],
  [
    'several extensions, nested and with text between',
    extensions('<e:x xmlns:e="urn:example">a<e:y b="c">d</e:y>e</e:x><f xmlns="urn:other"/>'),
  ],
  [
    'an extension whose elements look like ours',
    extensions(
      '<e:x xmlns:e="urn:example"><saml:Issuer>https://evil.example.net/</saml:Issuer><samlp:NameIDPolicy Format="urn:example"/></e:x>',
    ),
  ],
  ['an extension with an ID', extensions('<e:x xmlns:e="urn:example" ID="_x"/>')],
  [
    'the extension of a third party’s request',
    extensions('<thrpty:RespondTo xmlns:thrpty="urn:oasis:names:tc:SAML:protocol:ext:third-party">x</thrpty:RespondTo>'),
  ],
  [
    'requested attributes, as eIDAS has them',
    extensions('<eidas:SPType xmlns:eidas="http://eidas.europa.eu/saml-extensions">public</eidas:SPType>'),
  ],
  [
    'a foreign attribute at NameIDPolicy',
    { content: '<samlp:NameIDPolicy AllowCreate="true" xmlns:e="urn:example" e:foreign="x"/>' },
  ],
  ['a foreign attribute at the root', { attributes: { 'xmlns:e': 'urn:example', 'e:foreign': 'x' } }],
  ['extensions that are large', extensions(`<e:x xmlns:e="urn:example">${'<e:y a="b">c</e:y>'.repeat(200)}</e:x>`)],
];

requirement('IIP-EXT01', 'extensions that nobody here knows', (prove) => {
  for (const [title, question] of rows) {
    for (const binding of ['redirect', 'post'] as const) {
      for (const signed of [false, true]) {
        prove(`a request with ${title} is answered, ${signed ? 'signed' : 'unsigned'}, by ${binding}`, async () => {
          const set = await open();
          judge(set, partner, await signIn(set, partner, { ...question, binding, signed }));
        });
      }
    }
  }
  prove('a request with extensions is answered by an error where it would be without', async () => {
    const set = await open();
    const outcome = await arrive(set, partner, {
      ...extensions('<e:x xmlns:e="urn:example"/>'),
      attributes: { IsPassive: 'true' },
    });
    judgeFailure(set, partner, outcome, 'NoPassive');
  });
  prove('parameters that nobody knows, in the query and in the form', async () => {
    const set = await open();
    const visitor = new Visitor(set.house.url);
    const id = '_parameters';
    const query = partner.redirectQuery(partner.authnRequest(`${set.house.url}/saml/sso`, { id }), { sign: false });
    const outcome = { page: await visitor.visit(`/saml/sso?a=b&${query}&utm_source=x`), id, relayState: undefined, visitor };
    assert.ok(asksForPassword(outcome));
    judge(set, partner, await enter(outcome));
    const fields = partner.postFields(partner.authnRequest(`${set.house.url}/saml/sso`, { id: '_form' }), { sign: false });
    const page = await visitor.visit('/saml/sso', { method: 'POST', body: new URLSearchParams({ a: 'b', ...fields, c: 'd' }) });
    judge(set, partner, { page, id: '_form', relayState: undefined, visitor });
  });
  prove('a LogoutRequest and a LogoutResponse with extensions and foreign attributes', async () => {
    const set = await open();
    const visitor = new Visitor(set.house.url);
    const { nameID, sessionIndex } = judge(set, partner, await signIn(set, partner, { visitor }));
    const options = {
      id: '_logout',
      content: '<samlp:Extensions><e:x xmlns:e="urn:example">y</e:x></samlp:Extensions>',
      attributes: { 'xmlns:e': 'urn:example', 'e:foreign': 'x' },
    };
    const written = `<saml:NameID Format="${nameID?.format ?? ''}">${nameID?.value ?? ''}</saml:NameID>`;
    const xml = partner.logoutRequest(`${set.house.url}/saml/slo`, written, [sessionIndex], options);
    const { parcel } = await deliver(visitor, partner, xml);
    judgeLogoutResponse(set, parcel, 'https://sp.example.net/slo', '_logout', ['Success']);
  });
});
