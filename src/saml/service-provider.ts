/** A service provider as its metadata describes it (saml-metadata §2.4.4), whatever file or preset it came from. */
import type { KeyObject } from 'node:crypto';

export interface AssertionConsumerService {
  readonly index: number;
  /** A binding URN. */
  readonly binding: string;
  /** Compared as an exact string, never as a URL. */
  readonly location: string;
  readonly isDefault: boolean;
}

export interface ServiceProvider {
  readonly entityID: string;
  /** In the order of the metadata; never empty. */
  readonly assertionConsumerServices: readonly AssertionConsumerService[];
  /** Public keys that may verify its messages, each tried in turn. */
  readonly signingKeys: readonly KeyObject[];
  /** Where true, an unsigned request is refused. */
  readonly authnRequestsSigned: boolean;
  readonly wantAssertionsSigned: boolean;
  /** NameIDFormat URNs it supports; empty where it does not say. */
  readonly nameIDFormats: readonly string[];
}
