/** The schema of who may use a service provider. */
import { z } from 'zod';

export const group = z
  .string()
  .min(3)
  .max(1024)
  .regex(
    /^(?:[^=,]+=.+|S-1-(?:0|[1-9]\d{0,14})(?:-(?:0|[1-9]\d{0,9})){1,15}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$/u,
    'a distinguished name, a SID (S-1-5-21-…) or an objectGUID; a mere name could be borne by another group',
  )
  .meta({ values: 'a distinguished name, a SID or an objectGUID' });

export const access = z
  .strictObject({
    groups: z.array(group).min(1).optional().describe('Members of any of these groups may, through other groups too.').meta({
      without: 'everybody',
    }),
    except: z.array(group).default([]).describe('Members of any of these may not, whatever other groups they are in.'),
  })
  .optional()
  .describe('Who may use it.')
  .meta({ without: 'everybody' });

export type AccessConfig = NonNullable<z.output<typeof access>>;
