/** What the routes need of client certificates, from their configuration. */
import type { Certificates } from '../authenticators/certificate/open-certificates.ts';
import type { Configuration } from '../config/read-configuration.ts';
import type { AuthnContexts } from '../signin/authn-context.ts';
import type { HandOver } from '../signin/hand-over.ts';
import type { Request } from '../signin/verify-requested.ts';
import type { CertificateDoor } from './certificate-door.ts';
import { createCertificateHeader } from './certificate-header.ts';

/** @param parts `contextsOf` says what could prove the person to a request, and throws a Refusal where nothing could */
export function openCertificateDoor(parts: {
  certificates: Certificates | undefined;
  config: Pick<Configuration, 'certificate' | 'publicUrl' | 'trustProxy'>;
  handOver: HandOver;
  contextsOf: (request: Request) => AuthnContexts;
}): CertificateDoor | undefined {
  const { certificates, config, handOver, contextsOf } = parts;
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
    allows: (request) => contextsOf(request).has('certificate'),
    allowsPassword: (request) => contextsOf(request).has('password'),
  };
}
