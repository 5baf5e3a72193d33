/** Requests again, too late, too early, or of a time that is none. */
import { after, before, describe, it } from 'node:test';
import type { Reason } from '../../src/refusal.ts';
import { assertRefused, assertTaken, byQuery, emailAddress, openScene, postedXml, type Scene, type Shot } from './scene.ts';

let scene: Scene;
before(async () => {
  scene = await openScene();
});
after(() => scene.close());

const nameID = `<saml:NameID Format="${emailAddress}">alice@example.com</saml:NameID>`;
const minute = 60_000;
const hour = 60 * minute;
const logout = (options: Parameters<typeof scene.signing.logoutRequest>[3] = {}): string =>
  scene.signing.sign(scene.signing.logoutRequest(scene.singleLogout, nameID, [], options));

describe('a request that was answered before', () => {
  it('by the same binding, by the other, with another RelayState', async () => {
    const { signing, singleSignOn } = scene;
    const xml = signing.authnRequest(singleSignOn);
    await assertTaken(scene, byQuery('/saml/sso', signing.redirectQuery(xml)));
    const again: readonly (() => Shot)[] = [
      () => byQuery('/saml/sso', signing.redirectQuery(xml)),
      () => byQuery('/saml/sso', signing.redirectQuery(xml, { relayState: 'other' })),
      () => postedXml('/saml/sso', signing.sign(xml)),
    ];
    for (const aim of again) await assertRefused(scene, aim, 'request-replayed');
  });
  it('after its lifetime, and after a restart', async () => {
    const { house, signing, singleSignOn } = scene;
    const xml = signing.authnRequest(singleSignOn, { issueInstant: house.now() });
    const aim = (): Shot => byQuery('/saml/sso', signing.redirectQuery(xml));
    await assertTaken(scene, aim());
    await house.restart();
    await assertRefused(scene, aim, 'request-replayed');
    house.advance(hour);
    await assertRefused(scene, aim, 'request-stale');
    house.advance(-hour);
  });
  it('that asked to sign out', async () => {
    const xml = logout();
    await assertTaken(scene, postedXml('/saml/slo', xml));
    await assertRefused(scene, () => postedXml('/saml/slo', xml), 'request-replayed');
  });
});

const times: readonly (readonly [name: string, instant: () => string, ...reasons: [Reason, ...Reason[]]])[] = [
  ['an hour old', () => new Date(Date.now() - hour).toISOString(), 'request-stale'],
  ['older than its lifetime and the skew', () => new Date(Date.now() - 14 * minute).toISOString(), 'request-stale'],
  ['of the last century', () => '1970-01-01T00:00:00Z', 'request-stale'],
  ['an hour ahead', () => new Date(Date.now() + hour).toISOString(), 'request-from-future'],
  ['beyond the skew', () => new Date(Date.now() + 4 * minute).toISOString(), 'request-from-future'],
  ['of the year 9999', () => '9999-12-31T23:59:59Z', 'request-from-future'],
  ['of the year 100000', () => '100000-01-01T00:00:00Z', 'request-invalid', 'request-from-future'],
  ['of no zone', () => new Date().toISOString().replace('Z', ''), 'request-invalid'],
  ['of another zone', () => new Date().toISOString().replace('Z', '+01:00'), 'request-invalid'],
  ['of the 31st of February', () => '2026-02-31T00:00:00Z', 'request-invalid'],
  ['that is empty', () => '', 'request-invalid'],
  ['that is a number', () => String(Date.now()), 'request-invalid'],
];

describe('a request of a time', () => {
  it('within the skew is taken', async () => {
    for (const offset of [-11 * minute, -2 * minute, 2 * minute]) {
      const xml = scene.plain.authnRequest(scene.singleSignOn, { issueInstant: Date.now() + offset });
      await assertTaken(scene, postedXml('/saml/sso', xml));
    }
  });
  for (const [name, instant, ...reasons] of times) {
    it(name, async () => {
      const attributes = () => ({ IssueInstant: instant() });
      await assertRefused(
        scene,
        () => postedXml('/saml/sso', scene.plain.authnRequest(scene.singleSignOn, { attributes: attributes() })),
        ...reasons,
      );
      await assertRefused(scene, () => postedXml('/saml/slo', logout({ attributes: attributes() })), ...reasons);
    });
  }
  it('past NotOnOrAfter of a LogoutRequest', async () => {
    const attributes = () => ({ NotOnOrAfter: new Date(Date.now() - 4 * minute).toISOString() });
    await assertRefused(scene, () => postedXml('/saml/slo', logout({ attributes: attributes() })), 'request-stale');
  });
});
