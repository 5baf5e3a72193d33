/** The settings of Windows integrated authentication: Kerberos by SPNEGO. */
import { z } from 'zod';
import { domainName, duration, path } from './schema-parts.ts';
import { parsePattern, PatternMistake } from './pattern.ts';

const pattern = z
  .string()
  .min(1)
  .superRefine((written, context) => {
    try {
      parsePattern(written);
    } catch (error) {
      if (!(error instanceof PatternMistake)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
    }
  })
  .meta({ values: 'a pattern' });

/** Service, host and realm. */
export const principalPattern = /^[^\s/@\\]+\/[^\s/@\\]+@[^\s/@\\]+$/;

const realm = z
  .string()
  .regex(/^[^\s/@\\]{1,253}$/, 'a Kerberos realm, such as CORP.EXAMPLE.COM')
  .meta({ values: 'a realm' });

export const kerberos = z
  .strictObject({
    keytab: path.describe(
      'The keytab: a file with the keys of the principals. It is read at each sign-in, so that another may take its place at any time.',
    ),
    principals: z
      .array(
        z
          .string()
          .max(512)
          .regex(principalPattern, 'a service principal, such as HTTP/sso.example.com@CORP.EXAMPLE.COM')
          .meta({ values: 'a service principal' }),
      )
      .min(1)
      .max(50)
      .describe('Our service principals: HTTP/, each host name under which browsers reach Passerelle, and the realm.'),
    networks: z
      .array(z.string().min(1))
      .min(1)
      .max(200)
      .describe('Addresses or networks (CIDR) whose browsers are asked for a ticket. All others see the form at once.'),
    userAgents: z
      .array(pattern)
      .max(50)
      .default(['.*\\((Windows NT|Macintosh|X11)[ ;].*'])
      .describe(
        'Patterns, one of which the whole User-Agent of a browser must fit to be asked for a ticket. Empty: every browser.',
      ),
    realms: z
      .record(realm, domainName)
      .default({})
      .describe(
        'Realms whose people are let in, each with the DNS name of the domain that holds them. Empty: those of the domains of directory.',
      ),
    channelBinding: z
      .enum(['none', 'offered', 'required'])
      .default('offered')
      .describe(
        'Whether a ticket is bound to the TLS connection: not looked at, verified where the browser binds it, or refused where it does not.',
      ),
    certFiles: z
      .array(path)
      .max(20)
      .default([])
      .describe(
        'Certificates (PEM) that browsers see where a proxy speaks TLS, for channelBinding. With tls its certificate counts.',
      ),
    afterSignOut: duration('30d')
      .prefault('1h')
      .describe('For how long a browser in which somebody signed out is shown the form, not signed in again unasked.'),
  })
  .optional()
  .describe('Windows integrated authentication: whoever is signed in to the domain is signed in here, by Kerberos.')
  .meta({ without: 'passwords alone' });

export type KerberosConfig = NonNullable<z.output<typeof kerberos>>;
