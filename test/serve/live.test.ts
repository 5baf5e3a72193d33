/** Whatever of the configuration is read at the start is read again at a reload, or stands among what waits for a restart. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import type { Configuration } from '../../src/config/read-configuration.ts';
import { waitsForRestart } from '../../src/config/waits-for-restart.ts';
import { serve } from '../../src/serve.ts';
import { freePort } from '../fixtures/free-port.ts';
import { plainConfiguration } from '../fixtures/plain-configuration.ts';

/** The same values; each path that is read is kept. */
function told<Value extends object>(value: Value, read: Set<string>, path = ''): Value {
  return new Proxy(value, {
    get(target, name, receiver) {
      const found: unknown = Reflect.get(target, name, receiver);
      if (typeof name === 'symbol' || typeof found === 'function' || !Object.hasOwn(target, name)) return found;
      const below = path === '' ? name : `${path}.${name}`;
      if (typeof found !== 'object' || found === null) read.add(below);
      else return told(found, read, below);
      return found;
    },
  });
}

it('nothing is read at the start alone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-live-'));
  const configuration = plainConfiguration({
    publicUrl: 'http://localhost:8080',
    listen: { port: await freePort() },
    metrics: { port: await freePort() },
    keys: { folder: join(folder, 'certs') },
    store: { file: join(folder, 'store.sqlite'), folder },
    serviceProviders: [{ kind: 'google-workforce', pool: 'employees', provider: 'passerelle' }],
    policy: [{ name: 'all', when: { groups: ['CN=Staff,DC=corp,DC=example,DC=com'] }, require: [['password'], ['totp']] }],
    factors: { totp: { enabled: true }, recoveryCodes: { enabled: true } },
    drain: '1ms',
  });
  const clock = { now: Date.now, until: () => Promise.resolve() };
  const audit = { record: () => undefined, note: () => undefined, flush: () => Promise.resolve() };
  const atStart = new Set<string>();
  const atReload = new Set<string>();
  const serving = await serve(told<Configuration>(configuration, atStart), {
    ...{ audit, clock, random: randomBytes },
    setLevel: () => undefined,
  });
  try {
    await (await serving.prepare(told<Configuration>(configuration, atReload))).commit();
  } finally {
    await serving.close();
    rmSync(folder, { recursive: true });
  }
  assert.ok(atStart.has('store.file') && atStart.has('metrics.port') && atStart.has('listen.port') && atStart.size > 50);
  const alone = [...atStart].filter((path) => !atReload.has(path));
  const unaccounted = alone.filter((path) => ![...waitsForRestart.keys()].some((one) => path.startsWith(one)));
  assert.deepEqual(unaccounted, []);
  // And the other way round: what waits is what was read then.
  assert.ok(alone.some((path) => path.startsWith('metrics')));
});
