/** Chromium at the page of a person: a key is added and asked for, an app is set up within a sign-in, all by keyboard. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { createAuthenticatorApp } from '../fixtures/authenticator-app.ts';
import { acs, entityID, openHouse, type House } from '../fixtures/house.ts';
import { authnRequest, redirectQuery } from '../fixtures/visitor.ts';
import { launchBrowser } from './launch-browser.ts';
import { fillIn } from './stage.ts';
import { desktop, phone, watchTab } from './watched-tab.ts';

const policy = [
  {
    name: 'Google',
    when: { serviceProviders: [entityID] },
    require: [['password' as const], ['totp' as const, 'webauthn' as const]],
  },
];
const networks = ['127.0.0.0/8'];

let house: House;
let browser: Browser;
before(async () => {
  const config = { policy, factors: { enrolment: { networks } } };
  [house, browser] = await Promise.all([openHouse({ config }), launchBrowser()]);
});
after(async () => {
  await browser.close();
  await house.close();
});

describe('Chromium, at what a person sets up', { timeout: 90_000 }, () => {
  it('adds a key at the page, is asked for it there, and signs out everywhere', async () => {
    await watchTab(browser, { origins: [house.url], viewport: phone }, async (tab) => {
      const { page, context } = tab;
      const cdp = await context.newCDPSession(page);
      await cdp.send('WebAuthn.enable');
      await cdp.send('WebAuthn.addVirtualAuthenticator', {
        options: { protocol: 'ctap2', transport: 'usb', hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
      });
      await page.goto(`${house.url}/account`);
      await fillIn(tab, 'alice', 'Passw0rd!');
      await page.getByRole('heading', { name: 'Your account' }).waitFor();
      await tab.assertSound();
      await tab.enter(page.getByRole('link', { name: 'Add a security key or passkey' }));
      await tab.tabTo(page.getByLabel('Name'));
      await tab.type('Blue key');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Keep these recovery codes' }).waitFor();
      await tab.assertSound();
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      await tab.enter(page.getByRole('button', { name: 'Copy' }));
      await page.getByRole('button', { name: 'Copied' }).waitFor();
      assert.match(
        await page.evaluate<string>('navigator.clipboard.readText()'),
        /^(?:[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\n?){10}$/,
      );
      await tab.enter(page.getByRole('link', { name: 'I have kept them' }));
      await page.getByText('Blue key').first().waitFor();
      await tab.enter(page.getByText('Rename'));
      await tab.tabTo(page.getByLabel('Name'));
      await page.keyboard.press('Control+A');
      await tab.type('Green key');
      await page.keyboard.press('Enter');
      await page.getByText('The name is changed.').waitFor();
      await tab.assertSound();

      await context.clearCookies();
      await page.goto(`${house.url}/account`);
      await fillIn(tab, 'alice', 'Passw0rd!');
      await page.getByText('Green key').first().waitFor();
      assert.equal(house.events.findLast(({ event }) => event === 'webauthn.accepted')?.person, house.events.at(-1)?.person);
      await tab.enter(page.getByRole('button', { name: 'Sign out everywhere' }));
      await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    });
  });

  it('sets an app up within a sign-in, which then goes on', async () => {
    await watchTab(browser, { origins: [house.url, new URL(acs).origin], viewport: desktop }, async (tab) => {
      const { page, context } = tab;
      const welcome = '<!doctype html><html lang="en"><title>Wiki</title><h1>Welcome</h1>';
      await context.route(acs, (route) => route.fulfill({ contentType: 'text/html', body: welcome }));
      await page.goto(`${house.url}/saml/sso?${redirectQuery(authnRequest({ issueInstant: house.now() }))}`);
      await fillIn(tab, 'bob', 'Passw0rd!');
      await tab.enter(page.getByRole('link', { name: 'Authenticator app' }));
      await page.getByRole('img', { name: 'QR code' }).waitFor();
      await page.locator('#code:focus').waitFor();
      await tab.type('000000');
      await page.keyboard.press('Enter');
      await page.getByText('That was not accepted').first().waitFor();
      await tab.assertSound();
      const key = (await page.locator('code.key').textContent())?.replaceAll(' ', '') ?? '';
      await page.locator('#code').focus();
      await tab.type(createAuthenticatorApp(key, house).code());
      await page.keyboard.press('Enter');
      await tab.enter(page.getByRole('link', { name: 'I have kept them' }));
      await page.getByRole('heading', { name: 'Welcome' }).waitFor();
    });
  });
});
