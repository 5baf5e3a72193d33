/** The settings of how people set up what they are asked for. */
import { z } from 'zod';
import { parseNetwork } from './network-list.ts';
import { duration } from './schema-parts.ts';

export const enrolment = z
  .strictObject({
    freshFor: duration('24h')
      .prefault('10m')
      .describe(
        'How long ago the password, ticket, certificate or passkey may have been given with which somebody sets up a first factor.',
      ),
    networks: z
      .array(z.string().refine((text) => parseNetwork(text) !== undefined, 'an address or network, such as 10.0.0.0/8'))
      .max(200)
      .default([])
      .describe('Addresses or networks (CIDR) from which people may set up a first factor; none: from anywhere.')
      .meta({ values: 'an address or network' }),
    pass: z
      .enum(['never', 'required', 'outside'])
      .default('never')
      .describe(
        'Whether setting up a first factor needs a pass that an administrator issues: never, always, or outside `networks` alone, where it is then possible.',
      ),
    passLife: duration('30d')
      .prefault('24h')
      .describe('How long a pass counts that `passerelle factors pass` issues for setting up a first factor.'),
  })
  .prefault({})
  .describe('How people set up what they are asked for.');

export type EnrolmentConfig = z.output<typeof enrolment>;
