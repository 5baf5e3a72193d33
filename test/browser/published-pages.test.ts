/** The pages that anybody may open, in a real browser: an administrator's values, the links inwards, and a path that is none. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { assertWelcome, fillIn, openStage, type Stage } from './stage.ts';
import { desktop, phone } from './watched-tab.ts';

let stage: Stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

describe('a published page', { concurrency: 2, timeout: 90_000 }, () => {
  for (const viewport of [phone, desktop]) {
    for (const [path, status, title] of [
      ['/saml', 200, 'Connect Google'],
      ['/', 200, 'Where would you like to go?'],
      ['/password', 200, 'Change your password'],
      ['/signout', 200, 'You are signed out'],
      ['/nothing', 404, 'There is no such page'],
      ['/saml/sso', 400, 'This request cannot be read'],
      ['/signin?id=nobody', 400, 'This sign-in is over'],
    ] as const) {
      it(`${path} is sound, ${String(viewport.width)} wide`, async () => {
        await stage.visit({ viewport }, async (tab) => {
          const response = await tab.page.goto(stage.house + path);
          assert.equal(response?.status(), status);
          await tab.page.getByRole('heading', { name: title, exact: true }).waitFor();
          await tab.assertSound();
        });
      });
    }
  }

  it('/saml shows the five values that Google asks for, copies each, and says so', async () => {
    const { house, visit } = stage;
    const certificate = await (await fetch(`${house}/saml/certificate.pem`)).text();
    const expected = [
      ['IdP entity ID', `${house}/saml/metadata`],
      ['Sign-in page URL', `${house}/saml/sso`],
      ['Sign-out page URL', `${house}/signout`],
      ['Change password URL', `${house}/password`],
      ['Verification certificate', certificate],
    ] as const;
    await visit({ permissions: ['clipboard-read', 'clipboard-write'] }, async (tab) => {
      const { page, enter } = tab;
      await page.goto(`${house}/saml`);
      assert.equal(await page.getByRole('button').count(), expected.length);
      for (const [label, value] of expected) {
        assert.equal(await page.getByRole('textbox', { name: label, exact: true }).inputValue(), value);
        const button = page.getByRole('button', { name: `Copy ${label}`, exact: true });
        // Both are there for two seconds only: who waits before pressing does not miss them.
        const said = page.getByRole('status').getByText('Copied', { exact: true }).waitFor();
        const shown = page.getByRole('button', { name: `Copied ${label}`, exact: true }).waitFor();
        await Promise.all([enter(button), said, shown]);
        assert.equal(await page.evaluate('navigator.clipboard.readText()'), value);
      }
    });
  });

  it('/ leads to each service provider once, and asks for the password once', async () => {
    const { demo, house, visit } = stage;
    await visit({}, async (tab) => {
      const { page, enter } = tab;
      await page.goto(`${house}/`);
      assert.deepEqual(await page.getByRole('link').allInnerTexts(), [
        'Demo (SSO profile)',
        'Demo (legacy profile)',
        'Your account',
      ]);
      await enter(page.getByRole('link', { name: 'Demo (legacy profile)' }));
      await fillIn(tab, demo.person, demo.password);
      await assertWelcome(tab, 'legacy', 'ada@example.com');
      await page.goto(`${house}/saml`);
      await page.goto(`${house}/`);
      await enter(page.getByRole('link', { name: 'Demo (SSO profile)' }));
      await assertWelcome(tab, 'profile', 'ada@example.com');
    });
  });
});
