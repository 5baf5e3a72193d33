/** A source of metadata that is asked for one entity at a time (draft-young-md-query), by responders tried in turn. */
import type { KeyObject } from 'node:crypto';
import { isLoopback } from '../../config/loopback.ts';
import type { MetadataSourceConfig } from '../../config/metadata-schema.ts';
import type { MetadataDocument } from '../../saml/metadata-document.ts';
import { MetadataMistake } from '../../saml/metadata-mistake.ts';
import type { ServiceProvider } from '../../saml/service-provider.ts';
import { ageOf } from './age.ts';
import { createConcurrency, TooBusy } from './concurrency.ts';
import { HeldMetadata } from './held.ts';
import { downloadMetadata, readCopy } from './download.ts';
import { asMistake } from './file.ts';
import { KnownEntities, type Known } from './known-entities.ts';
import { metadataQueryUrl } from './query-url.ts';
import { MetadataUnavailable, rulesOf, type MetadataSource } from './source.ts';
import type { MetadataReport } from './report.ts';
import { quietly, type MetadataWorld } from './world.ts';
import { MetadataTimetable } from './timetable.ts';

type FromQuery = Extract<MetadataSourceConfig, { kind: 'query' }>;

const atOnce = 8;
const waiting = 64;
/** Milliseconds for which nobody is asked again about an entity that is not known. */
const unknownFor = 300_000;
const wakeEvery = 60_000;
/** The part of the time between two questions for which what another process was told is as good; below a timetable's least. */
const lately = 0.8;

export function createMetadataFromQuery(config: FromQuery, keys: readonly KeyObject[], world: MetadataWorld): MetadataSource {
  const { clock } = world;
  /** Of those that the configuration names, whoever asks by a timetable tells. */
  const reportOf = (entityID: string): MetadataReport => (world.named.has(entityID) ? quietly(world) : world).report;
  const name = config.urls.join(', ');
  const limit = config.megabytes * 1_000_000;
  const known = new KnownEntities(world.named, (entityID) => ({
    held: new HeldMetadata(name, { ...world, report: reportOf(entityID), named: new Set([entityID]) }),
    timetable: new MetadataTimetable(config.refresh, world),
    validators: undefined,
    base: undefined,
    mark: undefined,
    mistake: undefined,
  }));
  const asking = new Map<string, Promise<void>>();
  const strangersInTurn = createConcurrency(atOnce, waiting);
  const namedInTurn = createConcurrency(atOnce, Infinity);
  const worldOf = (entityID: string): MetadataWorld =>
    world.named.has(entityID) ? world : { ...world, copies: world.strangers };
  let wakesAt = -Infinity;

  /** The entity asked for, and no other. */
  const about =
    (entityID: string) =>
    ({ index }: MetadataDocument): void => {
      const { entities, mistakes, affiliations } = index;
      const isAlone = entities.length === 1 && affiliations.size === 0;
      if (isAlone && entities[0]?.entityID === entityID && mistakes.length === 0) return;
      const [mistake] = mistakes;
      if (mistake !== undefined) throw new MetadataMistake(mistake.sentence, mistake.line, mistake.element);
      throw new MetadataMistake('the metadata are about another entity than the one asked for.', 1, 'EntityDescriptor');
    };

  /** @returns whether it answered with something to use */
  async function askOne(base: string, entityID: string, entry: Known): Promise<boolean> {
    const url = metadataQueryUrl(base, entityID);
    if (url === undefined) return false;
    const validators = entry.base === base && !isExpired(entry) ? entry.validators : undefined;
    const what = {
      url,
      validators,
      limit,
      timeout: config.timeout,
      rules: rulesOf(config, keys, world),
      accept: about(entityID),
    };
    const answer = await downloadMetadata(originOf(entityID), what, worldOf(entityID));
    if (answer.kind === 'fresh') {
      await entry.held.replace(answer.document);
      entry.validators = answer.validators;
      entry.base = base;
    }
    if (answer.kind !== 'missing') return true;
    // No signature says that somebody is gone, so whoever sits on the way could.
    const isHearsay = keys.length > 0 && base.startsWith('http:') && !isLoopback(new URL(base).hostname);
    if (isHearsay && !isUseless(entry)) throw new MetadataMistake('it says that there is no such entity, over plain http.');
    return false;
  }

  const originOf = (entityID: string): string => `${name} ${entityID}`;
  const isExpired = ({ held }: Known): boolean => (held.document?.index.validUntil ?? Infinity) + world.clockSkew <= clock.now();

  async function openCopy(entityID: string, entry: Known): Promise<void> {
    try {
      const what = { limit, rules: rulesOf(config, keys, world), accept: about(entityID) };
      // Who was a stranger may have an entry by now, and the other way round.
      const copy =
        (await readCopy(originOf(entityID), what, world)) ??
        (await readCopy(originOf(entityID), what, { ...world, copies: world.strangers }));
      if (copy !== undefined) {
        await entry.held.replace(copy.document);
        entry.held.confirm(copy.confirmedAt);
      }
      entry.mark = copy?.mark;
    } catch (cause) {
      reportOf(entityID).failed(`${name} (its copy on disk)`, asMistake(cause), entityID);
    }
  }

  /** Takes over what another process of this machine was told lately, so that nobody is asked twice. */
  async function takeOver(entityID: string, entry: Known): Promise<boolean> {
    try {
      const what = { limit, rules: rulesOf(config, keys, world), accept: about(entityID) };
      let dueAt = -Infinity;
      const copy = await readCopy(originOf(entityID), what, worldOf(entityID), ({ mark, confirmedAt }) => {
        if (confirmedAt + lately * config.refresh > clock.now()) dueAt = confirmedAt + config.refresh;
        return dueAt > clock.now() && mark !== entry.mark;
      });
      if (copy !== undefined) {
        await entry.held.replace(copy.document);
        entry.held.confirm(copy.confirmedAt);
        entry.mark = copy.mark;
        entry.base = undefined;
      }
      if (dueAt <= clock.now() || isUseless(entry)) return false;
      entry.mistake = undefined;
      entry.timetable.succeed(entry.held.document?.index);
      entry.timetable.dueAt = Math.min(entry.timetable.dueAt, dueAt);
      return true;
    } catch {
      // Whoever keeps it tells of it; we ask.
      return false;
    }
  }

  /** Asks the responders in turn until one knows the entity. */
  async function askAll(entityID: string, entry: Known): Promise<void> {
    if (world.role !== 'alone' && (await takeOver(entityID, entry))) return;
    if (world.role === 'follows' && world.named.has(entityID) && !isUseless(entry)) {
      // The one that leads is about to ask.
      entry.timetable.dueAt = clock.now() + wakeEvery;
      return;
    }
    let failure: MetadataMistake | undefined;
    for (const base of config.urls) {
      try {
        if (await askOne(base, entityID, entry)) {
          entry.mistake = undefined;
          entry.held.confirm();
          entry.timetable.succeed(entry.held.document?.index);
          return;
        }
      } catch (cause) {
        failure ??= asMistake(cause);
      }
    }
    if (failure === undefined) {
      // Every responder says that there is no such entity.
      await entry.held.replace(undefined);
      await worldOf(entityID).copies.remove(originOf(entityID));
      entry.mistake = undefined;
      entry.timetable.dueAt = clock.now() + Math.min(unknownFor, config.refresh);
      return;
    }
    entry.timetable.fail();
    entry.mistake = failure;
    // Of those that strangers bring up, their refusals tell.
    const isOurs = world.named.has(entityID) || entry.held.document !== undefined;
    if (isOurs && !world.signal.aborted) reportOf(entityID).failed(name, failure, entityID);
    if (entry.held.document === undefined) await openCopy(entityID, entry);
  }

  /** One question at a time about each entity. @throws TooBusy */
  function ask(entityID: string, entry: Known): Promise<void> {
    const running = asking.get(entityID);
    if (running !== undefined) return running;
    const inTurn = world.named.has(entityID) ? namedInTurn : strangersInTurn;
    const asked = inTurn(() => askAll(entityID, entry)).finally(() => {
      asking.delete(entityID);
      known.weigh();
    });
    asking.set(entityID, asked);
    return asked;
  }

  async function find(entityID: string): Promise<ServiceProvider | undefined> {
    if (config.urls.every((base) => metadataQueryUrl(base, entityID) === undefined)) return undefined;
    const isNew = known.get(entityID) === undefined;
    const entry = known.remember(entityID);
    try {
      if (isNew || asking.has(entityID) || (clock.now() >= entry.timetable.dueAt && isUseless(entry))) await ask(entityID, entry);
      else if (clock.now() >= entry.timetable.dueAt) void ask(entityID, entry).catch(() => undefined);
    } catch (cause) {
      if (!(cause instanceof TooBusy)) throw cause;
      if (isNew) known.forget(entityID);
      throw new MetadataUnavailable(cause.message);
    }
    const found = entry.held.find(entityID);
    if (found !== undefined || entry.mistake === undefined) return found;
    // A mistake with a line was in an answer; without one there was none.
    if (entry.mistake.line !== undefined) throw entry.mistake;
    throw new MetadataUnavailable(entry.mistake.message);
  }

  const isUseless = (entry: Known): boolean => entry.held.document === undefined || isExpired(entry);

  return {
    name,
    admitsAll: config.admit === 'all',
    find,
    peek: (entityID) => known.get(entityID)?.held.peek(entityID),
    kindOf: (entityID) => known.get(entityID)?.held.kindOf(entityID),
    stateOf: (entityID) => known.get(entityID)?.held.stateOf(entityID),
    get age() {
      return ageOf([...world.named].flatMap((entityID) => known.get(entityID)?.held ?? []));
    },
    async open() {
      for (const entityID of world.named) {
        const entry = known.remember(entityID);
        await openCopy(entityID, entry);
        if (entry.held.document === undefined) known.forget(entityID);
      }
    },
    async refresh() {
      if (clock.now() < wakesAt) return;
      wakesAt = clock.now() + wakeEvery;
      const due: Promise<void>[] = [];
      for (const [entityID, entry] of known.entries()) {
        entry.held.reportExpired();
        if (world.named.has(entityID) && clock.now() >= entry.timetable.dueAt) due.push(ask(entityID, entry));
      }
      await Promise.all(due);
    },
    get dueAt() {
      return wakesAt;
    },
  };
}
