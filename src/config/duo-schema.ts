/** The settings of Duo Universal Prompt. */
import { z } from 'zod';
import { duration, path, usernameAttribute } from './schema-parts.ts';

/** What Duo gives out as a secret. */
export const duoSecretPattern = /^[A-Za-z0-9]{40}$/;

const hostName = /^(?=.{1,253}$)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$/;
/** Of a stand-in; the rules leave it loopback names alone. */
const origin = /^https?:\/\/[A-Za-z0-9.:[\]-]{1,255}$/;

export const duo = z
  .strictObject({
    apiHost: z
      .string()
      .refine((text) => hostName.test(text) || origin.test(text), 'a host name, such as api-XXXXXXXX.duosecurity.com')
      .meta({ values: 'a host name' })
      .describe(
        'The API hostname of the application in Duo’s panel. For a stand-in on this machine http:// or https://, a loopback name and a port.',
      ),
    clientId: z
      .string()
      .regex(/^[A-Za-z0-9]{20}$/, 'the 20 letters and digits that Duo shows as client ID')
      .meta({ values: '20 letters and digits' })
      .describe('The client ID of the application in Duo’s panel.'),
    clientSecret: z
      .string()
      .regex(duoSecretPattern, 'the 40 letters and digits that Duo shows as client secret')
      .optional()
      .meta({ values: '40 letters and digits', without: 'clientSecretFile' })
      .describe('Its client secret, best as ${ENVIRONMENT_VARIABLE}. Exactly one of clientSecret and clientSecretFile is given.'),
    clientSecretFile: path
      .optional()
      .describe('A file that holds the client secret; one line ending at its end is left out.')
      .meta({ without: 'clientSecret' }),
    username: usernameAttribute('The attribute that is the person’s username in Duo.'),
    failMode: z
      .literal('closed')
      .default('closed')
      .describe('What happens where Duo does not answer: nobody passes. There is nothing else to choose.'),
    timeout: duration('30s')
      .prefault('5s')
      .describe('How long Duo may take to answer. Whether it is there at all it must tell within 3s.'),
    caFile: path
      .optional()
      .describe('Certificates (PEM) that vouch for the server, of a stand-in. Read again when it changed.')
      .meta({ without: 'the authorities that Node.js trusts' }),
  })
  .optional()
  .describe('Duo Universal Prompt: people are led to Duo, which asks them for what they enrolled there, and back.')
  .meta({ without: 'Duo is not asked' });

export type DuoConfig = NonNullable<z.output<typeof duo>>;
