/** What several checks need, each looked for once and only when the first of them asks. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock, Random } from '../clock.ts';
import type { DomainConfiguration, ForestConfiguration } from '../config/directory-configuration.ts';
import type { Configuration } from '../config/read-configuration.ts';
import type { Person } from '../directory/directory.ts';
import { type ControllerFacts, examineController, type Turn } from '../directory/examine/examine-controller.ts';
import { createSeal, type Seal } from '../keys/seal.ts';
import { openSealingKeys } from '../keys/sealing-keys.ts';
import { openRegistry } from '../service-providers/open-registry.ts';
import type { Registry } from '../service-providers/registry.ts';
import { wantedAttributes } from './wanted-attributes.ts';

/** A controller or global catalog of the configuration. */
export interface ListedServer {
  readonly url: string;
  readonly forest: ForestConfiguration;
  /** Undefined for a global catalog. */
  readonly domain: DomainConfiguration | undefined;
}

export interface Patient {
  readonly servers: readonly ListedServer[];
  /** What is known of one of them. */
  examine(server: ListedServer): Promise<ControllerFacts>;
  /** Those who may sign in, of each domain some; of domains whose controllers cannot be read nobody. */
  people(): Promise<readonly Person[]>;
  /** Undefined where there are no sealing keys yet. @throws KeyMistake */
  seal(): Seal | undefined;
  readonly sealingFile: string;
  /** The service providers, with metadata fetched into a folder that is gone afterwards. @throws RegistryMistake, Error */
  registry(): Promise<Registry>;
  close(): void;
}

const sample = 200;

/** Calls it once; a rejection is kept, too. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** One account at a time, and none any more once it was refused. */
function createTurn(): Turn {
  let last: Promise<unknown> = Promise.resolve();
  let refused = false;
  return (bind) => {
    const mine = last.then(async () => {
      if (refused) return 'not tried' as const;
      if (await bind()) return 'bound' as const;
      refused = true;
      return 'refused' as const;
    });
    last = mine.catch(() => undefined);
    return mine;
  };
}

export function createPatient(parts: {
  readonly configuration: Configuration;
  readonly read: (file: string) => string;
  readonly clock: Clock;
  readonly random: Random;
}): Patient {
  const { configuration, read, clock, random } = parts;
  const { directory, keys } = configuration;
  const servers = directory.forests.flatMap((forest): readonly ListedServer[] => [
    ...forest.domains.flatMap((domain) => domain.controllers.map(({ url }) => ({ url, forest, domain }))),
    ...forest.globalCatalogs.map((url) => ({ url, forest, domain: undefined })),
  ]);
  const turns = new Map<string, Turn>();
  const turnOf = (bindDn: string): Turn => {
    const turn = turns.get(bindDn) ?? createTurn();
    turns.set(bindDn, turn);
    return turn;
  };
  const wanted = wantedAttributes(configuration);
  const services = (configuration.kerberos?.principals ?? []).map((principal) => principal.replace(/@.*$/, ''));
  const begun = new Map<ListedServer, Promise<ControllerFacts>>();
  const sealingFile = join(keys.folder, 'sealing.keys');
  let folder: string | undefined;
  let closeRegistry: (() => void) | undefined;

  function examine(server: ListedServer): Promise<ControllerFacts> {
    const { url, forest, domain } = server;
    const { caFile, startTls } = forest;
    const { bindDn, password } = domain?.account ?? forest;
    const running =
      begun.get(server) ??
      examineController({
        url,
        startTls,
        ca: caFile === undefined ? undefined : read(caFile),
        baseDn: domain?.baseDn ?? '',
        bindDn,
        password,
        connectTimeout: directory.connectTimeout,
        operationTimeout: directory.operationTimeout,
        turn: turnOf(bindDn),
        wanted: domain === undefined ? [] : wanted,
        services: domain === undefined ? [] : services,
        sample: domain === undefined ? 1 : sample,
        now: () => clock.now(),
      });
    begun.set(server, running);
    return running;
  }

  return {
    servers,
    examine,
    people: once(async () => {
      const found: Person[] = [];
      for (const domain of directory.forests.flatMap(({ domains }) => domains)) {
        for (const server of servers.filter((one) => one.domain === domain)) {
          const { read: told } = await examine(server);
          if (told === undefined) continue;
          // What trusts hang on has a name that ends so, and signs in nowhere.
          found.push(...told.people.filter((one) => one.barred === undefined && one.sAMAccountName?.endsWith('$') !== true));
          break;
        }
      }
      return found;
    }),
    // Looked at only: opening it would make one.
    seal: once(() => (existsSync(sealingFile) ? createSeal(openSealingKeys(sealingFile, random).current, random) : undefined)),
    sealingFile,
    registry: once(async () => {
      folder = mkdtempSync(join(tmpdir(), 'passerelle-doctor-'));
      const audit = { record: () => undefined, note: () => undefined, flush: () => Promise.resolve() };
      const elsewhere = { ...configuration, store: { ...configuration.store, folder } };
      const opened = await openRegistry(elsewhere, { audit, clock, random, read });
      closeRegistry = opened.close;
      return opened.registry;
    }),
    close() {
      closeRegistry?.();
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}
