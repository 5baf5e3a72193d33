/** A real browser goes to Duo and back by itself: it obeys the policy of the page that took the password, which no fetch does. */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { openDuoServer, type DuoServer } from '../fixtures/duo-server.ts';
import { acs, openHouse, type House } from '../fixtures/house.ts';
import { authnRequest, redirectQuery, statusOf } from '../fixtures/visitor.ts';
import { launchBrowser } from './launch-browser.ts';
import { fillIn } from './stage.ts';
import { phone, watchTab } from './watched-tab.ts';

let duo: DuoServer;
let house: House;
let browser: Browser;
before(async () => {
  duo = await openDuoServer();
  house = await openHouse({
    config: {
      factors: { duo: { apiHost: duo.origin, clientId: duo.clientId, clientSecret: duo.clientSecret } },
      policy: [{ name: 'everybody', require: [['password'], ['duo']] }],
    },
  });
  duo.registered.add(`${house.url}/signin/duo/return`);
  browser = await launchBrowser();
});
after(async () => {
  await browser.close();
  await house.close();
  await duo.close();
});

it(
  'a person is led to Duo and back without doing anything, denies it, goes there again and is in',
  { timeout: 60_000 },
  async () => {
    const origins = [house.url, duo.origin, new URL(acs).origin];
    await watchTab(browser, { origins, viewport: phone }, async (tab) => {
      const { page, enter, documents } = tab;
      let posted = '';
      await page.route(acs, (route) => {
        posted = new URLSearchParams(route.request().postData() ?? '').get('SAMLResponse') ?? '';
        return route.fulfill({
          contentType: 'text/html',
          body: '<title>In</title><link rel="icon" href="data:,"><h1>Welcome</h1>',
        });
      });
      duo.misbehaviour = { outcome: 'cancel' };
      await page.goto(`${house.url}/saml/sso?${redirectQuery(authnRequest())}`);
      await fillIn(tab, 'alice', 'Passw0rd!');
      await page.getByText('The sign-in was denied').waitFor();
      await tab.assertSound();
      assert.equal(posted, '');
      duo.misbehaviour = {};
      documents.length = 0;
      await enter(page.getByRole('link', { name: 'Continue' }));
      await page.getByRole('heading', { name: 'Welcome', exact: true }).waitFor();
      assert.deepEqual(statusOf(Buffer.from(posted, 'base64').toString()), ['Success']);
      assert.deepEqual(
        documents.slice(0, 3).map((line) => line.replace(/^\d+ /, '')),
        ['GET /oauth/v1/authorize', 'GET /frame/prompt', 'GET /signin/duo/return'],
      );
    });
  },
);
