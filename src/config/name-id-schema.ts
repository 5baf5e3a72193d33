/** By which names a service provider may know people. */
import { z } from 'zod';

/** saml-core §8.3, without the prefix. */
const formats = ['emailAddress', 'persistent', 'transient'] as const;
export type OfferedFormat = (typeof formats)[number];

export const nameId = z
  .strictObject({
    format: z
      .enum([...formats, 'none'])
      .optional()
      .describe(
        'The name that it is given where its request leaves the choice: the address, an opaque one that it alone knows (persistent), a new one each time (transient), or none.',
      )
      .meta({ without: 'the first offered name in its metadata, else transient' }),
    offered: z
      .array(z.enum(formats))
      .optional()
      .describe('The names that its requests may ask for, beside that of format.')
      .meta({ without: 'persistent and transient, and emailAddress where its metadata names it' }),
    persistent: z
      .literal('immutableId')
      .optional()
      .describe('What a persistent name is: the objectGUID in base64, which Microsoft Entra calls the immutable ID.')
      .meta({ without: 'an opaque name that it alone knows' }),
  })
  .prefault({})
  .describe('How it knows people.');

export type NameIDSettings = z.output<typeof nameId>;
