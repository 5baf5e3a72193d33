/** Somebody who cannot sign in, in a real browser, with the keyboard alone: what they read, and the way back. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { assertWelcome, fillIn, openStage, type Stage } from './stage.ts';
import { desktop, phone } from './watched-tab.ts';

let stage: Stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

/** Of the last refusal of that name. */
const referenceOf = (name: string): string | undefined =>
  stage.events.findLast((event) => event.event === 'signin.refused' && event.name === name)?.reference;

describe('a wrong password', { timeout: 90_000 }, () => {
  for (const [width, options] of Object.entries({
    phone: { viewport: phone },
    desktop: { viewport: desktop },
    'phone without scripts': { viewport: phone, javaScriptEnabled: false },
  })) {
    it(`is told on the page that asked, on a ${width}, and the right one then does`, async () => {
      const { demo, visit, arrive } = stage;
      await visit({ ...options }, async (tab) => {
        const { page, documents } = tab;
        await arrive(tab, 'profile');
        await fillIn(tab, 'grace', 'not-the-password');
        const alert = page.getByRole('alert');
        await alert.getByText('You could not be signed in').waitFor();
        await alert.getByText(`Reference ${referenceOf('grace') ?? 'of the log'}`).waitFor();
        assert.equal(documents.at(-1), '401 POST /signin/password');
        assert.match(await page.title(), /^You could not be signed in/);
        assert.equal(await page.getByLabel('Name').inputValue(), 'grace');
        const password = page.locator('#password:focus');
        assert.equal(await password.inputValue(), '');
        assert.equal(await password.getAttribute('aria-describedby'), await alert.getAttribute('id'));
        assert.equal(await password.getAttribute('aria-invalid'), 'true');
        await tab.assertSound();
        if (width.endsWith('scripts')) return;
        await tab.type(demo.password);
        await page.keyboard.press('Enter');
        await assertWelcome(tab, 'profile', 'grace@example.com');
      });
    });
  }
});

describe('the page of a refusal says why, and leads back with a signed Response', { concurrency: 3, timeout: 90_000 }, () => {
  const rows = [
    { name: 'pia', title: 'Your account has no usable address', told: 'UnknownPrincipal: address-not-in-domains' },
    { name: 'kim', title: 'Your account has no usable address', told: 'UnknownPrincipal: address-not-unique' },
    { name: 'dora', title: 'This account is disabled', told: 'AuthnFailed: person-disabled' },
    { name: 'mia', title: 'Your password must be changed', told: 'AuthnFailed: password-must-change' },
  ];
  for (const [index, { name, title, told }] of rows.entries()) {
    for (const [viewport, javaScriptEnabled] of [
      [phone, index % 2 === 0],
      [desktop, index % 2 === 1],
    ] as const) {
      it(`to ${name}, ${String(viewport.width)} wide, scripts ${javaScriptEnabled ? 'on' : 'off'}`, async () => {
        const { demo, house, visit, arrive } = stage;
        const shape = index % 2 === 0 ? 'profile' : 'legacy';
        await visit({ viewport, javaScriptEnabled }, async (tab) => {
          const { page, enter } = tab;
          await arrive(tab, shape);
          await fillIn(tab, name, demo.password);
          await page.getByRole('heading', { name: title, exact: true }).waitFor();
          assert.equal(new URL(page.url()).origin, house);
          const reference = await page.locator('.reference code').textContent();
          assert.ok(stage.events.some((event) => event.event === 'signin.refused' && event.reference === reference));
          await tab.assertSound();
          await enter(page.getByRole('button', { name: `Back to Demo (${shape === 'profile' ? 'SSO' : 'legacy'} profile)` }));
          await page.getByRole('heading', { name: 'Your identity provider did not sign you in' }).waitFor();
          await page
            .getByText(`Responder / ${told}, reference ${reference ?? ''}`)
            .first()
            .waitFor();
          await page.locator('.good', { hasText: 'The Response is signed' }).waitFor();
          assert.deepEqual(await page.locator('.bad > b ~ .found').allTextContents(), [
            `Responder / ${told}, reference ${reference ?? ''}`,
            'none',
          ]);
          await tab.assertSound();
          await enter(page.getByRole('link', { name: 'Try again' }));
          await page.waitForURL(demo.openUrl);
        });
      });
    }
  }
});
