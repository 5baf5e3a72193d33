/** Our keys: which one signs, which ones service providers are told of, which ones open what is encrypted to us. */
import type { KeyObject, X509Certificate } from 'node:crypto';
import type { PrivatePart } from './private-part.ts';

export interface NamedCertificate {
  /** Of a key: the name of its files in the folder, without their endings. */
  readonly name: string;
  readonly certificate: X509Certificate;
}

/** A key that signs. */
export interface HeldKey extends NamedCertificate {
  readonly privatePart: PrivatePart;
}

/** A key that opens what is encrypted to us, in this process. */
export interface DecryptionKey extends NamedCertificate {
  readonly privateKey: KeyObject;
}

export interface KeyRing {
  /** Signs. */
  readonly active: HeldKey;
  /** What every service provider should accept, the active one first; as many as Google takes. */
  readonly published: readonly HeldKey[];
  /** Further keys, which sign where the settings of a service provider say so or its metadata takes no other. */
  readonly forServiceProviders: readonly HeldKey[];
  /** Open what is encrypted to us, the newest first, which is the one that others are told of. */
  readonly decryption: readonly DecryptionKey[];
}

/** By what a key is known for good, since a name may be given again once nobody remembers it. */
export const fingerprintOf = ({ certificate }: NamedCertificate): string => certificate.fingerprint256.replaceAll(':', '');
