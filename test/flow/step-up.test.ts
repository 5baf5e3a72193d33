/** Step-up: a stricter service provider asks for what is missing alone, and what was proven serves the next one. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { giveApps, type App } from '../fixtures/enrolled.ts';
import { acs, entityID, openHouse, type House } from '../fixtures/house.ts';
import { responseOf, statusOf, Visitor } from '../fixtures/visitor.ts';

const strict = 'https://accounts.google.com/samlrp/04strict';
const strictAcs = 'https://accounts.google.com/samlrp/04strict/acs';
const toStrict = { issuer: strict, attributes: { AssertionConsumerServiceURL: strictAcs } };

describe('step-up', () => {
  let house: House;
  let apps: Readonly<Record<'alice', App>>;
  before(async () => {
    house = await openHouse({
      config: {
        serviceProviders: [
          { kind: 'google-profile', entityId: entityID, acsUrl: acs },
          { kind: 'google-profile', entityId: strict, acsUrl: strictAcs },
        ],
        policy: [{ name: 'strict', when: { serviceProviders: [strict] }, require: [['password'], ['totp']] }],
      },
    });
    apps = await giveApps(house, ['alice']);
  });
  after(() => house.close());

  it('asks for the code alone where the password was given, and for nothing where both were', async () => {
    const visitor = new Visitor(house.url);
    responseOf(await visitor.signIn('alice', 'Passw0rd!'));
    const before = visitor.cookie;
    const asked = await visitor.arrive(toStrict);
    assert.equal(asked.form?.action, '/signin/totp');
    assert.ok(!asked.body.includes('type="password"'));
    const answered = await visitor.post('/signin/totp', { signin: asked.form.fields.signin ?? '', code: apps.alice.code() });
    assert.deepEqual(statusOf(responseOf(answered).xml), ['Success']);
    assert.notEqual(visitor.cookie, before, 'the identifier stays at a rise of privilege');
    assert.deepEqual(statusOf(responseOf(await visitor.arrive(toStrict)).xml), ['Success']);
    assert.equal(house.events.filter(({ event }) => event === 'password.accepted').length, 1);
  });
});
