/** What a request may hold beyond the needful: each part is honoured or answered with the error that saml-core names. */
import assert from 'node:assert/strict';
import type { ForeignServiceProvider } from '../fixtures/foreign-service-provider.ts';
import { Visitor } from '../fixtures/visitor.ts';
import { attribute, instant, one } from './dom.ts';
import { arrive, asksForPassword, type Question, signIn } from './exchange.ts';
import { judge, judgeFailure, judgeRefusalPage } from './judge.ts';
import { formats } from './judge-name-id.ts';
import { at, plain } from './partners.ts';
import { requirement } from './requirement.ts';
import { credential, stage, type Stage } from './stage.ts';

let partner: ForeignServiceProvider;
let other: ForeignServiceProvider;
const open = stage(async () => {
  const key = await credential();
  partner = at('sp', key);
  other = at('other', key);
  return { metadata: [plain(partner), plain(other)] };
});

const alice = 'alice.liddell@example.com';
const nameID = (value: string, attributes = `Format="${formats.emailAddress}"`): string =>
  `<saml:NameID ${attributes}>${value}</saml:NameID>`;
const subject = (content: string): Question => ({ content: `<saml:Subject>${content}</saml:Subject>` });
const asking = (format: string): Question => ({ content: `<samlp:NameIDPolicy Format="${format}" AllowCreate="true"/>` });

/** The answer is about alice, or an error; never about anybody else. */
async function unmatched(set: Stage, question: Question, codes: readonly string[] = ['UnknownPrincipal']): Promise<void> {
  const outcome = await signIn(set, partner, question);
  const [code = ''] = codes;
  judgeFailure(set, partner, outcome, codes.length === 1 ? code : codes);
}

requirement('IIP-SSO07', 'a Subject in the request', (prove) => {
  for (const [title, attributes] of [
    ['in her format', `Format="${formats.emailAddress}"`],
    ['without a format', ''],
    ['in the unspecified format', `Format="${formats.unspecified}"`],
    [
      'within the names of the service provider',
      `Format="${formats.emailAddress}" SPNameQualifier="https://sp.example.net/metadata"`,
    ],
  ] as const) {
    prove(`is answered about who signs in where it names her ${title}`, async () => {
      const set = await open();
      assert.equal(judge(set, partner, await signIn(set, partner, subject(nameID(alice, attributes)))).nameID?.value, alice);
    });
  }
  prove('is answered about who signs in where it names the persistent identifier that she has there', async () => {
    const set = await open();
    const first = judge(set, partner, await signIn(set, partner, asking(formats.persistent))).nameID ?? assert.fail();
    const question = subject(nameID(first.value, `Format="${formats.persistent}"`));
    const again = judge(set, partner, await signIn(set, partner, question)).nameID;
    assert.deepEqual([again?.value, again?.format], [first.value, first.format]);
  });

  const mismatches: readonly [string, string][] = [
    ['somebody else who exists', nameID('bob@example.com')],
    ['nobody who exists', nameID('nobody@example.com')],
    ['her by another of her names', nameID('alice@example.com')],
    ['her in other letters', nameID('Alice.Liddell@example.com')],
    ['her with a space', nameID(` ${alice}`)],
    ['her sAMAccountName', nameID('alice', `Format="${formats.unspecified}"`)],
    ['her address as a transient identifier', nameID(alice, `Format="${formats.transient}"`)],
    ['her address as a persistent identifier', nameID(alice, `Format="${formats.persistent}"`)],
    ['her address in a format that nobody knows', nameID(alice, 'Format="urn:example:format"')],
    [
      'her address within the names of another service provider',
      nameID(alice, `Format="${formats.emailAddress}" SPNameQualifier="https://other.example.net/metadata"`),
    ],
    [
      'her address within the names of another identity provider',
      nameID(alice, `Format="${formats.emailAddress}" NameQualifier="https://idp.example.org/"`),
    ],
    [
      'a BaseID of somebody’s own making',
      '<saml:BaseID xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="e:own" xmlns:e="urn:example"/>',
    ],
  ];
  for (const [title, content] of mismatches) {
    prove(`is answered by UnknownPrincipal where it names ${title}`, async () => unmatched(await open(), subject(content)));
    prove(`is answered by an error from a live session where it names ${title}`, async () => {
      const set = await open();
      const visitor = new Visitor(set.house.url);
      judge(set, partner, await signIn(set, partner, { visitor }));
      await unmatched(set, { ...subject(content), visitor });
    });
  }
  prove('is answered by an error where it names the persistent identifier that she has elsewhere', async () => {
    const set = await open();
    const elsewhere = judge(set, other, await signIn(set, other, asking(formats.persistent))).nameID ?? assert.fail();
    await unmatched(set, subject(nameID(elsewhere.value, `Format="${formats.persistent}"`)));
  });
  prove('is answered by an error where it names somebody else’s persistent identifier', async () => {
    const set = await open();
    const question = { ...asking(formats.persistent), person: 'bob' };
    const bobs = judge(set, partner, await signIn(set, partner, question)).nameID ?? assert.fail();
    await unmatched(set, subject(nameID(bobs.value, `Format="${formats.persistent}"`)));
  });
  prove('is answered by an error where the request is passive and the session is somebody else’s', async () => {
    const set = await open();
    const visitor = new Visitor(set.house.url);
    judge(set, partner, await signIn(set, partner, { visitor, person: 'bob' }));
    const question = { ...subject(nameID(alice)), visitor, attributes: { IsPassive: 'true' } };
    const outcome = await arrive(set, partner, question);
    assert.throws(() => judge(set, partner, outcome), 'an assertion about somebody else');
    assert.match(
      Buffer.from(outcome.page.form?.fields.SAMLResponse ?? '', 'base64').toString(),
      /:status:(UnknownPrincipal|NoPassive)"/,
    );
  });
  prove('that holds a SubjectConfirmation is an error, or honoured', async () => {
    const set = await open();
    const question = subject(`${nameID(alice)}<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"/>`);
    const outcome = await signIn(set, partner, question);
    // saml-core §3.4.1: how the subject is to be confirmed; holder-of-key belongs to another profile.
    if (outcome.page.form?.fields.SAMLResponse === undefined) judgeRefusalPage(outcome);
    else assert.throws(() => judge(set, partner, outcome), 'the confirmation asked for was left out');
  });
});

const contextRequest = (content: string, comparison = ''): Question => ({
  content: `<samlp:RequestedAuthnContext${comparison}>${content}</samlp:RequestedAuthnContext>`,
});

requirement('IIP-SSO07', 'Conditions, Scoping and what else a request may hold', (prove) => {
  const written = (milliseconds: number): string => new Date(milliseconds).toISOString();

  prove('Conditions that end earlier are honoured', async () => {
    const set = await open();
    const end = set.house.now() + 60_000;
    const { assertion } = judge(
      set,
      partner,
      await signIn(set, partner, { content: `<saml:Conditions NotOnOrAfter="${written(end)}"/>` }),
    );
    assert.ok((instant(one('saml:Conditions', assertion), 'NotOnOrAfter') ?? Infinity) <= end);
  });
  prove('Conditions that have ended are an error', async () => {
    const set = await open();
    const outcome = await signIn(set, partner, {
      content: `<saml:Conditions NotOnOrAfter="${written(set.house.now() - 3_600_000)}"/>`,
    });
    assert.throws(() => judge(set, partner, outcome));
    judgeFailure(set, partner, outcome, 'RequestUnsupported');
  });
  prove('an AudienceRestriction to itself is honoured', async () => {
    const set = await open();
    const content = `<saml:Conditions><saml:AudienceRestriction><saml:Audience>${partner.entityID}</saml:Audience></saml:AudienceRestriction></saml:Conditions>`;
    judge(set, partner, await signIn(set, partner, { content }));
  });
  prove('OneTimeUse is honoured', async () => {
    const set = await open();
    const { assertion } = judge(
      set,
      partner,
      await signIn(set, partner, { content: '<saml:Conditions><saml:OneTimeUse/></saml:Conditions>' }),
    );
    one('saml:Conditions/saml:OneTimeUse', assertion);
  });
  prove('ProxyRestriction is honoured', async () => {
    const set = await open();
    const content = '<saml:Conditions><saml:ProxyRestriction Count="0"/></saml:Conditions>';
    const { assertion } = judge(set, partner, await signIn(set, partner, { content }));
    assert.equal(attribute(one('saml:Conditions/saml:ProxyRestriction', assertion), 'Count'), '0');
  });
  prove('a condition of somebody’s own making is an error', async () => {
    const set = await open();
    const content =
      '<saml:Conditions><saml:Condition xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="e:own" xmlns:e="urn:example"/></saml:Conditions>';
    const outcome = await signIn(set, partner, { content });
    judgeFailure(set, partner, outcome, 'RequestUnsupported');
  });

  for (const [title, content] of [
    ['ProxyCount 0', '<samlp:Scoping ProxyCount="0"/>'],
    ['ProxyCount 3', '<samlp:Scoping ProxyCount="3"/>'],
    ['RequesterIDs', '<samlp:Scoping><samlp:RequesterID>https://behind.example.net/</samlp:RequesterID></samlp:Scoping>'],
    ['nothing in it', '<samlp:Scoping/>'],
  ] as const) {
    prove(`Scoping with ${title} is answered, since nothing is proxied here`, async () => {
      const set = await open();
      judge(set, partner, await signIn(set, partner, { content }));
    });
  }
  prove('Scoping with an IDPList that names us is answered', async () => {
    const set = await open();
    const list = ['https://idp.example.org/', set.provider.entityID].map((id) => `<samlp:IDPEntry ProviderID="${id}"/>`).join('');
    judge(
      set,
      partner,
      await signIn(set, partner, { content: `<samlp:Scoping><samlp:IDPList>${list}</samlp:IDPList></samlp:Scoping>` }),
    );
  });
  prove('Scoping with an IDPList that leaves us out is an error', async () => {
    const set = await open();
    const content =
      '<samlp:Scoping><samlp:IDPList><samlp:IDPEntry ProviderID="https://idp.example.org/"/></samlp:IDPList></samlp:Scoping>';
    const outcome = await signIn(set, partner, { content });
    const second = Buffer.from(outcome.page.form?.fields.SAMLResponse ?? '', 'base64').toString();
    assert.match(second, /:status:(NoAvailableIDP|NoSupportedIDP|RequestUnsupported|ProxyCountExceeded)"/);
    assert.throws(() => judge(set, partner, outcome));
  });

  prove('Consent and ProviderName change nothing', async () => {
    const set = await open();
    const attributes = { Consent: 'urn:oasis:names:tc:SAML:2.0:consent:unspecified', ProviderName: 'A &lt;name>' };
    judge(set, partner, await signIn(set, partner, { attributes }));
  });
  prove('parts out of the order of the schema are refused', async () => {
    const set = await open();
    const content = `<samlp:NameIDPolicy/><saml:Subject>${nameID(alice)}</saml:Subject>`;
    const outcome = await arrive(set, partner, { content });
    assert.ok(!asksForPassword(outcome));
    assert.throws(() => judge(set, partner, outcome));
  });
  prove('a second Subject, NameIDPolicy or Scoping is refused', async () => {
    const set = await open();
    for (const part of [`<saml:Subject>${nameID(alice)}</saml:Subject>`, '<samlp:NameIDPolicy/>', '<samlp:Scoping/>']) {
      const outcome = await arrive(set, partner, { content: part + part });
      assert.ok(!asksForPassword(outcome), part);
      assert.throws(() => judge(set, partner, outcome));
    }
  });
});

const classes = 'urn:oasis:names:tc:SAML:2.0:ac:classes:';
const classRef = (...names: readonly string[]): string =>
  names
    .map((name) => `<saml:AuthnContextClassRef>${name.includes(':') ? name : classes + name}</saml:AuthnContextClassRef>`)
    .join('');
const given = 'PasswordProtectedTransport';

requirement('IIP-IDP08', 'RequestedAuthnContext', (prove) => {
  const met: readonly [string, string, string][] = [
    ['exact by default', classRef(given), ''],
    ['exact', classRef(given), ' Comparison="exact"'],
    ['exact, among classes that are not offered', classRef('X509', given, 'urn:example:unheard-of'), ' Comparison="exact"'],
    ['exact, of the Password class', classRef('Password'), ' Comparison="exact"'],
    ['minimum, of what is offered', classRef(given), ' Comparison="minimum"'],
    ['minimum, of something weaker', classRef('Password'), ' Comparison="minimum"'],
    ['maximum, of what is offered', classRef(given), ' Comparison="maximum"'],
    ['better, than something weaker', classRef('Password'), ' Comparison="better"'],
  ];
  for (const [title, content, comparison] of met) {
    prove(`is met: ${title}`, async () => {
      const set = await open();
      const answer = judge(set, partner, await signIn(set, partner, contextRequest(content, comparison)));
      if (comparison === '' || comparison.includes('exact')) assert.ok(content.includes(`>${answer.classRef}<`), answer.classRef);
    });
    prove(`is met from a live session: ${title}`, async () => {
      const set = await open();
      const visitor = new Visitor(set.house.url);
      await signIn(set, partner, { visitor });
      judge(set, partner, await arrive(set, partner, { ...contextRequest(content, comparison), visitor }));
    });
  }
  const unmet: readonly [string, string, string][] = [
    ['exact, of a class that is not offered', classRef('X509'), ''],
    ['exact, of a class that nobody knows', classRef('urn:example:unheard-of'), ' Comparison="exact"'],
    ['exact, of a class in other letters', classRef(given.toLowerCase()), ''],
    ['a declaration', '<saml:AuthnContextDeclRef>urn:example:declaration</saml:AuthnContextDeclRef>', ''],
    ['minimum, of a class that is not offered', classRef('X509'), ' Comparison="minimum"'],
    ['better, than the best that is offered', classRef('TimeSyncToken'), ' Comparison="better"'],
    ['better, than a class that nobody knows', classRef('urn:example:unheard-of'), ' Comparison="better"'],
  ];
  for (const [title, content, comparison] of unmet) {
    prove(`is answered by NoAuthnContext: ${title}`, async () => {
      const set = await open();
      judgeFailure(set, partner, await signIn(set, partner, contextRequest(content, comparison)), [
        'Responder',
        'NoAuthnContext',
      ]);
    });
  }
  prove('is answered by NoAuthnContext from a live session too', async () => {
    const set = await open();
    const visitor = new Visitor(set.house.url);
    await signIn(set, partner, { visitor });
    const outcome = await arrive(set, partner, { ...contextRequest(classRef('X509')), visitor });
    judgeFailure(set, partner, outcome, 'NoAuthnContext');
  });
});
