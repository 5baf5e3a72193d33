/** The settings of passwords that end. */
import { z } from 'zod';
import { duration } from './schema-parts.ts';

export const password = z
  .strictObject({
    change: z
      .boolean()
      .default(true)
      .describe(
        'Whether people change their password here: at /password, and when it has expired as they sign in. It needs TLS.',
      ),
    warn: z.boolean().default(true).describe('Whether people are told in time that their password will expire.'),
    warnBefore: duration('365d').prefault('14d').describe('How long before its end, once they have typed it.'),
  })
  .prefault({})
  .describe('Passwords that expire or are to be changed.');
