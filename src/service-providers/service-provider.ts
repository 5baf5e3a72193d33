/** A service provider as the registry holds it: what its metadata would say, and what it is to be told about people. */
import type { ServiceProviderConfig } from '../config/schema.ts';
import type { ServiceProvider } from '../saml/service-provider.ts';

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
  /** SAML attribute name, then the directory attribute that its values are read from. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly attributeLimits: AttributeLimits;
  /** The SAML attribute that bears the names of the groups that hold the person directly; undefined where none is released. */
  readonly groupsAttribute: string | undefined;
}
