/** The settings about algorithms: those of the whole house, and those of one service provider. */
import { z } from 'zod';
import {
  algorithmUri,
  dataCiphers,
  forbiddenByDefault,
  keyTransports,
  signatureAlgorithms,
  weakAlgorithms,
} from './algorithm-names.ts';

const namesOf = <Name extends string>(table: Readonly<Record<Name, unknown>>): [Name, ...Name[]] =>
  Object.keys(table) as [Name, ...Name[]];

export const algorithms = z
  .strictObject({
    forbidden: z
      .array(
        z
          .string()
          .max(256)
          .refine((text) => algorithmUri(text) !== undefined, 'an algorithm such as rsa-sha512, or the URI of one')
          .meta({ values: 'a name such as rsa-sha512, or a URI' }),
      )
      .max(64)
      .default([])
      .describe(
        `Algorithms never to sign, verify, encrypt or decrypt with, beside those forbidden anyway: ${Object.keys(forbiddenByDefault).join(', ')}.`,
      ),
    allowed: z
      .array(z.enum(namesOf(weakAlgorithms)))
      .max(8)
      .default([])
      .describe('Weak algorithms allowed in spite of that, for service providers that know no better. Each use is logged.'),
  })
  .prefault({})
  .describe('Which algorithms may be used.');

const key = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'the name of a key, as passerelle keys list shows it')
  .optional()
  .describe('The key that signs what it is sent, by its name in the key folder.')
  .meta({ without: 'the key that signs for everybody' });

/** Google verifies by RSA alone, and does not say more of what it takes. */
export const googleSignature = z
  .strictObject({
    key: key.describe(
      'The key that signs what it is sent, by its name in the key folder: an RSA key, whose certificate Google must have.',
    ),
  })
  .prefault({})
  .describe('How what it is sent is signed.');

const signature = z
  .strictObject({
    key,
    algorithm: z
      .enum(namesOf(signatureAlgorithms))
      .optional()
      .describe('The algorithm of those signatures.')
      .meta({ without: 'the first in this order that fits the key and that its metadata takes' }),
  })
  .prefault({})
  .describe('How what it is sent is signed.');

const encrypt = z
  .enum(['assertion', 'nameId', 'never'])
  .optional()
  .describe('What is encrypted to it: the assertion, only the NameID, or nothing.')
  .meta({ without: 'the assertion, where its metadata has an encryption key' });

const encryption = z
  .strictObject({
    algorithm: z
      .enum(namesOf(dataCiphers))
      .optional()
      .describe('The algorithm that encrypts to it.')
      .meta({ without: 'the first in this order that its metadata takes' }),
    keyTransport: z
      .enum(namesOf(keyTransports))
      .optional()
      .describe('The algorithm that encrypts the key.')
      .meta({ without: 'the first in this order that its metadata takes' }),
    digest: z
      .enum(['sha1', 'sha256'])
      .optional()
      .describe('The digest of OAEP.')
      .meta({ without: 'what its metadata names, else sha1, which every service provider knows and OAEP makes safe' }),
  })
  .prefault({})
  .describe('How what it is sent is encrypted.');

/** Settings of one service provider, to be spread among its others. */
export const protection = { signature, encrypt, encryption };
