/** What holds for every message: clocks that differ, text of every kind, and no DTD. */
import assert from 'node:assert/strict';
import type { ForeignServiceProvider } from '../fixtures/foreign-service-provider.ts';
import { openPeople } from '../fixtures/people.ts';
import { responseOf, Visitor } from '../fixtures/visitor.ts';
import { arrive, asksForPassword, enter, type Outcome, type Question } from './exchange.ts';
import { deliver } from './front-channel.ts';
import { judge, judgeRefusal, judgeRefusalPage } from './judge.ts';
import { at, plain } from './partners.ts';
import { requirement, afterwards } from './requirement.ts';
import { signSpecially } from './sign-specially.ts';
import { credential, stage, type Stage, withHouse } from './stage.ts';

const points = 256;
/** As many code points of it as the profile speaks of. */
const filled = (pattern: string): string => [...pattern.repeat(points)].slice(0, points).join('');
/** Texts of 256 code points, by what is in them. */
const texts = {
  ASCII: filled('The quick brown fox. '),
  CJK: filled('漢字かな交じり文한글'),
  'combining marks': filled('e\u0301o\u0308\u0323'),
  'the supplementary planes': filled('\u{1F600}\u{20BB7}\u{10FFFD}'),
  'TAB and LF': filled('a\tb\nc'),
  'what XML escapes': filled(`<a & "b" 'c'>`),
  'right-to-left text': filled('שלום مرحبا'),
  'all of them': filled('字e\u0301\u{1F600}\t\n<&"\'>'),
} as const;
type TextName = keyof typeof texts;
const names = Object.keys(texts) as TextName[];

const written = (text: string): string => text.replace(/[<>&"'\t\n\r]/g, (character) => `&#${String(character.charCodeAt(0))};`);
const inNames: readonly TextName[] = ['ASCII', 'CJK', 'the supplementary planes', 'what XML escapes', 'all of them'];
/** Names that are kept in a configuration hold what may stand there. */
const attributeName = (name: TextName): string => texts[name];
const iri = `https://${filled('例え.example.net/名前\u{1F600}').slice(0, 200)}`;

let partner: ForeignServiceProvider;
const open = stage(async () => {
  partner = at('sp', await credential());
  const attributes = Object.fromEntries(
    names.map((_, index) => [`extensionAttribute${String(index + 1)}`, texts[names[index]!]]),
  );
  const people = await openPeople([{ name: 'alice', password: 'Passw0rd!', upn: 'alice@example.com', attributes }]);
  closing.push(() => people.close());
  const slo =
    '<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://sp.example.net/slo"/>';
  return {
    ldap: people.ldap,
    metadata: [
      plain(
        partner,
        { endpoints: slo },
        {
          attributes: {
            ...Object.fromEntries(names.map((name, index) => [`value of ${name}`, `extensionAttribute${String(index + 1)}`])),
            ...Object.fromEntries(inNames.map((name) => [attributeName(name), { text: name, nameFormat: 'unspecified' }])),
          },
        },
      ),
      plain(at('iri', await credential()), { entity: { entityID: iri } }),
    ],
  };
});
const closing: (() => Promise<void>)[] = [];
afterwards(async () => {
  for (const close of closing) await close();
});

async function answered(set: Stage, question: Question): Promise<Outcome> {
  const outcome = await arrive(set, partner, question);
  assert.ok(asksForPassword(outcome), `${String(outcome.page.status)} ${outcome.page.body.slice(0, 800)}`);
  return enter(outcome);
}

requirement('IIP-G02', 'text of every kind, up to 256 code points', (prove) => {
  for (const [index, name] of names.entries()) {
    const text = texts[name];
    for (const binding of ['redirect', 'post'] as const) {
      prove(`${name} passes in the attributes and extensions of a request, signed, by ${binding}`, async () => {
        const set = await open();
        const content = `<samlp:Extensions><e:x xmlns:e="urn:example" a="${written(text)}">${written(text)}</e:x></samlp:Extensions>`;
        judge(set, partner, await answered(set, { binding, signed: true, content, attributes: { ProviderName: written(text) } }));
      });
      prove(`${name} comes back whole as RelayState, by ${binding}`, async () => {
        const set = await open();
        judge(set, partner, await answered(set, { binding, relayState: text }));
      });
    }
    prove(`${name} in the Subject of a request is compared, not an error of ours`, async () => {
      const set = await open();
      const outcome = await answered(set, {
        content: `<saml:Subject><saml:NameID>${written(text)}</saml:NameID></saml:Subject>`,
      });
      assert.match(responseOf(outcome.page).xml, /:status:UnknownPrincipal"/);
      judgeRefusal(set, partner, outcome);
    });
    prove(`${name} goes out whole as the value of an attribute`, async () => {
      const set = await open();
      const { attributes } = judge(set, partner, await answered(set, {}));
      const found =
        attributes.find((each) => each.name === `value of ${name}`) ??
        assert.fail(JSON.stringify(attributes.map((each) => each.name)));
      assert.deepEqual(found.values, [text], String(index));
    });
    prove(`${name} in a LogoutRequest is compared, not an error of ours`, async () => {
      const set = await open();
      const nameID = `<saml:NameID>${written(text)}</saml:NameID>`;
      const xml = partner.logoutRequest(`${set.house.url}/saml/slo`, nameID, [written(text)], {
        attributes: { Reason: written(text) },
      });
      const { page, parcel } = await deliver(new Visitor(set.house.url), partner, xml);
      assert.match(parcel?.xml ?? '', /:status:UnknownPrincipal"/, page.body.slice(0, 500));
    });
  }
  for (const name of inNames) {
    prove(`${name} goes out whole as the Name of an attribute`, async () => {
      const set = await open();
      const { attributes } = judge(set, partner, await answered(set, {}));
      assert.ok(attributes.some((each) => each.name === attributeName(name) && each.values[0] === name));
    });
  }
  for (const [title, id] of [
    ['256 letters', `_${'a'.repeat(255)}`],
    ['256 letters of other scripts', `_${filled('名字é').slice(0, 255)}`],
    ['256 dots, digits and hyphens', `a${filled('.-0_').slice(0, 255)}`],
  ] as const) {
    prove(`an ID of ${title} comes back whole`, async () => {
      const set = await open();
      judge(set, partner, await answered(set, { id }));
    });
  }
  prove('an entity ID that is an IRI of some 200 characters is known', async () => {
    const set = await open();
    const there = at('iri', await credential());
    const outcome = await arrive(set, there, { issuer: `<saml:Issuer>${iri}</saml:Issuer>` });
    assert.ok(asksForPassword(outcome), outcome.page.body.slice(0, 500));
    const { page } = await enter(outcome);
    assert.ok(responseOf(page).xml.includes(`<saml:Audience>${iri}</saml:Audience>`));
  });
});

const minute = 60_000;
requirement('IIP-G01', 'clock skew at IssueInstant and Conditions', (prove) => {
  for (const [title, offset, taken] of [
    ['two and a half minutes ahead', 2.5 * minute, true],
    ['six minutes ahead', 6 * minute, false],
    ['an hour ahead', 60 * minute, false],
    ['a minute ago', -minute, true],
    ['twelve minutes ago, with ten for the person', -12 * minute, true],
    ['an hour ago', -60 * minute, false],
  ] as const) {
    for (const binding of ['redirect', 'post'] as const) {
      prove(`a request that was issued ${title} is ${taken ? 'taken' : 'refused'}, by ${binding}`, async () => {
        const set = await open();
        const question = { binding, issueInstant: set.house.now() + offset };
        if (taken) judge(set, partner, await answered(set, question));
        else judgeRefusal(set, partner, await arrive(set, partner, question));
      });
    }
  }
  prove('the amount is configured', async () =>
    withHouse({ metadata: [plain(partner)], config: { clockSkew: '10s' } }, async (set) => {
      judgeRefusal(set, partner, await arrive(set, partner, { issueInstant: set.house.now() + minute }));
      assert.ok(asksForPassword(await arrive(set, partner, { issueInstant: set.house.now() + 5_000 })));
    }),
  );
  prove('where nothing is configured, it lies between three and five minutes', async () => {
    const { house } = await open();
    assert.ok(house.configuration.clockSkew >= 3 * minute && house.configuration.clockSkew <= 5 * minute);
  });
  prove('our assertions begin early enough for a clock that is a little behind', async () => {
    const set = await open();
    const { xml } = judge(set, partner, await answered(set, {}));
    const start = Date.parse(/<saml:Conditions NotBefore="([^"]*)"/.exec(xml)?.[1] ?? '');
    assert.ok(start <= set.house.now() - 30_000);
  });
});

const doctypes = {
  'an internal subset': '<!DOCTYPE samlp:AuthnRequest [<!ELEMENT a ANY>]>',
  'an empty DTD': '<!DOCTYPE samlp:AuthnRequest>',
  'a DTD elsewhere': '<!DOCTYPE samlp:AuthnRequest SYSTEM "http://127.0.0.1:9/evil.dtd">',
  'a DTD of lower case letters': '<!doctype samlp:AuthnRequest>',
  'an entity': '<!DOCTYPE samlp:AuthnRequest [<!ENTITY e "x">]>',
  'entities that grow': '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>',
  'a declaration of XML before the DTD': '<?xml version="1.0"?><!DOCTYPE samlp:AuthnRequest>',
} as const;

requirement('IIP-G03', 'no DTD', (prove) => {
  for (const [title, doctype] of Object.entries(doctypes)) {
    for (const binding of ['redirect', 'post'] as const) {
      prove(`a request with ${title} is refused, by ${binding}`, async () => {
        const set = await open();
        judgeRefusalPage(await arrive(set, partner, { binding, spoil: (xml) => doctype + xml }));
      });
    }
  }
  prove('the same request without it is taken, signed or not', async () => {
    const set = await open();
    judge(set, partner, await answered(set, {}));
    const spoil = (xml: string) => signSpecially(xml, { privateKey: partner.credential.privateKey });
    judge(set, partner, await answered(set, { binding: 'post', spoil }));
  });
  prove('a request with a DTD is refused though its signature is good', async () => {
    const set = await open();
    const spoil = (xml: string) =>
      `<!DOCTYPE samlp:AuthnRequest>${signSpecially(xml, { privateKey: partner.credential.privateKey })}`;
    judgeRefusalPage(await arrive(set, partner, { binding: 'post', spoil }));
  });
  for (const binding of ['redirect', 'post'] as const) {
    prove(`a LogoutRequest with a DTD is refused, by ${binding}`, async () => {
      const set = await open();
      const xml = partner.logoutRequest(`${set.house.url}/saml/slo`, '<saml:NameID>a</saml:NameID>');
      const doctype = '<!DOCTYPE samlp:LogoutRequest>';
      if (binding === 'redirect')
        judgeRefusalPage(await deliver(new Visitor(set.house.url), partner, doctype + xml, { binding }));
      else
        judgeRefusalPage(
          await deliver(new Visitor(set.house.url), partner, doctype + partner.sign(xml), { binding, sign: false }),
        );
    });
  }
  prove('nothing that we publish or answer holds one', async () => {
    const set = await open();
    const { xml } = judge(set, partner, await answered(set, {}));
    const failure = responseOf((await arrive(set, partner, { attributes: { IsPassive: 'true' } })).page).xml;
    for (const document of [set.provider.xml, xml, failure]) assert.doesNotMatch(document, /<!DOCTYPE|<!ENTITY/i);
  });
});
