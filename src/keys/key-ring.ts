/** The signing keys: which one signs, which ones service providers are told of. */
import type { KeyObject, X509Certificate } from 'node:crypto';

export interface SigningKey {
  /** The name of its files in the folder, without their endings. */
  readonly name: string;
  readonly privateKey: KeyObject;
  readonly certificate: X509Certificate;
}

export interface KeyRing {
  /** Signs. */
  readonly active: SigningKey;
  /** All that service providers should accept, the active one first. */
  readonly published: readonly SigningKey[];
}
