/** A house for the tests of one file, opened at the first need, and what it publishes about itself. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Credential, makeCredential } from '../fixtures/foreign-service-provider.ts';
import { type House, type HouseOptions, openHouse } from '../fixtures/house.ts';
import { all, attribute, one, parse } from './dom.ts';
import { afterwards } from './requirement.ts';

/** The identity provider as its published metadata describes it: all that a service provider knows of it. */
export interface Provider {
  readonly entityID: string;
  /** PEM. */
  readonly certificates: readonly string[];
  readonly descriptor: Element;
  readonly xml: string;
  /** The address of an endpoint, by the element’s name and the last part of its binding. */
  endpoint(name: string, binding: string): string;
}

export interface Stage {
  readonly house: House;
  readonly provider: Provider;
}

async function readProvider(url: string): Promise<Provider> {
  const xml = await (await fetch(`${url}/saml/metadata`)).text();
  const descriptor = parse(xml);
  const certificates = all('md:IDPSSODescriptor/md:KeyDescriptor[not(@use="encryption")]//ds:X509Certificate', descriptor).map(
    ({ textContent }) => `-----BEGIN CERTIFICATE-----\n${textContent.replace(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`,
  );
  return {
    entityID: attribute(descriptor, 'entityID') ?? '',
    certificates,
    descriptor,
    xml,
    endpoint: (name, binding) =>
      attribute(one(`md:IDPSSODescriptor/md:${name}[contains(@Binding, ":bindings:${binding}")]`, descriptor), 'Location') ?? '',
  };
}

/** A stage that is set once for the file, and struck after its last test. */
export function stage(prepare: () => HouseOptions | Promise<HouseOptions>): () => Promise<Stage> {
  let opened: Promise<Stage> | undefined;
  afterwards(async () => (await opened)?.house.close());
  const open = async (): Promise<Stage> => {
    const house = await openHouse(await prepare());
    return { house, provider: await readProvider(house.url) };
  };
  return () => (opened ??= open());
}

/** A house for one test alone. */
export async function withHouse<Result>(options: HouseOptions, use: (stage: Stage) => Promise<Result>): Promise<Result> {
  const house = await openHouse(options);
  try {
    return await use({ house, provider: await readProvider(house.url) });
  } finally {
    await house.close();
  }
}

/** What is wrong with a configuration, as `passerelle config check` says it; undefined where nothing is. */
export async function mistakesIn(options: HouseOptions): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-conformance-'));
  try {
    const file = join(folder, 'passerelle.yaml');
    const serviceProviders = (options.metadata ?? []).map(({ xml, ...settings }, index) => {
      const name = `${String(index)}.xml`;
      writeFileSync(join(folder, name), xml);
      return { kind: 'metadata', file: name, ...settings };
    });
    const directory = {
      urls: ['ldap://127.0.0.1:389'],
      baseDn: 'DC=example',
      bindDn: 'CN=svc,DC=example',
      password: 'S3cret-Pa55',
    };
    const mapping = { domains: { primary: 'example.com' } };
    const config = { publicUrl: 'http://localhost:8080', directory, mapping, ...options.config, serviceProviders };
    // JSON is YAML.
    writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
    const main = join(import.meta.dirname, '../../src/main.ts');
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'config', 'check', '--config', file], {
      encoding: 'utf8',
    });
    return status === 0 ? undefined : stdout + stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const made = new Map<string, Promise<Credential>>();

/** A key pair by its name; one and the same throughout a file. */
export function credential(name = 'first'): Promise<Credential> {
  const known = made.get(name) ?? makeCredential();
  made.set(name, known);
  return known;
}
