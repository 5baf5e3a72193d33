/** A certificate out of an export, made sure of: metadata that hold another could not be read. */
import { X509Certificate } from 'node:crypto';

export interface CertificateReading {
  /** DER in base64; undefined where it cannot be used. */
  readonly der: string | undefined;
  /** Reads on after "the certificate"; undefined where there is nothing to say. */
  readonly trouble: string | undefined;
}

const longest = 65_536;
const unusable = (trouble: string): CertificateReading => ({ der: undefined, trouble });

/** @param written DER, or base64 or PEM of it. @param now milliseconds since the epoch */
export function readCertificate(written: string | Buffer, now: number): CertificateReading {
  if (written.length > longest) return unusable('is too long for one');
  let certificate: X509Certificate;
  try {
    const base64 = typeof written === 'string' ? written.replace(/-----[A-Z0-9 ]*-----/g, '').replace(/\s+/g, '') : '';
    certificate = new X509Certificate(typeof written === 'string' ? Buffer.from(base64, 'base64') : written);
    // A name of an unknown kind of key only fails here.
    const { asymmetricKeyType: type, asymmetricKeyDetails: details } = certificate.publicKey;
    const bits = details?.modulusLength ?? 0;
    if (type === 'rsa' && (bits < 1024 || bits > 16_384)) return unusable(`has an RSA key of ${String(bits)} bits`);
    if (type !== 'rsa' && type !== 'ec') return unusable('has a key that is neither RSA nor ECDSA');
  } catch {
    return unusable('cannot be read');
  }
  const isOver = certificate.validToDate.getTime() < now;
  const until = certificate.validToDate.toISOString().slice(0, 10);
  return { der: certificate.raw.toString('base64'), trouble: isOver ? `was valid until ${until}` : undefined };
}
