/** What sources of metadata have in common, and a world in which no time passes and nothing is reported. */
import type { Clock, Random } from '../../clock.ts';
import type { MetadataCopies } from './copies.ts';
import type { MetadataReport } from './report.ts';

/**
 * Of several processes of this machine one leads: it asks the web by a timetable, and tells of what changes. The others follow: they go
 * by the copies that it keeps, so that all of them ask no more often than one would.
 */
export type MetadataRole = 'alone' | 'leads' | 'follows';

export interface MetadataWorld {
  readonly clock: Clock;
  readonly random: Random;
  /** Milliseconds. */
  readonly clockSkew: number;
  /** URIs of algorithms that the configuration forbids. */
  readonly forbidden?: readonly string[];
  readonly report: MetadataReport;
  /** Of sources, and of those that the configuration names. */
  readonly copies: MetadataCopies;
  /** Of those that strangers brought up, so many at most. */
  readonly strangers: MetadataCopies;
  /** Entity IDs that the configuration names: reported of, whether or not anybody has asked for them. */
  readonly named: ReadonlySet<string>;
  readonly role: MetadataRole;
  /** Aborted when the house closes. */
  readonly signal: AbortSignal;
}

const nowhere = (): never => {
  throw new Error('nothing is brought from elsewhere here');
};

/** Tells nothing: another process does, or nobody is to hear it. */
const silentReport: MetadataReport = {
  changed: () => undefined,
  failed: () => undefined,
  stale: () => undefined,
  renewed: () => undefined,
};

/** For what every process sees by itself, and one is to tell of. */
export const quietly = (world: MetadataWorld): MetadataWorld =>
  world.role === 'follows' ? { ...world, report: silentReport } : world;

/** Enough to judge a configuration once. `now` in milliseconds since the epoch. */
export const stillWorld = (now: number): MetadataWorld => ({
  clock: { now: () => now, until: nowhere },
  random: (bytes) => Buffer.alloc(bytes),
  clockSkew: 0,
  report: silentReport,
  copies: { read: nowhere, receive: nowhere, confirm: nowhere, remove: nowhere },
  strangers: { read: nowhere, receive: nowhere, confirm: nowhere, remove: nowhere },
  named: new Set(),
  role: 'alone',
  signal: new AbortController().signal,
});
