/** A web server that gives out metadata, or whoever sits on the way to it, and wants to get further than that. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  symlinkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import type { ConfigInput } from '../../src/config/schema.ts';
import { fetchMetadata, type MetadataRequest } from '../../src/service-providers/metadata/fetch.ts';
import { loadMetadata } from '../../src/service-providers/metadata/load.ts';
import { createMetadataCopies } from '../../src/service-providers/metadata/copies.ts';
import { base64Of, makeCredential, type Credential } from '../fixtures/foreign-service-provider.ts';
import { aggregateOf, entityIDOf, entityOf, signCanonical } from '../fixtures/metadata-aggregate.ts';
import { document, openMetadataServer, type MetadataServer } from '../fixtures/metadata-server.ts';
import { openMetadataStage, type MetadataStage } from '../fixtures/metadata-stage.ts';

const start = Date.parse('2026-07-01T10:00:00Z');
const [minute, hour] = [60_000, 3_600_000];
const md = 'urn:oasis:names:tc:SAML:2.0:metadata';

let folder: string;
let server: MetadataServer;
let federation: Credential;
const stages: MetadataStage[] = [];
before(async () => {
  federation = await makeCredential('federation');
  server = await openMetadataServer();
});
after(() => server.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'passerelle-hostile-'));
  server.answers.clear();
  server.asked.length = 0;
  server.headers.length = 0;
  writeFileSync(join(folder, 'federation.pem'), federation.certificate);
});
afterEach(() => {
  mock.restoreAll();
  for (const stage of stages.splice(0)) stage.close();
  rmSync(folder, { recursive: true });
});

async function openStage(
  metadata: ConfigInput['metadata'],
  serviceProviders: ConfigInput['serviceProviders'] = [],
): Promise<MetadataStage> {
  const stage = await openMetadataStage({ folder, metadata, serviceProviders, at: start });
  stages.push(stage);
  return stage;
}
const entity = (index: number): string => entityOf(index, base64Of(federation));
const one = (index: number): string => entity(index).trimEnd().replace('entityID', `xmlns:md="${md}" ID="_e" entityID`);
function signedOne(index: number): string {
  const whole = entity(index).trimEnd().replace('entityID', `xmlns:md="${md}" ID="_e" entityID`);
  const end = whole.indexOf('>') + 1;
  return signCanonical(whole.slice(0, end), whole.slice(end), '_e', federation);
}
const named = (...indexes: number[]): ConfigInput['serviceProviders'] =>
  indexes.map((index) => ({ kind: 'metadata', entityId: entityIDOf(index) }));
const encoded = (index: number): string => `/entities/${encodeURIComponent(entityIDOf(index))}`;
const finds = async ({ registry }: MetadataStage, index: number): Promise<boolean> =>
  (await registry.byEntityID(entityIDOf(index))).length === 1;

describe('a redirect into the network of the house', () => {
  const request: MetadataRequest = {
    url: 'https://federation.example.org/metadata.xml',
    validators: undefined,
    limit: 1_000,
    timeout: 1_000,
    isSigned: true,
    signal: new AbortController().signal,
  };
  const inside = [
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    'localhost',
    'localhost.',
    'x.localhost',
    '0.0.0.0',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '169.254.169.254',
    '[fe80::1]',
    '[fd00::1]',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '100.64.0.1',
  ];
  for (const host of inside) {
    for (const scheme of ['https', 'http']) {
      it(`to ${scheme}://${host} is not taken`, async () => {
        const asked: string[] = [];
        mock.method(globalThis, 'fetch', (url: URL) => {
          asked.push(url.href);
          return Promise.resolve(new Response(null, { status: 302, headers: { Location: `${scheme}://${host}:8443/shutdown` } }));
        });
        const url = `${scheme}://federation.example.org/metadata.xml`;
        await assert.rejects(
          fetchMetadata({ ...request, url }, () => Promise.resolve()),
          /leads into the network of this machine/,
        );
        assert.deepEqual(asked, [url]);
      });
    }
  }
  it('is taken where the source is there itself', async () => {
    mock.method(globalThis, 'fetch', (url: URL) =>
      Promise.resolve(
        url.pathname === '/a' ? new Response(null, { status: 302, headers: { Location: '/b' } }) : new Response('<a/>'),
      ),
    );
    for (const url of ['http://127.0.0.1:1/a', 'https://10.0.0.1/a', 'https://[fd00::1]/a']) {
      assert.equal((await fetchMetadata({ ...request, url }, () => Promise.resolve())).kind, 'fresh');
    }
  });
});

describe('whoever sits on the way of plain http', () => {
  let answer: () => Response;
  const onTheWay = (next: () => Response): void => {
    answer = next;
  };
  beforeEach(() => void mock.method(globalThis, 'fetch', () => Promise.resolve(answer())));
  const source = (): ConfigInput['metadata'] => [
    { kind: 'query', urls: ['http://mdq.example.org'], admit: 'all', keyFiles: [join(folder, 'federation.pem')] },
  ];

  it('cannot take a service provider away by saying that there is none', async () => {
    onTheWay(() => new Response(signedOne(0)));
    const stage = await openStage(source(), named(0));
    assert.ok(await finds(stage, 0));
    onTheWay(() => new Response(null, { status: 404 }));
    await stage.later(2 * hour);
    assert.ok(await finds(stage, 0));
    assert.equal(readdirSync(join(folder, 'data', 'metadata')).filter((name) => name.endsWith('.xml')).length, 1);
    assert.match(JSON.stringify(stage.events.at(-1)), /metadata\.failed/);
  });

  it('cannot make anybody up', async () => {
    onTheWay(() => new Response(one(1)));
    const stage = await openStage(source());
    await assert.rejects(finds(stage, 1));
  });
});

describe('a document that costs more to read than to write', () => {
  const declarations = Array.from({ length: 60 }, (_, index) => ` xmlns:n${String(index)}="urn:${'x'.repeat(500)}"`).join('');
  const costly: readonly (readonly [what: string, text: string])[] = [
    ['many children', `<md:EntitiesDescriptor xmlns:md="${md}">${'<a/>'.repeat(16_000)}</md:EntitiesDescriptor>`],
    [
      'many namespaces around many children',
      `<md:EntitiesDescriptor xmlns:md="${md}"${declarations}>${'<a/>'.repeat(7_900)}</md:EntitiesDescriptor>`,
    ],
    [
      'many namespaces around a few children',
      `<md:EntitiesDescriptor xmlns:md="${md}"${declarations}>${'<a/>'.repeat(480)}</md:EntitiesDescriptor>`,
    ],
  ];
  for (const [what, text] of costly) {
    it(`has ${what}: nobody's sign-in waits for it`, async () => {
      server.answers.set('/x.xml', document(text));
      const stage = await openStage([]);
      const delay = monitorEventLoopDelay({ resolution: 5 });
      delay.enable();
      stages.push(await openMetadataStage({ folder, metadata: [{ kind: 'url', url: `${server.url}/x.xml` }], at: start }));
      delay.disable();
      assert.ok(delay.max < 300e6, `${String(delay.max / 1e6)} ms`);
      assert.deepEqual(stage.registry.list, []);
    });
  }

  it('is not read to its end where that takes too long', async () => {
    const file = join(folder, 'long.xml');
    writeFileSync(file, `<md:EntitiesDescriptor xmlns:md="${md}"${declarations}>${'<a/>'.repeat(9_000)}</md:EntitiesDescriptor>`);
    const rules = { keys: [], requireValidUntil: false, validAtMost: undefined, now: start, clockSkew: 0 };
    const began = performance.now();
    await assert.rejects(loadMetadata(file, 1_000_000, rules, new AbortController().signal, 200), /takes longer than 200 ms/);
    assert.ok(performance.now() - began < 3_000);
  });

  it('has more mistakes than anybody would read', async () => {
    server.answers.set(
      '/x.xml',
      document(`<md:EntitiesDescriptor xmlns:md="${md}">${'<a/>'.repeat(30_000)}</md:EntitiesDescriptor>`),
    );
    const stage = await openStage([{ kind: 'url', url: `${server.url}/x.xml` }]);
    assert.match(JSON.stringify(stage.events), /more than 10000 mistakes/);
    assert.equal(stage.events.length, 1);
  });

  it('describes one entity at a length that nobody needs', async () => {
    const padding = `<md:NameIDFormat>urn:${'x'.repeat(600_000)}</md:NameIDFormat>`;
    server.answers.set(encoded(0), document(one(0).replace('<md:NameIDFormat>', `${padding}<md:NameIDFormat>`)));
    const stage = await openStage([{ kind: 'query', urls: [server.url], admit: 'all' }]);
    await assert.rejects(finds(stage, 0), /metadata-unusable/);
    assert.match(JSON.stringify(stage.events), /EntityDescriptor is longer than 500000 bytes|^\[\]$/);
  });

  it('has expired, and is not read again for each who asks', async () => {
    const file = join(folder, 'long.xml');
    const long = entity(0).replace(
      '<md:NameIDFormat>',
      `${'<md:NameIDFormat>urn:x</md:NameIDFormat>'.repeat(8_000)}<md:NameIDFormat>`,
    );
    writeFileSync(
      file,
      aggregateOf([long.replace('entityID', `validUntil="${new Date(start + minute).toISOString()}" entityID`)]),
    );
    const stage = await openStage([{ kind: 'file', file, admit: 'all' }]);
    stage.pass(hour);
    const began = performance.now();
    for (let count = 0; count < 200; count += 1) await assert.rejects(finds(stage, 0), /metadata-unusable/);
    assert.ok(performance.now() - began < 1_500, String(performance.now() - began));
  });
});

describe('a responder that answers', () => {
  const query = (more: object = {}): NonNullable<ConfigInput['metadata']>[number] => ({
    kind: 'query',
    urls: [server.url],
    admit: 'all',
    ...more,
  });

  it('with much about many fills no memory, and pushes out nobody that the configuration names', async () => {
    server.answers.set(encoded(0), document(one(0)));
    const stage = await openStage([query({ megabytes: 16 })], named(0));
    assert.ok(await finds(stage, 0));
    const padding = `<!-- ${'x'.repeat(14_000_000)} -->`;
    for (let index = 1; index <= 5; index += 1) {
      server.answers.set(encoded(index), document(aggregateOf([padding, entity(index)])));
      assert.ok(await finds(stage, index));
      server.answers.delete(encoded(index));
    }
    // The first of them has to be asked for again; what the strangers hold is 50 megabytes at most.
    assert.equal(await stage.registry.byEntityID(entityIDOf(1)).then(({ length }) => length), 0);
    assert.ok(await finds(stage, 5));
    assert.ok(await finds(stage, 0));
    assert.equal(server.asked.length, 7);
  });

  it('slowly keeps no other source from being looked at', async () => {
    const file = join(folder, 'local.xml');
    writeFileSync(file, one(1));
    server.answers.set(encoded(0), document(one(0)));
    const stage = await openStage([query({ timeout: '2m' }), { kind: 'file', file }], named(0, 1));
    assert.ok(await finds(stage, 0));
    server.answers.set(encoded(0), () => undefined);
    stage.pass(2 * hour);
    void stage.registry.refresh();
    while (server.asked.length < 2) await new Promise(setImmediate);
    writeFileSync(file, one(1).replaceAll('/saml/HTTP-POST', '/saml/moved'));
    for (let turn = 0; ; turn += 1) {
      // The look before this one may end only now, and then it is not yet time for the next.
      if (turn % 100 === 0) {
        stage.pass(2 * hour);
        void stage.registry.refresh();
      }
      const [found] = await stage.registry.byEntityID(entityIDOf(1));
      if (found?.assertionConsumerServices[0]?.location.endsWith('moved') === true) break;
      await new Promise(setImmediate);
    }
  });

  it('again and again leaves no thread and nobody who listens behind', async () => {
    const signal = new AbortController().signal;
    const file = join(folder, 'large.xml');
    writeFileSync(file, aggregateOf(Array.from({ length: 20 }, (_, index) => entity(index))));
    const rules = { keys: [], requireValidUntil: false, validAtMost: undefined, now: start, clockSkew: 0 };
    const threads = (): number => process.getActiveResourcesInfo().filter((name) => /Worker|MessagePort/.test(name)).length;
    const before_ = threads();
    for (let count = 0; count < 10; count += 1) await loadMetadata(file, 1_000_000, rules, signal);
    for (let turn = 0; turn < 1_000 && threads() > before_; turn += 1) await new Promise(setImmediate);
    assert.equal(threads(), before_);
  });
});

describe('the copies on disk', () => {
  const copies = (): string => join(folder, 'data', 'metadata');
  const source = (): NonNullable<ConfigInput['metadata']>[number] => ({ kind: 'url', url: `${server.url}/f.xml`, admit: 'all' });

  it('have names that no entity ID chooses', async () => {
    for (const entityID of ['../../evil', '/etc/passwd', 'a\0b', 'x'.repeat(1_000)]) {
      const stage = await openStage([{ kind: 'query', urls: [server.url], admit: 'all' }]);
      server.answers.set(
        `/entities/${encodeURIComponent(entityID)}`,
        document(one(0).replace(entityIDOf(0), entityID.replace('\0', ''))),
      );
      await stage.registry.byEntityID(entityID).catch(() => []);
    }
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('metadata/'));
    assert.ok(files.length > 0);
    for (const name of files) assert.match(name, /^data\/metadata\/(asked|asked\/[0-9a-f]{40}\.xml(\.json)?)$/);
  });

  it('of what the configuration names are not pushed out by what strangers ask for', async () => {
    const random = randomBytes;
    const clock = { now: Date.now, until: () => Promise.resolve() };
    const small = createMetadataCopies({ folder: copies(), most: 3, clock, random });
    const bytes = async function* (): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.from('<a/>'));
    };
    await (await small.receive('https://federation.example.org/', bytes())).keep({});
    const asked = createMetadataCopies({ folder: join(copies(), 'asked'), most: 3, clock, random });
    await Promise.all(Array.from({ length: 40 }, async (_, index) => (await asked.receive(String(index), bytes())).keep({})));
    assert.ok((await small.read('https://federation.example.org/')) !== undefined);
    assert.ok(readdirSync(join(copies(), 'asked')).filter((name) => name.endsWith('.xml')).length <= 4);
    // So it is in the house as well.
    server.answers.set(encoded(0), document(one(0)));
    server.answers.set(encoded(1), document(one(1)));
    const stage = await openStage([{ kind: 'query', urls: [server.url], admit: 'all' }], named(0));
    assert.ok((await finds(stage, 0)) && (await finds(stage, 1)));
    assert.equal(readdirSync(copies()).filter((name) => name.endsWith('.xml')).length, 2);
  });

  it('do not gather what a stop in between left behind', async () => {
    mkdirSync(copies(), { recursive: true });
    const left = ['a.xml.0123456789abcdef.new', 'a.xml.0123456789abcdef.new.json'].map((name) => join(copies(), name));
    const recent = join(copies(), 'b.xml.0123456789abcdef.new');
    for (const file of [...left, recent]) writeFileSync(file, 'x');
    for (const file of left) utimesSync(file, new Date(0), new Date(0));
    server.answers.set('/f.xml', document(aggregateOf([entity(0)])));
    await openStage([source()]);
    assert.deepEqual([...left, recent].map(existsSync), [false, false, true]);
  });

  const corrupt: readonly (readonly [what: string, change: (file: string) => void])[] = [
    [
      'cut short',
      (file) => {
        writeFileSync(file, readFileSync(file).subarray(0, 500));
      },
    ],
    [
      'empty',
      (file) => {
        writeFileSync(file, '');
      },
    ],
    [
      'of other bytes',
      (file) => {
        writeFileSync(file, randomBytes(5_000));
      },
    ],
    [
      'with an ETag that no header may have',
      (file) => {
        const { size, mtimeMs } = statSync(file);
        writeFileSync(`${file}.json`, JSON.stringify({ etag: 'x\r\nHost: evil', mark: `${String(size)} ${String(mtimeMs)}` }));
      },
    ],
    [
      'with notes that are no JSON',
      (file) => {
        writeFileSync(`${file}.json`, '{');
      },
    ],
    [
      'with notes that are something else',
      (file) => {
        writeFileSync(`${file}.json`, '[null]');
      },
    ],
  ];
  for (const [what, change] of corrupt) {
    it(`that are ${what} keep nobody from getting the document anew`, async () => {
      server.answers.set('/f.xml', document(aggregateOf([entity(0)]), { ETag: '"1"' }));
      (await openStage([source()])).close();
      const [copy = ''] = readdirSync(copies()).filter((name) => name.endsWith('.xml'));
      change(join(copies(), copy));
      const stage = await openStage([source()]);
      await stage.later(2 * hour);
      assert.ok(await finds(stage, 0), JSON.stringify(stage.events));
    });
  }

  it('are for nobody else to read, and no link is written through', async () => {
    const elsewhere = join(folder, 'elsewhere');
    writeFileSync(elsewhere, 'untouched');
    server.answers.set('/f.xml', document(aggregateOf([entity(0)])));
    (await openStage([source()])).close();
    const [copy = ''] = readdirSync(copies()).filter((name) => name.endsWith('.xml'));
    for (const name of [copy, `${copy}.json`]) {
      rmSync(join(copies(), name));
      symlinkSync(elsewhere, join(copies(), name));
    }
    const stage = await openStage([source()]);
    assert.ok(await finds(stage, 0));
    await stage.later(2 * hour);
    assert.equal(readFileSync(elsewhere, 'utf8'), 'untouched');
    assert.deepEqual(
      readdirSync(copies()).map((name) => statSync(join(copies(), name)).mode & 0o777),
      [0o600, 0o600],
    );
  });
});

describe('what is no file in a folder', () => {
  it('keeps neither the start nor anybody waiting', async () => {
    const sps = join(folder, 'sps');
    mkdirSync(sps);
    execFileSync('mkfifo', [join(sps, 'a.xml')]);
    mkdirSync(join(sps, 'b.xml'));
    writeFileSync(join(sps, 'c.xml'), one(0));
    const stage = await openStage([{ kind: 'folder', folder: sps, admit: 'all' }]);
    assert.ok(await finds(stage, 0));
    assert.equal(stage.events.filter(({ event }) => event === 'metadata.failed').length, 2);
  });
});
