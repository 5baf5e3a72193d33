/** The settings of client certificates and smart cards. */
import { z } from 'zod';
import { absoluteUrl, duration, path } from './schema-parts.ts';

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,64}$/, 'the name of a header: letters, digits and hyphens')
  .meta({ values: 'the name of a header' });

const authority = z
  .strictObject({
    caFile: path.describe(
      'Certificates of authorities (PEM). One whose issuer is also given is asked about for revocation, too.',
    ),
    trustUpn: z
      .boolean()
      .default(false)
      .describe(
        'Whether the user principal name in what these authorities issue themselves says whose it is. Only where nobody can have a name written into a certificate that is not their own.',
      ),
    trustSid: z
      .boolean()
      .default(false)
      .describe(
        'Whether the security identifier that these authorities write into what they issue themselves says whose it is, as that of AD CS does. Not where it is copied from what somebody asks for.',
      ),
    domains: z
      .array(
        z
          .string()
          .regex(/^[A-Za-z0-9_.-]{1,255}$/, 'the DNS name of a domain')
          .meta({ values: 'a DNS name' }),
      )
      .max(64)
      .default([])
      .describe('Domains whose people these authorities may name by either; none: of every domain and forest.'),
  })
  .describe('Authorities of people’s certificates.');

const listener = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1').describe('Address to listen on; 0.0.0.0 for all.'),
    port: z.int().min(0).max(65535).describe('Port to listen on, another one than `listen.port` at the same address.'),
    publicUrl: absoluteUrl(
      'The address under which browsers reach it, without a path: https, on another port or host than publicUrl.',
    ),
    tls: z
      .strictObject({
        certFile: path.describe('Certificate chain of the listener, PEM.'),
        keyFile: path.describe('Its private key, PEM.'),
      })
      .describe('TLS of the listener.'),
  })
  .optional()
  .describe('A TLS listener of our own that asks browsers for a certificate. Nothing else is served there.')
  .meta({ without: 'certificates come in a header' });

const header = z
  .strictObject({
    publicUrl: absoluteUrl('The address at which the proxy asks browsers for a certificate, without a path.')
      .optional()
      .meta({ without: 'publicUrl' }),
    name: headerName
      .default('X-Client-Cert')
      .describe('The header with the certificate: PEM in percent-encoding, or DER in base64.'),
    seal: z
      .enum(['hmac', 'secret'])
      .default('hmac')
      .describe(
        'How the proxy proves that the header is its own: `hmac`, an HMAC-SHA256 over time, sign-in and certificate; or `secret`, the secret itself in a header.',
      ),
    sealName: headerName.default('X-Client-Cert-Seal').describe('The header with the seal or the secret.'),
    secretFile: path.describe('A file with the secret that the proxy shares: 32 characters or more.'),
    ocspName: headerName
      .optional()
      .describe('The header with an OCSP response for the certificate, DER in base64, where the proxy hands one on.')
      .meta({ without: 'none' }),
  })
  .optional()
  .describe('Certificates that a proxy of trustProxy hands on in a sealed header, at /signin/certificate/present.')
  .meta({ without: 'a listener of our own' });

const revocation = z
  .strictObject({
    crlFiles: z
      .array(path)
      .max(32)
      .default([])
      .describe('Revocation lists in files (PEM or DER); another may take the place of each at any time.'),
    crlUrls: z
      .array(absoluteUrl('Its address.'))
      .max(32)
      .default([])
      .describe('Revocation lists on the web, beside those that certificates name.'),
    ocsp: z.boolean().default(true).describe('Whether the OCSP responders that certificates name are asked.'),
    hosts: z
      .array(
        z
          .string()
          .regex(
            /^[A-Za-z0-9.-]{1,253}(:\d{1,5})?$|^\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?$/,
            'a host, with a port where it has its own',
          )
          .meta({ values: 'a host' }),
      )
      .max(32)
      .default([])
      .describe(
        'Hosts that may be asked where certificates name them: for lists no others are, and in inner networks no other responders.',
      ),
    timeout: duration('30s').prefault('5s').describe('How long a list or a responder may take to answer.'),
    refresh: duration('7d')
      .prefault('1h')
      .describe('How often a list or an answer is asked for again, though it would still hold.'),
    megabytes: z.int().min(1).max(200).default(20).describe('Megabytes that a list may have.'),
  })
  .prefault({})
  .describe('How it is known that a certificate was not revoked. Where that cannot be known, it is refused.');

export const certificate = z
  .strictObject({
    authorities: z.array(authority).min(1).max(32).describe('Who issues the certificates of people; nobody else counts.'),
    purposes: z
      .array(z.enum(['clientAuth', 'smartCardLogon']))
      .min(1)
      .default(['clientAuth', 'smartCardLogon'])
      .describe('Purposes (extendedKeyUsage), one of which a certificate must name.'),
    listener,
    header,
    revocation,
  })
  .optional()
  .describe('Client certificates and smart cards. Either `listener` or `header` says where they come from.')
  .meta({ without: 'nobody signs in with one' });

export type CertificateConfig = NonNullable<z.output<typeof certificate>>;
