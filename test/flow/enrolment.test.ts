/** What a person sets up within a sign-in: by whom, from where, after what, and once; over HTTP, attacks included. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import { createEnrolmentPasses, type EnrolmentPasses } from '../../src/authenticators/enrolment-pass.ts';
import { createEnrolments, type EnrolmentRecords } from '../../src/authenticators/enrolments.ts';
import type { EnrolmentConfig } from '../../src/config/enrolment-schema.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { createAuthenticatorApp, keyOn, type AuthenticatorApp } from '../fixtures/authenticator-app.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { refusedAt, sentence } from '../fixtures/refused-at.ts';
import { createSoftwareAuthenticator } from '../fixtures/software-authenticator.ts';
import { responseOf, statusOf, textOf, Visitor, type Page, type RequestOptions } from '../fixtures/visitor.ts';

const password = 'Passw0rd!';
const minute = 60_000;
const anew = { attributes: { ForceAuthn: 'true' } };
const people = ['alice', 'bob'] as const;

let house: House;
let store: Store;
let records: EnrolmentRecords;
let passes: EnrolmentPasses;
/** objectGUIDs. */
const guids = new Map<string, string>();

const guidOf = (name: string): string => guids.get(name) ?? assert.fail();

before(async () => {
  house = await openHouse({
    config: {
      trustProxy: ['127.0.0.1'],
      policy: [
        {
          name: 'keys alone',
          when: { networks: ['203.0.113.0/24'] },
          require: [['password'], ['webauthn']],
        },
        { name: 'everybody', require: [['password'], ['totp', 'webauthn']] },
      ],
    },
  });
  store = await createSqliteStore({
    file: house.configuration.store.file,
    clock: { now: () => house.now(), until: () => Promise.resolve() },
  });
  records = createEnrolments({ store });
  passes = createEnrolmentPasses({ store, clock: house, random: randomBytes, life: 60 * minute });
  for (const name of people) {
    await new Visitor(house.url).signIn(name, password);
    guids.set(name, house.events.at(-1)?.person ?? '');
  }
});
after(async () => {
  await store.close();
  await house.close();
});
beforeEach(async () => {
  for (const name of people) {
    await records.forget(guidOf(name));
    await passes.revoke(guidOf(name));
  }
});

/** Runs the house under other settings of enrolment. */
async function under(settings: Partial<EnrolmentConfig>, act: () => Promise<void>): Promise<void> {
  const { factors } = house.configuration;
  await house.restart({ factors: { ...factors, enrolment: { ...factors.enrolment, ...settings } } });
  try {
    await act();
  } finally {
    await house.restart({ factors });
  }
}

const at = (options: RequestOptions = {}): RequestOptions => ({ issueInstant: house.now(), ...options });
const signIn = (visitor: Visitor, name = 'alice', options: RequestOptions = {}): Promise<Page> =>
  visitor.signIn(name, password, at(options));
const idOf = (page: Page): string => new URL(page.url).searchParams.get('id') ?? page.form?.fields.signin ?? assert.fail();
const choose = (visitor: Visitor, page: Page, way = 'totp'): Promise<Page> =>
  visitor.visit(`/signin/enrol/${way}?id=${idOf(page)}`);
const isEnrolling = (page: Page): boolean => new URL(page.url).pathname.startsWith('/signin/enrol');
const next = (page: Page): string =>
  /<a class="button" href="(\/[^"]+)">I have kept them/.exec(page.body)?.[1] ?? assert.fail(page.body);
const codesOn = (page: Page): string[] =>
  [...page.body.matchAll(/<li><code>([0-9A-Z-]{14})<\/code>/g)].map(([, code]) => code ?? '');
const hasResponse = (page: Page): boolean => page.form?.fields.SAMLResponse !== undefined;

/** A visitor with the page that shows a key, and the app that has read it. */
async function begun(name = 'alice', visitor = new Visitor(house.url)) {
  const page = await choose(visitor, await signIn(visitor, name));
  return { visitor, page, app: createAuthenticatorApp(keyOn(page), house) };
}
const finish = (visitor: Visitor, page: Page, code: string, label = ''): Promise<Page> =>
  visitor.post('/signin/enrol/totp', { ...page.form?.fields, code, label });

/** Somebody who has an app. */
async function enrolled(name = 'alice'): Promise<{ visitor: Visitor; app: AuthenticatorApp; codes: readonly string[] }> {
  const { visitor, page, app } = await begun(name);
  const codes = await finish(visitor, page, app.code(), 'My phone');
  assert.ok(hasResponse(await visitor.visit(next(codes))));
  return { visitor, app, codes: codesOn(codes) };
}
const apps = async (name = 'alice'): Promise<number> => (await records.of(guidOf(name))).totp.length;

describe('a person who lacks what the policy asks for', () => {
  it('sets up an app, keeps the recovery codes, and the sign-in goes on', async () => {
    const visitor = new Visitor(house.url);
    const choice = await signIn(visitor);
    assert.equal(new URL(choice.url).pathname, '/signin/enrol');
    const page = await choose(visitor, choice);
    assert.match(page.body, /<svg viewBox="0 0 \d+ \d+" aria-hidden="true"[^>]*><rect[^>]*fill="#ffffff"/);
    const app = createAuthenticatorApp(keyOn(page), house);
    const codes = await finish(visitor, page, app.code(), ' My  phone ');
    assert.equal(codesOn(codes).length, 10);
    const { xml } = responseOf(await visitor.visit(next(codes)));
    assert.deepEqual(statusOf(xml), ['Success']);
    assert.equal(textOf(xml, 'NameID'), 'alice.liddell@example.com');
    const told = house.events.filter(({ event }) => event === 'factor.enrolled').slice(-2);
    assert.deepEqual(
      told.map(({ detail, person }) => [detail?.factor, detail?.label ?? detail?.number, person]),
      [
        ['totp', 'My phone', guidOf('alice')],
        ['recovery-code', 10, guidOf('alice')],
      ],
    );
    const [secret = ''] = codesOn(codes);
    assert.ok(!JSON.stringify(house.events).includes(secret) && !JSON.stringify(house.events).includes(keyOn(page)));
  });

  it('is asked for it from then on, and for one of the codes in its place', async () => {
    const { app, codes } = await enrolled();
    const visitor = new Visitor(house.url);
    const asked = await signIn(visitor);
    assert.equal(new URL(asked.url).pathname, '/signin/totp');
    assert.ok(hasResponse(await visitor.post('/signin/totp', { ...asked.form?.fields, code: app.code() })));
    assert.equal(codes.length, 10);
  });

  it('sets up a security key, once for each that the browser was asked for', async () => {
    const visitor = new Visitor(house.url);
    const page = await choose(visitor, await signIn(visitor), 'webauthn');
    const options: unknown = JSON.parse(/data-options="([^"]+)"/.exec(page.body)?.[1]?.replaceAll('&quot;', '"') ?? '');
    const answer = (): string => createSoftwareAuthenticator({ origin: house.url }).create(options as object);
    const fields = { ...page.form?.fields, label: 'Blue key', response: answer() };
    const both = await Promise.all([
      visitor.post('/signin/enrol/webauthn', fields),
      visitor.post('/signin/enrol/webauthn', { ...fields, response: answer() }),
    ]);
    assert.equal(both.filter((done) => codesOn(done).length === 10).length, 1);
    assert.deepEqual(
      (await records.of(guidOf('alice'))).webauthn.map(({ label }) => label),
      ['Blue key'],
    );
  });

  it('sees the same key again after a code that was mistyped, and after the page is loaded again', async () => {
    const { visitor, page, app } = await begun();
    const wrong = await finish(visitor, page, '000000');
    refusedAt(house, wrong, 'code-wrong');
    assert.equal(keyOn(wrong), keyOn(page));
    assert.equal(keyOn(await choose(visitor, page)), keyOn(page));
    assert.equal(codesOn(await finish(visitor, wrong, app.code())).length, 10);
  });

  it('keeps the recovery codes that they have', async () => {
    await enrolled();
    const kept = await records.change(guidOf('alice'), (one) => ({ ...one, totp: [] }));
    const visitor = new Visitor(house.url);
    const asked = await signIn(visitor);
    // Whoever has anything proves that before something is set up beside it.
    assert.equal(new URL(asked.url).pathname, '/signin/recovery-code');
    assert.equal((await records.of(guidOf('alice'))).recovery?.createdAt, kept.recovery?.createdAt);
  });

  it('proves what they have before they set up something else, and then needs no leave', async () => {
    await under({ pass: 'required' }, async () => {
      const { text } = await passes.issue(guidOf('alice'));
      const visitor = new Visitor(house.url);
      const asked = await visitor.post('/signin/enrol', { ...(await signIn(visitor)).form?.fields, pass: text });
      const page = await choose(visitor, asked);
      const app = createAuthenticatorApp(keyOn(page), house);
      await finish(visitor, page, app.code());
      const other = new Visitor(house.url);
      other.forwardedFor = '203.0.113.7';
      const step = await signIn(other);
      assert.equal(new URL(step.url).pathname, '/signin/totp', 'though the rule asks for a key alone');
      const then = await other.post('/signin/totp', { ...step.form?.fields, code: app.code() });
      assert.equal(new URL(then.url).pathname, '/signin/enrol/webauthn');
    });
  });
});

describe('nobody sets up anything', () => {
  it('who gave the password too long ago: it is asked for again', async () => {
    const { visitor, page, app } = await begun();
    house.advance(8 * minute);
    assert.equal(codesOn(await finish(visitor, page, app.code())).length, 10, 'within the ten minutes');
    await records.forget(guidOf('alice'));
    const late = await begun('bob');
    house.advance(11 * minute);
    const again = await late.visitor.arrive(at());
    assert.equal(new URL(again.url).pathname, '/signin');
    assert.equal(again.form?.action, '/signin/password');
    const direct = await choose(late.visitor, again);
    assert.ok(!isEnrolling(direct));
    const posted = await late.visitor.post('/signin/enrol/totp', { signin: idOf(again), code: late.app.code() });
    assert.ok(!isEnrolling(posted) && codesOn(posted).length === 0);
    assert.equal(await apps('bob'), 0);
  });

  it('beside what the person has, with the password alone', async () => {
    await enrolled();
    const thief = new Visitor(house.url);
    const asked = await signIn(thief);
    for (const way of ['totp', 'webauthn']) {
      assert.equal(new URL((await choose(thief, asked, way)).url).pathname, '/signin/totp');
      const posted = await thief.post(`/signin/enrol/${way}`, { signin: idOf(asked), code: '123456', response: '{}' });
      assert.equal(new URL(posted.url).pathname, '/signin/totp');
    }
    assert.equal(await apps(), 1);
  });

  it('that was begun before the person set up something elsewhere', async () => {
    const thief = await begun();
    await enrolled();
    const page = await finish(thief.visitor, thief.page, thief.app.code());
    assert.equal(new URL(page.url).pathname, '/signin/totp');
    assert.equal(await apps(), 1);
  });

  it('that was begun before it was reset by an administrator', async () => {
    const { visitor, page, app } = await begun();
    await enrolled();
    await records.forget(guidOf('alice'));
    const { visitor: thief, page: theirs, app: other } = await begun();
    await enrolled();
    await records.change(guidOf('alice'), (one) => ({ ...one, totp: [], recovery: undefined }));
    // Nothing is there again, as when it was begun: it is the person's own sign-in still, with a fresh password.
    assert.equal(codesOn(await finish(visitor, page, app.code())).length, 10);
    assert.equal(new URL((await finish(thief, theirs, other.code())).url).pathname, '/signin/totp');
  });

  it('twice by one answer', async () => {
    const { visitor, page, app } = await begun();
    const code = app.code();
    const both = await Promise.all([finish(visitor, page, code), finish(visitor, page, code)]);
    assert.equal(both.filter((done) => codesOn(done).length === 10).length, 1);
    assert.equal(await apps(), 1);
    assert.ok(hasResponse(await finish(visitor, page, app.code())) || (await apps()) === 1);
  });

  it('in another browser, for another person, or in another sign-in', async () => {
    const { visitor, page, app } = await begun();
    const stranger = new Visitor(house.url);
    const asked = await finish(stranger, page, app.code());
    assert.equal(asked.form?.action, '/signin/password', 'without the session there is nothing');
    const bob = await begun('bob');
    // Alice's key in Bob's sign-in, and Alice's sign-in in Bob's browser.
    refusedAt(house, await finish(bob.visitor, bob.page, app.code()), 'code-wrong');
    refusedAt(house, await finish(bob.visitor, page, app.code()), 'challenge-lapsed');
    const other = await visitor.arrive(at());
    refusedAt(house, await visitor.post('/signin/enrol/totp', { signin: idOf(other), code: app.code() }), 'challenge-lapsed');
    assert.deepEqual([await apps(), await apps('bob')], [0, 0]);
    assert.equal(codesOn(await finish(visitor, page, app.code())).length, 10, 'its own browser still can');
  });

  it('by a form of another site', async () => {
    const { visitor, page, app } = await begun();
    const elsewhere: Record<string, string>[] = [{ Origin: 'https://evil.example' }, { 'Sec-Fetch-Site': 'cross-site' }, {}];
    for (const headers of elsewhere) {
      const refused = await visitor.post('/signin/enrol/totp', { ...page.form?.fields, code: app.code() }, headers);
      assert.equal(refused.status, 400);
      const passed = await visitor.post('/signin/enrol', { ...page.form?.fields, pass: 'x' }, headers);
      assert.equal(passed.status, 400);
    }
    assert.equal(await apps(), 0);
  });

  it('by what is no way, or unknown, or a HEAD', async () => {
    const visitor = new Visitor(house.url);
    const page = await signIn(visitor);
    for (const way of ['recovery-code', 'password', 'duo', '..%2ftotp', 'x'.repeat(500)]) {
      const shown = await choose(visitor, page, way);
      assert.ok(new URL(shown.url).pathname.startsWith('/signin/enrol') && shown.status === 200, way);
      const posted = await visitor.post(`/signin/enrol/${way}`, { signin: idOf(page), code: '1', response: '{' });
      assert.equal(new URL(posted.url).pathname, '/signin/enrol');
    }
    assert.equal((await visitor.request(`/signin/enrol?id=${idOf(page)}`, { method: 'HEAD' })).status, 405);
    for (const response of ['', '{', '{}', 'null', '[]', 'x'.repeat(100_000)]) {
      await choose(visitor, page, 'webauthn');
      refusedAt(house, await visitor.post('/signin/enrol/webauthn', { signin: idOf(page), response }), 'code-wrong');
    }
    assert.equal((await records.of(guidOf('alice'))).webauthn.length, 0);
  });
});

describe('where networks are named', () => {
  it('nobody outside sets up anything, and is told whom to ask', async () => {
    await under({ networks: ['10.0.0.0/8', '2001:db8::/32'] }, async () => {
      const visitor = new Visitor(house.url);
      const inside = new Visitor(house.url);
      visitor.forwardedFor = '192.0.2.1';
      refusedAt(house, await signIn(visitor), 'no-way-left');
      for (const address of ['10.1.2.3', '2001:db8::5', '::ffff:10.1.2.3']) {
        inside.forwardedFor = address;
        assert.ok(isEnrolling(await signIn(inside, 'alice', anew)), address);
      }
      const traveller = new Visitor(house.url);
      traveller.forwardedFor = '10.1.2.3';
      const { page, app } = await begun('bob', traveller);
      traveller.forwardedFor = '192.0.2.1';
      refusedAt(house, await finish(traveller, page, app.code()), 'no-way-left');
      assert.equal(await apps('bob'), 0);
    });
  });
});

describe('where a pass is asked for', () => {
  const askedFor = (page: Page): boolean => page.body.includes('name="pass"');
  const give = (visitor: Visitor, page: Page, pass: string): Promise<Page> =>
    visitor.post('/signin/enrol', { ...page.form?.fields, signin: idOf(page), pass });

  it('it lets its person set up one thing, however it is typed, and once', async () => {
    await under({ pass: 'required' }, async () => {
      const { text } = await passes.issue(guidOf('alice'));
      const visitor = new Visitor(house.url);
      const asked = await signIn(visitor);
      assert.ok(askedFor(asked));
      assert.ok(askedFor(await choose(visitor, asked)), 'the pass comes first');
      const posted = await visitor.post('/signin/enrol/totp', { signin: idOf(asked), code: '000000' });
      assert.ok(askedFor(posted));
      const choice = await give(visitor, asked, ` ${text.toLowerCase().replaceAll('-', ' ')} `);
      assert.ok(isEnrolling(choice) && !askedFor(choice));
      const page = await choose(visitor, choice);
      assert.equal(codesOn(await finish(visitor, page, createAuthenticatorApp(keyOn(page), house).code())).length, 10);
      await records.forget(guidOf('alice'));
      const again = new Visitor(house.url);
      refusedAt(house, await give(again, await signIn(again), text), 'enrolment-pass-wrong');
      assert.ok(askedFor(await signIn(visitor, 'alice', anew)), 'what it allowed is over');
    });
  });

  it('refuses every other one in the same words', async () => {
    await under({ pass: 'required' }, async () => {
      const { text: bobs } = await passes.issue(guidOf('bob'));
      const { text: first } = await passes.issue(guidOf('alice'));
      const { text: revoked } = await passes.issue(guidOf('alice'));
      await passes.revoke(guidOf('alice'));
      const visitor = new Visitor(house.url);
      const page = await signIn(visitor);
      const told = new Set<string>();
      for (const pass of [bobs, first, revoked, '', '0000-0000-0000', 'nonsense', 'x'.repeat(10_000)]) {
        const refused = await give(visitor, page, pass);
        refusedAt(house, refused, 'enrolment-pass-wrong');
        told.add(refused.body.replaceAll(/<code>[^<]*<|nonce="[^"]*"/g, ''));
      }
      assert.equal(told.size, 1);
      const { text: late } = await passes.issue(guidOf('alice'));
      house.advance(61 * minute);
      const other = new Visitor(house.url);
      refusedAt(house, await give(other, await signIn(other), late), 'enrolment-pass-wrong');
      const bob = new Visitor(house.url);
      const { text: fresh } = await passes.issue(guidOf('bob'));
      assert.ok(!askedFor(await give(bob, await signIn(bob, 'bob'), fresh)));
    });
  });

  it('counts wrong ones, after which even the right one is not looked at', async () => {
    const { throttle } = house.configuration;
    house.advance(2 * 60 * minute);
    await house.restart({ throttle: { ...throttle, attemptsPerAccount: 3 } });
    try {
      await under({ pass: 'required' }, async () => {
        const visitor = new Visitor(house.url);
        const page = await signIn(visitor);
        for (let tries = 0; tries < 3; tries += 1)
          refusedAt(house, await give(visitor, page, 'nonsense'), 'enrolment-pass-wrong');
        const { text } = await passes.issue(guidOf('alice'));
        const refused = await give(visitor, page, text);
        refusedAt(house, refused, 'factor-attempts-exhausted');
        assert.ok(refused.body.includes(sentence('too-many-attempts')));
        assert.notEqual(await passes.until(guidOf('alice')), undefined);
      });
    } finally {
      await house.restart({ throttle });
    }
  });

  it('outside the networks alone, nobody inside needs one', async () => {
    await under({ pass: 'outside', networks: ['10.0.0.0/8'] }, async () => {
      const inside = new Visitor(house.url);
      inside.forwardedFor = '10.1.2.3';
      const choice = await signIn(inside);
      assert.ok(isEnrolling(choice) && !askedFor(choice));
      inside.forwardedFor = '192.0.2.1';
      assert.ok(askedFor(await choose(inside, choice)), 'whoever leaves it meanwhile does');
    });
  });
});
