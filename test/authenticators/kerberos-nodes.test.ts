/** A ticket's authenticator counts once over all nodes that share a store, though each has a library with a replay cache of its own. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createKerberos } from '../../src/authenticators/kerberos.ts';
import { Refusal } from '../../src/refusal.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import { heldClock } from '../contract/store.ts';
import { makeServiceKey, makeToken, writeKeytab } from '../fixtures/make-ticket.ts';
import { somebody } from '../signin/somebody.ts';

const principal = 'HTTP/localhost@CORP.EXAMPLE.COM';
const minute = 60_000;

async function open() {
  const clock = heldClock(Date.now());
  const store = await createSqliteStore({ file: ':memory:', clock });
  const key = makeServiceKey(principal);
  const sid = Buffer.from('010500000000000515000000bc5b2cd6d8bbac61d62b05244f040000', 'hex');
  const person = { ...somebody('alice', { sAMAccountName: 'alice' }), domain: 'corp.example.com' };
  const node = (isShared: boolean) =>
    createKerberos({
      config: { keytab: 'keytab', principals: [principal], realms: {}, channelBinding: 'none' },
      domains: [{ baseDn: 'DC=corp,DC=example,DC=com' }],
      directory: {
        find: () => Promise.resolve(person),
        readFurther: () => Promise.resolve({ bytes: { objectsid: [sid.toString('base64')] }, groups: [] }),
      },
      // A library that has never seen anything.
      accept: () => Promise.resolve({ principal: 'alice@CORP.EXAMPLE.COM', reply: undefined }),
      readFile: () => Promise.resolve({ bytes: writeKeytab([key]), mode: 0o600 }),
      certificates: () => Promise.resolve([]),
      shared: isShared ? store : undefined,
      clock,
    }).recogniser(() => undefined);
  return { clock, node, token: () => makeToken({ key, sid, at: clock.now() }) };
}

const refused = (error: unknown): boolean => error instanceof Refusal && error.reason === 'kerberos-replayed';

describe('an authenticator', () => {
  it('is taken by one node, and by no other for as long as its time would let it', async () => {
    const { clock, node, token } = await open();
    const [one, other] = [node(true), node(true)];
    const brought = { token: token() };
    assert.equal((await one.recognise(brought, { forceAuthn: false })).sAMAccountName, 'alice');
    for (const later of [0, 5 * minute, 9 * minute]) {
      clock.set(clock.now() + later / 3);
      for (const at of [one, other]) await assert.rejects(at.recognise(brought, { forceAuthn: false }), refused);
    }
    assert.equal((await other.recognise({ token: token() }, { forceAuthn: false })).sAMAccountName, 'alice');
  });

  it('is taken once, however many nodes are shown it at once', async () => {
    const { node, token } = await open();
    const brought = { token: token() };
    const all = Array.from({ length: 8 }, async () => node(true).recognise(brought, { forceAuthn: false }));
    const results = await Promise.allSettled(all);
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
  });

  it('is left to the library where nobody shares the store', async () => {
    const { node, token } = await open();
    const brought = { token: token() };
    for (let turn = 0; turn < 2; turn += 1) await node(false).recognise(brought, { forceAuthn: false });
  });
});
