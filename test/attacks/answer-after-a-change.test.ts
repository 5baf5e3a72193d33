/** A sign-in that waits while the service provider becomes another: refused by what it is now, and never answered a second time. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Reason } from '../../src/refusal.ts';
import { ForeignServiceProvider, makeCredential, post, redirect } from '../fixtures/foreign-service-provider.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { responseOf, statusOf, Visitor } from '../fixtures/visitor.ts';

const emailAddress = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
const site = new ForeignServiceProvider(await makeCredential());
const format = `<md:NameIDFormat>${emailAddress}</md:NameIDFormat>`;
const usual = site.metadata({ endpoints: format });
const acs = (location: string, binding = post, index = 0): string =>
  `<md:AssertionConsumerService index="${String(index)}" Binding="${binding}" Location="${location}"/>`;
const list =
  '<md:AttributeConsumingService index="1"><md:ServiceName xml:lang="en">s</md:ServiceName><md:RequestedAttribute Name="a"/></md:AttributeConsumingService>';

let folder: string;
let house: House;
const publish = (xml: string): void => {
  writeFileSync(join(folder, 'sp.xml'), xml);
};
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'passerelle-change-'));
  publish(usual);
  house = await openHouse({ config: { serviceProviders: [{ kind: 'metadata', file: join(folder, 'sp.xml') }] } });
});
after(async () => {
  await house.close();
  rmSync(folder, { recursive: true });
});

describe('a sign-in that waits', () => {
  for (const [what, changed, reason, isAnswered] of [
    [
      'is gone',
      new ForeignServiceProvider(site.credential, 'https://new.example.net').metadata(),
      'service-provider-unknown',
      false,
    ],
    [
      'moved its ACS',
      site.metadata({ assertionConsumerServices: acs('https://new.example.net/acs') }),
      'acs-not-registered',
      false,
    ],
    [
      'takes another binding there',
      site.metadata({ assertionConsumerServices: acs(site.acs, redirect) + acs('https://sp.example.net/other', post, 1) }),
      'binding-unsupported',
      true,
    ],
    ['signs its requests now', site.metadata({ role: { AuthnRequestsSigned: 'true' } }), 'signature-missing', false],
    ['no longer wants the address', site.metadata(), 'name-id-policy-unsupported', true],
    [
      'has other lists of attributes',
      site.metadata({ endpoints: format, attributeConsumingServices: list }),
      'attribute-consuming-service-unknown',
      true,
    ],
  ] as readonly (readonly [string, string, Reason, boolean])[]) {
    it(`while the service provider ${what}: ${reason}`, async () => {
      publish(usual);
      await house.restart();
      const visitor = new Visitor(house.url);
      const request = site.authnRequest(`${house.url}/saml/sso`, {
        attributes: { AttributeConsumingServiceIndex: '2' },
        content: `<samlp:NameIDPolicy Format="${emailAddress}"/>`,
      });
      const asked = await visitor.visit(`/saml/sso?${site.redirectQuery(request, { sign: false })}`);
      publish(changed);
      await house.restart();
      house.events.length = 0;
      const again = await visitor.visit(asked.url);
      const filled = await visitor.fill(asked, 'alice', 'Passw0rd!');
      for (const page of [again, filled]) {
        if (isAnswered && page === again) assert.equal(statusOf(responseOf(page).xml)[0], 'Requester');
        else assert.equal(page.form, undefined);
      }
      assert.deepEqual(
        house.events.map((event) => event.reason ?? event.event),
        [reason, isAnswered ? 'signin-unknown' : reason],
      );
      // What was answered by an error is over, whatever comes back.
      publish(usual);
      await house.restart();
      const page = await visitor.visit(asked.url);
      if (isAnswered) assert.equal(page.form, undefined);
      else assert.deepEqual(statusOf(responseOf(await visitor.fill(page, 'alice', 'Passw0rd!')).xml), ['Success']);
    });
  }
});
