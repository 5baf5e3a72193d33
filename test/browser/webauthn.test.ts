/** Chromium with a security key: set up, asked beside the password and in its place, by keyboard, in every light and size. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { Browser, CDPSession } from 'playwright-core';
import type { AuditEvent } from '../../src/audit/audit.ts';
import { createEnrolments, type EnrolmentRecords } from '../../src/authenticators/enrolments.ts';
import { openWebauthn, type OpenWebauthn } from '../../src/authenticators/webauthn/open-webauthn.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { acs, openHouse, type House } from '../fixtures/house.ts';
import { authnRequest, redirectQuery, statusOf, textOf } from '../fixtures/visitor.ts';
import { somebody } from '../signin/somebody.ts';
import { launchBrowser } from './launch-browser.ts';
import { desktop, phone, watchTab, type WatchedTab, type WatchedTabOptions } from './watched-tab.ts';
import { fillIn } from './stage.ts';

const refedsMfa = 'https://refeds.org/profile/mfa';
const content = `<samlp:RequestedAuthnContext><saml:AuthnContextClassRef>${refedsMfa}</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>`;
const policy = [
  {
    name: 'keys',
    require: [
      ['password' as const, 'passkey' as const],
      ['webauthn' as const, 'passkey' as const],
    ],
  },
];

/** Shared with the house: keys are set up in the page and kept by the house's own code, without its page for that. */
let store: Store;
let house: House;
let browser: Browser;
let records: EnrolmentRecords;
let keys: OpenWebauthn;

before(async () => {
  house = await openHouse({ config: { policy } });
  browser = await launchBrowser();
  const clock = { now: () => Date.now(), until: () => Promise.resolve() };
  store = await createSqliteStore({ file: house.configuration.store.file, clock });
  records = createEnrolments({ store });
  const unused = () => assert.fail();
  keys = openWebauthn(
    house.configuration.factors.webauthn,
    { publicUrl: house.url, name: 'Passerelle' },
    {
      ...{ enrolments: records, clock, random: randomBytes },
      ...{ directory: { read: unused }, seal: { derive: unused }, read: unused },
    },
  );
});
after(async () => {
  await browser.close();
  await house.close();
  await store.close();
});

interface Key {
  readonly tab: WatchedTab;
  readonly cdp: CDPSession;
  readonly authenticatorId: string;
  /** Responses that reached the service provider. */
  readonly posted: string[];
}

/** A tab with a key plugged in that finds its person and knows their finger. */
const withKey = (options: Partial<WatchedTabOptions>, act: (key: Key) => Promise<void>): Promise<void> =>
  watchTab(browser, { origins: [house.url, new URL(acs).origin], ...options }, async (tab) => {
    const posted: string[] = [];
    await tab.context.route(acs, async (route) => {
      posted.push(new URLSearchParams(route.request().postData() ?? '').get('SAMLResponse') ?? '');
      await route.fulfill({
        contentType: 'text/html',
        body: '<!doctype html><html lang="en"><title>Wiki</title><h1>Welcome</h1>',
      });
    });
    const cdp = await tab.context.newCDPSession(tab.page);
    await cdp.send('WebAuthn.enable');
    const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'usb',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await act({ tab, cdp, authenticatorId, posted });
  });

const begin = ({ page }: WatchedTab) => page.goto(`${house.url}/saml/sso?${redirectQuery(authnRequest({ content }))}`);

async function assertWelcome({ tab: { page }, posted }: Key): Promise<void> {
  await page.getByRole('heading', { name: 'Welcome' }).waitFor();
  const xml = Buffer.from(posted.pop() ?? '', 'base64').toString();
  assert.deepEqual(statusOf(xml), ['Success']);
  assert.equal(textOf(xml, 'NameID'), 'alice.liddell@example.com');
  assert.equal(textOf(xml, 'AuthnContextClassRef'), refedsMfa);
}

const last = (event: AuditEvent['event']): AuditEvent | undefined => house.events.findLast((one) => one.event === event);

/** Lets Alice sign in as far as a password leads, sets the key up for her, and forgets the session. */
async function setUp({ tab }: Key): Promise<void> {
  const { page, context } = tab;
  await begin(tab);
  await fillIn(tab, 'alice', 'Passw0rd!');
  await page.locator('#password').waitFor({ state: 'detached' });
  const objectGUID = last('password.accepted')?.person ?? '';
  const alice = somebody(objectGUID, { distinguishedName: 'CN=alice,DC=corp,DC=example,DC=com', mail: 'alice@example.com' });
  await records.forget(objectGUID);
  const { state, ...setup } = await keys.enroller.begin(alice);
  assert.ok(setup.kind === 'webauthn');
  await page.goto(`${house.url}/`);
  const response = await page.evaluate<string>(`(async () => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(${JSON.stringify(setup.options)});
    return JSON.stringify((await navigator.credentials.create({ publicKey })).toJSON());
  })()`);
  await keys.enroller.complete(alice, { response }, { state, label: 'Blue key' });
  const [record] = (await records.of(objectGUID)).webauthn;
  assert.deepEqual([record?.passkey, record?.transports], [true, ['usb']]);
  await context.clearCookies();
}

const button = ({ page }: WatchedTab, name = 'Use your security key') => page.getByRole('button', { name });

describe('Chromium with a security key', { timeout: 120_000 }, () => {
  it('answers beside the password by itself, and in its place at one press', async () => {
    await withKey({}, async (key) => {
      const { tab } = key;
      await setUp(key);
      await begin(tab);
      await fillIn(tab, 'alice', 'Passw0rd!');
      await assertWelcome(key);
      assert.equal(last('webauthn.accepted')?.person, last('password.accepted')?.person);

      await tab.context.clearCookies();
      await begin(tab);
      await tab.enter(tab.page.getByRole('link', { name: 'Use a passkey' }));
      await assertWelcome(key);
      assert.equal(last('passkey.accepted')?.person, last('password.accepted')?.person);
    });
  });

  for (const [where, viewport] of [
    ['a desktop', desktop],
    ['a phone', phone],
  ] as const) {
    it(`tells on ${where} what went wrong, and goes on by keyboard`, async () => {
      await withKey({ viewport }, async (key) => {
        const { tab, cdp, authenticatorId } = key;
        const { page } = tab;
        await setUp(key);
        await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
        await begin(tab);
        await tab.enter(page.getByRole('link', { name: 'Use a passkey' }));
        const use = button(tab, 'Sign in with a passkey');
        await use.and(page.locator(':focus')).waitFor();
        await page.keyboard.press('Enter');
        await page.getByText('Nothing was presented').waitFor();
        await tab.assertSound();
        await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
        await tab.enter(use);
        await assertWelcome(key);
      });
    });
  }

  it('is not taken where its counter went back, and its person reads that they may try again', async () => {
    await withKey({}, async (key) => {
      const { tab, cdp, authenticatorId } = key;
      const { page } = tab;
      await setUp(key);
      const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
      const copy = credentials[0] ?? assert.fail();
      await begin(tab);
      await fillIn(tab, 'alice', 'Passw0rd!');
      await assertWelcome(key);
      await cdp.send('WebAuthn.clearCredentials', { authenticatorId });
      await cdp.send('WebAuthn.addCredential', { authenticatorId, credential: { ...copy, signCount: 0 } });
      await tab.context.clearCookies();
      await begin(tab);
      await fillIn(tab, 'alice', 'Passw0rd!');
      await page.getByText('That was not accepted').first().waitFor();
      await button(tab).and(page.locator(':focus')).waitFor();
      await tab.assertSound();
      const detail = house.events.findLast(({ reason }) => reason === 'code-wrong')?.detail;
      assert.match(String(detail?.cause), /counter of a key went back/);
      assert.equal(detail?.label, 'Blue key');
    });
  });

  it('is told of where there is no script', async () => {
    await watchTab(browser, { origins: [house.url], javaScriptEnabled: false }, async (tab) => {
      await begin(tab);
      await fillIn(tab, 'alice', 'Passw0rd!');
      await tab.page.getByText('This needs JavaScript').waitFor();
      assert.equal(await button(tab).isDisabled(), true);
      await tab.assertSound();
    });
  });
});
