/** The settings of the audit trail: where events go, and how long what is personal is kept. */
import { z } from 'zod';
import { duration, path } from './schema-parts.ts';

export const audit = z
  .strictObject({
    store: z
      .boolean()
      .default(true)
      .describe('Whether events are kept in the store, where `passerelle explain` and `passerelle audit` find them.'),
    retention: duration('3650d').prefault('90d').describe('How long events are kept in the store.'),
    trail: z
      .union([z.literal('none'), duration('365d')])
      .prefault('14d')
      .meta({ values: 'a length of time such as 90s, 5m or 8h, at most 365d, or `none`' })
      .describe(
        'How long the steps of each sign-in are kept for `passerelle explain`: names as typed, addresses, attributes that the mapping read.',
      ),
    stdout: z.boolean().default(true).describe('Whether events are written to standard output.'),
    file: z
      .strictObject({
        path: path.describe('The file. Older ones lie beside it, numbered.'),
        megabytes: z.int().min(1).max(10_000).default(100).describe('From this size on, a new file is begun.'),
        keep: z.int().min(1).max(1_000).default(10).describe('How many older files are kept.'),
      })
      .optional()
      .describe('A file for events alone, one JSON object a line.')
      .meta({ without: 'none' }),
    syslog: z
      .strictObject({
        url: z
          .string()
          .max(1024)
          .regex(/^(tcp|tls):\/\/[^/?#\s]+$/, 'such as tls://syslog.example.com:6514')
          .describe('The server (RFC 5424, framed by RFC 6587): tls://HOST[:6514] or tcp://HOST[:601].'),
        caFile: path
          .optional()
          .describe('The authority behind its certificate, PEM.')
          .meta({ without: 'those that Node.js trusts' }),
        facility: z
          .enum(['auth', 'authpriv', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'])
          .default('authpriv')
          .describe('Facility of the messages.'),
      })
      .optional()
      .describe('A syslog server for events.')
      .meta({ without: 'none' }),
  })
  .prefault({})
  .describe('The audit trail: one event for each outcome.');

export type AuditConfig = z.output<typeof audit>;
