/** A person with attributes too large to remember: a refusal that says so, never a fault. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { acs, entityID, openHouse, type House } from '../fixtures/house.ts';
import { openPeople, type People } from '../fixtures/people.ts';
import { responseOf, statusOf, Visitor } from '../fixtures/visitor.ts';

const password = 'Passw0rd!';
const large = 'x'.repeat(600_000);

let people: People;
let house: House;
before(async () => {
  people = await openPeople([
    { name: 'text', password, upn: 'text@example.com', attributes: { description: large } },
    { name: 'photo', password, upn: 'photo@example.com', attributes: { jpegPhoto: large } },
    { name: 'small', password, upn: 'small@example.com', attributes: { jpegPhoto: 'x', description: 'x' } },
  ]);
  house = await openHouse({
    ldap: people.ldap,
    config: {
      serviceProviders: [
        { kind: 'google-profile', entityId: entityID, acsUrl: acs, attributes: { photo: 'jpegPhoto', text: 'description' } },
      ],
    },
  });
});
after(async () => {
  await house.close();
  await people.close();
});

describe('a person of 600 kB', () => {
  for (const [name, begun] of [
    // A session holds what is text; anything else is read when it is needed.
    ['text', false],
    ['photo', true],
  ] as const) {
    it(`of ${name} is refused`, async () => {
      house.events.length = 0;
      const visitor = new Visitor(house.url);
      const page = await visitor.signIn(name, password);
      assert.equal(page.status, 403);
      assert.deepEqual(statusOf(responseOf(page).xml), ['Responder', 'RequestDenied']);
      assert.deepEqual(
        house.events.map(({ event, reason }) => reason ?? event),
        ['password.accepted', 'attributes-too-large'],
      );
      assert.equal(visitor.cookie !== undefined, begun);
      responseOf(await new Visitor(house.url).signIn('small', password));
    });
  }
});
