/** The section of client certificates ready for use: paths are absolute, addresses are origins. */
import type { CertificateConfig } from './certificate-schema.ts';

/** @param at makes a path absolute */
export function completeCertificate(config: CertificateConfig, at: (path: string) => string): CertificateConfig {
  const { authorities, listener, header, revocation } = config;
  return {
    ...config,
    authorities: authorities.map((authority) => ({ ...authority, caFile: at(authority.caFile) })),
    ...(listener !== undefined && {
      listener: {
        ...listener,
        publicUrl: new URL(listener.publicUrl).origin,
        tls: { certFile: at(listener.tls.certFile), keyFile: at(listener.tls.keyFile) },
      },
    }),
    ...(header !== undefined && {
      header: {
        ...header,
        secretFile: at(header.secretFile),
        ...(header.publicUrl !== undefined && { publicUrl: new URL(header.publicUrl).origin }),
      },
    }),
    revocation: { ...revocation, crlFiles: revocation.crlFiles.map(at) },
  };
}
