/** The settings of authenticator apps. */
import { z } from 'zod';

export const totp = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Whether people can set up authenticator apps, and be asked for their codes.'),
    issuer: z
      .string()
      .min(1)
      .max(80)
      .regex(/^[^:\p{Cc}]+$/u, 'a name without colons')
      .optional()
      .describe('The name under which an app lists its codes.')
      .meta({ without: 'branding.name' }),
  })
  .prefault({})
  .describe(
    'Codes of authenticator apps (TOTP, RFC 6238): six digits by HMAC-SHA-1, new every 30 seconds, as every app has them.',
  );
