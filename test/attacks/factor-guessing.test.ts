/**
 * Guessing at a second factor, by whoever knows a name or a password: no more often than the limit says by any name or door, telling
 * nobody who exists, and shutting out nobody who comes from where they passed it before.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import { giveApps, type App } from '../fixtures/enrolled.ts';
import { ForeignServiceProvider, makeCredential } from '../fixtures/foreign-service-provider.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { basic, envelope, paos, soapPost, soapStatusOf } from '../fixtures/soap-client.ts';
import { responseOf, statusOf, textOf, Visitor, type Page } from '../fixtures/visitor.ts';

const password = 'Passw0rd!';
const limit = 3;
/** Here a code comes before the password. */
const codeFirst = '198.51.100.';
/** Here a code is asked for where the password may have been guessed. */
const suspect = '100.64.0.';
const site = new ForeignServiceProvider(await makeCredential(), 'https://plain.example.net');

let house: House;
let apps: Readonly<Record<'alice' | 'bob' | 'carol' | 'dave', App>>;
before(async () => {
  house = await openHouse({
    config: {
      trustProxy: ['127.0.0.1'],
      ecp: { enabled: true },
      factors: { webauthn: { enabled: false } },
      throttle: { floor: '1ms', attemptsPerAccount: limit },
      policy: [
        { name: 'a code first', when: { networks: [`${codeFirst}0/24`] }, require: [['totp'], ['password']] },
        {
          name: 'suspect',
          when: { networks: [`${suspect}0/24`], risks: ['recent-failures'] },
          require: [['password'], ['totp']],
        },
        { name: 'else a password', when: { networks: [`${suspect}0/24`] }, require: [['password']] },
        { name: 'both', require: [['password'], ['totp']] },
      ],
    },
    metadata: [
      {
        xml: site.metadata({
          assertionConsumerServices: `<md:AssertionConsumerService index="0" Binding="${paos}" Location="${site.acs}"/>`,
        }),
      },
    ],
  });
  apps = await giveApps(house, ['alice', 'bob', 'carol', 'dave']);
});
after(() => house.close());

const from = (network: string): Visitor => {
  const visitor = new Visitor(house.url);
  visitor.forwardedFor = network;
  return visitor;
};
/** What the person sees, apart from references. */
const seen = ({ status, body }: Page): string =>
  `${String(status)} ${/<h1>[^<]*/.exec(body)?.[0] ?? ''} ${/role="alert"[^]*?<\/p>/.exec(body)?.[0].replace(/<code>[^<]*/g, '') ?? ''}`;

async function codeByName(visitor: Visitor, name: string, code: string): Promise<Page> {
  const signin = (await visitor.arrive({ issueInstant: house.now() })).form?.fields.signin ?? '';
  await visitor.post('/signin/totp', { signin, name });
  return visitor.post('/signin/totp', { signin, name, code });
}
async function codeAfterPassword(visitor: Visitor, name: string, code: string): Promise<Page> {
  const page = await visitor.signIn(name, password, { issueInstant: house.now() });
  assert.equal(page.form?.action, '/signin/totp', page.body.slice(-500));
  return visitor.post('/signin/totp', { ...page.form.fields, code });
}

describe('codes', () => {
  it('are guessed no more often by several names, which read as those of nobody', async () => {
    const told = (names: readonly string[]) =>
      names.reduce<Promise<string[]>>(async (before, name, turn) => {
        const pages = await before;
        return [...pages, seen(await codeByName(from(`${codeFirst}${String(turn)}`), name, '000000'))];
      }, Promise.resolve([]));
    const names = (name: string, further: string) => [
      ...Array<string>(limit).fill(name),
      ...Array<string>(limit + 1).fill(further),
    ];
    const mine = await told(names('alice', 'alice.liddell@example.com'));
    assert.deepEqual(mine, await told(names('nobody', 'nobody.at.all@example.com')));
    const judged = house.events.filter(({ reason, person }) => reason === 'code-wrong' && person === apps.alice.objectGUID);
    assert.equal(judged.length, limit);
    // Not even the right one, by a name of theirs at which nobody guessed yet.
    const right = await codeByName(from(`${codeFirst}77`), 'alice@corp.example.com', apps.alice.code());
    assert.equal(right.form?.action, '/signin/totp');
  });

  it('are not shut to whoever passed them from there, by somebody who knows the password', async () => {
    responseOf(await codeAfterPassword(from('203.0.113.5'), 'bob', apps.bob.code()));
    house.advance(60_000);
    let page: Page | undefined;
    for (let turn = 0; turn <= limit; turn += 1) page = await codeAfterPassword(from('192.0.2.9'), 'bob', '000000');
    assert.equal(page?.status, 429);
    // Whose password was right reads what stands against the code.
    assert.match(seen(page), /Too many/i);
    const at = house.events.findLast(({ reason }) => reason === 'factor-attempts-exhausted');
    assert.equal(at?.person, apps.bob.objectGUID);
    responseOf(await codeAfterPassword(from('203.0.113.5'), 'bob', apps.bob.code()));
  });

  it('that nobody typed are not judged, so that no link uses up what may fail', async () => {
    const visitor = from('203.0.113.6');
    const page = await visitor.signIn('carol', password, { issueInstant: house.now() });
    const { signin = '' } = page.form?.fields ?? {};
    for (let turn = 0; turn <= limit; turn += 1) {
      assert.equal((await visitor.visit(`/signin/totp?id=${signin}&poll=1`)).status, 200);
      await visitor.visit(`/signin/totp/return?state=x&code=000000`);
    }
    responseOf(await visitor.post('/signin/totp', { signin, code: apps.carol.code() }));
  });

  it('that come first come before the password at every door', async () => {
    const request = site.authnRequest(undefined, { attributes: { AssertionConsumerServiceURL: undefined } });
    const before = house.events.length;
    for (const [turn, typed] of [password, 'wrong'].entries()) {
      const headers = { ...basic('dave', typed), 'X-Forwarded-For': `${codeFirst}${String(turn)}` };
      const answer = await soapPost(`${house.url}/saml/ecp`, envelope(request), headers);
      assert.deepEqual(soapStatusOf(answer), ['Responder', 'NoAuthnContext'], answer.text);
    }
    const visitor = from(`${codeFirst}9`);
    const signin = (await visitor.arrive({ issueInstant: house.now() })).form?.fields.signin ?? '';
    for (const typed of [password, 'wrong']) {
      const page = await visitor.post('/signin/password', { signin, name: 'dave', password: typed });
      assert.equal(page.form?.action, '/signin/totp');
    }
    const told = house.events.slice(before).map(({ event, reason }) => reason ?? event);
    assert.ok(!told.some((each) => each.startsWith('password')), told.join());
  });

  it('for names without end fill no store', async () => {
    const visitor = from(`${codeFirst}8`);
    const signin = (await visitor.arrive({ issueInstant: house.now() })).form?.fields.signin ?? '';
    const clock = { now: () => house.now(), until: () => Promise.resolve() };
    const store = await createSqliteStore({ file: house.configuration.store.file, clock });
    try {
      const before = (await store.list('challenge', '', 1_000)).length;
      for (let turn = 0; turn < 5; turn += 1) await visitor.post('/signin/totp', { signin, name: `name-${String(turn)}` });
      assert.ok((await store.list('challenge', '', 1_000)).length <= before + 1);
    } finally {
      await store.close();
    }
  });
});

describe('a risk', () => {
  it('that was noticed when a password was found is not forgotten by signing in once more', async () => {
    const found = from(`${suspect}1`);
    for (const typed of ['wrong', 'wronger']) await found.signIn('zoe', typed, { issueInstant: house.now() });
    const page = await found.signIn('zoe', password, { issueInstant: house.now() });
    assert.match(page.url, /enrol/);
    // From there and elsewhere, in browsers that know nothing.
    for (const host of ['1', '2']) {
      const again = await from(`${suspect}${host}`).signIn('zoe', password, { issueInstant: house.now() });
      assert.match(again.url, /enrol/, again.body.slice(-500));
    }
    house.advance(31 * 60_000);
    responseOf(await from(`${suspect}1`).signIn('zoe', password, { issueInstant: house.now() }));
  });
});

describe('a factor that is not asked for', () => {
  it('counts for nobody but who gave it: the person of the session, in that browser', async () => {
    const [one, other] = [from('203.0.113.7'), from('203.0.113.8')];
    house.advance(60_000);
    const asked = await one.signIn('dave', password, { issueInstant: house.now() });
    const { signin = '' } = asked.form?.fields ?? {};
    // Another browser knows the sign-in, the name and a code that it saw: it is asked for the password first.
    const page = await other.post('/signin/totp', { signin, name: 'dave', code: apps.dave.code() });
    assert.equal(page.form?.action, '/signin/password');
    assert.equal(statusOf(responseOf(await one.post('/signin/totp', { signin, code: apps.dave.code() })).xml)[0], 'Success');
    // In the browser of the one, the other types a password of theirs: nothing of what was proven before counts for them.
    const anew = await one.arrive({ issueInstant: house.now(), attributes: { ForceAuthn: 'true' } });
    const switched = await one.fill(anew, 'carol', password);
    assert.equal(switched.form?.action, '/signin/totp');
    house.advance(60_000);
    const refused = await one.post('/signin/totp', { ...switched.form.fields, code: apps.dave.code() });
    assert.deepEqual([refused.status, refused.form?.action], [401, '/signin/totp']);
    const { xml } = responseOf(await one.post('/signin/totp', { ...refused.form?.fields, code: apps.carol.code() }));
    assert.equal(textOf(xml, 'NameID'), 'carol@example.org');
  });

  it('is not begun while nobody can say what is asked for', async () => {
    const visitor = from('203.0.113.9');
    const page = await visitor.signIn('zoe', password, { issueInstant: house.now() });
    const signin = new URL(page.url).searchParams.get('id') ?? '';
    const { directory, policy } = house.configuration;
    const controllers = [{ url: 'ldap://127.0.0.1:1', priority: 1 }];
    const silent = (forest: (typeof directory.forests)[number]) => ({
      ...forest,
      domains: forest.domains.map((domain) => ({ ...domain, controllers })),
    });
    const groups = ['CN=Nobody,DC=corp,DC=example,DC=com'];
    await house.restart({
      policy: policy.map((rule) => ({ ...rule, when: { groups } })),
      directory: { ...directory, forests: directory.forests.map(silent) },
    });
    const refused = await visitor.visit(`/signin/totp?id=${signin}`);
    assert.deepEqual([refused.status, refused.form], [503, undefined]);
  });
});
