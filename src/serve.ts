/** Opens what a configuration names, serves it, and closes it again in the right order. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Audit } from './audit/audit.ts';
import type { Clock, Random } from './clock.ts';
import type { Configuration } from './config/read-configuration.ts';
import { openDirectory } from './directory/open-directory.ts';
import { listen } from './http/listen.ts';
import { readLogo } from './http/logo.ts';
import { createPages } from './http/pages.ts';
import { createKeyFolder } from './keys/key-folder.ts';
import { createPasserelle } from './passerelle.ts';
import { openRegistry } from './service-providers/open-registry.ts';
import { released } from './service-providers/release.ts';
import { createSqliteStore } from './store/sqlite.ts';
import type { Store } from './store/store.ts';

export interface Serving {
  /** The port that it listens on. */
  readonly port: number;
  /** Finishes what is in flight, then closes everything. */
  close(): Promise<void>;
}

const views = fileURLToPath(new URL('../views', import.meta.url));
// Of the 10 s that a stop may take, these are for requests in flight.
const grace = 8_000;
const sweepEvery = 60_000;
const sweepBatch = 500;

function readText(file: string): string {
  return readFileSync(file, 'utf8');
}

/** Expired records leave in small batches, so that nobody waits for the sweep. */
function sweepRegularly(store: Store, audit: Audit): () => void {
  let sweeping = false;
  async function sweep(): Promise<void> {
    if (sweeping) return;
    sweeping = true;
    try {
      while ((await store.sweep(sweepBatch)) === sweepBatch) await new Promise(setImmediate);
    } catch (error) {
      audit.note('warn', 'expired records could not be swept', { cause: error instanceof Error ? error.message : 'unknown' });
    } finally {
      sweeping = false;
    }
  }
  const timer = setInterval(() => void sweep(), sweepEvery);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}

/**
 * Resolves once it listens.
 * @throws KeyMistake, RegistryMistake, and whatever the store or the socket has against the configuration
 */
export async function serve(config: Configuration, world: { audit: Audit; clock: Clock; random: Random }): Promise<Serving> {
  const { audit, clock, random } = world;
  const { branding, tls } = config;
  const pages = createPages({ branding, views, overrides: branding.templates });
  const logo = readLogo(branding);
  const { hostname } = new URL(config.publicUrl);
  const keys = await createKeyFolder({ path: config.keys.folder, commonName: hostname, clock, random }).open();
  const store = await createSqliteStore({ file: config.store.file, clock });
  const directory = openDirectory(config.directory, {
    read: readText,
    released: released(config.serviceProviders, config.release),
    clock,
    random,
  });
  let closeRegistry: (() => void) | undefined;
  try {
    const opened = await openRegistry(config, { audit, clock, random, read: readText });
    const { registry } = opened;
    closeRegistry = opened.close;
    const app = createPasserelle({ config, directory, store, keys, registry, pages, logo, audit, clock, random });
    const certificate = tls && { cert: readText(tls.certFile), key: readText(tls.keyFile) };
    const listener = await listen(app, config.listen, certificate);
    const stopSweeping = sweepRegularly(store, audit);
    return {
      port: listener.address.port,
      async close() {
        stopSweeping();
        opened.close();
        await listener.close(grace);
        await directory.close();
        await store.close();
        await audit.flush();
      },
    };
  } catch (error) {
    closeRegistry?.();
    await directory.close();
    await store.close();
    throw error;
  }
}
