/** When our certificates end, and how soon that must be told. */
import type { X509Certificate } from 'node:crypto';
import type { KeyRing, NamedCertificate } from './key-ring.ts';

export interface Expiry {
  /** What the certificate is for: to sign for everybody, or for single service providers; for others to encrypt to us; for browsers. */
  readonly what: 'signing' | 'service-provider' | 'encryption' | 'tls';
  /** Of the key, as `keys list` shows it; for `tls`, the setting that names the certificate. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
}

/** Days ahead at which the end of a certificate is told, and 0, from when on it has ended. */
export type Warning = 60 | 30 | 7 | 0;

const day = 24 * 3_600_000;
const warnings = [0, 7, 30, 60] as const;

/** Of all keys of the ring, and of the certificates that our listeners present (`readTlsCertificates`). */
export function expiries(
  ring: Pick<KeyRing, 'published' | 'forServiceProviders' | 'decryption'>,
  tls: readonly NamedCertificate[] = [],
): readonly Expiry[] {
  const of = (what: Expiry['what'], certified: readonly NamedCertificate[]): readonly Expiry[] =>
    certified.map(({ name, certificate }) => ({ what, name, notAfter: endOf(certificate) }));
  return [
    ...of('signing', ring.published),
    ...of('service-provider', ring.forServiceProviders),
    ...of('encryption', ring.decryption),
    ...of('tls', tls),
  ];
}

/** Milliseconds since the epoch. */
export const endOf = ({ validTo }: X509Certificate): number => Date.parse(validTo);

/** Days that are left, begun ones not counted; negative once it has ended. `now` in milliseconds since the epoch. */
export const daysLeft = ({ notAfter }: Expiry, now: number): number => Math.floor((notAfter - now) / day);

/** The nearest threshold that was reached; undefined while there is time. `now` in milliseconds since the epoch. */
export const warningOf = ({ notAfter }: Expiry, now: number): Warning | undefined =>
  warnings.find((days) => notAfter - now <= days * day);
