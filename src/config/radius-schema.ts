/** The settings of the factor that RADIUS servers judge. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { duration, path, usernameAttribute } from './schema-parts.ts';

const isHost = (text: string): boolean =>
  isIP(text) !== 0 ||
  (/^(?=.{1,253}$)([A-Za-z0-9_]([\w-]{0,61}\w)?\.)*[A-Za-z0-9_]([\w-]{0,61}\w)?$/.test(text) && !/^[\d.]+$/.test(text));

const server = z
  .strictObject({
    host: z
      .string()
      .min(1)
      .max(253)
      .refine(isHost, 'a host name or an IP address')
      .describe('Its host name or IP address. Of a name that has both kinds of address, that of IPv4 counts.')
      .meta({ values: 'a host name or an IP address' }),
    port: z.int().min(1).max(65535).default(1812).describe('Its port for authentication.'),
  })
  .describe('A RADIUS server.');

/** What a password of RADIUS is made of: no control characters, 128 bytes at most. */
export const isSendable = (text: string): boolean => !/\p{Cc}/u.test(text) && Buffer.byteLength(text) <= 128;

export const radius = z
  .strictObject({
    servers: z
      .array(server)
      .min(1)
      .max(8)
      .describe('The servers. The first is asked first; one that did not answer is asked last for a minute.'),
    secret: z
      .string()
      .min(1)
      .max(1024)
      .optional()
      .describe('The secret shared with them, best as ${ENVIRONMENT_VARIABLE}. Exactly one of secret and secretFile is given.')
      .meta({ without: 'secretFile' }),
    secretFile: path
      .optional()
      .describe('A file that holds the secret; one line ending at its end is left out.')
      .meta({ without: 'secret' }),
    username: usernameAttribute('The attribute by whose value the servers know a person.'),
    start: z
      .enum(['ask', 'push'])
      .default('ask')
      .describe(
        'What comes first: the person is asked for a code, or the servers are told to begin, so that they send a message or show what to type.',
      ),
    startPassword: z
      .string()
      .max(128)
      .refine(isSendable, 'text of at most 128 bytes without control characters')
      .default('')
      .describe(
        'The password by which push tells the servers to begin. Only where one is given may they accept the person at once.',
      ),
    timeout: duration('2m')
      .prefault('10s')
      .describe('How long one question may take, whichever servers are asked; in equal parts where one after the other is.'),
    attempts: z
      .int()
      .min(1)
      .max(10)
      .default(3)
      .describe('How often one server is sent a question, each time with twice the wait of the time before.'),
    nasIdentifier: z
      .string()
      .min(1)
      .max(253)
      .regex(/^[\x20-\x7e]*$/, 'plain ASCII text')
      .optional()
      .describe('What we call ourselves to the servers.')
      .meta({ without: 'the host name of publicUrl' }),
  })
  .optional()
  .describe('Codes that RADIUS servers judge, such as those of one-time password servers.')
  .meta({ without: 'no such factor' });

export type RadiusConfig = NonNullable<z.output<typeof radius>>;
