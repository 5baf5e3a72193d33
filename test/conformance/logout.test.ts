/** Single Logout: who begins it, whom it reaches, and what comes back. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { createKeyFolder } from '../../src/keys/key-folder.ts';
import type { ForeignServiceProvider, MessageOptions } from '../fixtures/foreign-service-provider.ts';
import { Visitor } from '../fixtures/visitor.ts';
import { encryptID } from './encrypt.ts';
import { arrive, asksForPassword, type Question, signIn } from './exchange.ts';
import { type Binding, deliver, judgeLogoutRequest, judgeLogoutResponse, type Parcel, walk } from './front-channel.ts';
import { type Answer, judge, judgeRefusalPage } from './judge.ts';
import { formats, type GivenNameID } from './judge-name-id.ts';
import { at, plain } from './partners.ts';
import { requirement } from './requirement.ts';
import { credential, stage, type Stage } from './stage.ts';

const urn = 'urn:oasis:names:tc:SAML:2.0:bindings:';
const endpoint = (sp: ForeignServiceProvider, binding: Binding, more = ''): string =>
  `<md:SingleLogoutService Binding="${urn}${binding === 'post' ? 'HTTP-POST' : 'HTTP-Redirect'}" Location="${slo(sp)}/${binding}"${more}/>`;
const slo = (sp: ForeignServiceProvider): string => sp.acs.replace('/acs', '/slo');

const sites = new Map<string, ForeignServiceProvider>();
const sp = (name: string): ForeignServiceProvider => sites.get(name) ?? assert.fail(name);
const open = stage(async () => {
  const key = await credential();
  const add = (name: string, endpoints: (partner: ForeignServiceProvider) => string) => {
    const partner = at(name, key);
    sites.set(name, partner);
    return plain(partner, { endpoints: endpoints(partner) });
  };
  const both = (partner: ForeignServiceProvider): string => endpoint(partner, 'redirect') + endpoint(partner, 'post');
  return {
    layKeys: async (path) => {
      const clock = { now: Date.now, until: () => Promise.resolve() };
      const folder = createKeyFolder({ path, commonName: 'idp.example.com', clock, random: randomBytes });
      await folder.open();
      await folder.add({ use: 'encryption' });
    },
    metadata: [
      ...['sp', 'second', 'third'].map((name) => add(name, both)),
      add('posts', (partner) => endpoint(partner, 'post')),
      add('redirects', (partner) => endpoint(partner, 'redirect')),
      add('elsewhere', (partner) => endpoint(partner, 'redirect', ` ResponseLocation="${slo(partner)}/answers"`)),
      add('without', () => ''),
      add('soap', (partner) => `<md:SingleLogoutService Binding="${urn}SOAP" Location="${slo(partner)}/soap"/>`),
    ],
  };
});

/** Somebody who is signed in at some of them, in that order. */
interface Guest {
  readonly set: Stage;
  readonly visitor: Visitor;
  readonly answers: ReadonlyMap<string, Answer>;
}

async function guest(names: readonly string[], question: Question = {}): Promise<Guest> {
  const set = await open();
  const visitor = new Visitor(set.house.url);
  const answers = new Map<string, Answer>();
  for (const name of names) answers.set(name, judge(set, sp(name), await signIn(set, sp(name), { ...question, visitor })));
  return { set, visitor, answers };
}
const answerOf = ({ answers }: Guest, name: string): Answer => answers.get(name) ?? assert.fail(name);

const written = ({ value, format, nameQualifier, spNameQualifier }: GivenNameID): string => {
  const attributes = { Format: format, NameQualifier: nameQualifier, SPNameQualifier: spNameQualifier };
  const text = Object.entries(attributes).map(([name, each]) => (each === undefined ? '' : ` ${name}="${each}"`));
  return `<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"${text.join('')}>${value}</saml:NameID>`;
};

interface Asking extends MessageOptions {
  readonly binding?: Binding;
  readonly sign?: boolean;
  readonly relayState?: string;
  readonly nameID?: string;
  readonly sessionIndexes?: readonly string[];
  readonly visitor?: Visitor;
}

/** A service provider asks for a sign-out. */
async function ask(
  who: Guest,
  name: string,
  options: Asking = {},
): Promise<Awaited<ReturnType<typeof deliver>> & { id: string }> {
  const { nameID, sessionIndex } = answerOf(who, name);
  const id = options.id ?? `_${randomBytes(16).toString('hex')}`;
  const { house } = who.set;
  const xml = sp(name).logoutRequest(
    `${house.url}/saml/slo`,
    options.nameID ?? written(nameID ?? assert.fail()),
    options.sessionIndexes ?? [sessionIndex],
    { ...options, id, issueInstant: options.issueInstant ?? house.now() },
  );
  return { ...(await deliver(options.visitor ?? who.visitor, sp(name), xml, options)), id };
}

/** The service provider that a parcel went to answers, and the browser goes on. */
async function reply(who: Guest, name: string, parcel: Parcel, status = 'Success', binding = parcel.binding) {
  const { id } = judgeLogoutRequest(who.set, parcel, `${slo(sp(name))}/${parcel.binding}`);
  const xml = sp(name).logoutResponse(`${who.set.house.url}/saml/slo`, id, status, { issueInstant: who.set.house.now() });
  const relayState = parcel.relayState === undefined ? {} : { relayState: parcel.relayState };
  return deliver(who.visitor, sp(name), xml, { binding, parameter: 'SAMLResponse', ...relayState });
}

async function isSignedIn({ set, visitor }: Guest): Promise<boolean> {
  return !asksForPassword(await arrive(set, sp('sp'), { visitor }));
}

for (const binding of ['post', 'redirect'] as const) {
  const http = binding === 'post' ? 'HTTP-POST' : 'HTTP-Redirect';
  requirement(binding === 'post' ? 'IIP-IDP17' : 'IIP-IDP18', `Single Logout over ${http}`, (prove) => {
    prove(`a service provider that was alone gets its answer over ${http}, and the session is over`, async () => {
      const who = await guest(['sp']);
      assert.ok(await isSignedIn(who));
      const { parcel, id } = await ask(who, 'sp', { binding, relayState: 'r é&=' });
      judgeLogoutResponse(who.set, parcel, `${slo(sp('sp'))}/${binding}`, id, ['Success']);
      assert.equal(parcel?.relayState, 'r é&=');
      assert.ok(!(await isSignedIn(who)));
    });
    prove(`the others are told in order over ${http} or what they take, and then the first is answered`, async () => {
      const who = await guest(['sp', 'second', 'third']);
      const asked = await ask(who, 'sp', { binding });
      let { parcel } = asked;
      for (const name of ['second', 'third']) {
        assert.ok(parcel !== undefined);
        const request = judgeLogoutRequest(who.set, parcel, `${slo(sp(name))}/${parcel.binding}`);
        assert.deepEqual(request.nameID, answerOf(who, name).nameID);
        assert.deepEqual(request.sessionIndexes, [answerOf(who, name).sessionIndex]);
        ({ parcel } = await reply(who, name, parcel));
      }
      judgeLogoutResponse(who.set, parcel, `${slo(sp('sp'))}/${binding}`, asked.id, ['Success']);
      assert.ok(!(await isSignedIn(who)));
    });
    prove(`one that answers with an error over ${http} makes it a PartialLogout`, async () => {
      const who = await guest(['sp', 'second']);
      const { parcel, id } = await ask(who, 'sp', { binding });
      assert.ok(parcel !== undefined);
      const after = await reply(who, 'second', parcel, 'Responder', binding);
      judgeLogoutResponse(who.set, after.parcel, `${slo(sp('sp'))}/${binding}`, id, ['Success', 'PartialLogout']);
    });
    prove(`signing out here tells each of them over ${http}`, async () => {
      const name = binding === 'post' ? 'posts' : 'redirects';
      const who = await guest([name]);
      const { parcel } = await walk(who.visitor, '/signout');
      assert.equal(parcel?.binding, binding);
      const end = await reply(who, name, parcel);
      assert.equal(end.page.status, 200);
      assert.equal(end.parcel, undefined);
      assert.ok(!(await isSignedIn(who)));
    });
    prove(`a request without a signature over ${http} ends nothing`, async () => {
      const who = await guest(['sp']);
      judgeRefusalPage(await ask(who, 'sp', { binding, sign: false }));
      assert.ok(await isSignedIn(who));
    });
    prove(`a request by somebody else’s key over ${http} ends nothing`, async () => {
      const who = await guest(['sp']);
      const { nameID, sessionIndex } = answerOf(who, 'sp');
      const impostor = at('sp', await credential('stranger'));
      const xml = impostor.logoutRequest(`${who.set.house.url}/saml/slo`, written(nameID ?? assert.fail()), [sessionIndex]);
      judgeRefusalPage(await deliver(who.visitor, impostor, xml, { binding }));
      assert.ok(await isSignedIn(who));
    });
    prove(`an answer without a signature over ${http} counts for nothing`, async () => {
      const who = await guest(['sp', 'second']);
      const { parcel } = await ask(who, 'sp', { binding });
      const { id } = judgeLogoutRequest(who.set, parcel, `${slo(sp('second'))}/${parcel?.binding ?? ''}`);
      const xml = sp('second').logoutResponse(`${who.set.house.url}/saml/slo`, id);
      const relayState = parcel?.relayState ?? '';
      judgeRefusalPage(
        await deliver(who.visitor, sp('second'), xml, { binding, parameter: 'SAMLResponse', sign: false, relayState }),
      );
    });
  });
}

requirement('IIP-IDP17', 'what a LogoutRequest says', (prove) => {
  for (const format of [formats.persistent, formats.transient, formats.emailAddress]) {
    prove(`the principal is known by its identifier: ${format.split(':').at(-1) ?? ''}`, async () => {
      const who = await guest(['sp'], { content: `<samlp:NameIDPolicy Format="${format}" AllowCreate="true"/>` });
      const { parcel, id } = await ask(who, 'sp');
      judgeLogoutResponse(who.set, parcel, `${slo(sp('sp'))}/post`, id, ['Success']);
      assert.ok(!(await isSignedIn(who)));
    });
  }
  prove('a browser that brings no cookie along, as over HTTP-POST from another site, still ends its session', async () => {
    const who = await guest(['sp']);
    const { parcel, id } = await ask(who, 'sp', { visitor: new Visitor(who.set.house.url) });
    judgeLogoutResponse(who.set, parcel, `${slo(sp('sp'))}/post`, id, ['Success']);
    assert.ok(!(await isSignedIn(who)));
  });
  prove('without a SessionIndex every session of the principal there ends', async () => {
    const [one, other] = [await guest(['sp'], { person: 'zoe' }), await guest(['sp'], { person: 'zoe' })];
    await ask(one, 'sp', { sessionIndexes: [] });
    assert.ok(!(await isSignedIn(one)));
    assert.ok(!(await isSignedIn(other)));
  });
  prove('a SessionIndex ends that session alone', async () => {
    const [one, other] = [await guest(['sp'], { person: 'carol' }), await guest(['sp'], { person: 'carol' })];
    await ask(one, 'sp');
    assert.ok(!(await isSignedIn(one)));
    assert.ok(await isSignedIn(other));
  });
  prove('several SessionIndexes end each of them', async () => {
    const [one, other] = [await guest(['sp'], { person: 'carol' }), await guest(['sp'], { person: 'carol' })];
    await ask(one, 'sp', { sessionIndexes: [one, other].map((who) => answerOf(who, 'sp').sessionIndex) });
    assert.ok(!(await isSignedIn(one)));
    assert.ok(!(await isSignedIn(other)));
  });
  prove('Reason, Consent and unknown Extensions change nothing', async () => {
    const who = await guest(['sp']);
    const attributes = {
      Reason: 'urn:oasis:names:tc:SAML:2.0:logout:user',
      Consent: 'urn:oasis:names:tc:SAML:2.0:consent:unspecified',
    };
    const content = '<samlp:Extensions><e:x xmlns:e="urn:example">y</e:x></samlp:Extensions>';
    const { parcel, id } = await ask(who, 'sp', { attributes, content });
    judgeLogoutResponse(who.set, parcel, `${slo(sp('sp'))}/post`, id, ['Success']);
  });
  const strangers: readonly [string, (who: Guest) => Asking][] = [
    ['somebody else', () => ({ nameID: `<saml:NameID Format="${formats.emailAddress}">bob@example.com</saml:NameID>` })],
    ['nobody', () => ({ nameID: `<saml:NameID Format="${formats.transient}">_0123456789abcdef0123456789abcdef</saml:NameID>` })],
    [
      'the identifier within another’s names',
      (who) => ({
        nameID: written({
          ...(answerOf(who, 'sp').nameID ?? assert.fail()),
          spNameQualifier: 'https://second.example.net/metadata',
        }),
      }),
    ],
    ['a session that is not hers', () => ({ sessionIndexes: ['_0123456789abcdef'] })],
  ];
  for (const [title, options] of strangers) {
    prove(`a request about ${title} is answered by UnknownPrincipal, and ends nothing`, async () => {
      const who = await guest(['sp'], { person: 'zoe' });
      const { parcel, id } = await ask(who, 'sp', options(who));
      judgeLogoutResponse(who.set, parcel, `${slo(sp('sp'))}/post`, id, ['Requester', 'UnknownPrincipal']);
      assert.ok(await isSignedIn(who));
    });
  }
  for (const finished of [true, false]) {
    const how = finished ? 'that is over' : 'that nobody brought to its end';
    prove(`a session that is not hers is UnknownPrincipal also after an earlier sign-out ${how}`, async () => {
      const before = await guest(['sp', 'second'], { person: 'dave@corp.example.com' });
      const { parcel } = await ask(before, 'sp');
      if (finished) await reply(before, 'second', parcel ?? assert.fail());
      const who = await guest(['sp'], { person: 'dave@corp.example.com' });
      const { parcel: answer, id } = await ask(who, 'sp', { sessionIndexes: ['_0123456789abcdef'] });
      judgeLogoutResponse(who.set, answer, `${slo(sp('sp'))}/post`, id, ['Requester', 'UnknownPrincipal']);
      assert.ok(await isSignedIn(who));
    });
  }
  prove('a service provider cannot end what it took no part in', async () => {
    const who = await guest(['sp', 'second']);
    const other = await guest(['third']);
    const { nameID, sessionIndex } = answerOf(who, 'second');
    await ask(other, 'third', { nameID: written(nameID ?? assert.fail()), sessionIndexes: [sessionIndex] });
    assert.ok(await isSignedIn(who));
  });
  prove('a browser that goes away in the middle leaves no session behind', async () => {
    const who = await guest(['sp', 'second', 'third']);
    const { parcel } = await ask(who, 'sp');
    assert.equal(parcel?.parameter, 'SAMLRequest');
    assert.ok(!(await isSignedIn(who)));
  });
  prove('one that speaks no binding of ours makes it a PartialLogout', async () => {
    const who = await guest(['sp', 'soap']);
    const { parcel, id } = await ask(who, 'sp');
    judgeLogoutResponse(who.set, parcel, `${slo(sp('sp'))}/post`, id, ['Success', 'PartialLogout']);
  });
  prove('a request is answered once', async () => {
    const who = await guest(['sp']);
    const { id } = await ask(who, 'sp');
    const again = await guest(['sp']);
    const { page } = await ask(again, 'sp', { id });
    assert.ok(page.status >= 300);
    assert.ok(await isSignedIn(again));
  });
  prove('an answer that nobody asked for is refused', async () => {
    const who = await guest(['sp']);
    const xml = sp('sp').logoutResponse(`${who.set.house.url}/saml/slo`, '_nobody');
    judgeRefusalPage(await deliver(who.visitor, sp('sp'), xml, { parameter: 'SAMLResponse' }));
    assert.ok(await isSignedIn(who));
  });
  for (const binding of ['post', 'redirect'] as const) {
    prove(`the asynchronous extension ends the session and asks for no answer, by ${binding}`, async () => {
      const who = await guest(['sp', 'second']);
      const content =
        '<samlp:Extensions><aslo:Asynchronous xmlns:aslo="urn:oasis:names:tc:SAML:2.0:protocol:ext:async-slo"/></samlp:Extensions>';
      const { parcel } = await ask(who, 'sp', { binding, content });
      assert.ok(parcel !== undefined);
      const end = await reply(who, 'second', parcel);
      assert.equal(end.parcel, undefined);
      assert.equal(end.page.status, 200);
      assert.ok(!(await isSignedIn(who)));
    });
  }
});

requirement('IIP-G01', 'clock skew at a LogoutRequest', (prove) => {
  const minute = 60_000;
  const at2 = (who: Guest, offset: number): string => new Date(who.set.house.now() + offset).toISOString();
  for (const [title, offset, taken] of [
    ['ended two minutes ago', -2 * minute, true],
    ['ended ten minutes ago', -10 * minute, false],
    ['ends in an hour', 60 * minute, true],
  ] as const) {
    prove(`one whose NotOnOrAfter ${title} is ${taken ? 'taken' : 'refused'}`, async () => {
      const who = await guest(['sp']);
      await ask(who, 'sp', { attributes: { NotOnOrAfter: at2(who, offset) } });
      assert.equal(await isSignedIn(who), !taken);
    });
  }
  for (const [title, offset, taken] of [
    ['two minutes ahead', 2 * minute, true],
    ['ten minutes ahead', 10 * minute, false],
  ] as const) {
    prove(`one whose IssueInstant is ${title} is ${taken ? 'taken' : 'refused'}`, async () => {
      const who = await guest(['sp']);
      await ask(who, 'sp', { issueInstant: who.set.house.now() + offset });
      assert.equal(await isSignedIn(who), !taken);
    });
  }
});

requirement('IIP-IDP19', 'EncryptedID in a LogoutRequest', (prove) => {
  const certificates = (who: Guest): readonly string[] => {
    const folder = join(who.set.house.configuration.keys.folder, 'encryption');
    return readdirSync(folder)
      .filter((name) => name.endsWith('.cert.pem'))
      .map((name) => readFileSync(join(folder, name), 'utf8'));
  };
  for (const index of [0, 1]) {
    for (const binding of ['post', 'redirect'] as const) {
      prove(`is opened by key ${String(index + 1)} of two, by ${binding}`, async () => {
        const who = await guest(['sp']);
        const certificate = certificates(who)[index] ?? assert.fail('two keys were laid');
        const nameID = encryptID(written(answerOf(who, 'sp').nameID ?? assert.fail()), certificate);
        const { parcel, id } = await ask(who, 'sp', { binding, nameID });
        judgeLogoutResponse(who.set, parcel, `${slo(sp('sp'))}/${binding}`, id, ['Success']);
        assert.ok(!(await isSignedIn(who)));
      });
    }
  }
  prove('that is for another key is answered by an error, and ends nothing', async () => {
    const who = await guest(['sp']);
    const { certificate } = await credential('stranger');
    const nameID = encryptID(written(answerOf(who, 'sp').nameID ?? assert.fail()), certificate);
    const { parcel } = await ask(who, 'sp', { nameID });
    assert.doesNotMatch(parcel?.xml ?? '', /:status:Success"/);
    assert.ok(await isSignedIn(who));
  });
});

requirement('IIP-IDP20', 'settings for Single Logout from metadata', (prove) => {
  prove('our endpoints stand in our metadata', async () => {
    const { provider, house } = await open();
    for (const binding of ['HTTP-Redirect', 'HTTP-POST']) {
      assert.equal(provider.endpoint('SingleLogoutService', binding), `${house.url}/saml/slo`);
    }
  });
  for (const [name, binding] of [
    ['posts', 'post'],
    ['redirects', 'redirect'],
  ] as const) {
    prove(`one that takes ${binding} alone is told and answered by it, however it asked`, async () => {
      for (const by of ['post', 'redirect'] as const) {
        const who = await guest([name]);
        const { parcel, id } = await ask(who, name, { binding: by });
        judgeLogoutResponse(who.set, parcel, `${slo(sp(name))}/${binding}`, id, ['Success']);
      }
    });
  }
  prove('answers go to the ResponseLocation, requests to the Location', async () => {
    const who = await guest(['elsewhere']);
    const { parcel, id } = await ask(who, 'elsewhere', { binding: 'redirect' });
    judgeLogoutResponse(who.set, parcel, `${slo(sp('elsewhere'))}/answers`, id, ['Success']);
    const again = await guest(['elsewhere']);
    judgeLogoutRequest(again.set, (await walk(again.visitor, '/signout')).parcel, `${slo(sp('elsewhere'))}/redirect`);
  });
  prove('one without an endpoint for it signs out here without being asked', async () => {
    const who = await guest(['without']);
    const { page, parcel } = await walk(who.visitor, '/signout');
    assert.equal(page.status, 200);
    assert.equal(parcel, undefined);
    assert.ok(!(await isSignedIn(who)));
  });
  for (const [title, change] of [
    ['of another host', (url: string) => url.replace('localhost', 'idp.example.org')],
    ['of the endpoint for signing in', (url: string) => url.replace('/slo', '/sso')],
  ] as const) {
    prove(`a Destination ${title} ends nothing`, async () => {
      const who = await guest(['sp']);
      await ask(who, 'sp', { attributes: { Destination: change(`${who.set.house.url}/saml/slo`) } });
      assert.ok(await isSignedIn(who));
    });
  }
});
