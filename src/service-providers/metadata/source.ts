/** A source of metadata: whoever is asked who a service provider is. */
import type { KeyObject } from 'node:crypto';
import type { MetadataSourceConfig } from '../../config/metadata-schema.ts';
import type { MetadataRules } from '../../saml/index-metadata.ts';
import type { MetadataDocument } from '../../saml/metadata-document.ts';
import type { ServiceProvider } from '../../saml/service-provider.ts';
import type { MetadataAge } from './age.ts';
import type { MetadataState } from './held.ts';
import type { MetadataWorld } from './world.ts';

export interface MetadataSource {
  /** What the audit trail calls it: its path or URL. */
  readonly name: string;
  /** Whether those that the configuration does not name are let in as well. */
  readonly admitsAll: boolean;
  /**
   * The service provider, the same value until its metadata change; undefined where it is not known there.
   * @throws MetadataMistake where what is known cannot be used; MetadataUnavailable
   */
  find(entityID: string): Promise<ServiceProvider | undefined>;
  /** What `find` would give at once; undefined where it would have to ask or would throw. */
  peek(entityID: string): ServiceProvider | undefined;
  /** What it knows of that entity ID at the moment, whether or not it can be used. */
  kindOf(entityID: string): ReturnType<MetadataDocument['kindOf']>;
  /** How old what it knows of that entity ID is. */
  stateOf(entityID: string): MetadataState | undefined;
  /** How old what it knows is of whom the configuration wants; undefined where it wants nothing of it. Cheap. */
  readonly age: MetadataAge | undefined;
  /** Gets what is needed to begin. Does not reject: what goes wrong is reported. */
  open(): Promise<void>;
  /** Does whatever is due, and reports what has changed. Does not reject. */
  refresh(): Promise<void>;
  /** When `refresh` has something to do next, in milliseconds since the epoch. */
  readonly dueAt: number;
}

/** Nobody could be asked, which may pass. */
export class MetadataUnavailable extends Error {
  override readonly name = 'MetadataUnavailable';
}

type Common = Pick<MetadataSourceConfig, 'requireValidUntil' | 'validAtMost'>;

export const rulesOf = (
  { requireValidUntil, validAtMost }: Common,
  keys: readonly KeyObject[],
  { clock, clockSkew, forbidden = [] }: Pick<MetadataWorld, 'clock' | 'clockSkew' | 'forbidden'>,
): MetadataRules => ({ keys, forbidden, requireValidUntil, validAtMost, now: clock.now(), clockSkew });
