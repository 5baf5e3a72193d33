/** The certificates that our own listeners present to browsers. */
import { X509Certificate } from 'node:crypto';
import type { Configuration } from '../config/read-configuration.ts';
import type { NamedCertificate } from './key-ring.ts';

/** Named by their settings; the first of each file, which is our own. A file that holds none is left out: whoever listens says so. */
export function readTlsCertificates(
  config: Pick<Configuration, 'tls' | 'certificate'>,
  read: (file: string) => string,
): readonly NamedCertificate[] {
  const files = [
    ['tls.certFile', config.tls?.certFile],
    ['certificate.listener.tls.certFile', config.certificate?.listener?.tls.certFile],
  ] as const;
  return files.flatMap(([name, file]) => {
    if (file === undefined) return [];
    try {
      return [{ name, certificate: new X509Certificate(read(file)) }];
    } catch {
      return [];
    }
  });
}
