/** What an identity provider answers: errors, ForceAuthn, IsPassive, and where the answer goes. */
import assert from 'node:assert/strict';
import type { ForeignServiceProvider } from '../fixtures/foreign-service-provider.ts';
import { Visitor } from '../fixtures/visitor.ts';
import { arrive, asksForPassword, enter, password, type Question, signIn } from './exchange.ts';
import { judge, judgeFailure, judgeRefusal, judgeRefusalPage } from './judge.ts';
import { formats } from './judge-name-id.ts';
import { at, plain } from './partners.ts';
import { requirement } from './requirement.ts';
import { credential, stage, type Stage } from './stage.ts';

const bindings = 'urn:oasis:names:tc:SAML:2.0:bindings:';
let partner: ForeignServiceProvider;
/** Has three endpoints, of which the second is the default. */
let many: ForeignServiceProvider;
const acs = (index: number, url: string, more = '', binding = 'HTTP-POST'): string =>
  `<md:AssertionConsumerService index="${String(index)}" Binding="${bindings}${binding}" Location="${url}"${more}/>`;

const open = stage(async () => {
  const key = await credential();
  partner = at('sp', key);
  many = at('many', key);
  const assertionConsumerServices =
    acs(3, `${many.acs}/three`) +
    acs(0, many.acs, ' isDefault="true"') +
    acs(65535, `${many.acs}/last?a=b&amp;c=d`) +
    acs(8, `${many.acs}/paos`, '', 'PAOS');
  return { metadata: [plain(partner), plain(many, { assertionConsumerServices })] };
});

const policy = (format: string): Question => ({ content: `<samlp:NameIDPolicy Format="${format}" AllowCreate="true"/>` });
const context = (classRef: string): Question => ({
  content: `<samlp:RequestedAuthnContext><saml:AuthnContextClassRef>${classRef}</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>`,
});

requirement('IIP-IDP05', 'errors are Responses with the right status', (prove) => {
  const rows: readonly [string, Question, string | readonly string[]][] = [
    ['a format that is not offered: InvalidNameIDPolicy', policy('urn:example:format'), 'InvalidNameIDPolicy'],
    ['a passive request that needs a page: NoPassive', { attributes: { IsPassive: 'true' } }, ['Responder', 'NoPassive']],
    ['a context that is not offered: NoAuthnContext', context('urn:example:context'), ['Responder', 'NoAuthnContext']],
    [
      'HTTP-Redirect for the answer: UnsupportedBinding',
      { attributes: { ProtocolBinding: `${bindings}HTTP-Redirect` } },
      'UnsupportedBinding',
    ],
    [
      'a binding that nobody knows: UnsupportedBinding',
      { attributes: { ProtocolBinding: 'urn:example:binding' } },
      'UnsupportedBinding',
    ],
    [
      'HTTP-POST-SimpleSign for the answer: UnsupportedBinding',
      { attributes: { ProtocolBinding: `${bindings}HTTP-POST-SimpleSign` } },
      'UnsupportedBinding',
    ],
    ['an older version: VersionMismatch', { attributes: { Version: '1.1' } }, ['VersionMismatch']],
    ['a newer version: VersionMismatch', { attributes: { Version: '2.1' } }, ['VersionMismatch']],
    [
      'a Subject who did not sign in: UnknownPrincipal',
      { content: '<saml:Subject><saml:NameID>bob@example.com</saml:NameID></saml:Subject>' },
      'UnknownPrincipal',
    ],
  ];
  for (const [title, question, status] of rows) {
    for (const binding of ['redirect', 'post'] as const) {
      for (const signed of [false, true]) {
        prove(`${title}; ${signed ? 'signed' : 'unsigned'}, by ${binding}`, async () => {
          const set = await open();
          judgeFailure(set, partner, await signIn(set, partner, { ...question, binding, signed, relayState: 'r' }), status);
        });
      }
    }
  }
  prove('an account that may not sign in leads back with AuthnFailed', async () => {
    const set = await open();
    judgeFailure(set, partner, await signIn(set, partner, { person: 'disabled' }), 'AuthnFailed');
  });
  prove('a person without an address in the formats asked for leads back with an error', async () => {
    const set = await open();
    const outcome = await signIn(set, partner, { ...policy(formats.emailAddress), person: 'outsider' });
    assert.throws(() => judge(set, partner, outcome));
    judgeFailure(set, partner, outcome, 'UnknownPrincipal');
  });
  prove('a wrong password is no error yet: the page asks again', async () => {
    const set = await open();
    const outcome = await arrive(set, partner);
    const again = await outcome.visitor.fill(outcome.page, 'bob', 'wrong');
    assert.equal(again.status, 401);
    judge(set, partner, { ...outcome, page: await outcome.visitor.fill(again, 'bob', password) });
  });
  prove('a malformed value answers with Requester where the endpoint is known', async () => {
    const set = await open();
    judgeFailure(set, partner, await arrive(set, partner, { attributes: { ForceAuthn: 'perhaps' } }), ['Requester']);
  });
  prove('StatusMessage tells no secrets', async () => {
    const set = await open();
    const { page } = await signIn(set, partner, { person: 'disabled' });
    const xml = Buffer.from(page.form?.fields.SAMLResponse ?? '', 'base64').toString();
    assert.doesNotMatch(xml, /disabled@|DC=|ldap:|Passw0rd/i);
  });
  for (const [title, question] of [
    [
      'an endpoint that nobody registered',
      { attributes: { AssertionConsumerServiceURL: 'https://evil.example.net/acs', IsPassive: 'true' } },
    ],
    [
      'an index that nobody registered',
      { attributes: { AssertionConsumerServiceURL: undefined, AssertionConsumerServiceIndex: '77', IsPassive: 'true' } },
    ],
    ['a stranger', { issuer: '<saml:Issuer>https://stranger.example.net/</saml:Issuer>', attributes: { IsPassive: 'true' } }],
  ] as const) {
    prove(`an error is a page of ours, and no Response, for ${title}`, async () =>
      judgeRefusalPage(await arrive(await open(), partner, question)),
    );
  }
});

async function session(set: Stage, person = 'alice'): Promise<{ visitor: Visitor; authnInstant: number }> {
  const visitor = new Visitor(set.house.url);
  return { visitor, authnInstant: judge(set, partner, await signIn(set, partner, { visitor, person })).authnInstant };
}

requirement('IIP-IDP06', 'ForceAuthn', (prove) => {
  for (const value of ['true', '1']) {
    prove(`ForceAuthn="${value}" asks again, and says when the person answered`, async () => {
      const set = await open();
      const { visitor, authnInstant } = await session(set);
      const outcome = await arrive(set, partner, { visitor, attributes: { ForceAuthn: value } });
      assert.ok(asksForPassword(outcome));
      const again = judge(set, partner, await enter(outcome));
      assert.ok(again.authnInstant > authnInstant);
    });
  }
  for (const value of ['false', '0', undefined]) {
    prove(`ForceAuthn ${value === undefined ? 'left out' : `"${value}"`} answers from the session`, async () => {
      const set = await open();
      const { visitor, authnInstant } = await session(set);
      const answer = judge(set, partner, await arrive(set, partner, { visitor, attributes: { ForceAuthn: value } }));
      assert.equal(answer.authnInstant, authnInstant);
    });
  }
  prove('a page that was reached by ForceAuthn cannot be left with the old session', async () => {
    const set = await open();
    const { visitor } = await session(set);
    const outcome = await arrive(set, partner, { visitor, attributes: { ForceAuthn: 'true' } });
    const reloaded = await visitor.visit(new URL(outcome.page.url).pathname + new URL(outcome.page.url).search);
    assert.equal(reloaded.form?.action, '/signin/password');
  });
  prove('ForceAuthn and IsPassive together are NoPassive, with or without a session', async () => {
    const set = await open();
    const attributes = { ForceAuthn: 'true', IsPassive: 'true' };
    const { visitor } = await session(set);
    judgeFailure(set, partner, await arrive(set, partner, { visitor, attributes }), 'NoPassive');
    judgeFailure(set, partner, await arrive(set, partner, { attributes }), 'NoPassive');
  });
  prove('who signs in instead is whom the answer is about', async () => {
    const set = await open();
    const { visitor } = await session(set);
    const answer = judge(
      set,
      partner,
      await signIn(set, partner, { visitor, person: 'bob', attributes: { ForceAuthn: 'true' } }),
    );
    assert.equal(answer.nameID?.value, 'bob@example.com');
  });
});

requirement('IIP-IDP07', 'IsPassive', (prove) => {
  for (const binding of ['redirect', 'post'] as const) {
    for (const value of ['true', '1']) {
      const question = { binding, attributes: { IsPassive: value } };
      prove(`IsPassive="${value}" by ${binding} is answered from a live session`, async () => {
        const set = await open();
        const { visitor } = await session(set);
        judge(set, partner, await arrive(set, partner, { ...question, visitor }));
      });
      prove(`IsPassive="${value}" by ${binding} is answered by NoPassive without one`, async () => {
        const set = await open();
        judgeFailure(set, partner, await arrive(set, partner, question), ['Responder', 'NoPassive']);
      });
    }
  }
  for (const value of ['false', '0']) {
    prove(`IsPassive="${value}" shows the page`, async () => {
      assert.ok(asksForPassword(await arrive(await open(), partner, { attributes: { IsPassive: value } })));
    });
  }
  prove('a session that has ended is none', async () => {
    const set = await open();
    const { visitor } = await session(set);
    const { cookie } = visitor;
    await visitor.visit('/signout');
    visitor.cookie = cookie;
    judgeFailure(set, partner, await arrive(set, partner, { visitor, attributes: { IsPassive: 'true' } }), 'NoPassive');
  });
});

requirement('IIP-IDP12', 'AssertionConsumerServiceURL, ProtocolBinding and AssertionConsumerServiceIndex', (prove) => {
  const to = (attributes: Readonly<Record<string, string | undefined>>): Question => ({
    attributes: { AssertionConsumerServiceURL: undefined, ...attributes },
  });
  const chosen: readonly [string, () => Question, string][] = [
    ['neither: the default', () => to({}), ''],
    ['ProtocolBinding HTTP-POST alone: the default of that binding', () => to({ ProtocolBinding: `${bindings}HTTP-POST` }), ''],
    ['index 3', () => to({ AssertionConsumerServiceIndex: '3' }), '/three'],
    ['index 0', () => to({ AssertionConsumerServiceIndex: '0' }), ''],
    ['index 65535, whose URL has a query', () => to({ AssertionConsumerServiceIndex: '65535' }), '/last?a=b&c=d'],
    ['a URL', () => to({ AssertionConsumerServiceURL: `${many.acs}/three` }), '/three'],
    ['a URL with a query', () => to({ AssertionConsumerServiceURL: `${many.acs}/last?a=b&amp;c=d` }), '/last?a=b&c=d'],
    ['a URL and its binding', () => to({ AssertionConsumerServiceURL: many.acs, ProtocolBinding: `${bindings}HTTP-POST` }), ''],
  ];
  for (const [title, question, path] of chosen) {
    prove(`is chosen by ${title}`, async () => {
      const set = await open();
      judge(set, many, await signIn(set, many, question()), { acs: many.acs + path });
    });
    prove(`takes an error there too, by ${title}`, async () => {
      const set = await open();
      const { attributes } = question();
      const outcome = await arrive(set, many, { attributes: { ...attributes, IsPassive: 'true' } });
      judgeFailure(set, many, outcome, 'NoPassive', { acs: many.acs + path });
    });
  }
  for (const [title, change] of [
    ['a longer path', (url: string) => `${url}/more`],
    ['a query', (url: string) => `${url}?a=b`],
    ['a fragment', (url: string) => `${url}#a`],
    ['another letter case', (url: string) => url.replace('many', 'MANY')],
    ['a port', (url: string) => url.replace('.net', '.net:443')],
    ['a dot after the host', (url: string) => url.replace('.net', '.net.')],
    ['a user name', (url: string) => url.replace('https://', 'https://many.example.net@evil.example.net/')],
    ['another scheme', (url: string) => url.replace('https', 'http')],
    ['a path that is folded', (url: string) => url.replace('/acs', '/x/../acs')],
    ['an escape', (url: string) => url.replace('acs', '%61cs')],
    ['a space', (url: string) => `${url} `],
    ['the endpoint of another service provider', () => partner.acs],
    ['a script', () => 'javascript:alert(1)'],
    ['nothing', () => ''],
  ] as const) {
    prove(`is refused by a page where the URL has ${title}`, async () =>
      judgeRefusalPage(await arrive(await open(), many, to({ AssertionConsumerServiceURL: change(many.acs) }))),
    );
  }
  for (const index of ['1', '77', '65536', '-1', '00000', 'x']) {
    prove(`is refused by a page where the index is ${index}`, async () => {
      const set = await open();
      const outcome = await arrive(set, many, to({ AssertionConsumerServiceIndex: index }));
      // 00000 is another spelling of 0, which is registered.
      if (index !== '00000') judgeRefusalPage(outcome);
      else judge(set, many, await enter(outcome));
    });
  }
  prove('is no endpoint of a binding that a browser cannot carry', async () => {
    const set = await open();
    const outcome = await arrive(set, many, to({ AssertionConsumerServiceIndex: '8' }));
    assert.ok(!asksForPassword(outcome));
    assert.ok(!Object.values(outcome.page.form ?? {}).includes(`${many.acs}/paos`));
  });
  for (const binding of ['HTTP-Artifact', 'PAOS']) {
    prove(`is refused where the endpoint is registered, yet not for ${binding}`, async () => {
      const set = await open();
      for (const url of [undefined, partner.acs]) {
        const question = to({ AssertionConsumerServiceURL: url, ProtocolBinding: bindings + binding });
        judgeRefusal(set, partner, await arrive(set, partner, question));
      }
    });
  }
  for (const more of [
    { AssertionConsumerServiceURL: 'https://many.example.net/acs' },
    { ProtocolBinding: `${bindings}HTTP-POST` },
  ]) {
    prove(`is an error by an index beside ${Object.keys(more).join()}, which exclude each other`, async () => {
      const set = await open();
      const outcome = await arrive(set, many, to({ AssertionConsumerServiceIndex: '0', ...more }));
      assert.ok(!asksForPassword(outcome));
      assert.throws(() => judge(set, many, outcome));
    });
  }
});

requirement('IIP-IDP07', 'a passive request shows nothing', (prove) => {
  prove('the answer by NoPassive posts itself, without a word from us to read first', async () => {
    const set = await open();
    const { page } = await arrive(set, partner, { attributes: { IsPassive: 'true' } });
    assert.equal(page.status, 200);
    assert.notEqual(page.form?.fields.SAMLResponse, undefined);
  });
});
