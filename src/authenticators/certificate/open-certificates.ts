/** The authenticator of client certificates that a configuration names, opened. */
import type { Clock, Random } from '../../clock.ts';
import type { CertificateConfig } from '../../config/certificate-schema.ts';
import type { Directory } from '../../directory/directory.ts';
import type { Recogniser } from '../authenticator.ts';
import { createCertificateRecogniser } from '../certificate.ts';
import { createFetchBytes } from './fetch-bytes.ts';
import { openAuthorities } from './open-authorities.ts';
import { createRevocation } from './revocation.ts';

export interface Certificates {
  readonly recogniser: Recogniser;
  /** PEM: what browsers are told to choose from. */
  readonly authorities: string;
  /** Undefined where a listener of our own asks. */
  readonly headerSecret: string | undefined;
  /** Waits for no answer any more. */
  close(): void;
}

const purposeIds = { clientAuth: '1.3.6.1.5.5.7.3.2', smartCardLogon: '1.3.6.1.4.1.311.20.2.2' } as const;

/** @param parts `read` gives the text of a file. @throws AuthorityMistake */
export function openCertificates(
  config: CertificateConfig,
  parts: { directory: Pick<Directory, 'bySecurityIdentity'>; clock: Clock; random: Random; read: (file: string) => string },
): Certificates {
  const { directory, clock, random, read } = parts;
  const authorities = openAuthorities(config.authorities, read);
  const closing = new AbortController();
  const revocation = createRevocation({
    settings: config.revocation,
    fetchBytes: createFetchBytes(closing.signal),
    clock,
    random,
  });
  const purposes = config.purposes.map((purpose) => purposeIds[purpose]);
  return {
    recogniser: createCertificateRecogniser({ trust: { authorities, purposes }, revocation, directory, clock }),
    authorities: config.authorities.map(({ caFile }) => read(caFile)).join('\n'),
    headerSecret: config.header && read(config.header.secretFile).trim(),
    close() {
      closing.abort();
    },
  };
}
