/** What sources of metadata have in common, and a world in which no time passes and nothing is reported. */
import type { Clock, Random } from '../../clock.ts';
import type { MetadataCopies } from './copies.ts';
import type { MetadataReport } from './report.ts';

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
  /** Aborted when the house closes. */
  readonly signal: AbortSignal;
}

const nowhere = (): never => {
  throw new Error('nothing is brought from elsewhere here');
};

/** Enough to judge a configuration once. `now` in milliseconds since the epoch. */
export const stillWorld = (now: number): MetadataWorld => ({
  clock: { now: () => now, until: nowhere },
  random: (bytes) => Buffer.alloc(bytes),
  clockSkew: 0,
  report: { changed: () => undefined, failed: () => undefined, stale: () => undefined, renewed: () => undefined },
  copies: { read: nowhere, receive: nowhere, remove: nowhere },
  strangers: { read: nowhere, receive: nowhere, remove: nowhere },
  named: new Set(),
  signal: new AbortController().signal,
});
