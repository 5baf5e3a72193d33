/** Service providers that others wrote, side by side: one password opens all, one sign-out closes all. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Browser } from './browser.ts';
import { messagesOf } from './messages.ts';
import type { PartnerName } from './abilities.ts';
import { asksForPassword, openStage, signIn, until, type Stage } from './stage.ts';

const names = ['mellon', 'shibboleth', 'passport'] as const satisfies readonly PartnerName[];

describe('several service providers', () => {
  let stage: Stage<(typeof names)[number]>;

  before(async () => {
    stage = await openStage(names);
    const { shibboleth } = stage.partners;
    const first = async (): Promise<unknown> =>
      shibboleth.learned(await signIn(new Browser(), shibboleth.signIn['HTTP-Redirect']));
    await until('a first sign-in', first, () => shibboleth.log());
  });
  after(() => stage.close());

  /** A browser with a session at all of them, by one password. */
  async function signedInEverywhere(): Promise<Browser> {
    const browser = new Browser();
    for (const name of names) {
      const { signIn: pages, learned, log } = stage.partners[name];
      assert.ok(learned(await signIn(browser, pages['HTTP-Redirect'])) !== undefined, log());
    }
    assert.equal(browser.visits.filter(({ fields }) => 'password' in fields).length, 1);
    return browser;
  }

  async function assertSignedOutEverywhere(browser: Browser): Promise<void> {
    for (const name of names) {
      assert.equal(await asksForPassword(browser, stage.partners[name].secret['HTTP-Redirect']), true, name);
    }
  }

  for (const asking of names) {
    it(`all end when ${asking} signs the person out`, async () => {
      const browser = await signedInEverywhere();
      const before = browser.visits.length;
      const { signOut, home } = stage.partners[asking];
      const page = await browser.open(signOut['HTTP-Redirect'] ?? '');
      const messages = messagesOf(browser.since(before));
      assert.deepEqual(
        messages.map(({ name }) => name),
        ['LogoutRequest', 'LogoutRequest', 'LogoutResponse', 'LogoutRequest', 'LogoutResponse', 'LogoutResponse'],
      );
      assert.match(messages.at(-1)?.xml ?? '', /status:Success"/);
      assert.doesNotMatch(messages.at(-1)?.xml ?? '', /PartialLogout/);
      assert.equal(new URL(page.url).origin, new URL(home).origin);
      await assertSignedOutEverywhere(browser);
    });
  }

  it('all end when the person signs out with us', async () => {
    const browser = await signedInEverywhere();
    const page = await browser.open(`${stage.house.configuration.publicUrl}/signout`);
    assert.equal(page.status, 200);
    assert.equal(new URL(page.url).origin, stage.house.configuration.publicUrl);
    await assertSignedOutEverywhere(browser);
  });

  it('the others end where one is gone, and the one that asked is told', async () => {
    const browser = await signedInEverywhere();
    const { mellon, passport, shibboleth } = stage.partners;
    await passport.close();
    await assert.rejects(browser.open(shibboleth.signOut['HTTP-Redirect'] ?? ''), /fetch failed/);
    const progress = browser.visits.findLast(({ url }) => url.includes('/signout/progress'))?.url ?? assert.fail('no progress');
    const before = browser.visits.length;
    // It tries once more by itself only when the person says so.
    const waiting = await browser.open(progress);
    const page = await browser.submit(waiting, { id: new URL(progress).searchParams.get('id') ?? '' });
    assert.match(page.body, /could not be/i);
    const back = await browser.press(page, 'next');
    assert.match(messagesOf(browser.since(before)).at(-1)?.xml ?? '', /PartialLogout/);
    assert.equal(new URL(back.url).origin, new URL(shibboleth.home).origin);
    for (const { secret } of [mellon, shibboleth]) {
      assert.equal(await asksForPassword(browser, secret['HTTP-Redirect']), true);
    }
  });
});
