/** What the routes need of client certificates, from their configuration. */
import type { Certificates } from '../authenticators/certificate/open-certificates.ts';
import type { Configuration } from '../config/read-configuration.ts';
import type { HandOver } from '../signin/hand-over.ts';
import type { CertificateDoor } from './certificate-door.ts';
import { createCertificateHeader } from './certificate-header.ts';

export function openCertificateDoor(parts: {
  certificates: Certificates | undefined;
  config: Pick<Configuration, 'certificate' | 'publicUrl' | 'trustProxy'>;
  handOver: HandOver;
}): CertificateDoor | undefined {
  const { certificates, config, handOver } = parts;
  if (certificates === undefined || config.certificate === undefined) return undefined;
  const { listener, header } = config.certificate;
  const { headerSecret: secret } = certificates;
  const { trustProxy } = config;
  return {
    recogniser: certificates.recogniser,
    handOver,
    presentedAt: new URL(listener?.publicUrl ?? header?.publicUrl ?? config.publicUrl).origin,
    readHeader:
      header === undefined || secret === undefined ? undefined : createCertificateHeader({ config: header, secret, trustProxy }),
  };
}
