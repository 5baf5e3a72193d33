/** The demo's configuration is sound, and maps the people of its directory as its comments say. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { demoConfiguration } from '../../src/demo/demo-configuration.ts';
import { legacyRequest, profileRequest, redirectUrl } from '../../src/demo/google-request.ts';
import { demoParties } from '../../src/demo/parties.ts';
import { mapAddress } from '../../src/mapping/address.ts';
import { prepareMapping } from '../../src/mapping/prepare-mapping.ts';
import { parseParameters } from '../../src/saml/parameters.ts';
import { verifyAuthnRequest } from '../../src/saml/verify-authn-request.ts';
import { createRegistry } from '../../src/service-providers/registry.ts';

const config = demoConfiguration({
  publicUrl: 'http://localhost:8080',
  host: '127.0.0.1',
  port: 8080,
  directory: { url: 'ldap://127.0.0.1:3890', baseDn: 'DC=corp,DC=example,DC=com' },
  serviceProviderUrl: 'http://127.0.0.1:8081',
  folder: 'data/demo',
});

describe('the demo’s configuration', () => {
  it('registers both parties that the demo service provider is', async () => {
    const registry = createRegistry(config.serviceProviders, { read: () => '', now: 0 });
    for (const { entityID, acsUrl } of Object.values(demoParties('http://127.0.0.1:8081', 'example.com'))) {
      const locations = (await registry.byEntityID(entityID)).map((found) => found.assertionConsumerServices[0]?.location);
      assert.deepEqual(locations, [acsUrl]);
    }
  });

  it('maps the directory’s own domain to that of the account', () => {
    const mapping = prepareMapping(config.mapping);
    const of = (userPrincipalName: string) => mapAddress({ userPrincipalName, mail: undefined }, mapping).address;
    assert.equal(of('ada@example.com'), 'ada@example.com');
    assert.equal(of('kim@corp.example.com'), 'kim@example.com');
    assert.throws(() => of('pia@partner.example.net'), { reason: 'address-not-in-domains' });
  });

  it('takes the requests of both parties', async () => {
    const registry = createRegistry(config.serviceProviders, { read: () => '', now: 0 });
    const parties = demoParties('http://127.0.0.1:8081', 'example.com');
    const now = Date.parse('2026-03-04T05:06:07.089Z');
    const destination = 'http://localhost:8080/saml/sso';
    for (const [party, sent] of [
      [parties.legacy, legacyRequest(parties.legacy, now, randomBytes)],
      [parties.profile, profileRequest(parties.profile, now, randomBytes)],
    ] as const) {
      const parameters = parseParameters(new URL(redirectUrl(sent, destination, undefined)).search.slice(1));
      const request = await verifyAuthnRequest(
        { binding: 'HTTP-Redirect', parameters },
        { serviceProviders: registry.byEntityID, destination, now, clockSkew: 0, maxAge: 1_000 },
      );
      assert.equal(request.id, sent.id);
      assert.equal(request.relayState, sent.relayState);
      assert.equal(request.serviceProvider.entityID, party.entityID);
      assert.equal(request.assertionConsumerService.location, party.acsUrl);
    }
  });
});
