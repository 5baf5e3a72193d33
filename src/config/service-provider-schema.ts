/** The settings of one service provider, by its kind. */
import { z } from 'zod';
import { absoluteUrl, domainName, path } from './schema-parts.ts';

const attributes = z
  .record(z.string().min(1).max(256), z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, 'the name of a directory attribute'))
  .default({})
  .describe('Attributes to release: SAML attribute name, then the directory attribute it is read from.');

const common = {
  name: z.string().min(1).max(80).optional().describe('What people see it called.').meta({ without: 'its entity ID' }),
  attributes,
};

const acsUrl = absoluteUrl('AssertionConsumerService URL, as Google shows it.');

export const serviceProvider = z
  .discriminatedUnion('kind', [
    z
      .strictObject({
        kind: z.literal('google-profile').describe('An SSO profile of Google Admin (SAML).'),
        entityId: z.string().min(1).max(1024).describe('Entity ID, copied from the profile in Google Admin.'),
        acsUrl: acsUrl.describe('ACS URL, copied from the profile in Google Admin.'),
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
        ...common,
      })
      .describe('Google Cloud workforce identity federation.'),
    z
      .strictObject({
        kind: z.literal('metadata').describe('Any other service provider, by its metadata.'),
        file: path.describe('Its SAML metadata file, an md:EntityDescriptor.'),
        sign: z
          .enum(['both', 'response', 'assertion'])
          .default('both')
          .describe('What is signed in an answer. Metadata that wants signed assertions is always obeyed.'),
        ...common,
      })
      .describe('Any other service provider.'),
  ])
  .describe('One service provider.');
