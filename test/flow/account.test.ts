/** The page at which people see and change what is kept of them here: who gets in, what it does, and for nobody else. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import { createEnrolmentPasses } from '../../src/authenticators/enrolment-pass.ts';
import { createEnrolments, type EnrolmentRecords } from '../../src/authenticators/enrolments.ts';
import type { EnrolmentConfig } from '../../src/config/enrolment-schema.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { createAuthenticatorApp, keyOn, type AuthenticatorApp } from '../fixtures/authenticator-app.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { createSoftwareAuthenticator } from '../fixtures/software-authenticator.ts';
import { Visitor, type Page } from '../fixtures/visitor.ts';
import en from '../../views/locales/en.json' with { type: 'json' };

const password = 'Passw0rd!';
const minute = 60_000;
const words = en.account;

let house: House;
let store: Store;
let records: EnrolmentRecords;
const guids = new Map<string, string>();
const guidOf = (name: string): string => guids.get(name) ?? assert.fail();

before(async () => {
  house = await openHouse({
    config: {
      trustProxy: ['127.0.0.1'],
      policy: [{ name: 'some', when: { networks: ['203.0.113.0/24'] }, require: [['password'], ['totp', 'webauthn']] }],
    },
  });
  const clock = { now: () => house.now(), until: () => Promise.resolve() };
  store = await createSqliteStore({ file: house.configuration.store.file, clock });
  records = createEnrolments({ store });
  for (const name of ['alice', 'bob']) {
    await new Visitor(house.url).signIn(name, password);
    guids.set(name, house.events.findLast(({ event }) => event === 'password.accepted')?.person ?? '');
  }
});
after(async () => {
  await store.close();
  await house.close();
});
beforeEach(async () => {
  // Nobody's code of before is one of now, and no session goes on.
  house.advance(13 * 60 * minute);
  for (const guid of guids.values()) await records.forget(guid);
});

const browser = (): Visitor => new Visitor(house.url);
const isAccount = (page: Page): boolean => page.status === 200 && page.body.includes(`<h1>${words.title}</h1>`);
/** Opens the page, proving what it asks for. */
async function open(visitor: Visitor, name = 'alice', app?: AuthenticatorApp): Promise<Page> {
  let page = await visitor.visit('/account');
  if (page.form?.action === '/signin/password') page = await visitor.fill(page, name, password);
  if (app !== undefined && page.form?.action === '/signin/totp') {
    page = await visitor.post('/signin/totp', { ...page.form.fields, code: app.code() });
  }
  return page;
}
async function opened(name = 'alice', app?: AuthenticatorApp, visitor = browser()): Promise<{ visitor: Visitor; page: Page }> {
  const page = await open(visitor, name, app);
  assert.ok(isAccount(page), page.body.slice(0, 3_000));
  return { visitor, page };
}
const codesOn = (page: Page): string[] =>
  [...page.body.matchAll(/<li><code>([0-9A-Z-]{14})<\/code>/g)].map(([, code]) => code ?? '');
/** Adds an app; gives it, and the page that tells of it. */
async function addApp(visitor: Visitor, label: string): Promise<{ app: AuthenticatorApp; page: Page; codes: readonly string[] }> {
  const setup = await visitor.visit('/account/add/totp');
  const app = createAuthenticatorApp(keyOn(setup), house);
  const done = await visitor.post('/account/add/totp', { code: app.code(), label });
  const codes = codesOn(done);
  return { app, codes, page: codes.length === 0 ? done : await visitor.visit('/account?done=added') };
}
const apps = async (name = 'alice') => (await records.of(guidOf(name))).totp;
const last = (event: string) => house.events.findLast((one) => one.event === event);
/** The values of the hidden field `id` in the forms that post there. */
const idsOn = (page: Page, action: string): string[] =>
  [
    ...page.body.matchAll(/<form method="post" action="([^"]+)">\s*<input type="hidden" name="(?:way|id)" value="([^"]+)">/g),
  ].flatMap(([, to, id]) => (to === action ? [id ?? ''] : []));

describe('the page of a person', () => {
  it('asks for the password, shows what there is, and nothing to anybody else', async () => {
    const { page } = await opened();
    for (const text of [words['factors-none'], words.current, words['add-totp']]) assert.ok(page.body.includes(text), text);
    assert.match(page.body, /<p class="lead">alice/i);
    assert.ok(!page.body.includes(words['codes-new']), 'codes stand in for something');
    assert.equal((await browser().visit('/account')).form?.action, '/signin/password');
  });

  it('adds, renames and removes an app, and tells of the last one', async () => {
    const { visitor } = await opened();
    const { page, codes } = await addApp(visitor, 'Old phone');
    assert.ok(page.body.includes(words['done-added']) && page.body.includes('Old phone'));
    assert.equal(codes.length, 10);
    const id = (await apps())[0]?.id ?? '';
    assert.deepEqual(last('factor.enrolled')?.detail, { factor: 'recovery-code', number: 10 });
    const renamed = await visitor.post('/account/rename', { way: 'totp', id, label: ' <b>New</b>\u202e phone ' });
    assert.ok(renamed.body.includes('&lt;b&gt;New&lt;/b&gt; phone') && renamed.body.includes(words['done-renamed']));
    const asked = await visitor.visit(`/account/remove?way=totp&id=${id}`);
    assert.ok(asked.body.includes(words['last-asked']));
    assert.equal((await apps()).length, 1);
    const removed = await visitor.post('/account/remove', asked.form?.fields ?? {});
    assert.ok(removed.body.includes(words['done-removed']));
    assert.deepEqual(await apps(), []);
    assert.deepEqual(last('factor.removed')?.detail, { factor: 'totp', label: '<b>New</b> phone', id, by: 'its person' });
  });

  it('asks whoever came by what was removed elsewhere for what is left', async () => {
    const { visitor } = await opened();
    const { app } = await addApp(visitor, 'Stolen phone');
    const thief = (await opened('alice', app)).visitor;
    await visitor.post('/account/remove', { way: 'totp', id: (await apps())[0]?.id ?? '' });
    assert.ok(isAccount(await visitor.visit('/account')), 'where it was removed it was proven');
    assert.equal((await thief.visit('/account/add/totp')).form?.action, '/signin/recovery-code');
  });

  it('asks for what was set up, also of whoever signed in with the password alone, and again after a while', async () => {
    const { visitor } = await opened();
    const { app } = await addApp(visitor, '');
    const thief = browser();
    assert.ok((await thief.signIn('alice', password, { issueInstant: house.now() })).form?.fields.SAMLResponse !== undefined);
    assert.equal((await thief.visit('/account')).form?.action, '/signin/totp');
    for (const path of ['/account/add/totp', '/account/add/webauthn', '/account/remove?way=totp&id=x']) {
      assert.equal((await thief.visit(path)).form?.action, '/signin/totp', path);
    }
    for (const path of [
      'add/totp',
      'add/webauthn',
      'codes',
      'rename',
      'remove',
      'end-all',
      'end-session',
      'forget-device',
      'pass',
    ]) {
      assert.equal((await thief.post(`/account/${path}`, { way: 'totp', code: '1' })).form?.action, '/signin/totp', path);
    }
    assert.ok(isAccount(await open(thief, 'alice', app)), 'with the app it is no thief');
    house.advance(16 * minute);
    const late = await thief.visit('/account');
    assert.equal(late.form?.action, '/signin/password');
    assert.ok(isAccount(await open(thief, 'alice', app)));
  });

  it('adds a key beside an app', async () => {
    const { visitor } = await opened();
    const { app } = await addApp(visitor, 'Phone');
    const page = await visitor.visit('/account/add/webauthn');
    const options = JSON.parse(/data-options="([^"]+)"/.exec(page.body)?.[1]?.replaceAll('&quot;', '"') ?? '') as object;
    const response = createSoftwareAuthenticator({ origin: house.url }).create(options);
    const done = await visitor.post('/account/add/webauthn', { response, label: 'Blue key' });
    assert.ok(isAccount(done) && done.body.includes('Blue key') && done.body.includes('Phone'));
    const asked = await visitor.visit(`/account/remove?way=totp&id=${(await apps())[0]?.id ?? ''}`);
    assert.ok(!asked.body.includes(words.last));
    assert.ok(isAccount((await opened('alice', app)).page));
  });

  it('makes new recovery codes in place of those before', async () => {
    const { visitor } = await opened();
    const nothing = await visitor.post('/account/codes', {});
    assert.ok(isAccount(nothing), 'none, where there is nothing that they stand in for');
    const { codes } = await addApp(visitor, '');
    const [old = ''] = codes;
    const made = codesOn(await visitor.post('/account/codes', {}));
    assert.equal(made.length, 10);
    assert.ok((await visitor.visit('/account')).body.includes('Left: 10.'));
    const other = browser();
    await other.fill(await other.visit('/account'), 'alice', password);
    const asked = await other.visit((await other.visit('/account')).url.replace('/totp?', '/recovery-code?'));
    assert.equal(asked.form?.action, '/signin/recovery-code');
    const refused = await other.post('/signin/recovery-code', { ...asked.form.fields, code: old });
    assert.equal(refused.status, 401);
    assert.ok(isAccount(await other.post('/signin/recovery-code', { ...refused.form?.fields, code: made[0] ?? '' })));
  });

  it('is called by its name among the last sign-ins, not by its address', async () => {
    const visitor = new Visitor(house.url);
    await visitor.fill(await visitor.visit('/account'), 'alice', password);
    const { body } = await visitor.visit('/account');
    assert.match(body, /Last sign-ins[^]*<strong>Your account<\/strong>/);
    assert.ok(!body.includes(`${house.url}/account`), body.slice(-1_500));
  });

  it('shows the last sign-ins, twenty at most, and not for ever', async () => {
    const visitor = browser();
    await visitor.signIn('alice', password, { issueInstant: house.now() });
    // Where it was proven, single sign-on is no news; elsewhere it is, and pushes out nothing however often it is done.
    await visitor.arrive({ issueInstant: house.now() });
    visitor.forwardedFor = '198.51.100.7';
    for (let more = 0; more < 21; more += 1) await visitor.arrive({ issueInstant: house.now() });
    const { page } = await opened('alice', undefined, visitor);
    const list = page.body.slice(page.body.indexOf(words['sign-ins']));
    assert.equal([...list.matchAll(/ 198\.51\.100\.7 /g)].length, 1);
    assert.match(list, /<strong>Google<\/strong>\s*<p class="hint">[^<]+ · 198\.51\.100\.7 · Password</);
    house.advance(91 * 24 * 60 * minute);
    const later = (await opened()).page;
    assert.equal([...later.body.slice(later.body.indexOf(words['sign-ins'])).matchAll(/<li>/g)].length, 1, 'this one');
  });
});

describe('sessions at the page', () => {
  it('end one by one, in their own browsers', async () => {
    const other = browser();
    const headers = { 'User-Agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0' };
    const asked = await other.visit('/account');
    await other.post('/signin/password', { ...asked.form?.fields, name: 'alice', password }, { Origin: house.url, ...headers });
    const { visitor, page } = await opened();
    assert.ok(page.body.includes('Firefox on Windows'));
    const ids = idsOn(page, '/account/end-session');
    assert.ok(ids.length >= 2);
    const { visitor: bob } = await opened('bob');
    for (const id of ids) assert.ok(isAccount(await bob.post('/account/end-session', { id })));
    assert.ok(isAccount(await other.visit('/account')), 'nobody ends what is another’s');
    const before = house.events.length;
    for (const id of ['', 'x', '__proto__', 'a'.repeat(10_000)]) await visitor.post('/account/end-session', { id });
    assert.ok(!house.events.slice(before).some(({ event }) => event === 'session.ended'));
    const listed = /Firefox on Windows[^]*?name="id" value="([0-9a-f]{32})"/.exec(page.body)?.[1] ?? assert.fail();
    const done = await visitor.post('/account/end-session', { id: listed });
    assert.ok(done.body.includes(words['done-ended']) && !done.body.includes('Firefox on Windows'));
    assert.equal((await other.visit('/account')).form?.action, '/signin/password');
    assert.ok(isAccount(await visitor.visit('/account')));
  });

  it('end everywhere, here too', async () => {
    const other = (await opened()).visitor;
    const { visitor } = await opened();
    const bob = (await opened('bob')).visitor;
    const page = await visitor.post('/account/end-all', {});
    assert.match(new URL(page.url).pathname, /^\/signout/);
    for (const gone of [visitor, other]) assert.equal((await gone.visit('/account')).form?.action, '/signin/password');
    assert.ok(isAccount(await bob.visit('/account')));
  });
});

describe('the page does nothing', () => {
  it('for a form of another site', async () => {
    const { visitor } = await opened();
    await addApp(visitor, 'Phone');
    const id = (await apps())[0]?.id ?? '';
    for (const headers of [
      { Origin: 'https://evil.example' },
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'none' },
    ]) {
      for (const path of ['remove', 'rename', 'codes', 'end-all', 'end-session', 'forget-device', 'add/totp', 'pass']) {
        const refused = await visitor.post(`/account/${path}`, { way: 'totp', id }, headers);
        assert.equal(refused.status, 400, path);
        assert.equal(last('account.refused')?.reason, 'form-malformed');
      }
    }
    assert.equal((await apps())[0]?.label, 'Phone');
    assert.ok(isAccount(await visitor.visit('/account')));
  });

  it('with what is another person’s', async () => {
    const alice = (await opened()).visitor;
    await addApp(alice, 'Phone');
    const id = (await apps())[0]?.id ?? '';
    const bob = (await opened('bob')).visitor;
    await bob.post('/account/remove', { way: 'totp', id });
    await bob.post('/account/rename', { way: 'totp', id, label: 'Bob was here' });
    assert.ok(isAccount(await bob.visit(`/account/remove?way=totp&id=${id}`)), 'there is no such one');
    // What Alice began is not answered by Bob, nor by her in another browser.
    const setup = await alice.visit('/account/add/totp');
    const app = createAuthenticatorApp(keyOn(setup), house);
    const refused = await bob.post('/account/add/totp', { code: app.code() });
    assert.equal(last('account.refused')?.reason, 'challenge-lapsed');
    assert.equal(refused.status, 409);
    assert.deepEqual(
      (await apps()).map(({ label }) => label),
      ['Phone'],
    );
    assert.deepEqual(await apps('bob'), []);
  });

  it('with forms that are no forms, other methods, or unknown paths', async () => {
    const { visitor } = await opened();
    for (const path of ['/account/add/duo', '/account/add/recovery-code', '/account/nothing', '/account/', '/Account']) {
      assert.equal((await visitor.visit(path)).status, 404, path);
    }
    assert.equal((await visitor.post('/account/add/duo', {})).status, 404);
    for (const path of ['/account', '/account/add/totp', '/account/remove']) {
      assert.equal((await visitor.request(path, { method: 'HEAD' })).status, 405, path);
    }
    const text = await visitor.visit('/account/remove', { method: 'POST', headers: { Origin: house.url }, body: 'way=totp' });
    assert.equal(text.status, 400);
    const twice = await visitor.visit('/account/remove', {
      method: 'POST',
      headers: { Origin: house.url, 'Content-Type': 'application/x-www-form-urlencoded' },
      body: 'way=totp&way=totp&id=x',
    });
    assert.equal(twice.status, 400);
    assert.ok(isAccount(await visitor.visit('/account?done=<script>')));
  });

  it('more than five apps', async () => {
    const { visitor } = await opened();
    const { app } = await addApp(visitor, '1');
    for (const label of ['2', '3', '4', '5']) await addApp(visitor, label);
    const refused = await visitor.visit('/account/add/totp');
    assert.equal(refused.status, 409);
    assert.equal(last('account.refused')?.reason, 'enrolment-full');
    assert.ok(isAccount((await opened('alice', app)).page));
  });
});

describe('a first factor at the page', () => {
  async function under(settings: Partial<EnrolmentConfig>, act: () => Promise<void>): Promise<void> {
    const { factors } = house.configuration;
    await house.restart({ factors: { ...factors, enrolment: { ...factors.enrolment, ...settings } } });
    try {
      await act();
    } finally {
      await house.restart({ factors });
    }
  }

  it('needs the same networks and passes as within a sign-in', async () => {
    await under({ networks: ['10.0.0.0/8'] }, async () => {
      const { visitor, page } = await opened();
      assert.ok(page.body.includes(words.closed) && !page.body.includes(words['add-totp']));
      assert.ok(isAccount(await visitor.visit('/account/add/totp')));
      await visitor.post('/account/add/totp', { code: '123456' });
      assert.deepEqual(await apps(), []);
      const inside = browser();
      inside.forwardedFor = '10.1.2.3';
      await opened('alice', undefined, inside);
      const { app } = await addApp(inside, 'Phone');
      const outside = (await opened('alice', app)).visitor;
      await addApp(outside, 'Second');
      assert.equal((await apps()).length, 2, 'a second one from anywhere');
    });
  });

  it('needs a pass where passes are asked for, each of its person and once', async () => {
    await under({ pass: 'required' }, async () => {
      const passes = createEnrolmentPasses({ store, clock: house, random: randomBytes, life: 60 * minute });
      const { visitor } = await opened();
      const asked = await visitor.visit('/account/add/totp');
      assert.equal(asked.form?.action, '/account/pass');
      const { text: bobs } = await passes.issue(guidOf('bob'));
      const refused = await visitor.post('/account/pass', { ...asked.form.fields, pass: bobs });
      assert.equal(refused.status, 403);
      assert.equal(last('account.refused')?.reason, 'enrolment-pass-wrong');
      const { text } = await passes.issue(guidOf('alice'));
      const setup = await visitor.post('/account/pass', { ...asked.form.fields, pass: text });
      assert.equal(new URL(setup.url).pathname, '/account/add/totp');
      assert.equal(
        codesOn(await visitor.post('/account/add/totp', { code: createAuthenticatorApp(keyOn(setup), house).code() })).length,
        10,
      );
      assert.equal(await passes.until(guidOf('alice')), undefined);
    });
  });

  it('needs a password that was given within ten minutes', async () => {
    const { visitor } = await opened();
    const setup = await visitor.visit('/account/add/totp');
    const app = createAuthenticatorApp(keyOn(setup), house);
    house.advance(11 * minute);
    assert.equal((await visitor.visit('/account')).form?.action, '/signin/password');
    assert.equal((await visitor.post('/account/add/totp', { code: app.code() })).form?.action, '/signin/password');
    assert.deepEqual(await apps(), []);
  });
});

describe('where people have no such page', () => {
  it('there is none, and what was set up is asked for all the same', async () => {
    const { visitor } = await opened();
    const { account } = house.configuration;
    await house.restart({ account: { ...account, enabled: false } });
    try {
      for (const path of ['/account', '/account/add/totp']) assert.equal((await visitor.visit(path)).status, 404);
    } finally {
      await house.restart({ account });
    }
  });
});
