/** The settings of a factor of the operator's own. */
import { z } from 'zod';
import { duration, path } from './schema-parts.ts';

export const own = z
  .strictObject({
    module: path.describe(
      'The ES module that judges it. It runs within Passerelle and may do whatever Passerelle may: let nobody write it whom you would not let write the configuration.',
    ),
    timeout: duration('1m')
      .prefault('10s')
      .describe('How long it may take to answer one question. Later than that it is as if it had failed.'),
    settings: z
      .record(z.string().min(1).max(128), z.json())
      .default({})
      .describe('Handed to the module as they stand; nothing else reads them.')
      .meta({ values: 'settings of its own' }),
  })
  .optional()
  .describe('A factor of your own: a module of yours asks and judges.')
  .meta({ without: 'none' });

export type OwnConfig = NonNullable<z.output<typeof own>>;
