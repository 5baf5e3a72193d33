/** Sources of metadata: files, folders, the web and responders, in good and in bad days, and the registry that looks through them. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, afterEach, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { AuditEvent } from '../../../src/audit/audit.ts';
import type { ConfigInput } from '../../../src/config/schema.ts';
import { Refusal } from '../../../src/refusal.ts';
import { base64Of, makeCredential, type Credential } from '../../fixtures/foreign-service-provider.ts';
import { aggregateOf, entityIDOf, entityOf, signCanonical } from '../../fixtures/metadata-aggregate.ts';
import { document, openMetadataServer, redirect, type MetadataServer } from '../../fixtures/metadata-server.ts';
import { openMetadataStage, type MetadataStage } from '../../fixtures/metadata-stage.ts';

const start = Date.parse('2026-07-01T10:00:00Z');
const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];

const bomb = gzipSync(Buffer.alloc(50_000_000, 32));

let folder: string;
let server: MetadataServer;
let federation: Credential;
let other: Credential;
before(async () => {
  [federation, other] = await Promise.all([makeCredential('federation'), makeCredential('other')]);
  server = await openMetadataServer();
});
after(() => server.close());

const stages: MetadataStage[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'passerelle-sources-'));
  server.answers.clear();
  server.asked.length = 0;
  server.headers.length = 0;
  writeFileSync(join(folder, 'federation.pem'), federation.certificate);
  writeFileSync(join(folder, 'other.pem'), other.certificate);
});
afterEach(() => {
  for (const stage of stages.splice(0)) stage.close();
  rmSync(folder, { recursive: true });
});

type Sources = ConfigInput['metadata'];
const named = (...entityIds: string[]): ConfigInput['serviceProviders'] =>
  entityIds.map((entityId) => ({ kind: 'metadata', entityId }));

async function openStage(
  metadata: Sources,
  serviceProviders: ConfigInput['serviceProviders'] = [],
  at = start,
): Promise<MetadataStage> {
  const stage = await openMetadataStage({ folder, metadata, serviceProviders, at });
  stages.push(stage);
  return stage;
}

const entity = (index: number): string => entityOf(index, base64Of(federation));
const one = (index: number): string =>
  entity(index).replace('entityID', 'xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID');
/** One entity, signed at its root. */
function signedOne(index: number, by: Credential = federation, attributes = ''): string {
  const whole = one(index)
    .trimEnd()
    .replace(
      '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID',
      `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ID="_e"${attributes} entityID`,
    );
  const end = whole.indexOf('>') + 1;
  return signCanonical(whole.slice(0, end), whole.slice(end), '_e', by);
}
const signed = (indexes: readonly number[], options: Parameters<typeof aggregateOf>[1] = {}): string =>
  aggregateOf(indexes.map(entity), { signedBy: federation, ...options });
const finds = async ({ registry }: MetadataStage, index: number): Promise<boolean> =>
  (await registry.byEntityID(entityIDOf(index))).length === 1;
const told = ({ events }: MetadataStage, event: AuditEvent['event']): readonly AuditEvent[] =>
  events.filter((each) => each.event === event);
const why = (stage: MetadataStage): string => JSON.stringify(told(stage, 'metadata.failed').at(-1)?.detail ?? {});
async function refusalOf(act: Promise<unknown>): Promise<Refusal> {
  const refusal = await act.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  assert.ok(refusal instanceof Refusal, String(refusal));
  return refusal;
}

describe('who is let in', () => {
  it('is nobody but those that are listed, unless all are', async () => {
    const file = join(folder, 'federation.xml');
    writeFileSync(file, aggregateOf([0, 1].map(entity)));
    const listed = await openStage([{ kind: 'file', file }], named(entityIDOf(1)));
    assert.deepEqual([await finds(listed, 0), await finds(listed, 1), await finds(listed, 2)], [false, true, false]);
    assert.deepEqual(
      listed.registry.list.map(({ entityID }) => entityID),
      [entityIDOf(1)],
    );
    const all = await openStage([{ kind: 'file', file, admit: 'all' }]);
    assert.deepEqual([await finds(all, 0), await finds(all, 1), await finds(all, 2)], [true, true, false]);
    assert.deepEqual(all.registry.list, []);
  });

  it('keeps the settings of its entry, and is the same value each time', async () => {
    const file = join(folder, 'federation.xml');
    writeFileSync(file, aggregateOf([entity(0)]));
    const { registry } = await openStage(
      [{ kind: 'file', file }],
      [{ kind: 'metadata', entityId: entityIDOf(0), name: 'Wiki', sign: 'assertion' }],
    );
    const [found] = await registry.byEntityID(entityIDOf(0));
    assert.deepEqual([found?.name, found?.sign, found?.encryptionKeys.length], ['Wiki', { response: false, assertion: true }, 1]);
    assert.equal(found, (await registry.byEntityID(entityIDOf(0)))[0]);
    assert.equal(found, registry.list[0]);
  });

  it('is looked for in one source after the other; the first that knows it has the say', async () => {
    const names = ['a', 'b', 'c'].map((name) => join(folder, `${name}.xml`));
    const [first = '', second = '', third = ''] = names;
    writeFileSync(first, aggregateOf([entity(1)]));
    writeFileSync(second, aggregateOf([entity(0).replace(/<ds:X509Certificate>[^<]*/, '<ds:X509Certificate>AAAA')]));
    writeFileSync(third, aggregateOf([entity(0), entity(1).replaceAll('sp1.example.net/saml', 'late.example.net/saml')]));
    const both = await openStage([second, third].map((file) => ({ kind: 'file', file, admit: 'all' })));
    assert.equal((await refusalOf(both.registry.byEntityID(entityIDOf(0)))).detail.source, second);
    assert.ok(await finds(both, 1));
    const stage = await openStage(names.map((file) => ({ kind: 'file', file, admit: 'all' })));
    assert.match((await stage.registry.byEntityID(entityIDOf(1)))[0]?.assertionConsumerServices[0]?.location ?? '', /sp1/);
  });

  it('belongs to affiliations of its own source, and to none that bears the name of a service provider', async () => {
    const affiliation = (id: string): string =>
      `<md:EntityDescriptor entityID="${id}"><md:AffiliationDescriptor affiliationOwnerID="urn:owner"><md:AffiliateMember>${entityIDOf(0)}</md:AffiliateMember></md:AffiliationDescriptor></md:EntityDescriptor>`;
    const [one_, two] = ['a', 'b'].map((name) => join(folder, `${name}.xml`)) as [string, string];
    writeFileSync(one_, aggregateOf([entity(0), affiliation('urn:club'), affiliation(entityIDOf(1))]));
    writeFileSync(two, aggregateOf([entity(1), affiliation('urn:elsewhere')]));
    const { registry } = await openStage([one_, two].map((file) => ({ kind: 'file', file, admit: 'all' })));
    assert.deepEqual((await registry.byEntityID(entityIDOf(0)))[0]?.affiliations, ['urn:club']);
  });

  it('is refused with source, element and line where its metadata hold a mistake', async () => {
    const file = join(folder, 'broken.xml');
    writeFileSync(file, aggregateOf([entity(0), entity(1).replace(/<ds:X509Certificate>[^<]*/, '<ds:X509Certificate>AAAA')]));
    const stage = await openStage([{ kind: 'file', file, admit: 'all' }]);
    assert.ok(await finds(stage, 0));
    const refusal = await refusalOf(stage.registry.byEntityID(entityIDOf(1)));
    assert.equal(refusal.reason, 'metadata-unusable');
    const { source, element, line, entityID } = refusal.detail;
    assert.deepEqual([source, element, typeof line, entityID], [file, 'X509Certificate', 'number', entityIDOf(1)]);
    const [failed] = told(stage, 'metadata.failed');
    assert.deepEqual(
      [failed?.serviceProvider, failed?.detail?.element, failed?.detail?.line],
      [entityIDOf(1), 'X509Certificate', line],
    );
  });
});

describe('files and folders', () => {
  it('are read again once they change, with what has changed in the audit', async () => {
    const file = join(folder, 'one.xml');
    writeFileSync(file, one(0));
    const stage = await openStage([{ kind: 'file', file }], named(entityIDOf(0)));
    const [was] = await stage.registry.byEntityID(entityIDOf(0));
    writeFileSync(file, one(0).replace(base64Of(federation), base64Of(other)).replaceAll('/saml/HTTP-POST', '/saml/moved'));
    assert.equal((await stage.registry.byEntityID(entityIDOf(0)))[0], was);
    await stage.later(2 * minute);
    const [now] = await stage.registry.byEntityID(entityIDOf(0));
    assert.match(now?.assertionConsumerServices[0]?.location ?? '', /moved$/);
    const [changed, ...others] = told(stage, 'metadata.changed');
    assert.deepEqual(others, []);
    assert.equal(changed?.serviceProvider, entityIDOf(0));
    assert.deepEqual(Object.keys(changed.detail ?? {}), [
      'source',
      'signingKeysAdded',
      'signingKeysRemoved',
      'assertionConsumerServicesAdded',
      'assertionConsumerServicesRemoved',
    ]);
    assert.match(String(changed.detail?.signingKeysAdded), /^[0-9a-f]{64}$/);
    assert.match(changed.reference, /^[0-9A-Z]{4}-[0-9A-Z]{6}$/);
  });

  it('keep what was good where they are broken, gone or unreadable, and say so once', async () => {
    const file = join(folder, 'one.xml');
    writeFileSync(file, one(0));
    const stage = await openStage([{ kind: 'file', file }], named(entityIDOf(0)));
    for (const [spoil, says] of [
      [
        () => {
          writeFileSync(file, '<a/>');
        },
        /"element":"a","line":1/,
      ],
      [
        () => {
          rmSync(file);
        },
        /does not exist/,
      ],
      [
        () => {
          mkdirSync(file);
        },
        /it is no file/,
      ],
    ] as const) {
      const before = told(stage, 'metadata.failed').length;
      spoil();
      await stage.later(2 * minute);
      await stage.later(2 * minute);
      assert.ok(await finds(stage, 0));
      assert.equal(told(stage, 'metadata.failed').length, before + 1);
      assert.match(why(stage), says);
    }
  });

  it('of a folder come and go', async () => {
    const sps = join(folder, 'sps');
    mkdirSync(sps);
    writeFileSync(join(sps, 'a.xml'), one(0));
    writeFileSync(join(sps, 'notes.txt'), 'hello');
    writeFileSync(join(sps, '.hidden.xml'), one(9));
    const stage = await openStage([{ kind: 'folder', folder: sps, admit: 'all' }]);
    assert.deepEqual([await finds(stage, 0), await finds(stage, 1), await finds(stage, 9)], [true, false, false]);
    writeFileSync(join(sps, 'b.xml'), aggregateOf([1, 2].map(entity)));
    rmSync(join(sps, 'a.xml'));
    await stage.later(2 * minute);
    assert.deepEqual([await finds(stage, 0), await finds(stage, 1), await finds(stage, 2)], [false, true, true]);
    assert.deepEqual(
      told(stage, 'metadata.changed').map(({ serviceProvider, detail }) => [serviceProvider, detail?.change]),
      [[entityIDOf(0), 'gone']],
    );
    renameSync(sps, `${sps}-away`);
    await stage.later(2 * minute);
    assert.ok(await finds(stage, 1));
    assert.match(why(stage), /does not exist/);
  });

  it('of single entries are read again, and may describe several', async () => {
    const file = join(folder, 'one.xml');
    writeFileSync(file, aggregateOf([0, 1].map(entity)));
    const stage = await openStage([], [{ kind: 'metadata', file, entityId: entityIDOf(1) }]);
    assert.deepEqual([await finds(stage, 0), await finds(stage, 1)], [false, true]);
    writeFileSync(file, aggregateOf([entity(1).replaceAll('/saml/HTTP-POST', '/saml/moved')]));
    await stage.later(2 * minute);
    assert.match((await stage.registry.byEntityID(entityIDOf(1)))[0]?.assertionConsumerServices[0]?.location ?? '', /moved$/);
    assert.equal(told(stage, 'metadata.changed').length, 1);
    writeFileSync(file, one(0));
    await stage.later(2 * minute);
    assert.match(why(stage), /does not describe https:\/\/sp1/);
    assert.ok(await finds(stage, 1));
  });

  it('expire: a warning, and a refusal from then on', async () => {
    const file = join(folder, 'one.xml');
    writeFileSync(file, one(0).replace('entityID', `validUntil="${new Date(start + hour).toISOString()}" entityID`));
    const stage = await openStage([], [{ kind: 'metadata', file }]);
    assert.ok(await finds(stage, 0));
    await stage.later(hour + 2 * minute);
    // IIP-G01: within the three minutes of clockSkew.
    assert.ok(await finds(stage, 0));
    await stage.later(2 * minute);
    const refusal = await refusalOf(stage.registry.byEntityID(entityIDOf(0)));
    assert.deepEqual([refusal.reason, refusal.detail.element, refusal.detail.line], ['metadata-unusable', 'EntityDescriptor', 1]);
    await stage.later(2 * minute);
    assert.deepEqual(
      told(stage, 'metadata.stale').map(({ detail }) => detail?.validUntil),
      [new Date(start + hour).toISOString()],
    );
    assert.deepEqual(stage.registry.list, []);
  });
});

describe('a document on the web', () => {
  const url = (path = '/federation.xml'): string => `${server.url}${path}`;
  const keyed = (more: object = {}): NonNullable<Sources>[number] => ({
    kind: 'url',
    url: url(),
    admit: 'all',
    keyFiles: [join(folder, 'federation.pem')],
    ...more,
  });
  const serve = (text: string, headers: Record<string, string> = {}): void =>
    void server.answers.set('/federation.xml', document(text, headers));

  it('IIP-MD02: is asked for on a schedule, conditionally, and applied by itself', async () => {
    serve(signed([0]), { ETag: '"1"', 'Last-Modified': 'Wed, 01 Jul 2026 09:00:00 GMT' });
    const stage = await openStage([keyed()]);
    assert.ok(await finds(stage, 0));
    await stage.later(30 * minute);
    assert.equal(server.asked.length, 1);
    await stage.later(40 * minute);
    assert.equal(server.asked.length, 2);
    assert.equal(server.headers[1]?.['if-none-match'], '"1"');
    assert.equal(server.headers[1]['if-modified-since'], 'Wed, 01 Jul 2026 09:00:00 GMT');
    serve(signed([0, 1]), { ETag: '"2"' });
    await stage.later(70 * minute);
    assert.deepEqual([await finds(stage, 0), await finds(stage, 1)], [true, true]);
    assert.deepEqual(told(stage, 'metadata.failed'), []);
    assert.deepEqual(told(stage, 'metadata.changed'), []);
  });

  it('is asked for sooner where cacheDuration or validUntil say so, but not more than once a minute', async () => {
    for (const options of [{ cacheDuration: 'PT5M' }, { validUntil: start + 10 * minute }]) {
      serve(signed([0], options));
      const stage = await openStage([keyed()]);
      server.asked.length = 0;
      await stage.later(4 * minute);
      assert.equal(server.asked.length, 0);
      await stage.later(2 * minute);
      assert.equal(server.asked.length, 1, JSON.stringify(options));
      stage.close();
      rmSync(join(folder, 'data'), { recursive: true });
    }
    serve(signed([0], { cacheDuration: 'PT0S' }));
    const stage = await openStage([keyed()]);
    server.asked.length = 0;
    await stage.later(50_000);
    assert.equal(server.asked.length, 0);
  });

  for (const status of [301, 302, 303, 307, 308]) {
    it(`is followed where it leads by ${String(status)}`, async () => {
      server.answers.set('/federation.xml', redirect('/a?b=c', status));
      server.answers.set('/a?b=c', redirect(url('/there'), status));
      server.answers.set('/there', document(signed([0])));
      assert.ok(await finds(await openStage([keyed()]), 0));
    });
  }

  const unanswered: readonly (readonly [what: string, answer: () => void, says: RegExp])[] = [
    [
      'a circle of redirects',
      () => server.answers.set('/federation.xml', redirect('/federation.xml')),
      /leads on more than 5 times/,
    ],
    ['a way to no URL', () => server.answers.set('/federation.xml', redirect('http://[')), /leads to what is no URL/],
    [
      'a way off the web',
      () => server.answers.set('/federation.xml', redirect('file:///etc/passwd')),
      /leads to file:, which is not the web/,
    ],
    [
      'a way to nowhere',
      () => server.answers.set('/federation.xml', (_, response) => void response.writeHead(302).end()),
      /answers with the status 302/,
    ],
    [
      'an error',
      () => server.answers.set('/federation.xml', (_, response) => void response.writeHead(500).end()),
      /answers with the status 500/,
    ],
    [
      '304 to what was not asked',
      () => server.answers.set('/federation.xml', (_, response) => void response.writeHead(304).end()),
      /answers with the status 304/,
    ],
    ['no such document', () => undefined, /there is no such document/],
    ['headers that do not come', () => server.answers.set('/federation.xml', () => undefined), /does not answer within 300 ms/],
    [
      'a body that does not end',
      () =>
        server.answers.set('/federation.xml', (_, response) => {
          response.writeHead(200);
          response.write('<a>');
        }),
      /does not answer within 300 ms/,
    ],
    [
      'a body that breaks off',
      () =>
        server.answers.set('/federation.xml', (_, response) => {
          response.writeHead(200, { 'Content-Length': '100' });
          response.write('<a>');
          response.destroy();
        }),
      /does not answer/,
    ],
    [
      'too much',
      () => {
        serve(`${signed([0])}${' '.repeat(1_100_000)}`);
      },
      /more than 1 megabytes/,
    ],
    [
      'a gzip bomb',
      () =>
        server.answers.set(
          '/federation.xml',
          (_, response) => void response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(bomb),
        ),
      /more than 1 megabytes/,
    ],
    [
      'what is no gzip',
      () =>
        server.answers.set(
          '/federation.xml',
          (_, response) => void response.writeHead(200, { 'Content-Encoding': 'gzip' }).end('hello'),
        ),
      /does not answer/,
    ],
    [
      'nothing',
      () => {
        serve('');
      },
      /no root element/,
    ],
    [
      'no signature',
      () => {
        serve(aggregateOf([entity(0)]));
      },
      /is not signed, and a key is pinned/,
    ],
    [
      'the signature of another',
      () => {
        serve(signed([0], { signedBy: other }));
      },
      /"element":"Signature"/,
    ],
    [
      'no validUntil',
      () => {
        serve(signed([0]));
      },
      /has no validUntil/,
    ],
    [
      'a past validUntil',
      () => {
        serve(signed([0], { validUntil: start - hour }));
      },
      /was valid until/,
    ],
    [
      'a validUntil too far ahead',
      () => {
        serve(signed([0], { validUntil: start + 15 * day }));
      },
      /further ahead/,
    ],
  ];
  for (const [what, answer, says] of unanswered) {
    it(`lets nobody in by ${what}`, async () => {
      answer();
      const strict =
        what.includes('validUntil') || what.includes('signature') || what === 'nothing'
          ? { requireValidUntil: what === 'no validUntil', validAtMost: '14d' }
          : {};
      const stage = await openStage([keyed({ timeout: '300ms', megabytes: 1, ...strict })]);
      assert.equal(await finds(stage, 0), false);
      assert.match(why(stage), says);
      assert.deepEqual(readdirSync(folder).includes('data') ? readdirSync(join(folder, 'data', 'metadata')) : [], []);
    });
  }

  it('is not asked for again before a minute has gone where it failed, and then with patience', async () => {
    const stage = await openStage([keyed()]);
    const count = async (by: number): Promise<number> => {
      server.asked.length = 0;
      await stage.later(by);
      return server.asked.length;
    };
    assert.deepEqual([await count(50_000), await count(20_000), await count(50_000), await count(90_000)], [0, 1, 0, 1]);
    serve(signed([0]));
    await stage.later(hour);
    assert.ok(await finds(stage, 0));
  });

  it('IIP-MD03: is signed by the key of its own source, not of another', async () => {
    serve(signed([0]));
    const stage = await openStage([
      keyed({ keyFiles: [join(folder, 'other.pem')] }),
      { kind: 'file', file: join(folder, 'none.xml'), keyFiles: [join(folder, 'federation.pem')] },
    ]);
    assert.equal(await finds(stage, 0), false);
    const both = await openStage([keyed({ keyFiles: [join(folder, 'other.pem'), join(folder, 'federation.pem')] })]);
    assert.ok(await finds(both, 0));
  });

  it('is used as it was, by the copy on disk, where nobody answers', async () => {
    serve(signed([0]), { ETag: '"1"' });
    (await openStage([keyed()])).close();
    const copies = join(folder, 'data', 'metadata');
    assert.deepEqual(
      readdirSync(copies).map((name) => statSync(join(copies, name)).mode & 0o777),
      [0o600, 0o600],
    );
    assert.equal(statSync(copies).mode & 0o777, 0o700);
    server.answers.clear();
    server.asked.length = 0;
    const stage = await openStage([keyed()]);
    assert.ok(await finds(stage, 0));
    await stage.later(0);
    assert.deepEqual(server.asked, ['/federation.xml']);
    assert.equal(server.headers.at(-1)?.['if-none-match'], '"1"');
    assert.match(why(stage), /no such document/);
    assert.ok(await finds(stage, 0));
  });

  it('is verified again as it lies on disk', async () => {
    serve(signed([0]));
    (await openStage([keyed()])).close();
    const copies = join(folder, 'data', 'metadata');
    const [copy = ''] = readdirSync(copies).filter((name) => name.endsWith('.xml'));
    writeFileSync(join(copies, copy), aggregateOf([entity(0)]));
    server.answers.clear();
    const stage = await openStage([keyed()]);
    assert.equal(await finds(stage, 0), false);
    assert.match(JSON.stringify(told(stage, 'metadata.failed')[0]?.detail), /copy on disk.*is not signed/);
  });

  it('expires: the copy is warned of once and refused, until there is a new one', async () => {
    serve(signed([0], { validUntil: start + day }), { ETag: '"1"' });
    const stage = await openStage([keyed()]);
    server.answers.clear();
    await stage.later(day + hour);
    assert.equal((await refusalOf(stage.registry.byEntityID(entityIDOf(0)))).reason, 'metadata-unusable');
    await stage.later(hour);
    assert.equal(told(stage, 'metadata.stale').length, 1);
    serve(signed([0], { validUntil: start + 3 * day }), { ETag: '"1"' });
    await stage.later(hour);
    assert.ok(await finds(stage, 0));
    assert.equal(server.headers.at(-1)?.['if-none-match'], undefined);
  });

  it('tells which service providers have changed, and not of those that nobody asked for', async () => {
    serve(signed([0, 1, 2]));
    const stage = await openStage([keyed()], named(entityIDOf(2)));
    assert.ok(await finds(stage, 0));
    const moved = [0, 1, 2].map((index) => entity(index).replaceAll('/saml/HTTP-POST', '/saml/moved'));
    serve(aggregateOf(moved, { signedBy: federation }));
    await stage.later(70 * minute);
    assert.deepEqual(
      new Set(told(stage, 'metadata.changed').map(({ serviceProvider }) => serviceProvider)),
      new Set([entityIDOf(0), entityIDOf(2)]),
    );
  });
});

describe('a responder that is asked for one entity at a time', () => {
  const encoded = (index: number): string => `/entities/${encodeURIComponent(entityIDOf(index))}`;
  const query = (more: object = {}): NonNullable<Sources>[number] => ({
    kind: 'query',
    urls: [server.url],
    admit: 'all',
    timeout: '300ms',
    ...more,
  });

  it('IIP-MD01: is asked once about whoever sends a message, and again after its time', async () => {
    server.answers.set(encoded(0), document(one(0), { ETag: '"1"' }));
    const stage = await openStage([query()]);
    assert.deepEqual(server.asked, []);
    const all = await Promise.all(Array.from({ length: 20 }, () => stage.registry.byEntityID(entityIDOf(0))));
    assert.ok(all.every(([found]) => found !== undefined && found === all[0]?.[0]));
    assert.deepEqual(server.asked, [encoded(0)]);
    server.answers.set(encoded(0), document(one(0).replaceAll('/saml/HTTP-POST', '/saml/moved'), { ETag: '"2"' }));
    await stage.later(70 * minute);
    // The old one is good enough for whoever asks meanwhile.
    assert.match((await stage.registry.byEntityID(entityIDOf(0)))[0]?.assertionConsumerServices[0]?.location ?? '', /HTTP-POST$/);
    while (told(stage, 'metadata.changed').length === 0) await new Promise(setImmediate);
    assert.match((await stage.registry.byEntityID(entityIDOf(0)))[0]?.assertionConsumerServices[0]?.location ?? '', /moved$/);
    assert.equal(server.headers[1]?.['if-none-match'], '"1"');
  });

  it('is not asked again about whom it does not know', async () => {
    const stage = await openStage([query()]);
    for (let count = 0; count < 5; count += 1) assert.equal(await finds(stage, 0), false);
    assert.equal(server.asked.length, 1);
    server.answers.set(encoded(0), document(one(0)));
    await stage.later(6 * minute);
    assert.ok(await finds(stage, 0));
  });

  it('has others beside it, tried in turn', async () => {
    const second = await openMetadataServer();
    try {
      second.answers.set(`/mdq${encoded(0)}`, document(one(0)));
      const stage = await openStage([query({ urls: ['http://127.0.0.1:9', server.url, `${second.url}/mdq/`] })]);
      assert.ok(await finds(stage, 0));
      assert.deepEqual([server.asked, second.asked], [[encoded(0)], [`/mdq${encoded(0)}`]]);
      assert.equal((await refusalOf(stage.registry.byEntityID(entityIDOf(1)))).reason, 'metadata-unavailable');
    } finally {
      await second.close();
    }
  });

  const unusable: readonly (readonly [what: string, text: () => string, more: () => object, reason: string, says: RegExp])[] = [
    ['another entity', () => one(1), () => ({}), 'metadata-unusable', /about another entity/],
    ['several entities', () => aggregateOf([0, 1].map(entity)), () => ({}), 'metadata-unusable', /about another entity/],
    ['no signature', () => one(0), () => ({ keyFiles: [join(folder, 'federation.pem')] }), 'metadata-unusable', /is not signed/],
    [
      'a signature of another',
      () => signedOne(0, other),
      () => ({ keyFiles: [join(folder, 'federation.pem')] }),
      'metadata-unusable',
      /none of the keys/,
    ],
    [
      'a mistake',
      () => one(0).replace(/<ds:X509Certificate>[^<]*/, '<ds:X509Certificate>AAAA'),
      () => ({}),
      'metadata-unusable',
      /X509Certificate/,
    ],
    ['no XML', () => 'hello', () => ({}), 'metadata-unusable', /not usable XML/],
    ['too much', () => `${one(0)}${' '.repeat(1_100_000)}`, () => ({}), 'metadata-unavailable', /megabytes/],
  ];
  for (const [what, text, more, reason, says] of unusable) {
    it(`that answers with ${what} lets nobody in`, async () => {
      server.answers.set(encoded(0), document(text()));
      const stage = await openStage([query(more())]);
      const refusal = await refusalOf(stage.registry.byEntityID(entityIDOf(0)));
      assert.equal(refusal.reason, reason);
      assert.match(String(refusal.detail.why), says);
      await refusalOf(stage.registry.byEntityID(entityIDOf(0)));
      assert.equal(server.asked.length, 1);
    });
  }

  it('that signs is believed', async () => {
    server.answers.set(encoded(0), document(signedOne(0)));
    assert.ok(await finds(await openStage([query({ keyFiles: [join(folder, 'federation.pem')] })]), 0));
  });

  const odd: readonly (readonly [entityID: string, asked: string | undefined])[] = [
    ['a b/../c?d#e&f=%2e+é', '/entities/a%20b%2F..%2Fc%3Fd%23e%26f%3D%252e%2B%C3%A9'],
    ["!'()*~-_.", '/entities/%21%27%28%29%2A~-_.'],
    ['http://evil.example/@127.0.0.1:80\\', '/entities/http%3A%2F%2Fevil.example%2F%40127.0.0.1%3A80%5C'],
    ['\r\nHost: evil', '/entities/%0D%0AHost%3A%20evil'],
    ['😀', '/entities/%F0%9F%98%80'],
    ['.', undefined],
    ['..', undefined],
    ['', undefined],
    ['\ud800', undefined],
    ['x'.repeat(1_025), undefined],
  ];
  for (const [entityID, asked] of odd) {
    it(`is asked about ${JSON.stringify(entityID.slice(0, 40))} as ${asked ?? 'nothing'}`, async () => {
      const stage = await openStage([query()]);
      assert.deepEqual(await stage.registry.byEntityID(entityID), []);
      assert.deepEqual(server.asked, asked === undefined ? [] : [asked]);
    });
  }

  it('is asked about a few at a time, and strangers beyond that are turned away', async () => {
    let open = 0;
    let most = 0;
    const stage = await openStage([query({ timeout: '2m' })]);
    const waiting: (() => void)[] = [];
    for (let index = 0; index < 200; index += 1) {
      server.answers.set(encoded(index), (request, response) => {
        open += 1;
        most = Math.max(most, open);
        waiting.push(() => {
          open -= 1;
          document(one(index))(request, response);
        });
      });
    }
    const results: unknown[] = [];
    for (let index = 0; index < 200; index += 1) {
      stage.registry.byEntityID(entityIDOf(index)).then(
        ([found]) => results.push(found !== undefined),
        (cause: unknown) => results.push(cause),
      );
    }
    while (results.length < 200) {
      if (waiting.length === 8) for (const answer of waiting.splice(0)) answer();
      await new Promise(setImmediate);
    }
    assert.equal(most, 8);
    assert.equal(results.filter((result) => result === true).length, 72);
    assert.ok(
      results
        .filter((result) => result !== true)
        .every((result) => result instanceof Refusal && result.reason === 'metadata-unavailable'),
    );
  });

  it('is not needed for what is on disk', async () => {
    server.answers.set(encoded(0), document(one(0)));
    const first = await openStage([query()], named(entityIDOf(0)));
    assert.ok(await finds(first, 0));
    first.close();
    server.answers.set(encoded(0), (_, response) => void response.writeHead(500).end());
    const second = await openStage([query()], named(entityIDOf(0)));
    assert.deepEqual(
      second.registry.list.map(({ entityID }) => entityID),
      [entityIDOf(0)],
    );
    // Those that no entry names are looked for on disk when they are asked for.
    const third = await openStage([query()]);
    assert.ok(await finds(third, 0));
  });

  it('is asked regularly about those that the configuration names', async () => {
    server.answers.set(encoded(0), document(one(0)));
    const stage = await openStage([query({ admit: 'listed' })], named(entityIDOf(0)));
    assert.ok(await finds(stage, 0));
    assert.equal(await finds(stage, 1), false);
    assert.deepEqual(server.asked, [encoded(0)]);
    server.answers.set(encoded(0), document(one(0).replace(base64Of(federation), base64Of(other))));
    await stage.later(70 * minute);
    assert.equal(told(stage, 'metadata.changed').length, 1);
    server.answers.delete(encoded(0));
    await stage.later(70 * minute);
    assert.equal(told(stage, 'metadata.changed').at(-1)?.detail?.change, 'gone');
    assert.equal(await finds(stage, 0), false);
  });
});

describe('plain http without a key', () => {
  it('is for loopback alone, redirects included', async () => {
    server.answers.set('/federation.xml', redirect('http://metadata.example.com/'));
    const stage = await openStage([{ kind: 'url', url: `${server.url}/federation.xml`, admit: 'all' }]);
    assert.match(why(stage), /leads to plain http, and no key is pinned/);
  });
});
