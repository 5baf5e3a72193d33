/** The one strict schema of the configuration: every leaf has a description, and a default unless it must be given. */
import { z } from 'zod';
import { account } from './account-schema.ts';
import { algorithms } from './algorithms-schema.ts';
import { audit } from './audit-schema.ts';
import { certificate } from './certificate-schema.ts';
import { directory } from './directory-schema.ts';
import { ecp } from './ecp-schema.ts';
import { factors } from './factors-schema.ts';
import { kerberos } from './kerberos-schema.ts';
import { metadata } from './metadata-schema.ts';
import { metrics } from './metrics-schema.ts';
import { password } from './password-schema.ts';
import { policy } from './policy-schema.ts';
import { release } from './release-schema.ts';
import { reload } from './reload-schema.ts';
import { absoluteUrl, domainName, duration, path } from './schema-parts.ts';
import { serviceProvider } from './service-provider-schema.ts';
import { store } from './store-schema.ts';
import { throttle } from './throttle-schema.ts';
import { drain, workers } from './workers-schema.ts';

const mapping = z
  .strictObject({
    source: z
      .enum(['userPrincipalName', 'mail'])
      .default('userPrincipalName')
      .describe('The directory attribute that holds the address: userPrincipalName or mail.'),
    substitute: z
      .record(domainName, domainName)
      .default({})
      .describe('Domains to replace in the source value before anything else, such as corp.local: example.com.'),
    domains: z
      .strictObject({
        primary: domainName.describe('The primary domain of the Cloud Identity account.'),
        secondary: z.array(domainName).default([]).describe('Its secondary domains.'),
        aliases: z
          .record(domainName, domainName)
          .default({})
          .describe('Its alias domains, each with the primary or secondary domain that it stands for.'),
      })
      .describe('The domains of the Cloud Identity account. An address outside them is refused.'),
    letterCase: z
      .enum(['lower', 'preserve'])
      .default('lower')
      .describe('Letter case of the address before the @. Google compares it exactly and holds lower case by default.'),
  })
  .describe('How a person becomes a Cloud Identity address.');

export const schema = z
  .strictObject({
    publicUrl: absoluteUrl(
      'The address under which browsers reach Passerelle, without a path. Everything published derives from it. https, or http to a loopback name.',
    ),
    entityId: z
      .string()
      .min(1)
      .max(1024)
      .regex(/^\S+$/, 'without spaces')
      .optional()
      .describe('Our entity ID. Changing it breaks every service provider.')
      .meta({ without: 'publicUrl followed by /saml/metadata', values: 'a URI' }),
    listen: z
      .strictObject({
        host: z.string().min(1).default('127.0.0.1').describe('Address to listen on; 0.0.0.0 for all.'),
        port: z.int().min(0).max(65535).default(8080).describe('Port to listen on; 0 for any free one.'),
      })
      .prefault({})
      .describe('Where the server listens.'),
    workers,
    drain,
    tls: z
      .strictObject({
        certFile: path.describe('Certificate chain, PEM.'),
        keyFile: path.describe('Its private key, PEM.'),
      })
      .optional()
      .describe('TLS of our own. Leave out behind a proxy that speaks TLS.')
      .meta({ without: 'plain HTTP' }),
    trustProxy: z
      .array(z.string().min(1))
      .default([])
      .describe('Addresses or networks (CIDR) of proxies whose X-Forwarded-For is believed. Empty: nobody.'),
    directory,
    kerberos,
    certificate,
    factors,
    mapping,
    serviceProviders: z.array(serviceProvider).default([]).describe('Who may ask us to sign people in.'),
    metadata,
    release,
    ecp,
    password,
    policy,
    account,
    session: z
      .strictObject({
        idle: duration('30d').prefault('1h').describe('A session ends after this long without use.'),
        absolute: duration('30d').prefault('12h').describe('A session ends after this long in any case.'),
      })
      .prefault({})
      .describe('Single sign-on.'),
    throttle,
    metrics,
    algorithms,
    keys: z
      .strictObject({ folder: path.default('certs').describe('Where signing keys and certificates are kept.') })
      .prefault({})
      .describe('Signing keys.'),
    store,
    clockSkew: duration('15m').prefault('3m').describe('How far a service provider’s clock may be off.'),
    requestLifetime: duration('1d').prefault('10m').describe('How long a person may take to answer a request.'),
    branding: z
      .strictObject({
        name: z.string().min(1).max(80).default('Passerelle').describe('The name on the pages.'),
        logoFile: path
          .optional()
          .describe('Logo on the pages: SVG, PNG or WebP, at most 200 kB.')
          .meta({ without: 'the name alone' }),
        color: z
          .string()
          .regex(/^#[0-9a-fA-F]{6}$/, 'a colour such as #0b57d0')
          .default('#0b57d0')
          .describe('Colour of buttons and links.'),
        helpUrl: absoluteUrl('Where people find help.').optional().meta({ without: 'no link' }),
        changePasswordUrl: absoluteUrl('Where people change their password; Google Admin asks for it.')
          .optional()
          .meta({ without: 'no link' }),
        templates: path
          .optional()
          .describe('A folder of templates that replace those of the same name in views/.')
          .meta({ without: 'none' }),
      })
      .prefault({})
      .describe('How the pages look.'),
    log: z
      .strictObject({
        level: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('What is written to standard output.'),
      })
      .prefault({})
      .describe('The log.'),
    audit,
    reload,
  })
  .describe('Configuration of Passerelle');

/** The configuration as it is after defaults, with durations in milliseconds. */
export type Config = z.output<typeof schema>;
/** The configuration as a person writes it. */
export type ConfigInput = z.input<typeof schema>;
export type ServiceProviderConfig = Config['serviceProviders'][number];
