/** The settings of one service provider, by its kind. */
import { z } from 'zod';
import { access } from './access-schema.ts';
import { googleSignature, protection } from './algorithms-schema.ts';
import { attributes, preset } from './release-schema.ts';
import { nameId } from './name-id-schema.ts';
import { absoluteUrl, domainName, path } from './schema-parts.ts';

const common = {
  name: z.string().min(1).max(80).optional().describe('What people see it called.').meta({ without: 'its entity ID' }),
  attributes,
  access,
};

const acsUrl = absoluteUrl('AssertionConsumerService URL, as Google shows it.');

const byMetadata = z
  .strictObject({
    kind: z.literal('metadata').describe('Any other service provider, by its metadata.'),
    file: path
      .optional()
      .describe('Its SAML metadata file. Where the file describes several, `entityId` names the one that is meant.')
      .meta({ without: 'the sources under `metadata`, by `entityId`' }),
    entityId: z
      .string()
      .min(1)
      .max(1024)
      .optional()
      .describe('Its entity ID, compared letter by letter.')
      .meta({ without: 'the one in `file`' }),
    sign: z
      .enum(['both', 'response', 'assertion'])
      .default('both')
      .describe('What is signed in an answer. Metadata that wants signed assertions is always obeyed.'),
    ...protection,
    nameId,
    preset,
    ...common,
  })
  .describe('Any other service provider.');

export const serviceProvider = z
  .discriminatedUnion('kind', [
    z
      .strictObject({
        kind: z.literal('google-profile').describe('An SSO profile of Google Admin (SAML).'),
        entityId: z.string().min(1).max(1024).describe('Entity ID, copied from the profile in Google Admin.'),
        acsUrl: acsUrl.describe('ACS URL, copied from the profile in Google Admin.'),
        signature: googleSignature,
        ...common,
      })
      .describe('Google Workspace and Cloud Identity, SSO profile.'),
    z
      .strictObject({
        kind: z.literal('google-legacy').describe('The legacy SSO profile for the organisation.'),
        domain: domainName.describe('The domain in the ACS URL, google.com/a/DOMAIN.'),
        acsUrl: acsUrl
          .optional()
          .describe('Another ACS URL, for tests and the demo.')
          .meta({ without: 'https://www.google.com/a/DOMAIN/acs' }),
        signature: googleSignature,
        ...common,
      })
      .describe('Google Workspace and Cloud Identity, legacy profile for the organisation.'),
    z
      .strictObject({
        kind: z.literal('google-workforce').describe('Workforce identity federation of Google Cloud.'),
        pool: z
          .string()
          .regex(/^[a-z0-9-]{4,63}$/, '4 to 63 lower-case letters, digits and hyphens')
          .describe('Workforce pool ID.'),
        provider: z
          .string()
          .regex(/^[a-z0-9-]{4,63}$/, '4 to 63 lower-case letters, digits and hyphens')
          .describe('Provider ID within the pool.'),
        groups: z
          .boolean()
          .default(false)
          .describe('Whether to release the names of the groups that hold the person directly (memberOf).'),
        acsUrl: acsUrl
          .optional()
          .describe('Another ACS URL, for tests and the demo.')
          .meta({ without: 'the one of that pool and provider on auth.cloud.google' }),
        signature: googleSignature,
        ...common,
      })
      .describe('Google Cloud workforce identity federation.'),
    byMetadata,
  ])
  .describe('One service provider.');

/** The settings of a service provider that is let in by its metadata and has no entry of its own: nobody here gave it addresses. */
export const unlistedServiceProvider = byMetadata.parse({ kind: 'metadata', nameId: { offered: ['persistent', 'transient'] } });
