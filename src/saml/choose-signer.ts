/** Chooses the key and the algorithms that sign what goes to whom (saml-metadata-algsupport §2.5). */
import type { KeyObject } from 'node:crypto';
import { digestAlgorithms, digestNames, signatureAlgorithms } from '../config/algorithm-names.ts';
import type { DigestName, SignatureName } from '../config/algorithm-names.ts';
import { Refusal } from '../refusal.ts';
import type { AlgorithmPolicy } from './algorithm-policy.ts';
import type { AlgorithmSupport, ServiceProvider } from './service-provider.ts';
import type { Signer, Signers } from './signer.ts';

/** A key of ours that signs by whatever algorithm fits it. */
export interface SigningKey {
  readonly name: string;
  readonly publicKey: KeyObject;
  /** Those that it signs by; undefined: all that fit it. */
  readonly algorithms?: readonly SignatureName[] | undefined;
  signer(algorithm: SignatureName, digest: DigestName): Signer;
}

const names = Object.keys(signatureAlgorithms) as SignatureName[];
const ecBits: Readonly<Record<string, number>> = { prime256v1: 256, secp384r1: 384 };
const schemeKeys = { pkcs1: 'rsa', pss: 'rsa', ecdsa: 'ec' } as const;

const bitsOf = ({ asymmetricKeyDetails: details }: KeyObject): number =>
  details?.modulusLength ?? ecBits[details?.namedCurve ?? ''] ?? 0;

/** The algorithms of a key, the first choice first: for ECDSA the hash as long as the curve. */
function namesFor(key: KeyObject): readonly SignatureName[] {
  const fitting = names.filter((name) => schemeKeys[signatureAlgorithms[name].scheme] === key.asymmetricKeyType);
  return key.asymmetricKeyDetails?.namedCurve === 'secp384r1'
    ? fitting.toSorted((a, b) => Number(b === 'ecdsa-sha384') - Number(a === 'ecdsa-sha384'))
    : fitting;
}

function isTaken(uri: string, bits: number, { signings }: AlgorithmSupport): boolean {
  return (
    signings === undefined ||
    signings.some(
      ({ algorithm, minKeySize = 0, maxKeySize = Infinity }) => algorithm === uri && minKeySize <= bits && bits <= maxKeySize,
    )
  );
}

/**
 * `keys` are those that sign for everybody, the active one first, then those for single service providers. Where neither its
 * settings nor its metadata say anything, a service provider is answered by the default.
 * @throws Error where what is forbidden leaves the active key nothing to sign with
 */
export function createSigners(
  keys: { readonly everybody: readonly SigningKey[]; readonly further: readonly SigningKey[] },
  policy: AlgorithmPolicy,
): Signers {
  const { everybody, further } = keys;
  const anything: AlgorithmSupport = { digests: undefined, signings: undefined };

  function choose(
    candidates: readonly SigningKey[],
    wanted: SignatureName | undefined,
    support: AlgorithmSupport,
  ): Signer | undefined {
    const digestUri = Object.values(digestAlgorithms).find(
      (each) => policy.permits(each) && (support.digests?.includes(each) ?? true),
    );
    const digest = digestUri && digestNames.get(digestUri);
    if (digest === undefined) return undefined;
    for (const key of candidates) {
      const name = namesFor(key.publicKey).find((each) => {
        const { uri } = signatureAlgorithms[each];
        return (
          (wanted ?? each) === each &&
          (key.algorithms?.includes(each) ?? true) &&
          policy.permits(uri) &&
          isTaken(uri, bitsOf(key.publicKey), support)
        );
      });
      if (name !== undefined) return { ...key.signer(name, digest), keyName: key.name };
    }
    return undefined;
  }

  const byDefault = choose(everybody.slice(0, 1), undefined, anything);
  if (byDefault === undefined) throw new Error('what algorithms.forbidden names leaves nothing to sign with');
  // A service provider whose metadata changed is another object.
  const chosen = new WeakMap<ServiceProvider, Signer>();

  return {
    default: byDefault,
    for(serviceProvider) {
      const known = chosen.get(serviceProvider);
      if (known !== undefined) return known;
      const { key: name, algorithm } = serviceProvider.protection?.signature ?? {};
      const candidates =
        name === undefined
          ? [...everybody.slice(0, 1), ...further]
          : [...everybody, ...further].filter((key) => key.name === name);
      const { signings, digests } = serviceProvider.algorithmSupport;
      const asked = name !== undefined || algorithm !== undefined || signings !== undefined || digests !== undefined;
      const signer = asked ? choose(candidates, algorithm, serviceProvider.algorithmSupport) : byDefault;
      if (signer === undefined) {
        throw new Refusal('algorithms-not-shared', { entityID: serviceProvider.entityID, purpose: 'signature' });
      }
      chosen.set(serviceProvider, signer);
      return signer;
    },
  };
}
