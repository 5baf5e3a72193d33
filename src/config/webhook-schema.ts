/** The settings of approval by a web hook of one's own. */
import { z } from 'zod';
import { absoluteUrl, duration, path } from './schema-parts.ts';

const secret = z.string().meta({ values: '32 characters or more' });

export const webhook = z
  .strictObject({
    url: absoluteUrl('Where the hook is asked: https, or http to a loopback name.'),
    secret: secret
      .optional()
      .describe('The secret that both sides sign with. Or `secretFile`.')
      .meta({ without: '`secretFile`' }),
    secretFile: path
      .optional()
      .describe('A file that holds the secret, 32 characters or more; one line ending at its end is left out.')
      .meta({ without: '`secret`' }),
    previousSecret: secret
      .optional()
      .describe(
        'The secret before that one, while it is changed: requests bear a signature by each, answers may be signed by either.',
      )
      .meta({ without: 'none' }),
    previousSecretFile: path.optional().describe('A file that holds the secret before that one.').meta({ without: 'none' }),
    caFile: path
      .optional()
      .describe('Certificates of the authorities (PEM) that the hook’s certificate must come from. Read again when it changed.')
      .meta({ without: 'those that Node trusts' }),
    timeout: duration('30s')
      .prefault('5s')
      .describe('How long one request may take, from the connection to the last byte of its answer.'),
    approveWithin: duration('10m')
      .prefault('1m')
      .describe('How long a person may take to approve, or to type a code that the hook asks for.'),
    poll: duration('30s').prefault('2s').describe('How often the hook is asked whether the person has approved.'),
    numberMatching: z
      .boolean()
      .default(true)
      .describe(
        'Whether the page shows a number of two digits that the person must choose where they approve. An approval without it does not count.',
      ),
    send: z
      .array(z.enum(['objectGUID', 'userPrincipalName', 'mail', 'sAMAccountName', 'displayName']))
      .min(1)
      .max(5)
      .default(['objectGUID', 'userPrincipalName'])
      .describe(
        'What the hook is told of the person: objectGUID and userPrincipalName unless others are named. Who has none of it cannot be asked.',
      ),
  })
  .optional()
  .describe('A web hook of your own that approves sign-ins: at once, by a push, or by a code.')
  .meta({ without: 'nobody is asked' });

export type WebhookConfig = NonNullable<z.output<typeof webhook>>;
