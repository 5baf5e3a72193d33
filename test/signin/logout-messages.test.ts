/** A sign-out comes to its end also where nobody can tell any more where the service provider that asked for it is answered. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Refusal } from '../../src/refusal.ts';
import { createLogoutMessages, type LogoutMessages } from '../../src/signin/logout-messages.ts';
import { heldClock } from '../contract/store.ts';

const asker = {
  serviceProvider: 'https://wiki.example.net/',
  name: 'Wiki',
  request: '_1',
  relayState: undefined,
  binding: 'HTTP-POST',
} as const;
const nowhere = (): never => assert.fail();

const messagesWhere = (byEntityID: () => Promise<never[]>): LogoutMessages =>
  createLogoutMessages({
    entityID: 'https://idp.example.com/saml/metadata',
    registry: { byEntityID },
    signers: { for: nowhere, default: undefined as never },
    encryptions: { for: nowhere },
    clock: heldClock(0),
    random: nowhere,
  });

describe('the answer to a LogoutRequest', () => {
  for (const reason of ['metadata-unusable', 'metadata-unavailable'] as const) {
    it(`is not told where the registry refuses: ${reason}`, async () => {
      const messages = messagesWhere(() => Promise.reject(new Refusal(reason)));
      assert.equal(await messages.respond(asker, ['Success']), undefined);
    });
  }
  it('is not told where nobody knows the service provider any more', async () => {
    assert.equal(await messagesWhere(() => Promise.resolve([])).respond(asker, ['Success']), undefined);
  });
  it('does not hide what is wrong with us', async () => {
    await assert.rejects(messagesWhere(() => Promise.reject(new TypeError('x'))).respond(asker, ['Success']), TypeError);
  });
});
