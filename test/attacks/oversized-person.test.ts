/** A person with attributes too large to remember: a refusal that says so, never a fault. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { acs, entityID, openHouse, type House } from '../fixtures/house.ts';
import { openPeople, type People } from '../fixtures/people.ts';
import { responseOf, statusOf, Visitor } from '../fixtures/visitor.ts';

let people: People;
let house: House;
before(async () => {
  people = await openPeople([
    { name: 'large', password: 'large-Passw0rd', upn: 'large@example.com', attributes: { jpegPhoto: 'x'.repeat(600_000) } },
    { name: 'small', password: 'small-Passw0rd', upn: 'small@example.com', attributes: { jpegPhoto: 'x' } },
  ]);
  house = await openHouse({
    ldap: people.ldap,
    config: {
      serviceProviders: [{ kind: 'google-profile', entityId: entityID, acsUrl: acs, attributes: { photo: 'jpegPhoto' } }],
    },
  });
});
after(async () => {
  await house.close();
  await people.close();
});

describe('a person of 600 kB', () => {
  it('is refused', async () => {
    const visitor = new Visitor(house.url);
    const page = await visitor.signIn('large', 'large-Passw0rd');
    assert.equal(page.status, 403);
    assert.deepEqual(statusOf(responseOf(page).xml), ['Responder', 'RequestDenied']);
    assert.deepEqual(
      house.events.map(({ event, reason }) => [event, reason]),
      [['signin.refused', 'attributes-too-large']],
    );
    assert.equal(visitor.cookie, undefined);
    responseOf(await new Visitor(house.url).signIn('small', 'small-Passw0rd'));
  });
});
