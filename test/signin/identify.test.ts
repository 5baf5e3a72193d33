/** The one door of every authenticator: each learns what the request says of the way in which people are to prove themselves. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { noMetrics } from '../../src/audit/metrics.ts';
import type { Asked, Authenticator } from '../../src/authenticators/authenticator.ts';
import { createIdentify } from '../../src/signin/identify.ts';

const nothing = () => Promise.resolve();
const person = { objectGUID: 'guid', barred: undefined };

describe('identify', () => {
  for (const forceAuthn of [true, false]) {
    it(`tells the authenticator of ForceAuthn ${String(forceAuthn)}`, async () => {
      const told: Asked[] = [];
      const authenticator: Authenticator = {
        name: 'password',
        fields: [],
        verify: (_person, _presented, asked) => {
          told.push(asked);
          return nothing();
        },
      };
      const identify = createIdentify({
        directory: { find: () => Promise.resolve(person), server: 'dc' },
        sessions: { start: () => Promise.resolve('token') },
        throttle: { admit: () => Promise.resolve({ person: nothing, succeeded: nothing, failed: nothing, withdrawn: nothing }) },
        sprayed: { has: () => Promise.resolve(false), refused: () => Promise.resolve(undefined) },
        suspicions: { remember: nothing },
        metrics: noMetrics,
        audit: { record: () => undefined },
        clock: { now: Date.now, until: nothing },
        limits: { floor: 1 },
      } as never);
      const presented = {
        signIn: 'one',
        name: 'alice',
        fields: {},
        remoteAddress: '127.0.0.1',
        session: undefined,
        reference: 'R',
        serviceProvider: 'urn:sp',
        forceAuthn,
      };
      assert.equal(await identify(authenticator, presented), 'token');
      assert.deepEqual(told, [{ forceAuthn }]);
    });
  }
});
