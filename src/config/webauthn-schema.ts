/** The settings of security keys and passkeys. */
import { z } from 'zod';
import { path } from './schema-parts.ts';

export const webauthn = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Whether people can set up security keys and passkeys, and be asked for them.'),
    rpId: z
      .string()
      .regex(/^(?=.{1,253}$)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/, 'a host name, such as example.com')
      .optional()
      .describe(
        'The domain that keys are bound to: the host of publicUrl or a parent of it. Whoever runs a page below it can ask for them. Changing it makes every key useless.',
      )
      .meta({ without: 'the host of publicUrl', values: 'a host name' }),
    userVerification: z
      .enum(['required', 'preferred', 'discouraged'])
      .default('preferred')
      .describe(
        'Whether a key beside a password asks for its PIN or a finger: always, where it can, or only for a touch. A passkey in place of one always does.',
      ),
    attestation: z
      .enum(['none', 'direct'])
      .default('none')
      .describe('Whether a new key is asked who made it. Browsers then warn people that the key can be recognised.'),
    caFile: path
      .optional()
      .describe('Certificates of authorities (PEM), one of which must answer for each new key.')
      .meta({ without: 'keys of every maker' }),
    aaguids: z
      .array(
        z
          .string()
          .regex(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, 'an AAGUID such as cb69481e-8ff7-4039-93ec-0a2729a154a8')
          .meta({ values: 'an AAGUID' }),
      )
      .max(256)
      .default([])
      .describe('Models of keys that can be set up, by the AAGUIDs that their makers publish; none: every model.'),
  })
  .prefault({})
  .describe('Security keys and passkeys (WebAuthn). Whether a passkey may stand in for the password, the policy says.');

export type WebauthnConfig = z.output<typeof webauthn>;
