/** Opens what a configuration names, serves it, and closes it again in the right order. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Audit } from './audit/audit.ts';
import type { Metrics } from './audit/metrics.ts';
import { type Certificates, openCertificates } from './authenticators/certificate/open-certificates.ts';
import { createEnrolments } from './authenticators/enrolments.ts';
import { openKerberos } from './authenticators/kerberos/open-kerberos.ts';
import { type OpenFactors, openFactors } from './authenticators/open-factors.ts';
import type { Clock, Random } from './clock.ts';
import type { Configuration } from './config/read-configuration.ts';
import { openDirectory } from './directory/open-directory.ts';
import { type Listener, listen } from './http/listen.ts';
import { readLogo } from './http/logo.ts';
import { openMetrics } from './http/open-metrics.ts';
import { createPages } from './http/pages.ts';
import { createStandings } from './http/standing.ts';
import { createKeyFolder } from './keys/key-folder.ts';
import { createMark } from './keys/mark.ts';
import { createSeal } from './keys/seal.ts';
import { openSealingKeys } from './keys/sealing-keys.ts';
import { createPasserelle } from './passerelle.ts';
import { openRegistry } from './service-providers/open-registry.ts';
import { released } from './service-providers/release.ts';
import { openStore } from './store/open-store.ts';
import type { Store } from './store/store.ts';

export interface Serving {
  /** The port that it listens on. */
  readonly port: number;
  /** The port of the metrics; undefined where there are none. */
  readonly metricsPort: number | undefined;
  /** Finishes what is in flight, then closes everything. */
  close(): Promise<void>;
}

interface World {
  readonly audit: Audit;
  readonly clock: Clock;
  readonly random: Random;
  /** Sets a variable of the process's environment, which Kerberos alone needs. */
  readonly setVariable?: (name: string, value: string) => void;
  /** Where it is one of several processes. */
  readonly worker?: Worker;
}

interface Worker {
  /** Whether it does what one of them does for all: sweeping, and asking the web for metadata. */
  readonly hasChores: boolean;
  readonly metrics: Metrics;
  /** Called when everything is open but the ports; resolves when it is to listen. @throws where it is not to, any more */
  mayListen(): Promise<void>;
  /** Resolves when all of them listen. */
  readonly allListen: Promise<void>;
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
 * @throws KeyMistake, RegistryMistake, KerberosUnavailable, AuthorityMistake, and whatever the store or the socket has against the configuration
 */
export async function serve(config: Configuration, world: World): Promise<Serving> {
  const { audit, clock, random, setVariable, worker } = world;
  const { branding, tls, drain = 0 } = config;
  const role = worker === undefined ? 'alone' : worker.hasChores ? 'leads' : 'follows';
  const pages = createPages({
    branding,
    views,
    overrides: branding.templates,
    fullNames: config.directory.forests.flatMap(({ domains }) => domains).length > 1,
  });
  const logo = readLogo(branding);
  const { hostname } = new URL(config.publicUrl);
  const keys = await createKeyFolder({ path: config.keys.folder, commonName: hostname, clock, random }).open();
  const store = await openStore(config.store, { clock, note: audit.note.bind(audit) });
  const directory = openDirectory(config.directory, {
    read: readText,
    released: released(config.serviceProviders, config.release),
    clock,
    random,
    note: audit.note.bind(audit),
    record: audit.record.bind(audit),
  });
  let closeRegistry: (() => void) | undefined;
  let metricsListener: Listener | undefined;
  let certificateListener: Listener | undefined;
  let certificates: Certificates | undefined;
  let factors: OpenFactors | undefined;
  try {
    const counted = worker === undefined ? await openMetrics(config.metrics) : { metrics: worker.metrics, listener: undefined };
    const { metrics } = counted;
    metricsListener = counted.listener;
    const opened = await openRegistry(config, { audit, clock, random, read: readText, role });
    const { registry } = opened;
    closeRegistry = opened.close;
    const kerberos = await openKerberos(config, { directory, store, clock, setVariable });
    certificates = config.certificate && openCertificates(config.certificate, { directory, clock, random, read: readText });
    const sealingKeys = openSealingKeys(join(config.keys.folder, 'sealing.keys'), random);
    const seal = createSeal(sealingKeys.current, random);
    factors = await openFactors(config, {
      directory,
      enrolments: createEnrolments({ store }),
      seal,
      store,
      clock,
      random,
      read: readText,
      note: audit.note.bind(audit),
    });
    const { app, certificateListener: certificateApp } = createPasserelle({
      seal,
      ...{ config, directory, kerberos, certificates, factors, store, keys, registry },
      markPassword: createMark(sealingKeys.current, 'sprayed passwords'),
      ...{ pages, logo, audit, metrics, clock, random },
    });
    await worker?.mayListen();
    const certificate = tls && { cert: readText(tls.certFile), key: readText(tls.keyFile) };
    const asking = config.certificate?.listener;
    if (certificateApp !== undefined && asking !== undefined && certificates !== undefined) {
      const { certFile, keyFile } = asking.tls;
      const clientAuthorities = certificates.authorities;
      certificateListener = await listen(certificateApp, asking, {
        cert: readText(certFile),
        key: readText(keyFile),
        clientAuthorities,
      });
    }
    const standings = createStandings(app, worker === undefined ? 'serving' : 'starting');
    void worker?.allListen.then(() => {
      standings.become('serving');
    });
    const listener = await listen(standings.app, config.listen, certificate);
    const stopSweeping = role === 'follows' ? undefined : sweepRegularly(store, audit);
    return {
      port: listener.address.port,
      metricsPort: metricsListener?.address.port,
      async close() {
        standings.become('stopping');
        if (drain > 0) await clock.until(clock.now() + drain);
        stopSweeping?.();
        opened.close();
        // At once: whoever holds up each of them must not hold up the stop by the sum.
        const listeners = [listener, metricsListener, certificateListener];
        await Promise.all(listeners.map(async (one) => one?.close(grace - drain)));
        certificates?.close();
        factors?.close();
        await directory.close();
        await store.close();
        await audit.flush();
      },
    };
  } catch (error) {
    closeRegistry?.();
    await metricsListener?.close(0);
    await certificateListener?.close(0);
    certificates?.close();
    factors?.close();
    await directory.close();
    await store.close();
    throw error;
  }
}
