/** Opens the house that a configuration makes: all of it, or none. */
import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Audit } from '../audit/audit.ts';
import type { Measured } from '../audit/gauges.ts';
import type { Metrics } from '../audit/metrics.ts';
import type { Steps } from '../audit/steps.ts';
import type { Trail } from '../audit/trail.ts';
import { openCertificates } from '../authenticators/certificate/open-certificates.ts';
import { createEnrolments } from '../authenticators/enrolments.ts';
import { openKerberos } from '../authenticators/kerberos/open-kerberos.ts';
import { openFactors } from '../authenticators/open-factors.ts';
import type { Clock, Random } from '../clock.ts';
import type { Configuration } from '../config/read-configuration.ts';
import { openDirectory } from '../directory/open-directory.ts';
import { readLogo } from '../http/logo.ts';
import { createPages } from '../http/pages.ts';
import type { ReadinessCheck } from '../http/published-routes.ts';
import { expiries } from '../keys/expiry.ts';
import { createKeyFolder } from '../keys/key-folder.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { createMark } from '../keys/mark.ts';
import { createSeal } from '../keys/seal.ts';
import type { SealingKeys } from '../keys/sealing-keys.ts';
import { createTellExpiring, tellDaily } from '../keys/tell-expiring.ts';
import { readTlsCertificates } from '../keys/tls-certificates.ts';
import { createPasserelle } from '../passerelle.ts';
import { openRegistry } from '../service-providers/open-registry.ts';
import { released } from '../service-providers/release.ts';
import type { Store, Subscription } from '../store/store.ts';
import { measureHouse } from './measure-house.ts';

/** What a house stands on, and what outlasts it. */
export interface Ground {
  readonly audit: Audit;
  readonly metrics: Metrics;
  readonly steps: Steps;
  readonly keepTrail: (trail: Trail) => void;
  readonly store: Store;
  readonly sealingKeys: Pick<SealingKeys, 'current'>;
  readonly clock: Clock;
  readonly random: Random;
  /** Undefined where nobody can. */
  readonly setVariable: ((name: string, value: string) => void) | undefined;
  /** As the world does; undefined where the keys of the folder are the ones. */
  readonly holdKeys: ((inFolder: KeyRing) => KeyRing) | undefined;
  readonly role: 'alone' | 'leads' | 'follows';
}

export interface House {
  readonly config: Configuration;
  readonly app: RequestListener;
  /** What is served where browsers are asked for a certificate; undefined where they are not. */
  readonly certificateApp: RequestListener | undefined;
  /** Authorities (PEM) of the certificates that browsers are asked for. */
  readonly clientAuthorities: string | undefined;
  /** What must work before people are sent here. */
  readonly readiness: readonly ReadinessCheck[];
  /** Its keys, directory servers and metadata, for the metrics. Cheap. */
  measure(): readonly Measured[];
  /** Throws where no domain can be asked. */
  checkDirectory(): Promise<void>;
  /** From now on requests come in here: what the process has but once is set as this house needs it. */
  movedIn(): void;
  /** No further requests come: nothing is looked after any more beyond those that are here. */
  movedOut(): void;
  close(): Promise<void>;
}

const views = fileURLToPath(new URL('../../views', import.meta.url));

export function readText(file: string): string {
  return readFileSync(file, 'utf8');
}

/** The store, whose subscriptions end with the house. */
function lease(store: Store): { readonly store: Store; readonly end: () => void } {
  const subscriptions = new Set<Subscription>();
  return {
    store: {
      ...store,
      subscribe(kind, listener) {
        const subscription = store.subscribe(kind, listener);
        subscriptions.add(subscription);
        return subscription;
      },
    },
    end() {
      for (const subscription of subscriptions) subscription.end();
    },
  };
}

/**
 * @param signal gives it up
 * @throws KeyMistake, RegistryMistake, KerberosUnavailable, AuthorityMistake, and whatever else speaks against the configuration
 */
export async function openHouse(config: Configuration, ground: Ground, signal?: AbortSignal): Promise<House> {
  const { audit, clock, random, metrics, steps, keepTrail, sealingKeys, role } = ground;
  const note = audit.note.bind(audit);
  const { branding } = config;
  const closers: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  /** The environment is everybody's: it changes once it is certain that this house is moved into. */
  const variables = new Map<string, string>();
  const setVariable = ground.setVariable && ((name: string, value: string) => void variables.set(name, value));
  try {
    const pages = createPages({
      branding,
      views,
      overrides: branding.templates,
      fullNames: config.directory.forests.flatMap(({ domains }) => domains).length > 1,
    });
    const logo = readLogo(branding);
    const { hostname } = new URL(config.publicUrl);
    const inFolder = await createKeyFolder({ path: config.keys.folder, commonName: hostname, clock, random }).open();
    const keys = ground.holdKeys?.(inFolder) ?? inFolder;
    const { store, end } = lease(ground.store);
    closers.push(end);
    const directory = openDirectory(config.directory, {
      ...{ read: readText, released: released(config.serviceProviders, config.release), clock, random, note, steps },
      record: audit.record.bind(audit),
    });
    closers.push(() => directory.close());
    const opened = await openRegistry(config, { audit, clock, random, read: readText, role, signal });
    closers.push(opened.close);
    const { registry } = opened;
    const kerberos = await openKerberos(config, { directory, store, clock, setVariable });
    const certificates = config.certificate && openCertificates(config.certificate, { directory, clock, random, read: readText });
    closers.push(() => certificates?.close());
    const seal = createSeal(sealingKeys.current, random);
    const enrolments = createEnrolments({ store });
    const factors = await openFactors(config, { directory, enrolments, seal, store, clock, random, read: readText, note });
    closers.push(() => {
      factors.close();
    });
    const { app, readiness, certificateListener } = createPasserelle({
      seal,
      ...{ config, directory, kerberos, certificates, factors, store, keys, registry },
      markPassword: createMark(sealingKeys.current, 'sprayed passwords'),
      ...{ pages, logo, audit, metrics, steps, keepTrail, clock, random },
    });
    // As they are now: what is renewed on the disk is presented from the next reload on.
    const ends = expiries(keys, readTlsCertificates(config, readText));
    const tellExpiring = createTellExpiring({ expiries: ends, audit, clock, random });
    signal?.throwIfAborted();
    return {
      config,
      app,
      certificateApp: certificateListener,
      clientAuthorities: certificates?.authorities,
      readiness,
      measure: () => measureHouse({ expiries: ends, directory, registry }),
      checkDirectory: () => directory.check(),
      movedIn() {
        for (const [name, value] of variables) ground.setVariable?.(name, value);
        if (role !== 'follows') closers.push(tellDaily(tellExpiring));
      },
      movedOut: opened.rest,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
