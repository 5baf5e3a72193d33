/** The demo: an embedded directory, Passerelle and a service provider that behaves as Google does, each on loopback. */
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Audit } from '../audit/audit.ts';
import type { JournalOutlet } from '../audit/journal-outlet.ts';
import type { Clock, Random } from '../clock.ts';
import { publishedUrls } from '../config/published-urls.ts';
import type { Configuration } from '../config/read-configuration.ts';
import { createDemoDirectory, type DemoDirectory } from '../directory/demo-directory.ts';
import { mapAddress } from '../mapping/address.ts';
import { Refusal } from '../refusal.ts';
import { serve } from '../serve.ts';
import { demoConfiguration, demoDomain, demoSettings } from './demo-configuration.ts';
import { createDemoServiceProvider } from './service-provider.ts';

export interface Demo {
  /** Where a person begins: the service provider. */
  readonly openUrl: string;
  /** Somebody who can sign in, and their password. */
  readonly person: string;
  readonly password: string;
  readonly metadataUrl: string;
  readonly configuration: Configuration;
  /** Where that lies as a file, for commands beside it; below the folder. */
  readonly configurationFile: string;
  close(): Promise<void>;
}

export interface DemoParts {
  /** Ports of Passerelle and of the service provider; where one is taken, another is chosen. */
  readonly port: number;
  readonly serviceProviderPort: number;
  /** Absolute folder in which `certs` and `data` are kept. */
  readonly folder: string;
  readonly audit: Audit;
  /** Takes what is kept of events and trails; undefined where nothing is. */
  readonly journal?: JournalOutlet | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

const host = '127.0.0.1';
const configurationFile = 'data/demo.yaml';

/** The port wished for where it is free, else any other. */
async function choosePort(wished: number): Promise<number> {
  for (const port of [wished, 0]) {
    const server = createServer();
    const free = await new Promise<number | undefined>((resolve) => {
      server.once('error', () => {
        resolve(undefined);
      });
      server.listen(port, host, () => {
        const address = server.address();
        resolve(typeof address === 'object' ? address?.port : undefined);
      });
    });
    await new Promise((resolve) => server.close(resolve));
    if (free !== undefined) return free;
  }
  throw new Error(`no port is free on ${host}`);
}

/** Whom the demo's Google knows: everybody whose name maps to an address. */
function provisionedPeople(directory: DemoDirectory, mapping: Configuration['mapping']): readonly string[] {
  return directory.accounts.flatMap(({ userPrincipalName }) => {
    try {
      return [mapAddress({ userPrincipalName, mail: undefined }, mapping).address];
    } catch (error) {
      if (error instanceof Refusal) return [];
      throw error;
    }
  });
}

/** Starts all three; resolves once a person can begin. */
export async function startDemo(parts: DemoParts): Promise<Demo> {
  const { audit, journal, clock, random, folder } = parts;
  const ldif = await readFile(new URL('directory.ldif', import.meta.url), 'utf8');
  const directory = await createDemoDirectory({ ldif, host, port: 0, clock });
  const port = await choosePort(parts.port);
  const serviceProviderPort = await choosePort(parts.serviceProviderPort);
  const settings = {
    // Another site than the service provider's 127.0.0.1, so that cookies behave as they do between Google and us.
    publicUrl: `http://localhost:${String(port)}`,
    host,
    port,
    directory,
    serviceProviderUrl: `http://${host}:${String(serviceProviderPort)}`,
    folder,
  };
  const configuration = demoConfiguration(settings);
  const serving = await serve(configuration, { audit, journal, clock, random });
  // JSON is YAML. Its password is everybody’s.
  const file = `# Written by \`passerelle demo\` at each start.\n${JSON.stringify(demoSettings(settings), null, 2)}\n`;
  await writeFile(join(folder, configurationFile), file, { mode: 0o600 });
  const { metadata, signOut } = publishedUrls(configuration);
  const serviceProvider = await createDemoServiceProvider({
    host,
    port: serviceProviderPort,
    domain: demoDomain,
    people: provisionedPeople(directory, configuration.mapping),
    readMetadata: async () => (await fetch(metadata)).text(),
    signOutUrl: signOut,
    audit,
    clock,
    random,
  });
  const [first] = directory.accounts;
  if (first?.userPrincipalName === undefined) throw new Error('the demo directory begins with nobody who can sign in');
  return {
    openUrl: `${serviceProvider.url}/`,
    person: first.userPrincipalName,
    password: first.password,
    metadataUrl: metadata,
    configuration,
    configurationFile,
    async close() {
      await serviceProvider.close();
      await serving.close();
      await directory.close();
    },
  };
}
