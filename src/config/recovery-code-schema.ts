/** The settings of recovery codes. */
import { z } from 'zod';

export const recoveryCodes = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe('Whether people get ten codes to keep on paper, each good once in place of a factor that is lost.'),
  })
  .prefault({})
  .describe('Recovery codes.');
