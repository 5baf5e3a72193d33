/** What a well-known service expects to be told, under the names that it documents. */
import type { NameIDSettings } from '../../config/name-id-schema.ts';
import type { AttributesConfig } from '../../config/release-schema.ts';
import type { AttributeLimits } from '../service-provider.ts';

export interface Preset {
  readonly attributes: AttributesConfig;
  /** The name that it expects to know people by. */
  readonly nameId: NameIDSettings;
  readonly limits?: AttributeLimits;
}
