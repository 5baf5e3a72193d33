/** Our keys as what signs for each service provider, by the algorithms that the configuration lets us use. */
import type { Audit } from '../audit/audit.ts';
import { algorithmUri } from '../config/algorithm-names.ts';
import type { Configuration } from '../config/read-configuration.ts';
import type { HeldKey, KeyRing } from '../keys/key-ring.ts';
import { createKeySigner } from '../keys/key-signer.ts';
import { createAlgorithmPolicy, type AlgorithmPolicy } from '../saml/algorithm-policy.ts';
import { createSigners, type SigningKey } from '../saml/choose-signer.ts';
import type { Signers } from '../saml/signer.ts';

/** Which algorithms the configuration lets us use; the weak ones are told of, now and at each use. */
export function readPolicy({ algorithms }: Pick<Configuration, 'algorithms'>, audit: Pick<Audit, 'note'>): AlgorithmPolicy {
  const uris = (names: readonly string[]): readonly string[] => names.map((name) => algorithmUri(name) ?? name);
  for (const algorithm of algorithms.allowed) audit.note('warn', 'a weak algorithm is allowed', { algorithm });
  return createAlgorithmPolicy(
    { forbidden: uris(algorithms.forbidden), allowed: uris(algorithms.allowed) },
    (algorithm, entityID) => {
      audit.note('warn', 'a weak algorithm was used', { algorithm, serviceProvider: entityID });
    },
  );
}

const signingKeyOf = (key: HeldKey): SigningKey => ({
  name: key.name,
  publicKey: key.certificate.publicKey,
  algorithms: key.privatePart.algorithms,
  signer: (algorithm, digest) => createKeySigner(key, algorithm, digest),
});

/** @throws Error where what is forbidden leaves the active key nothing to sign with */
export const createOurSigners = (keys: Pick<KeyRing, 'published' | 'forServiceProviders'>, policy: AlgorithmPolicy): Signers =>
  createSigners({ everybody: keys.published.map(signingKeyOf), further: keys.forServiceProviders.map(signingKeyOf) }, policy);
