/** Our keys: which one signs, which ones service providers are told of, which ones open what is encrypted to us. */
import type { KeyObject, X509Certificate } from 'node:crypto';

export interface HeldKey {
  /** The name of its files in the folder, without their endings. */
  readonly name: string;
  readonly privateKey: KeyObject;
  readonly certificate: X509Certificate;
}

export interface KeyRing {
  /** Signs. */
  readonly active: HeldKey;
  /** What every service provider should accept, the active one first; as many as Google takes. */
  readonly published: readonly HeldKey[];
  /** Further keys, which sign where the settings of a service provider say so or its metadata takes no other. */
  readonly forServiceProviders: readonly HeldKey[];
  /** Open what is encrypted to us, the newest first, which is the one that others are told of. */
  readonly decryption: readonly HeldKey[];
}
