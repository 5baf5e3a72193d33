/** The schema of the policy: which sign-ins must prove what. */
import { z } from 'zod';
import { group } from './access-schema.ts';
import { duration } from './schema-parts.ts';

/** Everything that a rule may require. */
export const provableBy = [
  'password',
  'kerberos',
  'certificate',
  'passkey',
  'totp',
  'webauthn',
  'recovery-code',
  'radius',
  'webhook',
  'duo',
  'own',
] as const;

/** What smart lockout may have noticed. */
export const risks = ['unfamiliar-place', 'recent-failures', 'spray'] as const;

const when = z
  .strictObject({
    serviceProviders: z
      .array(z.string().min(1).max(1024))
      .min(1)
      .optional()
      .describe('Entity IDs: the sign-in is to one of these.')
      .meta({ without: 'any', values: 'an entity ID' }),
    groups: z
      .array(group)
      .min(1)
      .optional()
      .describe('The person is in one of these groups, through other groups too.')
      .meta({ without: 'any' }),
    networks: z
      .array(z.string().min(1))
      .min(1)
      .max(200)
      .optional()
      .describe('Addresses or networks (CIDR): the browser is in one of these.')
      .meta({ without: 'any', values: 'an address or network' }),
    device: z
      .enum(['remembered', 'unknown'])
      .optional()
      .describe('Whether the browser is one that the person had remembered.')
      .meta({ without: 'either' }),
    authnContexts: z
      .array(z.string().min(1).max(1024))
      .min(1)
      .optional()
      .describe('AuthnContextClassRefs: the request names one of these.')
      .meta({ without: 'any', values: 'an AuthnContextClassRef' }),
    evidenceOlderThan: duration('30d')
      .optional()
      .describe('Something that the person proved, and that still counts, is older than this.')
      .meta({ without: 'however old' }),
    risks: z
      .array(z.enum(risks))
      .min(1)
      .optional()
      .describe(
        'Smart lockout noticed one of these: the person never passed a second factor from there, passwords failed for them just before, or guessing at many people.',
      )
      .meta({ without: 'any' }),
  })
  .prefault({})
  .describe('What must be so for the rule to hold, all of it. Empty: always.');

const rule = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(80)
      .regex(/^[^\p{Cc}]+$/u, 'without control characters')
      .describe('What the audit and whatif call it.'),
    when,
    require: z
      .array(z.array(z.enum(provableBy)).min(1))
      .min(1)
      .max(5)
      .optional()
      .describe('A list of sets; of each any one must be proven, in this order.')
      .meta({ without: 'with `refuse`' }),
    refuse: z.literal(true).optional().describe('Nobody is let in whom the rule fits.').meta({ without: 'with `require`' }),
    maxAge: duration('30d')
      .optional()
      .describe('What was proven longer ago than this is asked for again.')
      .meta({ without: 'as long as the session lasts' }),
    rememberDevice: duration('365d')
      .optional()
      .describe(
        'For how long the person may have the browser remembered, once they passed all sets; later rules can ask less of it.',
      )
      .meta({ without: 'not offered' }),
    keepSignedIn: duration('90d')
      .optional()
      .describe('For how long the person may stay signed in, the browser being closed or not.')
      .meta({ without: 'not offered' }),
  })
  .describe('One rule.');

export const policy = z
  .array(rule)
  .max(100)
  .prefault([])
  .describe(
    'Which sign-ins must prove what: the first rule that fits. Where none fits, a password, ticket or certificate is enough.',
  );

export type PolicyRule = z.output<typeof policy>[number];
export type Risk = (typeof risks)[number];
