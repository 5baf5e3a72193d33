/** The settings of taking over a changed configuration without a restart. */
import { z } from 'zod';

export const reload = z
  .strictObject({
    watch: z
      .boolean()
      .default(true)
      .describe(
        'Whether a change of the configuration file is taken over by itself, once it is found whole. SIGHUP and `passerelle reload` do so in any case.',
      ),
  })
  .prefault({})
  .describe('Taking over a changed configuration while serving.');
