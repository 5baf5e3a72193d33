/** Serves what a configuration says, takes over another one while it does, and closes everything in the right order. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Audit } from './audit/audit.ts';
import { countedAudit } from './audit/counted-audit.ts';
import { noMetrics } from './audit/metrics.ts';
import { createSteps } from './audit/steps.ts';
import type { Configuration } from './config/read-configuration.ts';
import type { Listener } from './http/listen.ts';
import { openMetrics } from './http/open-metrics.ts';
import { createStandings } from './http/standing.ts';
import { openSealingKeys } from './keys/sealing-keys.ts';
import { Refusal } from './refusal.ts';
import { type Doors, openDoors, wishesOf } from './serve/doors.ts';
import { type Ground, type House, openHouse, readText } from './serve/open-house.ts';
import { type Prepared, ReloadRefused } from './serve/prepared.ts';
import { quietUntil } from './serve/quiet-until.ts';
import { measureRegularly } from './serve/measuring.ts';
import { createRequests } from './serve/requests.ts';
import { lastLines } from './serve/last-lines.ts';
import { sweepRegularly } from './serve/sweep.ts';
import type { World } from './serve/world.ts';
import { measuredStore } from './store/measured-store.ts';
import { openStore } from './store/open-store.ts';

export interface Serving {
  /** The port that it listens on. */
  readonly port: number;
  /** The port of the metrics; undefined where there are none. */
  readonly metricsPort: number | undefined;
  /** The audit of its world, whose events are counted: for what happens to it as a whole. */
  readonly audit: Audit;
  /**
   * Opens a second house by another configuration, which differs in nothing that waits for a restart. One at a time.
   * @param signal gives it up
   * @throws ReloadRefused where it would serve worse; whatever `serve` throws
   */
  prepare(config: Configuration, signal?: AbortSignal): Promise<Prepared>;
  /** Finishes what is in flight, then closes everything. */
  close(): Promise<void>;
}

// Of the 10 s that a stop may take, these are for requests in flight.
const grace = 8_000;

/** Whoever has served so far goes on where the directory answers by the old settings, and by the new ones does not. */
async function verifyNoWorse(next: House, now: House): Promise<void> {
  if (isDeepStrictEqual(next.config.directory, now.config.directory)) return;
  const asked = async (house: House): Promise<unknown> => {
    try {
      await house.checkDirectory();
      return undefined;
    } catch (error) {
      return error;
    }
  };
  const trouble = await asked(next);
  if (trouble === undefined || (await asked(now)) !== undefined) return;
  const why = trouble instanceof Refusal ? trouble.reason : trouble instanceof Error ? trouble.message : 'unknown';
  throw new ReloadRefused(`The directory answers by the settings in force, and not by the new ones: ${why}.`);
}

/** What `work` comes to, unless `signal` gives it up before. @throws ReloadRefused */
async function unlessGivenUp(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const over = Promise.withResolvers<never>();
  const giveUp = (): void => {
    over.reject(new ReloadRefused('Passerelle is about to stop, or the reload was given up.'));
  };
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    await Promise.race([work, over.promise]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

/**
 * Resolves once it listens.
 * @throws KeyMistake, RegistryMistake, KerberosUnavailable, AuthorityMistake, and whatever the store or the socket has against the configuration
 */
export async function serve(config: Configuration, world: World): Promise<Serving> {
  const { clock, random, worker, journal } = world;
  const role = worker === undefined ? 'alone' : worker.hasChores ? 'leads' : 'follows';
  const opened = await openStore(config.store, { clock, note: world.audit.note.bind(world.audit) });
  let store = opened;
  let audit = world.audit;
  let metrics = noMetrics;
  let metricsListener: Listener | undefined;
  let house: House | undefined;
  let doors: Doors;
  let requests: ReturnType<typeof createRequests>;
  let standings: ReturnType<typeof createStandings>;
  let ground: Ground;
  try {
    const counted =
      worker === undefined ? await openMetrics(config.metrics, '0') : { metrics: worker.metrics, listener: undefined };
    ({ metrics, listener: metricsListener } = counted);
    if (metrics !== noMetrics) store = measuredStore(opened, metrics);
    audit = countedAudit(world.audit, metrics, () => clock.now());
    journal?.into((entries) => store.journal.append(entries));
    if (journal !== undefined) world.witness?.(await lastLines(store.journal));
    ground = {
      ...{ audit, clock, random, store, role, setVariable: world.setVariable, holdKeys: world.holdKeys },
      metrics,
      steps: createSteps({
        took: (name, milliseconds) => {
          metrics.step(name, milliseconds);
        },
        exchanged: ({ route, status }, milliseconds) => {
          metrics.exchange(route, status, milliseconds);
        },
      }),
      keepTrail: (trail) => journal?.trail(trail),
      sealingKeys: openSealingKeys(join(config.keys.folder, 'sealing.keys'), random),
    };
    house = await openHouse(config, ground);
    house.movedIn();
    requests = createRequests(house);
    standings = createStandings(requests.app, worker === undefined ? 'serving' : 'starting');
    await worker?.mayListen();
    doors = await openDoors(wishesOf(config, house.clientAuthorities, readText), {
      main: standings.app,
      certificate: requests.certificateApp,
    });
  } catch (error) {
    await house?.close();
    await metricsListener?.close(0);
    await store.close();
    throw error;
  }
  const stopSweeping = role === 'follows' ? undefined : sweepRegularly(store, audit);
  let current = house;
  const measuring = measureRegularly({
    ...{ metrics, runtime: world.runtime, outlets: world.outlets ?? (() => []), store, leads: role !== 'follows' },
    house: () => current,
    serves: () => standings.standing === 'serving',
    now: () => clock.now(),
  });
  void worker?.allListen.then(() => {
    standings.become('serving');
    measuring.look();
  });
  /** Houses that requests may still be in. */
  const left = new Set<Promise<void>>();
  const stopping = new AbortController();

  async function moveInto(next: House): Promise<void> {
    const before = current;
    current = next;
    next.movedIn();
    const empty = requests.moveInto(next);
    before.movedOut();
    await empty;
    await before.close();
  }

  return {
    get port() {
      return doors.port;
    },
    metricsPort: metricsListener?.address.port,
    audit,

    async prepare(wanted, signal) {
      const givenUp = AbortSignal.any([stopping.signal, ...(signal === undefined ? [] : [signal])]);
      // Where there is none the first would be made, and known to nobody.
      if (!existsSync(join(wanted.keys.folder, 'active')))
        throw new ReloadRefused(`${wanted.keys.folder} holds no active key any more.`);
      if (!existsSync(join(wanted.keys.folder, 'sealing.keys')))
        throw new ReloadRefused(
          `${wanted.keys.folder} holds no sealing.keys any more: put it back before a restart, which would make another one that opens nothing of the store.`,
        );
      const taken = Promise.withResolvers<undefined>();
      const told = role === 'follows' ? quietUntil(taken.promise, audit) : audit;
      const next = await openHouse(wanted, { ...ground, audit: told }, givenUp);
      try {
        await unlessGivenUp(verifyNoWorse(next, current), givenUp);
        const prepared = await doors.prepare(wishesOf(wanted, next.clientAuthorities, readText));
        const abandon = async (): Promise<void> => {
          await prepared.abandon();
          await next.close();
        };
        return {
          abandon,
          commit() {
            if (stopping.signal.aborted) return abandon();
            const leaving = moveInto(next).finally(() => left.delete(leaving));
            left.add(leaving);
            prepared.commit();
            world.setLevel?.(wanted.log.level);
            taken.resolve(undefined);
            return Promise.resolve();
          },
        };
      } catch (error) {
        await next.close();
        throw error;
      }
    },

    async close() {
      const { drain = 0 } = current.config;
      stopping.abort();
      standings.become('stopping');
      if (drain > 0) await clock.until(clock.now() + drain);
      stopSweeping?.();
      measuring.stop();
      current.movedOut();
      // At once: whoever holds up each of them must not hold up the stop by the sum.
      await Promise.all([doors.close(grace - drain), metricsListener?.close(grace - drain)]);
      requests.hurry();
      await Promise.all(left);
      await current.close();
      await audit.flush();
      await journal?.flush();
      await store.close();
    },
  };
}
