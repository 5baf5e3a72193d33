/** What is told of metadata in the audit trail: what has changed, what could not be used, what has expired. */
import type { Audit } from '../../audit/audit.ts';
import { newReference } from '../../audit/reference.ts';
import type { Random } from '../../clock.ts';
import { MetadataMistake } from '../../saml/metadata-mistake.ts';
import type { MetadataChange } from './change.ts';

export interface MetadataReport {
  changed(source: string, entityID: string, change: MetadataChange): void;
  /** `entityID` where it is about one entity alone. */
  failed(source: string, cause: unknown, entityID?: string): void;
  /** `validUntil` in milliseconds since the epoch. */
  stale(source: string, validUntil: number | undefined, entityID?: string): void;
  renewed(source: string, counts: Readonly<Record<string, number>>): void;
}

const longestEntityID = 256;

/** Faults are told by their message alone, which names files and never what they hold. */
const describe = (cause: unknown): Readonly<Record<string, unknown>> =>
  cause instanceof MetadataMistake
    ? { why: cause.sentence, element: cause.element, line: cause.line }
    : { why: cause instanceof Error ? cause.message : 'unknown' };

export function createMetadataReport({ audit, random }: { audit: Audit; random: Random }): MetadataReport {
  const record = (
    event: 'metadata.changed' | 'metadata.failed' | 'metadata.stale',
    entityID: string | undefined,
    detail: Readonly<Record<string, unknown>>,
  ): void => {
    audit.record({ event, reference: newReference(random), serviceProvider: entityID?.slice(0, longestEntityID), detail });
  };
  return {
    changed: (source, entityID, change) => {
      record('metadata.changed', entityID, { source, ...change });
    },
    failed: (source, cause, entityID) => {
      record('metadata.failed', entityID, { source, ...describe(cause) });
    },
    stale: (source, validUntil, entityID) => {
      const until = validUntil === undefined ? undefined : new Date(validUntil).toISOString();
      record('metadata.stale', entityID, { source, validUntil: until });
    },
    renewed: (source, counts) => {
      audit.note('info', 'metadata were read', { source, ...counts });
    },
  };
}
