/** What the routes need of client certificates. */
import type { Recogniser } from '../authenticators/authenticator.ts';
import type { HandOver } from '../signin/hand-over.ts';
import type { ReadCertificateHeader } from './certificate-header.ts';

export interface CertificateDoor {
  readonly recogniser: Recogniser;
  readonly handOver: HandOver;
  /** Where browsers are asked for a certificate: an origin. */
  readonly presentedAt: string;
  /** Undefined where a listener of our own asks. */
  readonly readHeader: ReadCertificateHeader | undefined;
}
