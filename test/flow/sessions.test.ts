/** Sessions and remembered browsers over HTTP: how long they last, what they are worth elsewhere, and what ends them. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { decodeBase32 } from '../../src/authenticators/base32.ts';
import { oneTimePassword, stepAt } from '../../src/authenticators/one-time-password.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import { schema } from '../../src/config/schema.ts';
import { createAuthenticatorApp, keyOn } from '../fixtures/authenticator-app.ts';
import { giveApps, type App } from '../fixtures/enrolled.ts';
import { acs, entityID, openHouse, type House } from '../fixtures/house.ts';
import { passingPeople, type PassingPeople, type PassingPerson } from '../fixtures/passing-people.ts';
import { authnRequest, redirectQuery, responseOf, statusOf, textOf, Visitor, type Page } from '../fixtures/visitor.ts';
import { modify, type DirectoryServer } from '../testbed/directory-server.ts';
import { samba } from '../testbed/samba.ts';

const password = 'Passw0rd!';
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const plain = { entityId: 'https://accounts.google.com/samlrp/plain', acsUrl: 'https://accounts.google.com/samlrp/plain/acs' };
const toPlain = { issuer: plain.entityId, attributes: { AssertionConsumerServiceURL: plain.acsUrl } };

type Rules = NonNullable<ConfigInput['policy']>;
const remembering: Rules = [
  { name: 'plain', when: { serviceProviders: [plain.entityId] }, require: [['password']] },
  { name: 'remembered', when: { device: 'remembered' }, require: [['password']], keepSignedIn: '30d' },
  { name: 'strict', require: [['password'], ['totp']], rememberDevice: '10d', keepSignedIn: '30d' },
];

const asks = (page: Page): 'password' | 'totp' | undefined => {
  const way = /^\/signin\/(password|totp)$/.exec(page.form?.action ?? '')?.[1];
  return way === 'password' || way === 'totp' ? way : undefined;
};
const ticked = (page: Page, name: string): boolean => page.form !== undefined && name in page.form.fields;

/** A browser that keeps what it was told to keep, and forgets the rest when it is closed. */
class Browser extends Visitor {
  /** Milliseconds since the epoch, by the name of the cookie. */
  readonly ends = new Map<string, number>();
  readonly house: House;

  constructor(house: House) {
    super(house.url);
    this.house = house;
  }

  override async request(path: string, init: RequestInit = {}): Promise<Page> {
    const page = await super.request(path, init);
    for (const cookie of page.headers.getSetCookie()) {
      const [name = ''] = cookie.split('=', 1);
      const seconds = /; Max-Age=(\d+)/.exec(cookie)?.[1];
      if (seconds === undefined) this.ends.delete(name);
      else this.ends.set(name, this.house.now() + Number(seconds) * 1_000);
    }
    return page;
  }

  closeAndOpen(): void {
    const isKept = (name: string): boolean => (this.ends.get(name) ?? 0) > this.house.now();
    if (!isKept('__Host-passerelle')) this.cookie = undefined;
    for (const name of this.furtherCookies.keys()) if (!isKept(name)) this.furtherCookies.delete(name);
  }

  come(more: Parameters<Visitor['arrive']>[0] = {}): Promise<Page> {
    return this.arrive({ issueInstant: this.house.now(), ...more });
  }

  type(page: Page, fields: Readonly<Record<string, string>>): Promise<Page> {
    // A box that is not ticked is not sent.
    const { keep: _, remember: _remember, ...others } = page.form?.fields ?? {};
    return this.post(page.form?.action ?? '', { ...others, ...fields });
  }
}

describe('a house whose policy lets people stay signed in and have browsers remembered', () => {
  let house: House;
  let apps: Readonly<Record<'alice' | 'bob', App>>;
  before(async () => {
    house = await openHouse({
      config: {
        policy: remembering,
        factors: { webauthn: { enabled: false } },
        serviceProviders: [
          { kind: 'google-profile', entityId: entityID, acsUrl: acs, name: 'Google' },
          { kind: 'google-profile', ...plain, name: 'Plain' },
        ],
      },
    });
    apps = await giveApps(house, ['alice', 'bob']);
  });
  after(() => house.close());

  const nameOf = (page: Page): string | undefined => textOf(responseOf(page).xml, 'NameID');
  function code(person: 'alice' | 'bob'): string {
    house.advance(minute);
    return apps[person].code();
  }
  /** Signs in with both, and asks for what is said. */
  async function signIn(browser: Browser, person: 'alice' | 'bob', { keep = false, remember = false } = {}): Promise<Page> {
    const first = await browser.come();
    assert.equal(asks(first), 'password');
    assert.ok(ticked(first, 'keep'));
    const second = await browser.type(first, { name: person, password, ...(keep && { keep: '1' }) });
    assert.equal(asks(second), 'totp', second.body.slice(0, 500));
    assert.ok(ticked(second, 'remember'));
    return browser.type(second, { code: code(person), ...(remember && { remember: '1' }) });
  }
  const open = (): Browser => new Browser(house);

  describe('staying signed in', () => {
    it('is offered where it can be had, and lasts although the browser is closed', async () => {
      const browser = open();
      const answer = await signIn(browser, 'bob', { keep: true });
      const until = /SessionNotOnOrAfter="([^"]+)"/.exec(responseOf(answer).xml)?.[1] ?? '';
      assert.ok(Math.abs(Date.parse(until) - house.now() - 30 * day) < 2 * minute, until);
      house.advance(29 * day);
      browser.closeAndOpen();
      assert.equal(nameOf(await browser.come()), 'bob@example.com');
      house.advance(day);
      browser.closeAndOpen();
      assert.equal(asks(await browser.come()), 'password');
    });

    it('is nothing elsewhere: where no rule offers it, the ordinary life holds', async () => {
      const browser = open();
      await signIn(browser, 'bob', { keep: true });
      assert.equal(nameOf(await browser.come(toPlain)), 'bob@example.com');
      house.advance(2 * hour);
      assert.equal(asks(await browser.come(toPlain)), 'password');
      assert.equal(asks(await browser.come(toPlain)), 'password', 'nor at the second try');
      assert.equal(nameOf(await browser.come()), 'bob@example.com');
    });

    it('is not had unasked', async () => {
      const browser = open();
      await signIn(browser, 'bob');
      assert.equal(browser.ends.has('__Host-passerelle'), false);
      house.advance(2 * hour);
      assert.equal(asks(await browser.come()), 'password');
    });

    it('is not had by a field where it is not offered', async () => {
      const browser = open();
      const page = await browser.come(toPlain);
      assert.ok(!ticked(page, 'keep'));
      responseOf(await browser.type(page, { name: 'bob', password, keep: '1', remember: '1' }));
      assert.equal(browser.ends.size, 0);
      house.advance(2 * hour);
      assert.equal(asks(await browser.come(toPlain)), 'password');
      assert.equal(asks(await browser.come()), 'password');
    });

    it('is not had at a service provider that offers it by what was asked for at one that does not', async () => {
      const browser = open();
      responseOf(await browser.type(await browser.come(toPlain), { name: 'bob', password, keep: '1' }));
      const page = await browser.come();
      assert.equal(asks(page), 'totp');
      responseOf(await browser.type(page, { code: code('bob') }));
      assert.equal(browser.ends.has('__Host-passerelle'), false);
    });

    it('survives another proof', async () => {
      const browser = open();
      await signIn(browser, 'bob', { keep: true });
      house.advance(2 * hour);
      responseOf(await browser.type(await browser.come(toPlain), { name: 'bob', password }));
      house.advance(20 * day);
      browser.closeAndOpen();
      assert.equal(nameOf(await browser.come()), 'bob@example.com');
    });

    it('survives what is set up at the person’s own page', async () => {
      const browser = open();
      await signIn(browser, 'bob', { keep: true });
      const setup = await browser.visit('/account/add/totp');
      const app = createAuthenticatorApp(keyOn(setup), house);
      const done = await browser.type(setup, { code: app.code() });
      assert.equal(done.status, 200, done.body.slice(0, 500));
      house.advance(20 * day);
      browser.closeAndOpen();
      assert.equal(nameOf(await browser.come()), 'bob@example.com');
    });

    it('ends with the policy', async () => {
      const browser = open();
      await signIn(browser, 'bob', { keep: true });
      house.advance(2 * hour);
      const { policy } = house.configuration;
      await house.restart({ policy: policy.map(({ keepSignedIn: _, ...rule }) => rule) });
      assert.equal(asks(await browser.come()), 'password');
      await house.restart({ policy });
      assert.equal(asks(await browser.come()), 'password');
    });
  });

  describe('a remembered browser', () => {
    /** What the next sign-in there asks of that person after the password. */
    async function asked(browser: Browser, person: 'alice' | 'bob'): Promise<'totp' | undefined> {
      browser.cookie = undefined;
      const first = await browser.come();
      assert.equal(asks(first), 'password', 'that alone is no evidence');
      const second = await browser.type(first, { name: person, password });
      return asks(second) === 'totp' ? 'totp' : void responseOf(second);
    }
    const device = '__Host-passerelle-device';
    const copy = (from: Browser): Browser => {
      const thief = new Browser(house);
      for (const [name, pair] of from.furtherCookies) thief.furtherCookies.set(name, pair);
      return thief;
    };

    it('is asked for less, and for all of it once the time is over', async () => {
      const browser = open();
      await signIn(browser, 'bob', { remember: true });
      assert.ok(Math.abs((browser.ends.get(device) ?? 0) - house.now() - 10 * day) < 2 * minute);
      assert.equal(house.events.at(-1)?.event, 'device.remembered');
      assert.equal(await asked(browser, 'bob'), undefined);
      house.advance(9 * day);
      assert.equal(await asked(browser, 'bob'), undefined);
      house.advance(day);
      assert.equal(await asked(browser, 'bob'), 'totp');
    });

    it('is so for whom it is remembered, not for others who sit at it', async () => {
      const browser = open();
      await signIn(browser, 'bob', { remember: true });
      assert.equal(await asked(browser, 'alice'), 'totp');
      browser.cookie = undefined;
      responseOf(await signIn(browser, 'alice', { remember: true }));
      assert.equal(await asked(browser, 'alice'), undefined);
      assert.equal(await asked(browser, 'bob'), undefined);
    });

    it('is none unasked, nor by a field on the page of the password', async () => {
      const browser = open();
      const second = await browser.type(await browser.come(), { name: 'bob', password, remember: '1' });
      responseOf(await browser.type(second, { code: code('bob') }));
      assert.equal(browser.furtherCookies.has(device), false);
      assert.equal(await asked(browser, 'bob'), 'totp');
    });

    it('is not remembered before all that the rule demands was proven', async () => {
      const browser = open();
      const second = await browser.type(await browser.come(), { name: 'bob', password });
      const page = await browser.type(second, { code: '000000', remember: '1' });
      assert.equal(asks(page), 'totp');
      assert.match(page.body, /name="remember"[^>]* checked/, 'what was ticked stays so');
      assert.equal(browser.furtherCookies.has(device), false);
    });

    it('has another secret after each sign-in; whoever goes on with a copy makes it forgotten', async () => {
      const browser = open();
      await signIn(browser, 'bob', { remember: true });
      const thief = copy(browser);
      const before = browser.furtherCookies.get(device);
      for (const _ of [1, 2]) {
        house.advance(2 * minute);
        assert.equal(await asked(browser, 'bob'), undefined);
      }
      assert.notEqual(browser.furtherCookies.get(device), before);
      assert.equal(await asked(thief, 'bob'), 'totp');
      assert.equal(
        house.events.findLast(({ event }) => event === 'device.forgotten')?.detail?.why,
        'an old copy of its cookie was brought',
      );
      assert.equal(await asked(browser, 'bob'), 'totp');
    });

    it('keeps its secret at single sign-on', async () => {
      const browser = open();
      await signIn(browser, 'bob', { remember: true });
      const before = browser.furtherCookies.get(device);
      house.advance(2 * minute);
      const page = await browser.request(`/saml/sso?${redirectQuery(authnRequest({ issueInstant: house.now() }))}`);
      assert.deepEqual(page.headers.getSetCookie(), []);
      responseOf(page);
      assert.equal(browser.furtherCookies.get(device), before);
    });

    it('stays forgotten when it was forgotten by its person, whose session forgets nothing of others', async () => {
      const [browser, other] = [open(), open()];
      await signIn(browser, 'bob', { remember: true });
      await signIn(other, 'alice', { remember: true });
      const page = await browser.visit('/account');
      const id = /name="id" value="([A-Za-z0-9_-]{22})"/.exec(page.body)?.[1] ?? '';
      assert.notEqual(id, '', page.body.slice(0, 1_000));
      await other.post('/account/forget-device', { id });
      assert.equal(await asked(browser, 'bob'), undefined);
      const mine = open();
      await signIn(mine, 'bob');
      await mine.post('/account/forget-device', { id });
      assert.equal(await asked(browser, 'bob'), 'totp');
      assert.equal(await asked(other, 'alice'), undefined);
    });
  });

  it('gives another token at each rise: by the password, by a code, and where something was set up', async () => {
    await house.restart({ policy: schema.shape.policy.parse([{ name: 'all', require: [['password'], ['totp']] }]) });
    const tokens: (string | undefined)[] = [];
    const browser = open();
    const asking = await browser.type(await browser.come(), { name: 'bob', password });
    tokens.push(browser.cookie);
    responseOf(await browser.type(asking, { code: code('bob') }));
    tokens.push(browser.cookie);
    const other = open();
    const page = await other.type(await other.come(), { name: 'carol', password });
    tokens.push(other.cookie);
    const key = decodeBase32((/<code class="key">([A-Z2-7 ]+)</.exec(page.body)?.[1] ?? '').replaceAll(' ', ''));
    assert.ok(key !== undefined && key.length > 0, page.body.slice(0, 1_500));
    await other.type(page, { code: oneTimePassword(key, stepAt(house.now())), label: 'Phone' });
    tokens.push(other.cookie);
    assert.equal(new Set(tokens).size, 4);
    for (const token of [tokens[0], tokens[2]]) {
      const thief = open();
      thief.cookie = token;
      assert.equal(asks(await thief.come()), 'password');
    }
    assert.equal(asks(await other.come()), undefined);
  });
});

/** Says first that nobody approved yet, and then that somebody did. */
const approving = `export default () => ({
  title: 'Approve',
  enrolled: () => true,
  challenge: () => ({ kind: 'wait', pollAfter: 1000, state: 'new' }),
  verify: (_person, _presented, { state }) =>
    state === 'new' ? { verdict: 'pending', challenge: { kind: 'wait', pollAfter: 1000, state: 'asked' } } : { verdict: 'accepted' },
});`;

describe('a factor that is approved elsewhere', () => {
  let house: House;
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-approving-'));
  before(async () => {
    const module = join(folder, 'approving.mjs');
    writeFileSync(module, approving);
    const policy: Rules = [{ name: 'all', require: [['password'], ['own']], rememberDevice: '10d' }];
    house = await openHouse({ config: { policy, factors: { own: { module }, webauthn: { enabled: false } } } });
  });
  after(async () => {
    await house.close();
    rmSync(folder, { recursive: true });
  });

  it('has the browser remembered although its page is loaded again and again', async () => {
    const browser = new Browser(house);
    const waiting = await browser.type(await browser.come(), { name: 'bob', password });
    assert.ok(waiting.body.includes('Remember this browser'), waiting.body.slice(-2_000));
    assert.ok(!waiting.body.includes('remember=1'));
    const asked = await browser.post('/signin/own', { signin: waiting.form?.fields.signin ?? '', remember: '1' });
    assert.ok(asked.body.includes('will be remembered'), asked.body.slice(-2_000));
    const url = /url=(\/signin\/own.+)$/.exec(asked.headers.get('refresh') ?? '')?.[1] ?? '';
    assert.match(url, /poll=1&remember=1$/);
    responseOf(await browser.visit(url));
    assert.ok(browser.furtherCookies.has('__Host-passerelle-device'));
  });
});

describe('a session of somebody whose account changes (Samba)', () => {
  let server: DirectoryServer;
  let people: PassingPeople;
  let house: House;
  before(async () => {
    server = await samba();
    people = passingPeople(server);
    house = await openHouse({
      directory: server,
      config: {
        factors: { webauthn: { enabled: false } },
        policy: [{ name: 'plain', when: { serviceProviders: [plain.entityId] }, require: [['password'], ['totp']] }],
        serviceProviders: [
          { kind: 'google-profile', entityId: entityID, acsUrl: acs, name: 'Google' },
          { kind: 'google-profile', ...plain, name: 'Plain' },
        ],
      },
    });
  });
  after(async () => {
    await people.removeAll();
    await house.close();
  });

  const next = 'Quiet-Harbour-71';
  const signedIn = async ({ name }: PassingPerson, as = password): Promise<Browser> => {
    const browser = new Browser(house);
    responseOf(await browser.type(await browser.come(), { name, password: as }));
    return browser;
  };
  const isIn = async (browser: Browser): Promise<boolean> => asks(await browser.come()) === undefined;
  const set = ({ name }: PassingPerson, change: string): Promise<void> =>
    modify(server, `dn: CN=${name},OU=Guests,${server.baseDn}\nchangetype: modify\n${change}\n`);
  const quoted = (text: string): string => Buffer.from(`"${text}"`, 'utf16le').toString('base64');
  const endings = (): unknown[] => house.events.filter(({ event }) => event === 'session.ended').map(({ detail }) => detail?.why);

  it('ends within a minute of a password that an administrator set, silently for whoever may not be asked', async () => {
    const person = await people.make();
    const [one, two] = [await signedIn(person), await signedIn(person)];
    await set(person, `replace: unicodePwd\nunicodePwd:: ${quoted(next)}`);
    house.events.length = 0;
    house.advance(minute);
    const passive = await one.come({ attributes: { IsPassive: 'true' } });
    assert.deepEqual(statusOf(responseOf(passive).xml), ['Responder', 'NoPassive']);
    assert.equal(await isIn(one), false);
    assert.equal(await isIn(two), false);
    assert.deepEqual(endings(), ['password changed', 'password changed']);
    assert.equal(await isIn(await signedIn(person, next)), true);
  });

  it('ends within a minute where the password must be changed', async () => {
    const person = await people.make();
    const browser = await signedIn(person);
    await set(person, 'replace: pwdLastSet\npwdLastSet: 0');
    house.advance(minute);
    assert.equal(await isIn(browser), false);
  });

  it('ends within a minute of its account, at the person’s own page as well', async () => {
    const person = await people.make();
    const [one, two] = [await signedIn(person), await signedIn(person)];
    await set(person, 'replace: userAccountControl\nuserAccountControl: 514');
    house.events.length = 0;
    house.advance(minute);
    const page = await one.come();
    assert.deepEqual(statusOf(responseOf(page).xml)[0], 'Responder');
    assert.equal(await isIn(one), false);
    await two.visit('/account');
    assert.equal(await isIn(two), false);
    assert.deepEqual(endings(), ['person-disabled', 'person-disabled']);
  });

  it('sets up nothing after a password that was changed since', async () => {
    const person = await people.make();
    const thief = await signedIn(person);
    const setup = await thief.visit((await thief.come(toPlain)).url);
    const app = createAuthenticatorApp(keyOn(setup), house);
    await set(person, `replace: unicodePwd\nunicodePwd:: ${quoted(next)}`);
    house.advance(minute);
    const page = await thief.type(setup, { code: app.code() });
    assert.equal(asks(page), 'password');
    assert.ok(house.events.every(({ event }) => event !== 'factor.enrolled'));
  });

  it('goes on where the person changed the password in it, and ends in other browsers', async () => {
    const person = await people.makeAged(10);
    const [mine, other] = [await signedIn(person), await signedIn(person)];
    const form = await mine.visit('/password');
    const changed = await mine.type(form, { name: person.name, password, next, repeat: next });
    assert.equal(changed.status, 200, changed.body.slice(0, 1_000));
    for (const _ of [1, 2, 3]) {
      house.advance(minute);
      assert.equal(await isIn(mine), true);
    }
    assert.equal(await isIn(other), false);
    await set(person, `replace: unicodePwd\nunicodePwd:: ${quoted('Loud-Harbour-72')}`);
    house.advance(minute);
    assert.equal(await isIn(mine), false, 'another change ends it');
  });
});
