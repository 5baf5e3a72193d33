/** A source of metadata on the web: asked for regularly, with the last good copy in use whatever happens meanwhile. */
import type { KeyObject } from 'node:crypto';
import type { MetadataSourceConfig } from '../../config/metadata-schema.ts';
import { MetadataMistake } from '../../saml/metadata-mistake.ts';
import { ageOf } from './age.ts';
import type { Validators } from './fetch.ts';
import { HeldMetadata } from './held.ts';
import { downloadMetadata, readCopy } from './download.ts';
import { asMistake } from './file.ts';
import { rulesOf, type MetadataSource } from './source.ts';
import { quietly, type MetadataWorld } from './world.ts';
import { MetadataTimetable } from './timetable.ts';

type FromUrl = Extract<MetadataSourceConfig, { kind: 'url' }>;

/** Milliseconds between two looks at the copy that another process keeps. */
const lookEvery = 5_000;

export function createMetadataFromUrl(config: FromUrl, keys: readonly KeyObject[], given: MetadataWorld): MetadataSource {
  const world = quietly(given);
  const follows = world.role === 'follows';
  const { url, timeout } = config;
  const { clock, report } = world;
  const limit = config.megabytes * 1_000_000;
  const held = new HeldMetadata(url, world);
  const timetable = new MetadataTimetable(config.refresh, world);
  let validators: Validators | undefined;
  /** Of the copy that was read last. */
  let mark: string | undefined;
  let lookAt = -Infinity;

  async function download(): Promise<void> {
    try {
      const rules = rulesOf(config, keys, world);
      // A document that has expired is no copy to fall back on, so it is asked for anew.
      const known = held.document === undefined || isExpired() ? undefined : validators;
      const answer = await downloadMetadata(url, { url, validators: known, limit, timeout, rules }, world);
      if (answer.kind === 'missing') throw new MetadataMistake('it answers that there is no such document.');
      if (answer.kind === 'fresh') {
        await held.replace(answer.document);
        ({ validators } = answer);
      }
      held.confirm();
      timetable.succeed(held.document?.index);
    } catch (cause) {
      timetable.fail();
      if (!world.signal.aborted) report.failed(url, asMistake(cause));
    }
    held.reportExpired();
  }

  function isExpired(): boolean {
    return (held.document?.index.validUntil ?? Infinity) + world.clockSkew <= clock.now();
  }

  /** Takes the copy over, unless it is the one that was taken last. */
  async function openCopy(): Promise<void> {
    lookAt = clock.now() + lookEvery;
    try {
      const copy = await readCopy(url, { limit, rules: rulesOf(config, keys, world) }, world, (found) => {
        const isOther = found.mark !== mark;
        // One that cannot be used is read and told of once.
        ({ mark } = found);
        return isOther;
      });
      if (copy === undefined) return;
      await held.replace(copy.document);
      held.confirm(copy.confirmedAt);
      ({ validators } = copy);
    } catch (cause) {
      report.failed(`${url} (its copy on disk)`, asMistake(cause));
    }
  }

  return {
    name: url,
    admitsAll: config.admit === 'all',
    find: async (entityID) => Promise.resolve(held.find(entityID)),
    peek: (entityID) => held.peek(entityID),
    kindOf: (entityID) => held.kindOf(entityID),
    stateOf: (entityID) => held.stateOf(entityID),
    get age() {
      return ageOf([held]);
    },
    async open() {
      await openCopy();
      if (held.document === undefined && !follows) await download();
    },
    async refresh() {
      held.reportExpired();
      if (!follows && clock.now() >= timetable.dueAt) await download();
      if (follows && clock.now() >= lookAt) await openCopy();
    },
    get dueAt() {
      return follows ? lookAt : timetable.dueAt;
    },
  };
}
