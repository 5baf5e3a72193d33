/** The settings of the page at which people see and change what is kept of them here. */
import { z } from 'zod';
import { duration } from './schema-parts.ts';

export const account = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe('Whether people have a page at /account, for what they set up, their sessions, browsers and last sign-ins.'),
    maxAge: duration('24h')
      .prefault('15m')
      .describe('What was proven longer ago than this is asked for again before the page shows or changes anything.'),
    keepHistory: duration('365d').prefault('90d').describe('How long the last sign-ins of a person are kept, twenty at most.'),
  })
  .prefault({})
  .describe('The page of each person, /account.');
