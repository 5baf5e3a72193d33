/** The settings of the metrics. */
import { z } from 'zod';

export const metrics = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1').describe('Address to listen on; 0.0.0.0 for all.'),
    port: z.int().min(0).max(65535).describe('Port to listen on; 0 for any free one.'),
  })
  .optional()
  .describe('A listener of its own that tells Prometheus counts, at /metrics. Anybody who reaches it may read them.')
  .meta({ without: 'none' });
