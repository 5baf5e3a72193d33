/** A service provider as its metadata describes it (saml-metadata §2.4.4), whatever file or preset it came from. */
import type { KeyObject } from 'node:crypto';
import type { DataCipherName, KeyTransportName, SignatureName } from '../config/algorithm-names.ts';

/** An md:EndpointType (saml-metadata §2.2.2). */
export interface Endpoint {
  /** A binding URN. */
  readonly binding: string;
  /** Compared as an exact string, never as a URL. */
  readonly location: string;
  /** Where responses go; `location` where it is absent. */
  readonly responseLocation?: string | undefined;
  /** Whether channel bindings are verified there (saml-channel-binding-ext-v1.0); left unsaid where false. */
  readonly supportsChannelBindings?: boolean | undefined;
}

export interface AssertionConsumerService {
  readonly index: number;
  /** A binding URN. */
  readonly binding: string;
  /** Compared as an exact string, never as a URL. */
  readonly location: string;
  readonly isDefault: boolean;
}

/** saml-metadata §2.4.4.2: names and values as written; `nameFormat` is unspecified where it is not written. */
export interface RequestedAttribute {
  readonly name: string;
  readonly nameFormat: string;
  readonly isRequired: boolean;
  /** The only values wanted; empty where any is. */
  readonly values: readonly string[];
}

/** saml-metadata §2.4.4.1 */
export interface AttributeConsumingService {
  readonly index: number;
  readonly isDefault: boolean;
  readonly requestedAttributes: readonly RequestedAttribute[];
}

/** An attribute of the entity itself (mdattr:EntityAttributes). */
export interface EntityAttribute {
  readonly name: string;
  readonly nameFormat: string;
  readonly values: readonly string[];
}

/** A key to encrypt to, perhaps of a kind that we cannot, and the methods its KeyDescriptor names (saml-metadata §2.4.1.1), in its order; empty: any of ours. */
export interface EncryptionKey {
  readonly key: KeyObject;
  readonly methods: readonly EncryptionMethod[];
}

/** An md:EncryptionMethod: either of the data or of the key's transport. */
export interface EncryptionMethod {
  readonly algorithm: string;
  /** ds:DigestMethod of a key transport, where named. */
  readonly digest: string | undefined;
  /** xenc11:MGF of a key transport, where named. */
  readonly mgf: string | undefined;
}

/** What the alg: extension says (saml-metadata-algsupport): URIs by its preference; undefined where it says nothing of the kind. */
export interface AlgorithmSupport {
  readonly digests: readonly string[] | undefined;
  readonly signings:
    readonly { readonly algorithm: string; readonly minKeySize?: number; readonly maxKeySize?: number }[] | undefined;
}

/** How what it is sent is signed and encrypted, as its settings say beside its metadata. */
export interface Protection {
  /** The name of a key of ours, and of an algorithm. */
  readonly signature: { readonly key?: string | undefined; readonly algorithm?: SignatureName | undefined };
  /** Undefined: the assertion, where there is a key to encrypt it to. */
  readonly encrypt?: 'assertion' | 'nameId' | 'never' | undefined;
  readonly encryption: {
    readonly algorithm?: DataCipherName | undefined;
    readonly keyTransport?: KeyTransportName | undefined;
    readonly digest?: 'sha1' | 'sha256' | undefined;
  };
}

export interface ServiceProvider {
  readonly entityID: string;
  /** In the order of the metadata; never empty. */
  readonly assertionConsumerServices: readonly AssertionConsumerService[];
  /** In the order of the metadata; empty where it takes no part in single logout. */
  readonly singleLogoutServices: readonly Endpoint[];
  readonly attributeConsumingServices: readonly AttributeConsumingService[];
  readonly entityAttributes: readonly EntityAttribute[];
  /** Public keys that may verify its messages, each tried in turn. */
  readonly signingKeys: readonly KeyObject[];
  /** Empty where it takes no encrypted assertions. */
  readonly encryptionKeys: readonly EncryptionKey[];
  readonly algorithmSupport: AlgorithmSupport;
  /** Where true, an unsigned request is refused. */
  readonly authnRequestsSigned: boolean;
  readonly wantAssertionsSigned: boolean;
  /** NameIDFormat URNs it supports; empty where it does not say. */
  readonly nameIDFormats: readonly string[];
  /** Affiliations (saml-metadata §2.5) that it belongs to: by entity ID. */
  readonly affiliations: readonly string[];
  /** Undefined where it has no settings of the kind. */
  readonly protection?: Protection | undefined;
}

/** What a service provider has of which nothing is said. */
export const unsaid = {
  singleLogoutServices: [],
  attributeConsumingServices: [],
  entityAttributes: [],
  signingKeys: [],
  encryptionKeys: [],
  algorithmSupport: { digests: undefined, signings: undefined },
  authnRequestsSigned: false,
  wantAssertionsSigned: false,
  nameIDFormats: [],
  affiliations: [],
} as const satisfies Partial<ServiceProvider>;
