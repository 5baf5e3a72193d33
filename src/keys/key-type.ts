/** The kinds of key that Passerelle makes, and how it names those that it finds. */
import type { KeyObject } from 'node:crypto';

export const keyTypes = ['rsa-2048', 'rsa-3072', 'rsa-4096', 'ec-p256', 'ec-p384'] as const;
export type KeyType = (typeof keyTypes)[number];

/** What a key is for: to sign for everybody, to sign for single service providers, or to open what is encrypted to us. */
export const keyUses = ['signing', 'service-provider', 'encryption'] as const;
export type KeyUse = (typeof keyUses)[number];

export const isRsa = (type: KeyType): boolean => type.startsWith('rsa-');

const leastRsaBits = 2048;
const curves: Readonly<Record<string, KeyType>> = { prime256v1: 'ec-p256', secp384r1: 'ec-p384' };

/** Such as `rsa-2048` or `ec-p256`; undefined for a key that is too weak or of another kind. */
export function typeOfKey({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | undefined {
  const bits = asymmetricKeyDetails?.modulusLength ?? 0;
  if (asymmetricKeyType === 'rsa') return bits >= leastRsaBits ? `rsa-${String(bits)}` : undefined;
  const curve = asymmetricKeyType === 'ec' ? (asymmetricKeyDetails?.namedCurve ?? '') : '';
  return Object.hasOwn(curves, curve) ? curves[curve] : undefined;
}
