/** How a person is named to a service provider: formats, qualifiers, and what a request may ask of them. */
import assert from 'node:assert/strict';
import type { ForeignServiceProvider } from '../fixtures/foreign-service-provider.ts';
import { responseOf, Visitor } from '../fixtures/visitor.ts';
import { all } from './dom.ts';
import { type Question, signIn } from './exchange.ts';
import { entities, lay, makeFolder } from './folder.ts';
import { judge, judgeFailure } from './judge.ts';
import { formats, type GivenNameID } from './judge-name-id.ts';
import { at, plain } from './partners.ts';
import { requirement } from './requirement.ts';
import { credential, stage, type Stage } from './stage.ts';

let partner: ForeignServiceProvider;
let other: ForeignServiceProvider;
/** Its metadata names the persistent format before others, and the transient one. */
let persistent: ForeignServiceProvider;
let transient: ForeignServiceProvider;
/** Never met before by anybody. */
let fresh: ForeignServiceProvider;
/** Two that belong to an affiliation, and one that does not. */
let members: readonly [ForeignServiceProvider, ForeignServiceProvider];
let outsider: ForeignServiceProvider;
const affiliation = 'https://affiliation.example.net/';
/** Is told nobody’s name. */
let nameless: ForeignServiceProvider;

const format = (uri: string): string => `<md:NameIDFormat>${uri}</md:NameIDFormat>`;
const open = stage(async () => {
  const key = await credential();
  partner = at('sp', key);
  other = at('other', key);
  persistent = at('persistent', key);
  transient = at('transient', key);
  fresh = at('fresh', key);
  nameless = at('nameless', key);
  members = [at('member-one', key), at('member-two', key)];
  outsider = at('outsider', key);
  const byMetadata = { nameId: {} };
  const federation = entities([
    ...[...members, outsider].map((each) => each.metadata()),
    `<md:EntityDescriptor entityID="${affiliation}"><md:AffiliationDescriptor affiliationOwnerID="${members[0].entityID}">` +
      `${members.map(({ entityID }) => `<md:AffiliateMember>${entityID}</md:AffiliateMember>`).join('')}</md:AffiliationDescriptor></md:EntityDescriptor>`,
  ]);
  return {
    config: { metadata: [{ kind: 'file', file: lay(makeFolder(), 'federation.xml', federation), admit: 'all' }] },
    metadata: [
      ...[partner, other, fresh].map((each) => plain(each)),
      plain(persistent, { endpoints: format(formats.persistent) + format(formats.emailAddress) }, byMetadata),
      plain(transient, { endpoints: format(formats.transient) }, byMetadata),
      plain(nameless, {}, { nameId: { format: 'none' }, attributes: { family: 'sn' } }),
    ],
  };
});

const policy = (attributes: string): Question => ({ content: `<samlp:NameIDPolicy ${attributes}/>` });
const asking = (uri: string, more = 'AllowCreate="true"'): Question => policy(`Format="${uri}" ${more}`);

async function named(set: Stage, sp: ForeignServiceProvider, question: Question): Promise<GivenNameID> {
  const { nameID } = judge(set, sp, await signIn(set, sp, question));
  return nameID ?? assert.fail('no NameID');
}

requirement('IIP-SSO05', 'persistent and transient identifiers', (prove) => {
  prove('a persistent identifier is the same at each sign-in, from whatever browser', async () => {
    const set = await open();
    const first = await named(set, partner, asking(formats.persistent));
    assert.equal(first.format, formats.persistent);
    assert.deepEqual(await named(set, partner, asking(formats.persistent)), first);
  });
  prove('a persistent identifier is another for each person', async () => {
    const set = await open();
    const alice = await named(set, partner, asking(formats.persistent));
    const bob = await named(set, partner, { ...asking(formats.persistent), person: 'bob' });
    assert.notEqual(alice.value, bob.value);
  });
  prove('a persistent identifier is another for each service provider', async () => {
    const set = await open();
    const here = await named(set, partner, asking(formats.persistent));
    const there = await named(set, other, asking(formats.persistent));
    assert.notEqual(here.value, there.value);
  });
  prove('a persistent identifier tells nothing about the person', async () => {
    const { value } = await named(await open(), partner, asking(formats.persistent));
    assert.doesNotMatch(value, /alice|liddell|example|1001/i);
  });
  prove('a persistent identifier says within whose names it holds', async () => {
    const set = await open();
    const { nameQualifier, spNameQualifier } = await named(set, partner, asking(formats.persistent));
    assert.ok([undefined, set.provider.entityID].includes(nameQualifier));
    assert.ok([undefined, partner.entityID].includes(spNameQualifier));
  });
  prove('a persistent identifier outlives a restart', async () => {
    const set = await open();
    const before = await named(set, partner, asking(formats.persistent));
    await set.house.restart();
    assert.deepEqual(await named(set, partner, asking(formats.persistent)), before);
  });
  prove('a transient identifier is an XML identifier, and another at each sign-in', async () => {
    const set = await open();
    const values = new Set<string>();
    for (let round = 0; round < 6; round += 1) {
      const { value, format: found } = await named(set, partner, asking(formats.transient));
      assert.equal(found, formats.transient);
      values.add(value);
    }
    assert.equal(values.size, 6);
  });
  prove('a transient identifier tells nothing about the person', async () => {
    const { value } = await named(await open(), partner, asking(formats.transient));
    assert.doesNotMatch(value, /alice|liddell|example|1001/i);
  });
  prove('two service providers of one session get transient identifiers that they cannot compare', async () => {
    const set = await open();
    const visitor = new Visitor(set.house.url);
    const here = await named(set, partner, { ...asking(formats.transient), visitor });
    const there = await named(set, other, { ...asking(formats.transient), visitor });
    assert.notEqual(here.value, there.value);
  });
});

requirement('IIP-SSO06', 'formats of identifiers come from metadata', (prove) => {
  prove('a request without a policy is answered in the format that metadata names first', async () => {
    const set = await open();
    assert.equal((await named(set, persistent, policy('AllowCreate="true"'))).format, formats.persistent);
    assert.equal((await named(set, persistent, {})).format, formats.persistent);
    assert.equal((await named(set, transient, {})).format, formats.transient);
  });
  prove('a policy that leaves the format open is answered so too', async () => {
    const set = await open();
    for (const question of [policy('AllowCreate="true"'), asking(formats.unspecified)]) {
      assert.equal((await named(set, transient, question)).format, formats.transient);
    }
  });
  prove('a policy goes before metadata', async () => {
    assert.equal((await named(await open(), persistent, asking(formats.emailAddress))).format, formats.emailAddress);
  });
});

requirement('IIP-IDP10', 'NameIDPolicy', (prove) => {
  for (const [name, uri] of Object.entries(formats)) {
    prove(`Format ${name} is given where it is asked for`, async () => {
      const found = await named(await open(), partner, asking(uri));
      // saml-core §8.3.1: unspecified leaves the choice to us.
      if (uri !== formats.unspecified) assert.equal(found.format, uri);
    });
  }
  for (const uri of [
    'urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName',
    'urn:oasis:names:tc:SAML:1.1:nameid-format:WindowsDomainQualifiedName',
    'urn:oasis:names:tc:SAML:2.0:nameid-format:kerberos',
    'urn:oasis:names:tc:SAML:2.0:nameid-format:entity',
    'urn:oasis:names:tc:SAML:2.0:nameid-format:Persistent',
    'urn:example:format',
  ]) {
    prove(`Format ${uri} is answered by InvalidNameIDPolicy`, async () => {
      const set = await open();
      judgeFailure(set, partner, await signIn(set, partner, asking(uri)), 'InvalidNameIDPolicy');
    });
    prove(`Format ${uri} is answered so without asking anybody where the request is passive`, async () => {
      const set = await open();
      const question = { ...asking(uri), attributes: { IsPassive: 'true' } };
      const { page } = await signIn(set, partner, question);
      assert.match(responseOf(page).xml, /:status:(InvalidNameIDPolicy|NoPassive)"/);
    });
  }

  prove('persistent is never answered by transient, nor transient by persistent', async () => {
    const set = await open();
    const visitor = new Visitor(set.house.url);
    for (const uri of [formats.transient, formats.persistent, formats.transient, formats.emailAddress]) {
      assert.equal((await named(set, other, { ...asking(uri), visitor })).format, uri);
    }
  });

  prove('AllowCreate: no persistent identifier is made without leave, an existing one is given', async () => {
    const set = await open();
    for (const without of ['', 'AllowCreate="false"', 'AllowCreate="0"']) {
      const outcome = await signIn(set, fresh, asking(formats.persistent, without));
      judgeFailure(set, fresh, outcome, 'InvalidNameIDPolicy');
    }
    const made = await named(set, fresh, asking(formats.persistent, 'AllowCreate="1"'));
    assert.deepEqual(await named(set, fresh, asking(formats.persistent, 'AllowCreate="false"')), made);
  });
  prove('AllowCreate makes no difference to the other formats', async () => {
    const set = await open();
    for (const uri of [formats.emailAddress, formats.transient]) {
      assert.equal((await named(set, partner, asking(uri, 'AllowCreate="false"'))).format, uri);
    }
  });

  for (const uri of [formats.persistent, formats.transient, formats.emailAddress]) {
    const name = uri.split(':').at(-1) ?? '';
    prove(`SPNameQualifier of the service provider itself is taken, with ${name}`, async () => {
      const found = await named(await open(), partner, asking(uri, `AllowCreate="true" SPNameQualifier="${partner.entityID}"`));
      assert.ok([undefined, partner.entityID].includes(found.spNameQualifier));
    });
    for (const [whose, qualifier] of [
      ['another service provider', () => other.entityID],
      ['nobody we know', () => 'https://nobody.example.net/metadata'],
      ['ourselves', (set: Stage) => set.provider.entityID],
      ['itself in other letters', () => partner.entityID.toUpperCase()],
      ['nothing at all', () => ''],
    ] as const) {
      prove(`SPNameQualifier of ${whose} is answered by InvalidNameIDPolicy, with ${name}`, async () => {
        const set = await open();
        const outcome = await signIn(set, partner, asking(uri, `AllowCreate="true" SPNameQualifier="${qualifier(set)}"`));
        judgeFailure(set, partner, outcome, 'InvalidNameIDPolicy');
      });
    }
  }
  prove('SPNameQualifier of an affiliation is taken from its members, who then share an identifier', async () => {
    const set = await open();
    const question = asking(formats.persistent, `AllowCreate="true" SPNameQualifier="${affiliation}"`);
    const [one, two] = [await named(set, members[0], question), await named(set, members[1], question)];
    assert.equal(one.spNameQualifier, affiliation);
    assert.equal(two.value, one.value);
    assert.notEqual((await named(set, members[0], asking(formats.persistent))).value, one.value);
  });
  prove('SPNameQualifier of an affiliation is refused from who does not belong to it', async () => {
    const set = await open();
    const question = asking(formats.persistent, `AllowCreate="true" SPNameQualifier="${affiliation}"`);
    judgeFailure(set, outsider, await signIn(set, outsider, question), 'InvalidNameIDPolicy');
  });
  prove('SPNameQualifier of somebody else is refused without a Format too', async () => {
    const set = await open();
    const outcome = await signIn(set, partner, policy(`AllowCreate="true" SPNameQualifier="${other.entityID}"`));
    judgeFailure(set, partner, outcome, 'InvalidNameIDPolicy');
  });
});

requirement('IIP-IDP11', 'an assertion whose Subject has no NameID', (prove) => {
  prove('goes out where it is configured, with everything else in it', async () => {
    const set = await open();
    const { nameID, assertion, attributes } = judge(set, nameless, await signIn(set, nameless));
    assert.equal(nameID, undefined);
    assert.equal(all('saml:Subject/*', assertion).length, 1);
    assert.deepEqual(
      attributes.map(({ name }) => name),
      ['family'],
    );
  });
  prove('a format that the request asks for is given all the same, or refused by name', async () => {
    const set = await open();
    const outcome = await signIn(set, nameless, asking(formats.transient));
    const failed = responseOf(outcome.page).xml.includes(':status:InvalidNameIDPolicy"');
    if (!failed) assert.equal(judge(set, nameless, outcome).nameID?.format, formats.transient);
  });
});

requirement('IIP-IDP21', 'persistent identifiers never differ by case alone', (prove) => {
  for (const person of ['alice', 'bob', 'carol', 'zoe']) {
    prove(`the identifier of ${person} is written in base32`, async () => {
      const set = await open();
      const { value } = await named(set, partner, { ...asking(formats.persistent), person });
      assert.match(value, /^(?:[A-Z2-7]{26,256}|[a-z2-7]{26,256})$/);
    });
  }
  prove('all of them are written in the same case', async () => {
    const set = await open();
    const values = [];
    for (const person of ['alice', 'bob', 'carol', 'zoe']) {
      for (const sp of [partner, other]) values.push((await named(set, sp, { ...asking(formats.persistent), person })).value);
    }
    assert.equal(new Set(values.map((value) => value.toLowerCase())).size, values.length);
    assert.ok(values.every((value) => value === value.toLowerCase()) || values.every((value) => value === value.toUpperCase()));
  });
});
