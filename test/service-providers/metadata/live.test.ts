/** A service provider that changes its metadata while the house is open, and while somebody signs in to it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { AuditEvent } from '../../../src/audit/audit.ts';
import { ForeignServiceProvider, makeCredential, type Credential } from '../../fixtures/foreign-service-provider.ts';
import { openHouse, type House } from '../../fixtures/house.ts';
import { document, openMetadataServer, type MetadataServer } from '../../fixtures/metadata-server.ts';
import { responseOf, statusOf, Visitor, type Page } from '../../fixtures/visitor.ts';

const password = 'Passw0rd!';
const hour = 3_600_000;

let server: MetadataServer;
let house: House;
let folder: string;
let [first, second]: [Credential?, Credential?] = [];
before(async () => {
  [first, second] = await Promise.all([makeCredential('first'), makeCredential('second')]);
  folder = mkdtempSync(join(tmpdir(), 'passerelle-live-'));
  server = await openMetadataServer();
  publish(provider());
  writeFileSync(join(folder, 'local.xml'), local().metadata());
  house = await openHouse({
    config: {
      metadata: [
        { kind: 'url', url: `${server.url}/sp.xml` },
        { kind: 'query', urls: [server.url], admit: 'all' },
      ],
      serviceProviders: [
        { kind: 'metadata', entityId: provider().entityID, name: 'Wiki' },
        { kind: 'metadata', file: join(folder, 'local.xml') },
      ],
    },
  });
});
after(async () => {
  await house.close();
  await server.close();
  rmSync(folder, { recursive: true });
});

const provider = (credential = first): ForeignServiceProvider => {
  assert.ok(credential !== undefined);
  return new ForeignServiceProvider(credential);
};
const local = (credential = first): ForeignServiceProvider => {
  assert.ok(credential !== undefined);
  return new ForeignServiceProvider(credential, 'https://local.example.net');
};

function publish(serviceProvider: ForeignServiceProvider, options: Parameters<ForeignServiceProvider['metadata']>[0] = {}): void {
  server.answers.set('/sp.xml', document(serviceProvider.metadata(options)));
}

const arrive = (visitor: Visitor, serviceProvider: ForeignServiceProvider): Promise<Page> =>
  visitor.visit(
    `/saml/sso?${serviceProvider.redirectQuery(serviceProvider.authnRequest(`${house.url}/saml/sso`, { issueInstant: house.now() }))}`,
  );
const signIn = async (serviceProvider: ForeignServiceProvider): Promise<Page> => {
  const visitor = new Visitor(house.url);
  return visitor.fill(await arrive(visitor, serviceProvider), 'alice', password);
};
const reasonOf = ({ reference }: Page): string | undefined => house.events.find((event) => event.reference === reference)?.reason;
const changes = (): readonly AuditEvent[] => house.events.filter(({ event }) => event === 'metadata.changed');

/** Resolves once the house has noticed; each visit makes it look. */
async function noticed(count: number): Promise<AuditEvent> {
  for (;;) {
    const found = changes()[count - 1];
    if (found !== undefined) return found;
    await new Visitor(house.url).visit('/saml/idp-initiated?sp=https://nobody.example.net/');
  }
}

describe('a service provider that is known by a URL', () => {
  it('signs people in, and stands on the home page', async () => {
    const page = await signIn(provider());
    assert.deepEqual(statusOf(responseOf(page).xml), ['Success']);
    assert.match((await new Visitor(house.url).visit('/')).body, /Wiki/);
  });

  it('rolls its keys over without a restart, and the audit shows it', async () => {
    publish(provider(second));
    const early = await arrive(new Visitor(house.url), provider(second));
    assert.equal(reasonOf(early), 'signature-invalid');
    house.advance(2 * hour);
    const changed = await noticed(1);
    assert.equal(changed.serviceProvider, provider().entityID);
    assert.deepEqual(
      ['signingKeysAdded', 'signingKeysRemoved'].map((name) => (changed.detail?.[name] as string[] | undefined)?.length),
      [1, 1],
    );
    assert.deepEqual(statusOf(responseOf(await signIn(provider(second))).xml), ['Success']);
    assert.equal(reasonOf(await arrive(new Visitor(house.url), provider(first))), 'signature-invalid');
  });

  it('that moves its ACS while somebody signs in gets a refusal, never an answer at the old one', async () => {
    const visitor = new Visitor(house.url);
    const asked = await arrive(visitor, provider(second));
    assert.equal(asked.status, 200);
    const moved =
      '<md:AssertionConsumerService index="0" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://sp.example.net/moved"/>';
    publish(provider(second), { assertionConsumerServices: moved });
    house.advance(2 * hour);
    const { detail } = await noticed(2);
    assert.deepEqual(detail?.assertionConsumerServicesAdded, ['HTTP-POST https://sp.example.net/moved']);
    // The sign-in is as old by now as what it was verified with.
    const page = await visitor.fill(asked, 'alice', password);
    assert.ok(['acs-not-registered', 'signin-unknown'].includes(reasonOf(page) ?? ''), page.body.slice(0, 500));
    assert.equal(house.events.filter(({ event }) => event === 'fault').length, 0);
  });
});

describe('a service provider that is known by a file of its own', () => {
  it('moves its ACS while somebody signs in: a refusal, and then the new one', async () => {
    const visitor = new Visitor(house.url);
    const asked = await arrive(visitor, local());
    assert.equal(asked.status, 200);
    const count = changes().length;
    const moved =
      '<md:AssertionConsumerService index="0" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://local.example.net/moved"/>';
    writeFileSync(join(folder, 'local.xml'), local().metadata({ assertionConsumerServices: moved }));
    house.advance(2 * 60_000);
    await noticed(count + 1);
    const page = await visitor.fill(asked, 'alice', password);
    assert.equal(reasonOf(page), 'acs-not-registered', page.body.slice(0, 500));
    assert.equal(house.events.filter(({ event }) => event === 'fault').length, 0);
  });
});

describe('a stranger that a responder knows', () => {
  const stranger = (): ForeignServiceProvider => {
    assert.ok(first !== undefined);
    return new ForeignServiceProvider(first, 'https://stranger.example.net');
  };
  it('IIP-MD01: signs people in at its first message', async () => {
    const path = `/entities/${encodeURIComponent(stranger().entityID)}`;
    server.answers.set(path, document(stranger().metadata()));
    assert.deepEqual(statusOf(responseOf(await signIn(stranger())).xml), ['Success']);
    assert.ok(server.asked.includes(path));
  });
  it('with broken metadata is refused, and the event names the element and its line', async () => {
    const broken = new ForeignServiceProvider(first ?? assert.fail(), 'https://broken.example.net');
    const xml = broken.metadata().replace('<md:SPSSODescriptor', '\n\n<md:SPSSODescriptor WantAssertionsSigned="perhaps"');
    server.answers.set(`/entities/${encodeURIComponent(broken.entityID)}`, document(xml));
    const page = await arrive(new Visitor(house.url), broken);
    const event = house.events.find(({ reference }) => reference === page.reference);
    assert.deepEqual(
      [page.status, event?.reason, event?.detail?.element, event?.detail?.line],
      [400, 'metadata-unusable', 'SPSSODescriptor', 3],
    );
    assert.match(page.body, /The details of this service cannot be used/);
  });
});
