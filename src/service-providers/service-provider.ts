/** A service provider as the registry holds it: what its metadata would say, and what it is to be told about people. */
import type { AccessConfig } from '../config/access-schema.ts';
import type { ServiceProviderConfig } from '../config/schema.ts';
import type { ServiceProvider } from '../saml/service-provider.ts';
import type { ReleaseRule } from './release-rule.ts';
import type { NameIDRules } from './name-id-rules.ts';

export interface AttributeLimits {
  /** The AttributeStatement as serialised, in bytes of UTF-8, at most. */
  readonly bytes?: number;
  /** Names and values in ASCII alone. */
  readonly ascii?: boolean;
}

export interface RegisteredServiceProvider extends ServiceProvider {
  readonly kind: ServiceProviderConfig['kind'];
  /** What people see it called. */
  readonly name: string;
  /** What is signed in a Response with an assertion; never neither. */
  readonly sign: { readonly response: boolean; readonly assertion: boolean };
  /** By which names it may know people. */
  readonly nameID: NameIDRules;
  /** What it alone is told, of its preset and its own entry in the configuration. */
  readonly rules: readonly ReleaseRule[];
  readonly attributeLimits: AttributeLimits;
  /** Who may use it; undefined: everybody. */
  readonly access?: AccessConfig | undefined;
}
