/** Reads the public keys of a PEM file, bare or in certificates, of which nothing but the key counts. */
import { createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';

const block = /-----BEGIN (CERTIFICATE|PUBLIC KEY)-----[A-Za-z0-9+/=\s]+-----END \1-----/g;

const curves: ReadonlySet<string | undefined> = new Set(['prime256v1', 'secp384r1', 'secp521r1']);
/** SP 800-131A §3: what is shorter can be forged. */
const leastBits = 2_048;

const isSound = ({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean => {
  if (type === 'ec') return curves.has(details?.namedCurve);
  if (type !== 'rsa' && type !== 'rsa-pss') return false;
  return (details?.modulusLength ?? 0) >= leastBits && (details?.publicExponent ?? 0n) >= 3n;
};

/** Those of RSA from 2,048 bits and ECDSA; undefined where the text holds none, or one that cannot be used. */
export function readPublicKeys(pem: string): readonly [KeyObject, ...KeyObject[]] | undefined {
  try {
    const [first, ...others] = [...pem.matchAll(block)].map(([text, kind]) =>
      kind === 'CERTIFICATE' ? new X509Certificate(text).publicKey : createPublicKey(text),
    );
    if (first === undefined) return undefined;
    return [first, ...others].every(isSound) ? [first, ...others] : undefined;
  } catch {
    return undefined;
  }
}
