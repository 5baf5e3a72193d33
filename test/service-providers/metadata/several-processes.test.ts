/** Several processes of one machine: they ask no more often than one would, know the same, and tell of it once. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { ConfigInput } from '../../../src/config/schema.ts';
import type { MetadataRole } from '../../../src/service-providers/metadata/world.ts';
import { eventually } from '../../fixtures/eventually.ts';
import { document, openMetadataServer, type MetadataServer } from '../../fixtures/metadata-server.ts';
import { openMetadataStage, type MetadataStage } from '../../fixtures/metadata-stage.ts';

const start = Date.parse('2026-07-01T10:00:00Z');
const [second, hour] = [1_000, 3_600_000];
const urn = 'urn:oasis:names:tc:SAML:2.0';
const wiki = 'https://wiki.example.net/';
const at = (path: string): string =>
  `<md:EntityDescriptor xmlns:md="${urn}:metadata" entityID="${wiki}">
<md:SPSSODescriptor protocolSupportEnumeration="${urn}:protocol">
<md:AssertionConsumerService Binding="${urn}:bindings:HTTP-POST" Location="${wiki}${path}" index="0"/>
</md:SPSSODescriptor></md:EntityDescriptor>`;

let server: MetadataServer;
let folder: string;
const stages: MetadataStage[] = [];
before(async () => {
  server = await openMetadataServer();
});
after(() => server.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'passerelle-processes-'));
  server.answers.clear();
  server.asked.length = 0;
});
afterEach(() => {
  for (const stage of stages.splice(0)) stage.close();
  rmSync(folder, { recursive: true });
});

/** The one that leads is open before the others begin. */
async function openAll(metadata: ConfigInput['metadata'], serviceProviders: ConfigInput['serviceProviders'] = []) {
  for (const role of ['leads', 'follows', 'follows'] satisfies MetadataRole[])
    stages.push(await openMetadataStage({ folder, metadata, serviceProviders, at: start, role }));
  return stages;
}
const locationAt = async ({ registry }: MetadataStage): Promise<string | undefined> =>
  (await registry.byEntityID(wiki))[0]?.assertionConsumerServices[0]?.location;
const locations = (): Promise<(string | undefined)[]> => Promise.all(stages.map(locationAt));
const told = (event: string): number => stages.flatMap(({ events }) => events).filter((one) => one.event === event).length;
/** In the order of the roles, so that the one that leads looks first. */
async function later(by: number): Promise<void> {
  for (const stage of stages) await stage.later(by);
}

describe('a document from the web', () => {
  it('is asked for by the one that leads; the others take its copy over within seconds, and tell nothing', async () => {
    server.answers.set('/all', document(at('old')));
    await openAll([{ kind: 'url', url: `${server.url}/all`, admit: 'all', refresh: '1h' }]);
    assert.deepEqual(await locations(), [`${wiki}old`, `${wiki}old`, `${wiki}old`]);
    assert.deepEqual(server.asked, ['/all']);
    server.answers.set('/all', document(at('new')));
    await later(1.2 * hour);
    await later(6 * second);
    assert.deepEqual(await locations(), [`${wiki}new`, `${wiki}new`, `${wiki}new`]);
    assert.equal(server.asked.length, 2);
    assert.equal(told('metadata.changed'), 1);
    assert.equal(stages.flatMap(({ notes }) => notes).filter((note) => note === 'metadata were read').length, 2);
  });

  it('that fails is asked for again by one alone, and told of by one', async () => {
    await openAll([{ kind: 'url', url: `${server.url}/all`, admit: 'all', refresh: '1h' }]);
    assert.equal(server.asked.length, 1);
    assert.equal(told('metadata.failed'), 1);
    server.answers.set('/all', document(at('late')));
    await later(70 * second);
    assert.deepEqual(await locations(), [`${wiki}late`, `${wiki}late`, `${wiki}late`]);
    assert.equal(server.asked.length, 2);
  });
});

describe('a file', () => {
  it('is read by each, and told of by one', async () => {
    const file = join(folder, 'wiki.xml');
    writeFileSync(file, at('old'));
    await openAll([], [{ kind: 'metadata', file }]);
    writeFileSync(file, at('newer'));
    await later(70 * second);
    assert.deepEqual(await locations(), [`${wiki}newer`, `${wiki}newer`, `${wiki}newer`]);
    assert.equal(told('metadata.changed'), 1);
    writeFileSync(file, 'no metadata');
    await later(70 * second);
    assert.equal(told('metadata.failed'), 1);
  });
});

describe('a responder', () => {
  const path = `/entities/${encodeURIComponent(wiki)}`;
  const source = (): ConfigInput['metadata'] => [{ kind: 'query', urls: [server.url], admit: 'all', refresh: '1h' }];

  /** When the copy was found to be the latest. */
  function confirmedAt(): number {
    const kept = join(folder, 'data/metadata/asked');
    return Math.max(
      ...readdirSync(kept).flatMap((name) => (name.endsWith('.xml.json') ? statSync(join(kept, name)).mtimeMs : [])),
    );
  }

  it('is asked once about whom a stranger brings up at each of them, and again by whoever finds it old', async () => {
    server.answers.set(path, document(at('old'), { ETag: '"1"' }));
    await openAll(source());
    for (const stage of stages) assert.equal(await locationAt(stage), `${wiki}old`);
    assert.deepEqual(server.asked, [path]);
    // What is old is asked for in the background, and serves meanwhile.
    for (const stage of stages) stage.pass(1.2 * hour);
    for (const stage of stages) {
      assert.equal(await locationAt(stage), `${wiki}old`);
      await eventually('one asked again', () => confirmedAt() === start + 1.2 * hour);
    }
    // Whoever comes meanwhile waits for the question under way.
    await locations();
    assert.deepEqual(server.asked, [path, path]);
    for (const stage of stages) stage.pass(1.2 * hour);
    server.answers.set(path, document(at('new'), { ETag: '"2"' }));
    for (const stage of stages) await eventually('the new one', async () => (await locationAt(stage)) === `${wiki}new`);
    assert.deepEqual(server.asked, [path, path, path]);
  });

  it('is asked by a timetable by the one that leads, about those whom the configuration names', async () => {
    server.answers.set(path, document(at('old')));
    await openAll(source(), [{ kind: 'metadata', entityId: wiki }]);
    assert.deepEqual(await locations(), [`${wiki}old`, `${wiki}old`, `${wiki}old`]);
    const before = server.asked.length;
    server.answers.set(path, document(at('new')));
    await later(1.2 * hour);
    await later(70 * second);
    await later(70 * second);
    assert.deepEqual(await locations(), [`${wiki}new`, `${wiki}new`, `${wiki}new`]);
    assert.equal(server.asked.length, before + 1);
    assert.equal(told('metadata.changed'), 1);
  });
});
