/** The settings of the Enhanced Client or Proxy profile. */
import { z } from 'zod';

export const ecp = z
  .strictObject({
    enabled: z
      .boolean()
      .default(false)
      .describe('Whether clients without a browser may sign in at /saml/ecp, with name and password by HTTP Basic.'),
  })
  .prefault({})
  .describe('Enhanced Client or Proxy (ECP).');
