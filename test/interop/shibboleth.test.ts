/** The Shibboleth service provider, on OpenSAML and Apache Santuario in C++. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Browser } from './browser.ts';
import { describePartner } from './describe-partner.ts';
import { messagesOf } from './messages.ts';
import { asksForPassword, person, signIn } from './stage.ts';

describePartner('shibboleth', (scene) => {
  it('hears nothing more of a LogoutRequest that it sent asynchronously', async () => {
    const { house, partner, trouble } = scene();
    const browser = new Browser();
    assert.ok(partner.learned(await signIn(browser, partner.signIn['HTTP-Redirect'])) !== undefined, trouble());
    const before = browser.visits.length;
    const page = await browser.open(new URL('/Shibboleth.sso/Logout/Asynchronous', partner.home).href);
    const [request, ...further] = messagesOf(browser.since(before));
    assert.match(request?.xml ?? '', /<aslo:Asynchronous [^]*<saml:EncryptedID /);
    assert.deepEqual(further, []);
    assert.equal(new URL(page.url).origin, house.configuration.publicUrl, 'the browser stays with us');
    assert.equal(page.status, 200, trouble());
    assert.equal(await asksForPassword(browser, partner.secret['HTTP-Redirect']), true);
  });

  it('asks for the password again where it forces authentication', async () => {
    const { partner, trouble } = scene();
    const browser = new Browser();
    await signIn(browser, partner.signIn['HTTP-Redirect']);
    const target = encodeURIComponent(partner.secret['HTTP-Redirect']);
    const again = new URL(`/Shibboleth.sso/Login?forceAuthn=1&target=${target}`, partner.home).href;
    assert.equal(await asksForPassword(browser, again), true);
    assert.equal(partner.learned(await signIn(browser, again))?.mail, person.mail, trouble());
  });
});
