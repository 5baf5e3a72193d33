/** Metadata that claim the entity ID of somebody else: of Google, of an entry, of one that an earlier source knows, of an affiliation. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, before, beforeEach, describe, it } from 'node:test';
import type { ConfigInput } from '../../src/config/schema.ts';
import { Refusal } from '../../src/refusal.ts';
import { RegistryMistake } from '../../src/service-providers/registry.ts';
import { base64Of, makeCredential, type Credential } from '../fixtures/foreign-service-provider.ts';
import { aggregateOf, entityIDOf, entityOf } from '../fixtures/metadata-aggregate.ts';
import { document, openMetadataServer } from '../fixtures/metadata-server.ts';
import { openMetadataStage, type MetadataStage } from '../fixtures/metadata-stage.ts';

const start = Date.parse('2026-07-01T10:00:00Z');
const minute = 60_000;
const md = 'urn:oasis:names:tc:SAML:2.0:metadata';

let folder: string;
let credential: Credential;
const stages: MetadataStage[] = [];
before(async () => {
  credential = await makeCredential('somebody');
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'passerelle-claims-'));
});
afterEach(() => {
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
const entity = (index: number, entityID = entityIDOf(index)): string =>
  entityOf(index, base64Of(credential)).replace(entityIDOf(index), entityID);
const alone = (xml: string): string => xml.trimEnd().replace('entityID', `xmlns:md="${md}" entityID`);
function place(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}
const locationsOf = async ({ registry }: MetadataStage, entityID: string): Promise<readonly (string | undefined)[]> =>
  (await registry.byEntityID(entityID)).map(({ assertionConsumerServices }) => assertionConsumerServices[0]?.location);

const google = { kind: 'google-legacy', domain: 'example.com' } as const;
const googleAcs = 'https://www.google.com/a/example.com/acs';

describe('the entity ID of Google', () => {
  for (const entityID of ['google.com', 'google.com/a/example.com']) {
    it(`${entityID} is not for the file of another`, async () => {
      const file = place('vendor.xml', alone(entity(0, entityID)));
      await assert.rejects(
        openStage([], [google, { kind: 'metadata', file }]),
        (error) => error instanceof RegistryMistake && error.message.includes(entityID) && error.message.includes('vendor.xml'),
      );
    });
  }

  it('is not for a file that begins to claim it later on', async () => {
    const file = place('vendor.xml', alone(entity(0)));
    const stage = await openStage([], [google, { kind: 'metadata', file }]);
    place('vendor.xml', alone(entity(0, 'google.com')));
    await stage.later(2 * minute);
    assert.deepEqual(await locationsOf(stage, 'google.com'), [googleAcs]);
    assert.deepEqual((await locationsOf(stage, entityIDOf(0))).length, 1);
    assert.match(JSON.stringify(stage.events.at(-1)), /metadata\.failed.*google\.com/);
  });

  it('is not for one of a source that admits all', async () => {
    const file = place('federation.xml', aggregateOf([entity(0, 'google.com')]));
    const stage = await openStage([{ kind: 'file', file, admit: 'all' }], [google]);
    assert.deepEqual(await locationsOf(stage, 'google.com'), [googleAcs]);
  });
});

describe('the entity ID of an entry', () => {
  it('is not for the file of another entry', async () => {
    const [one, two] = [place('one.xml', alone(entity(0))), place('two.xml', alone(entity(1, entityIDOf(0))))];
    await assert.rejects(
      openStage(
        [],
        [
          { kind: 'metadata', file: one },
          { kind: 'metadata', file: two },
        ],
      ),
      RegistryMistake,
    );
  });

  it('is not for the file of another entry later on', async () => {
    const [one, two, list] = [
      place('one.xml', alone(entity(0))),
      place('two.xml', alone(entity(1))),
      place('list.xml', aggregateOf([entity(2)])),
    ];
    const stage = await openStage(
      [{ kind: 'file', file: list }],
      [
        { kind: 'metadata', file: one },
        { kind: 'metadata', file: two },
        { kind: 'metadata', entityId: entityIDOf(2) },
      ],
    );
    for (const claimed of [0, 2]) {
      place('two.xml', alone(entity(1, entityIDOf(claimed))));
      await stage.later(2 * minute);
      assert.deepEqual(await locationsOf(stage, entityIDOf(claimed)), [
        `https://sp${String(claimed)}.example.net/saml/HTTP-POST`,
      ]);
      assert.equal((await locationsOf(stage, entityIDOf(1))).length, 1);
    }
  });
});

describe('an entity ID that an earlier source knows', () => {
  const late = entity.bind(undefined, 9);
  const spoilt: readonly (readonly [what: string, spoil: (xml: string) => string])[] = [
    ['expired', (xml) => xml.replace('entityID', `validUntil="${new Date(start + minute).toISOString()}" entityID`)],
    ['broken', (xml) => xml.replace(/<ds:X509Certificate>[^<]*/, '<ds:X509Certificate>AAAA')],
  ];
  for (const [what, spoil] of spoilt) {
    it(`is not for a later one, even where what the earlier one says is ${what}`, async () => {
      const files = [place('ours.xml', aggregateOf([spoil(entity(0))])), place('theirs.xml', aggregateOf([late(entityIDOf(0))]))];
      const stage = await openStage(
        files.map((file) => ({ kind: 'file', file, admit: 'all' })),
        [{ kind: 'metadata', entityId: entityIDOf(0) }],
      );
      await stage.later(10 * minute);
      await assert.rejects(
        stage.registry.byEntityID(entityIDOf(0)),
        (error) => error instanceof Refusal && error.reason === 'metadata-unusable' && error.detail.source === files[0],
      );
      assert.deepEqual(stage.registry.list, []);
    });
  }
});

describe('an affiliation', () => {
  const club = (...members: number[]): string =>
    `<md:EntityDescriptor entityID="urn:club"><md:AffiliationDescriptor affiliationOwnerID="urn:owner">${members
      .map((index) => `<md:AffiliateMember>${entityIDOf(index)}</md:AffiliateMember>`)
      .join('')}</md:AffiliationDescriptor></md:EntityDescriptor>`;
  const affiliationsOf = async ({ registry }: MetadataStage, index: number): Promise<unknown> =>
    (await registry.byEntityID(entityIDOf(index)))[0]?.affiliations;

  it('has no members but those that the first source to know it names', async () => {
    const files = [place('ours.xml', aggregateOf([entity(0), club(0)])), place('theirs.xml', aggregateOf([entity(1), club(1)]))];
    const vendor = place('vendor.xml', aggregateOf([entity(2), club(2)]));
    const stage = await openStage(
      files.map((file) => ({ kind: 'file', file, admit: 'all' })),
      [],
    );
    assert.deepEqual([await affiliationsOf(stage, 0), await affiliationsOf(stage, 1)], [['urn:club'], []]);
    const beside = await openStage(
      files.map((file) => ({ kind: 'file', file, admit: 'all' })),
      [{ kind: 'metadata', file: vendor }],
    );
    // Who places an entry's file says more than who fills a source.
    assert.deepEqual(
      [await affiliationsOf(beside, 0), await affiliationsOf(beside, 1), await affiliationsOf(beside, 2)],
      [[], [], ['urn:club']],
    );
  });

  it('that becomes known elsewhere later on is no longer that of a later source', async () => {
    const [ours, theirs] = [place('ours.xml', aggregateOf([entity(0)])), place('theirs.xml', aggregateOf([entity(1), club(1)]))];
    const stage = await openStage([ours, theirs].map((file) => ({ kind: 'file', file, admit: 'all' })));
    assert.deepEqual(await affiliationsOf(stage, 1), ['urn:club']);
    place('ours.xml', aggregateOf([entity(0), club(0)]));
    await stage.later(2 * minute);
    assert.deepEqual([await affiliationsOf(stage, 0), await affiliationsOf(stage, 1)], [['urn:club'], []]);
  });

  it('is not what a responder may make up beside the entity that it is asked for', async () => {
    const server = await openMetadataServer();
    try {
      const path = `/entities/${encodeURIComponent(entityIDOf(0))}`;
      server.answers.set(path, document(aggregateOf([entity(0), club(0)])));
      const stage = await openStage([{ kind: 'query', urls: [server.url], admit: 'all' }]);
      await assert.rejects(
        stage.registry.byEntityID(entityIDOf(0)),
        (error) => error instanceof Refusal && error.reason === 'metadata-unusable',
      );
    } finally {
      await server.close();
    }
  });

  it('is no service provider, even where it is listed as one or is a member of itself', async () => {
    const own = club(0).replace(
      '</md:AffiliationDescriptor>',
      '<md:AffiliateMember>urn:club</md:AffiliateMember></md:AffiliationDescriptor>',
    );
    const file = place('ours.xml', aggregateOf([entity(0), own]));
    const stage = await openStage([{ kind: 'file', file, admit: 'all' }], [{ kind: 'metadata', entityId: 'urn:club' }]);
    assert.deepEqual(await stage.registry.byEntityID('urn:club'), []);
    // A name that the configuration gives to a service provider is none for an affiliation.
    assert.deepEqual(await affiliationsOf(stage, 0), []);
  });
});
