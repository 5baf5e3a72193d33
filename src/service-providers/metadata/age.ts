/** How old the metadata in use of one source are, all in all. */
import type { HeldMetadata } from './held.ts';

/** Milliseconds since the epoch. */
export interface MetadataAge {
  /** When that of it was read, fetched or found to be unchanged for which this is longest ago; undefined where something never was. */
  readonly takenAt: number | undefined;
  /** Until when all of it is valid; undefined where nothing says so. */
  readonly validUntil: number | undefined;
  readonly serviceProviders: number;
}

/** Undefined where there is nothing that metadata were expected of. */
export function ageOf(documents: Iterable<HeldMetadata>): MetadataAge | undefined {
  const ages = [...documents].map((held) => held.age);
  if (ages.length === 0) return undefined;
  const taken = ages.map(({ takenAt }) => takenAt ?? -Infinity);
  const until = Math.min(...ages.map(({ validUntil }) => validUntil ?? Infinity));
  const takenAt = Math.min(...taken);
  return {
    takenAt: Number.isFinite(takenAt) ? takenAt : undefined,
    validUntil: Number.isFinite(until) ? until : undefined,
    serviceProviders: ages.reduce((sum, { serviceProviders }) => sum + serviceProviders, 0),
  };
}
