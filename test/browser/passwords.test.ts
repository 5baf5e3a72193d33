/** A password changed in a real browser, with the keyboard alone: because it has expired, because it will, and of one's own accord. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { acs, openHouse, type House } from '../fixtures/house.ts';
import { passingPeople, type PassingPeople } from '../fixtures/passing-people.ts';
import { authnRequest, redirectQuery, statusOf, textOf } from '../fixtures/visitor.ts';
import { samba } from '../testbed/samba.ts';
import { launchBrowser } from './launch-browser.ts';
import { fillIn } from './stage.ts';
import { desktop, phone, watchTab, type WatchedTab, type WatchedTabOptions } from './watched-tab.ts';

const password = 'Passw0rd!';
const next = 'Quiet-Harbour-71';

let people: PassingPeople;
let house: House;
let browser: Browser;
before(async () => {
  const server = await samba();
  people = passingPeople(server);
  house = await openHouse({ directory: server, ldap: { bindDn: server.administrator } });
  browser = await launchBrowser();
});
after(async () => {
  await browser.close();
  await house.close();
  await people.removeAll();
});

interface Seat extends WatchedTab {
  /** Arrives from the service provider. */
  arrive(): Promise<void>;
  /** The service provider got an assertion about that person. */
  assertWelcome(name: string): Promise<void>;
}

/** A tab, and a service provider that takes whatever is posted to it. */
async function sit(options: Omit<WatchedTabOptions, 'origins'>, act: (seat: Seat) => Promise<void>): Promise<void> {
  await watchTab(browser, { origins: [house.url, new URL(acs).origin], ...options }, async (tab) => {
    let posted = '';
    await tab.page.route(acs, (route) => {
      posted = new URLSearchParams(route.request().postData() ?? '').get('SAMLResponse') ?? '';
      return route.fulfill({
        contentType: 'text/html',
        body: '<title>In</title><link rel="icon" href="data:,"><h1>Welcome</h1>',
      });
    });
    await act({
      ...tab,
      async arrive() {
        await tab.page.goto(`${house.url}/saml/sso?${redirectQuery(authnRequest())}`);
      },
      async assertWelcome(name) {
        const go = tab.page.getByRole('button', { name: 'Continue' });
        if (options.javaScriptEnabled === false) await tab.enter(go);
        await tab.page.getByRole('heading', { name: 'Welcome', exact: true }).waitFor();
        const xml = Buffer.from(posted, 'base64').toString();
        assert.deepEqual(statusOf(xml), ['Success']);
        assert.equal(textOf(xml, 'NameID'), `${name}@example.com`);
      },
    });
  });
}

/** The cursor is where the current password belongs; each field is one Tab from the one before. */
async function choose({ page, type }: Seat, current: string, chosen: string, again = chosen): Promise<void> {
  await page.locator('#password:focus').waitFor();
  for (const text of [current, chosen, again]) {
    await type(text);
    await page.keyboard.press(text === again && (await page.locator('#repeat:focus').count()) === 1 ? 'Enter' : 'Tab');
  }
}

const screens = {
  phone: { viewport: phone },
  desktop: { viewport: desktop },
  'phone without scripts': { viewport: phone, javaScriptEnabled: false },
};

describe('a password that must be changed', { timeout: 180_000 }, () => {
  for (const [screen, options] of Object.entries(screens)) {
    it(`is changed on the way to the service provider, on a ${screen}`, async () => {
      const { name } = await people.makeMustChange();
      await sit(options, async (seat) => {
        const { page, documents } = seat;
        await seat.arrive();
        await fillIn(seat, name, password);
        await page.getByRole('heading', { name: 'Change your password', exact: true }).waitFor();
        await page.getByRole('status').getByText('Your password must be changed').waitFor();
        assert.equal(documents.at(-1), '403 POST /signin/password');
        assert.equal(await page.getByLabel('Name').inputValue(), name);
        const fields = await page.getByLabel(/password/i).all();
        assert.deepEqual(await Promise.all(fields.map((field) => field.getAttribute('autocomplete'))), [
          'current-password',
          'new-password',
          'new-password',
        ]);
        const described = (await page.locator('#next').getAttribute('aria-describedby')) ?? '';
        await page.locator(`#${described}`).getByText('It has 8 characters or more').waitFor();
        await seat.assertSound();

        await choose(seat, password, 'short');
        const alert = page.getByRole('alert');
        await alert.getByText('The new password is too short').waitFor();
        assert.equal(await page.locator('#next').getAttribute('aria-invalid'), 'true');
        assert.equal(await page.locator('#next').getAttribute('aria-describedby'), 'problem rules');
        assert.match(await page.title(), /^The new password is too short/);
        for (const id of ['password', 'next', 'repeat']) assert.equal(await page.locator(`#${id}`).inputValue(), '');
        await seat.assertSound();

        await choose(seat, password, next, 'another one');
        await alert.getByText('The new password was typed in two ways').waitFor();
        assert.equal(await page.locator('#repeat').getAttribute('aria-describedby'), 'problem');

        await choose(seat, password, next);
        await seat.assertWelcome(name);
        // Both at this house and nowhere in an address.
        assert.ok(documents.some((each) => each === '303 POST /signin/new-password'));
      });
      await sit({}, async (seat) => {
        await seat.arrive();
        await fillIn(seat, name, next);
        await seat.assertWelcome(name);
      });
    });
  }
});

describe('a password that expires soon', { timeout: 180_000 }, () => {
  for (const [screen, options] of Object.entries(screens)) {
    it(`may be changed now or later, on a ${screen}`, async () => {
      const { name } = await people.makeAged(360.5);
      for (const choice of ['Not now', 'Change it now'] as const) {
        await sit(options, async (seat) => {
          const { page } = seat;
          await seat.arrive();
          await fillIn(seat, name, password);
          await page.getByRole('heading', { name: 'Your password expires in 4 days', exact: true }).waitFor();
          await seat.assertSound();
          await page.reload();
          await seat.enter(page.getByRole('link', { name: choice, exact: true }));
          if (choice === 'Change it now') {
            assert.equal(await page.getByLabel('Name').inputValue(), `${name}@example.com`);
            await seat.assertSound();
            await choose(seat, password, next);
          }
          await seat.assertWelcome(name);
          await seat.arrive();
          await seat.assertWelcome(name);
        });
      }
    });
  }
});

describe('/password', { timeout: 180_000 }, () => {
  for (const [screen, options] of Object.entries(screens)) {
    it(`changes it, on a ${screen}`, async () => {
      const { name } = await people.make();
      await sit(options, async (seat) => {
        const { page, type } = seat;
        await page.goto(`${house.url}/.well-known/change-password`);
        await page.locator('#name:focus').waitFor();
        await seat.assertSound();
        await type(name);
        await page.keyboard.press('Tab');
        await choose(seat, 'not it', next);
        await page.getByRole('alert').getByText('Your password was not changed').waitFor();
        assert.equal(await page.locator('#password').getAttribute('aria-invalid'), 'true');
        await seat.assertSound();
        await choose(seat, password, next);
        await page.getByRole('heading', { name: 'Your password is changed', exact: true }).waitFor();
        await seat.assertSound();
        await seat.enter(page.getByRole('link', { name: 'Start page' }));
        await page.getByRole('heading', { name: 'Where would you like to go?' }).waitFor();
      });
    });
  }
});
