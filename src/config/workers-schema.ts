/** The settings of processes: how many serve, and how they take their leave. */
import { z } from 'zod';
import { duration } from './schema-parts.ts';

export const workers = z
  .union([z.int().min(1).max(64), z.literal('auto')])
  .default(1)
  .meta({ values: 'a whole number from 1 to 64, or `auto`' })
  .describe('How many processes serve the port together; auto is one for each core.');

export const drain = duration('5s')
  .optional()
  .describe(
    'At a stop, /readyz says 503 for so long while everything else is served as before, so that a balancer sends nobody here any more.',
  )
  .meta({ without: 'no wait: the port is closed at once' });
