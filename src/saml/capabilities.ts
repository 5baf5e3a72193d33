/** What Passerelle can verify and open, as the running configuration leaves it, for its own metadata (saml-metadata-algsupport §2.3). */
import { digestAlgorithms, maskFunctions, oaepDigests, signatureAlgorithms } from '../config/algorithm-names.ts';
import type { SignatureAlgorithm } from '../config/algorithm-names.ts';
import type { AlgorithmPolicy } from './algorithm-policy.ts';
import { ciphers, isPermitted, transports } from './choose-encryption.ts';
import type { AlgorithmSupport, EncryptionMethod } from './service-provider.ts';

export interface Capabilities extends Required<AlgorithmSupport> {
  readonly digests: readonly string[];
  readonly signings: readonly { readonly algorithm: string; readonly minKeySize: number }[];
  readonly encryptions: readonly EncryptionMethod[];
}

/** Bits of the smallest key that is fit for each. */
const minKeySize = { pkcs1: 2048, pss: 2048, ecdsa: 256 } as const satisfies Record<SignatureAlgorithm['scheme'], number>;

export function capabilitiesOf(policy: AlgorithmPolicy): Capabilities {
  const transported = transports.filter((transport) => isPermitted(transport, policy));
  return {
    digests: Object.values(digestAlgorithms).filter((uri) => policy.permits(uri)),
    signings: Object.values<SignatureAlgorithm>(signatureAlgorithms)
      .filter(({ uri }) => policy.permits(uri))
      .map(({ uri, scheme }) => ({ algorithm: uri, minKeySize: minKeySize[scheme] })),
    encryptions: [
      ...ciphers
        .filter(({ uri }) => policy.permits(uri))
        .map(({ uri }) => ({ algorithm: uri, digest: undefined, mgf: undefined })),
      ...transported.map(({ uri, oaep }) => ({
        algorithm: uri,
        digest: oaep && oaepDigests[oaep.digest],
        // Of rsa-oaep-mgf1p the mask is in the name (xmlenc-core1 §5.5.2).
        mgf: oaep && uri.endsWith('#rsa-oaep') ? maskFunctions[oaep.mgf] : undefined,
      })),
    ],
  };
}
