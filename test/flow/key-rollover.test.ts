/**
 * A key is rolled over while people sign in: no service provider ever refuses one, by the certificates that it holds at that moment;
 * the commands let nobody break unless forced; and nobody can claim to have fetched what another has not.
 */
import assert from 'node:assert/strict';
import { randomBytes, X509Certificate } from 'node:crypto';
import { mkdtempSync, openSync, closeSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createKeyFolder } from '../../src/keys/key-folder.ts';
import { run as runAnywhere, type Told } from '../cli/scripted-io.ts';
import { ForeignServiceProvider, makeCredential } from '../fixtures/foreign-service-provider.ts';
import { acs, entityID as google, openHouse, type House } from '../fixtures/house.ts';
import { responseOf, Visitor } from '../fixtures/visitor.ts';
import { verifiedByXmlCrypto } from '../fixtures/xml-judges.ts';

const hour = 3_600_000;
const day = 24 * hour;

let house: House;
let folder: string;
/** One that fetches our metadata by its URL, one that is told by hand, and one that is answered by a key of its own. */
let wiki: ForeignServiceProvider;
let payroll: ForeignServiceProvider;
let own: ForeignServiceProvider;
/** The certificates (PEM) by which each verifies, by entity ID: what it has taken from metadata, or was given. */
const held = new Map<string, readonly string[]>();

before(async () => {
  [wiki, payroll, own] = [
    new ForeignServiceProvider(await makeCredential(), 'https://wiki.example.net'),
    new ForeignServiceProvider(await makeCredential(), 'https://payroll.example.net'),
    new ForeignServiceProvider(await makeCredential(), 'https://own.example.net'),
  ];
  house = await openHouse({
    metadata: [
      { xml: wiki.metadata(), name: 'Wiki' },
      { xml: payroll.metadata(), name: 'Payroll' },
      { xml: own.metadata(), name: 'Own', signature: { key: 'partner' } },
    ],
    layKeys: async (path) => {
      const clock = { now: () => Date.now(), until: () => Promise.resolve() };
      const keys = createKeyFolder({ path, commonName: 'localhost', clock, random: randomBytes });
      await keys.open();
      await keys.add({ use: 'service-provider', name: 'partner' });
    },
  });
  folder = mkdtempSync(join(tmpdir(), 'passerelle-rollover-'));
  const { publicUrl, keys, store, serviceProviders } = house.configuration;
  const files = serviceProviders.flatMap((one) => (one.kind === 'metadata' ? [one.file ?? ''] : []));
  writeFileSync(
    join(folder, 'passerelle.yaml'),
    `publicUrl: ${publicUrl}
directory: { urls: ["ldap://127.0.0.1:9"], baseDn: "dc=x", bindDn: x, password: x }
mapping: { domains: { primary: example.com } }
keys: { folder: ${keys.folder} }
store: { file: ${store.file} }
serviceProviders:
  - { kind: google-profile, entityId: ${google}, acsUrl: ${acs}, name: Google }
  - { kind: metadata, file: ${files[0] ?? ''}, name: Wiki }
  - { kind: metadata, file: ${files[1] ?? ''}, name: Payroll }
  - { kind: metadata, file: ${files[2] ?? ''}, name: Own, signature: { key: partner } }
`,
  );
  const first = certificatesOf((await fetched(`${house.url}/saml/metadata`)).xml);
  for (const entityID of [google, wiki.entityID, payroll.entityID, own.entityID]) held.set(entityID, first);
});
after(async () => {
  await house.close();
  rmSync(folder, { recursive: true });
});

async function run(...args: string[]): Promise<Told> {
  const log = openSync(join(folder, 'log'), 'a');
  try {
    const clock = { now: () => house.now(), until: () => Promise.resolve() };
    return await runAnywhere(args, { folder, clock, random: randomBytes, errorLog: { fd: log } });
  } finally {
    closeSync(log);
  }
}

interface Listed {
  readonly keys: readonly { readonly name: string; readonly state: string; readonly certificate: string }[];
  readonly rollover: {
    readonly ready: boolean;
    readonly serviceProviders: readonly { readonly name: string; readonly state: string; readonly at: string | null }[];
  } | null;
}
const listed = async (): Promise<Listed> => JSON.parse((await run('keys', 'list', '--json')).out) as Listed;
const states = async (): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries((await listed()).rollover?.serviceProviders.map(({ name, state }) => [name, state]) ?? []);
const named = async (state: string): Promise<{ name: string; certificate: string }> =>
  (await listed()).keys.find((key) => key.state === state) ?? assert.fail(`no key is ${state}`);

const certificatesOf = (xml: string): readonly string[] =>
  [...xml.matchAll(/<md:KeyDescriptor use="signing">.*?<ds:X509Certificate>([^<]+)</g)].map(([, found = '']) =>
    new X509Certificate(Buffer.from(found, 'base64')).toString(),
  );

async function fetched(url: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') {
  const response = await fetch(url, { headers, method });
  return { status: response.status, headers: response.headers, xml: await response.text() };
}

const isVerified = (xml: string, element: string, certificate: string): boolean => {
  try {
    return verifiedByXmlCrypto(xml, element, certificate) !== '';
  } catch {
    return false;
  }
};

/** As careful ones do: it takes what a certificate that it holds has signed. */
async function refresh({ entityID }: ForeignServiceProvider, url: string): Promise<void> {
  const { xml } = await fetched(url);
  const trusted = held.get(entityID) ?? [];
  assert.ok(
    trusted.some((certificate) => isVerified(xml, 'EntityDescriptor', certificate)),
    'the metadata are signed by nobody that it knows',
  );
  held.set(entityID, certificatesOf(xml));
}

/** Who refuses a sign-in now. */
async function refusedBy(): Promise<readonly string[]> {
  const visitor = new Visitor(house.url);
  const refusing: string[] = [];
  for (const [entityID, certificates] of held) {
    let page = await visitor.visit(`/saml/idp-initiated?sp=${encodeURIComponent(entityID)}`);
    if (page.form?.action === '/signin/password') page = await visitor.fill(page, 'bob', 'Passw0rd!');
    const { xml } = responseOf(page);
    if (!['Response', 'Assertion'].every((element) => certificates.some((one) => isVerified(xml, element, one))))
      refusing.push(entityID);
  }
  return refusing;
}

async function everybodySignsIn(): Promise<void> {
  assert.deepEqual(await refusedBy(), []);
}

/** Some sign in before, some while, and some after. */
async function reload(): Promise<void> {
  await Promise.all([house.reload(), everybodySignsIn()]);
  await everybodySignsIn();
}

let urls: Readonly<Record<string, string>> = {};
const fetches = () => house.events.filter(({ event }) => event === 'metadata.fetched');

describe('a rollover', () => {
  it('begins with a URL for each, by which it is seen who fetches, once an hour', async () => {
    type Urls = readonly { readonly name: string; readonly url: string }[];
    const told = JSON.parse((await run('keys', 'urls', '--json')).out) as Urls;
    urls = Object.fromEntries(told.map(({ name, url }) => [name, url]));
    assert.deepEqual(Object.keys(urls), ['Wiki', 'Payroll', 'Own']);
    await refresh(wiki, urls.Wiki ?? '');
    await refresh(wiki, urls.Wiki ?? '');
    await noted(1);
    const { name } = await named('signs');
    assert.deepEqual(
      fetches().map(({ serviceProvider, detail }) => [serviceProvider, detail]),
      [[wiki.entityID, { keys: [name, 'partner'] }]],
    );
    await everybodySignsIn();
  });

  it('publishes the next key, which nobody is answered by yet', async () => {
    assert.equal((await run('keys', 'new')).code, 0);
    await reload();
    assert.deepEqual(await states(), { Google: 'never', Wiki: 'outdated', Payroll: 'never', Own: 'own-key' });
    const { name } = await named('published');
    const { code, err } = await run('keys', 'activate', name);
    assert.equal(code, 1);
    assert.match(err, /^3 of the service providers would refuse/);
    for (const who of [google, wiki.entityID, payroll.entityID]) assert.ok(err.includes(who), err);
    assert.ok(!err.includes(own.entityID));
    await reload();
  });

  for (const [title, url, method] of [
    ['the one for everybody', () => `${house.url}/saml/metadata`, 'GET'],
    ['a token that was made up', () => `${house.url}/saml/metadata?for=${'A'.repeat(22)}`, 'GET'],
    ['a token with one letter changed', () => changed(urls.Wiki ?? ''), 'GET'],
    ['an empty token', () => `${house.url}/saml/metadata?for=`, 'GET'],
    ['an entity ID', () => `${house.url}/saml/metadata?for=${encodeURIComponent(wiki.entityID)}`, 'GET'],
    ['a token and another', () => `${urls.Wiki ?? ''}&for=${'A'.repeat(22)}`, 'GET'],
    ['a record of the store', () => `${house.url}/saml/metadata?for=tokens`, 'GET'],
    ['nothing but the head', () => urls.Wiki ?? '', 'HEAD'],
    ['the token of another', () => urls.Own ?? '', 'GET'],
  ] as const) {
    it(`takes nobody’s word that Wiki fetched the key: ${title}`, async () => {
      const genuine = await fetched(`${house.url}/saml/metadata`);
      const answer = await fetched(url(), {}, method);
      assert.equal(answer.status, 200);
      if (method === 'GET') assert.equal(answer.xml, genuine.xml);
      await settled();
      assert.equal((await states()).Wiki, 'outdated');
    });
  }

  it('shows nobody whose a token is, or that it is anybody’s', async () => {
    const shown = async (url: string): Promise<unknown> => {
      const { status, headers, xml } = await fetched(url);
      return [status, [...headers].filter(([name]) => name !== 'date'), xml];
    };
    assert.deepEqual(await shown(urls.Own ?? ''), await shown(changed(urls.Own ?? '')));
    assert.match((await fetched(urls.Own ?? '')).headers.get('cache-control') ?? '', /no-cache/);
  });

  it('sees who fetched the key, and writes it down once however often that is', async () => {
    const before = fetches().length;
    const { headers } = await fetched(urls.Payroll ?? '');
    await noted(before + 1);
    await Promise.all(Array.from({ length: 40 }, () => fetched(urls.Wiki ?? '')));
    await refresh(wiki, urls.Wiki ?? '');
    await noted(before + 2);
    const first = (await listed()).rollover?.serviceProviders.find(({ name }) => name === 'Wiki');
    assert.equal(first?.state, 'fetched');
    // Whoever has the document already has it still.
    house.advance(hour);
    const again = await fetched(urls.Wiki ?? '', { 'If-None-Match': headers.get('etag') ?? '' });
    assert.equal(again.status, 304);
    await noted(before + 3);
    const later = (await listed()).rollover?.serviceProviders.find(({ name }) => name === 'Wiki');
    assert.ok(Date.parse(later?.at ?? '') >= Date.parse(first.at ?? '') + hour);
    await everybodySignsIn();
  });

  it('is told of those who are told by hand, at Google with a day’s patience', async () => {
    const [old, next] = [await named('signs'), await named('published')];
    held.set(payroll.entityID, [old.certificate, next.certificate]);
    assert.match((await run('keys', 'told', next.name, '--sp', 'Payroll')).out, /told at|fetched at/);
    held.set(google, [old.certificate, next.certificate]);
    assert.match((await run('keys', 'told', next.name, '--all-google')).out, /counts from/);
    const { code, err } = await run('keys', 'activate', next.name);
    assert.equal(code, 1);
    assert.match(err, /^1 of the service providers/);
    await everybodySignsIn();
    house.advance(day);
    await everybodySignsIn();
  });

  it('lets the next key sign once everybody knows it; goes back, and forth again', async () => {
    const [old, next] = [await named('signs'), await named('published')];
    for (const [name, certificate] of [
      [next.name, next.certificate],
      [old.name, old.certificate],
      [next.name, next.certificate],
    ] as const) {
      assert.equal((await run('keys', 'activate', name)).code, 0);
      await reload();
      const pem = await (await fetch(`${house.url}/saml/certificate.pem`)).text();
      assert.equal(pem, certificate);
    }
    await refresh(wiki, urls.Wiki ?? '');
    await everybodySignsIn();
  });

  it('retires the old one when nothing that it signed is on its way any more', async () => {
    const old = await named('published');
    await assert.rejects(run('keys', 'retire', old.name), /signed until a moment ago/);
    house.advance(10 * 60_000);
    assert.equal((await run('keys', 'retire', old.name)).code, 0);
    await reload();
    const { xml } = await fetched(`${house.url}/saml/metadata`);
    assert.equal(certificatesOf(xml).includes(old.certificate), false);
    assert.equal((await fetch(`${house.url}/saml/certificate.pem?key=${old.name}`)).status, 404);
    for (const [entityID, certificates] of held)
      held.set(
        entityID,
        certificates.filter((one) => one !== old.certificate),
      );
    await everybodySignsIn();
  });

  it('breaks whom it said it would, where it is forced to', async () => {
    await run('keys', 'new');
    await reload();
    const next = await named('published');
    assert.equal((await fetched(`${house.url}/saml/certificate.pem?key=${next.name}`)).xml, next.certificate);
    const { code, err } = await run('keys', 'activate', next.name, '--force');
    assert.equal(code, 0);
    assert.match(err, /^3 of the service providers may refuse/);
    await house.reload();
    assert.deepEqual(await refusedBy(), [google, wiki.entityID, payroll.entityID]);
  });

  it('is called for before a certificate ends', async () => {
    house.events.length = 0;
    house.advance(10 * 365 * day - 40 * day);
    await house.reload();
    const told = house.events.filter(({ event }) => event === 'key.expiring');
    assert.ok(told.length >= 4);
    assert.ok(told.every(({ detail }) => Number(detail?.days) <= 60));
    assert.ok(house.notes.some((note) => /^warn a certificate is about to end .*"what":"encryption"/.test(note)));
  });
});

/** One letter in the middle: the last one of a base64url text does not always count. */
const changed = (url: string): string =>
  url.replace(/for=(.{5})(.)/, (_, start: string, one: string) => `for=${start}${one === 'A' ? 'B' : 'A'}`);

/** What a fetch leaves behind comes after its answer: whatever was asked before an answer of the house is through by the next but one. */
async function settled(): Promise<void> {
  for (let times = 0; times < 3; times += 1) await fetch(`${house.url}/readyz`);
}

async function noted(count: number): Promise<void> {
  for (let times = 0; fetches().length < count && times < 200; times += 1) await fetch(`${house.url}/healthz`);
  await settled();
  assert.equal(fetches().length, count);
}
