/** Strangers who send messages in the name of thousands of entities, known and unknown, where a responder is asked about each. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import type { ConfigInput } from '../../src/config/schema.ts';
import { base64Of, makeCredential, type Credential } from '../fixtures/foreign-service-provider.ts';
import { entityIDOf, entityOf } from '../fixtures/metadata-aggregate.ts';
import { openMetadataStage, type MetadataStage } from '../fixtures/metadata-stage.ts';

const start = Date.parse('2026-07-01T10:00:00Z');
const [minute, hour] = [60_000, 3_600_000];
const base = 'https://mdq.example.org';

let folder: string;
let credential: Credential;
const stages: MetadataStage[] = [];
before(async () => {
  credential = await makeCredential('somebody');
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'passerelle-strangers-'));
});
afterEach(() => {
  mock.restoreAll();
  for (const stage of stages.splice(0)) stage.close();
  rmSync(folder, { recursive: true });
});

async function openStage(serviceProviders: ConfigInput['serviceProviders'] = []): Promise<MetadataStage> {
  const metadata: ConfigInput['metadata'] = [{ kind: 'query', urls: [base], admit: 'all' }];
  const stage = await openMetadataStage({ folder, metadata, serviceProviders, at: start });
  stages.push(stage);
  return stage;
}
const one = (index: number): string =>
  entityOf(index, base64Of(credential)).replace('entityID', 'xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID');
const urlOf = (index: number): string => `${base}/entities/${encodeURIComponent(entityIDOf(index))}`;

/** Stands for the responder. */
function responder(answer: (url: string) => Response | Promise<Response>): string[] {
  const asked: string[] = [];
  mock.method(globalThis, 'fetch', (url: URL) => {
    asked.push(url.href);
    return Promise.resolve(answer(url.href));
  });
  return asked;
}
const unknown = (): Response => new Response(null, { status: 404 });
const finds = async ({ registry }: MetadataStage, entityID: string): Promise<boolean> =>
  (await registry.byEntityID(entityID).catch(() => [])).length === 1;

describe('strangers in the name of thousands', () => {
  it('do not push out those that the responder knows', async () => {
    const asked = responder((url) => (url === urlOf(0) ? new Response(one(0)) : unknown()));
    const stage = await openStage();
    assert.ok(await finds(stage, entityIDOf(0)));
    for (let index = 1; index <= 2_500; index += 1) assert.equal(await finds(stage, `urn:junk:${String(index)}`), false);
    asked.length = 0;
    assert.ok(await finds(stage, entityIDOf(0)));
    assert.deepEqual(asked, []);
  });

  it('leave no more in the audit trail than their own refusals where the responder is down', async () => {
    responder(() => new Response(null, { status: 500 }));
    const stage = await openStage();
    for (let index = 0; index < 100; index += 1) assert.equal(await finds(stage, entityIDOf(index)), false);
    assert.equal(stage.events.length, 0);
  });

  it('leave no more there where the responder answers nonsense', async () => {
    responder(() => new Response('<a/>'));
    const stage = await openStage();
    for (let index = 0; index < 100; index += 1) assert.equal(await finds(stage, entityIDOf(index)), false);
    assert.equal(stage.events.length, 0);
  });

  it('do not stand in the way of those that the configuration names', async () => {
    const never = new Promise<Response>(() => undefined);
    const asked = responder((url) => (url === urlOf(0) ? new Response(one(0)) : never));
    const stage = await openStage([{ kind: 'metadata', entityId: entityIDOf(0) }]);
    for (let index = 1; index < 200; index += 1) void finds(stage, entityIDOf(index));
    while (asked.length < 8) await new Promise(setImmediate);
    assert.ok(await finds(stage, entityIDOf(0)));
    await stage.later(2 * hour);
    assert.equal(asked.filter((url) => url === urlOf(0)).length, 2);
  });

  it('cause one question each in five minutes, and eight at once', async () => {
    const asked = responder(unknown);
    const stage = await openStage();
    for (let count = 0; count < 20; count += 1) await finds(stage, 'urn:junk');
    assert.equal(asked.length, 1);
    stage.pass(6 * minute);
    await Promise.all(Array.from({ length: 20 }, () => finds(stage, 'urn:junk')));
    assert.equal(asked.length, 2);
  });
});
