/** Where the metadata of service providers come from, beside the files of single entries. */
import { z } from 'zod';
import { absoluteUrl, duration, path } from './schema-parts.ts';

const common = {
  keyFiles: z
    .array(path)
    .max(16)
    .default([])
    .describe(
      'Certificates or public keys (PEM), one of which must have signed what comes from here. Of a certificate the key alone counts. Empty: it need not be signed.',
    ),
  requireValidUntil: z.boolean().default(false).describe('Whether metadata without validUntil are refused.'),
  validAtMost: duration('400d').optional().describe('How far ahead validUntil may lie.').meta({ without: 'anywhere' }),
  admit: z
    .enum(['listed', 'all'])
    .default('listed')
    .describe(
      'Who of it may ask us to sign people in: `listed`, those that `serviceProviders` names by entityId; or `all`, others with default settings.',
    ),
};

const refresh = (byDefault: '1m' | '1h', description: string) => duration('30d').prefault(byDefault).describe(description);
const timeout = duration('2m').prefault('10s').describe('How long an answer may take, redirects included.');
const megabytes = (byDefault: number, most: number) =>
  z.int().min(1).max(most).default(byDefault).describe('Megabytes that it may have, unpacked.');

export const metadata = z
  .array(
    z.discriminatedUnion('kind', [
      z
        .strictObject({
          kind: z.literal('file').describe('A file.'),
          file: path.describe('An md:EntityDescriptor or md:EntitiesDescriptor.'),
          refresh: refresh('1m', 'How often to look whether the file has changed.'),
          megabytes: megabytes(100, 500),
          ...common,
        })
        .describe('One file with the metadata of one or many.'),
      z
        .strictObject({
          kind: z.literal('folder').describe('A folder.'),
          folder: path.describe('The folder; each file in it whose name ends in .xml is read.'),
          refresh: refresh('1m', 'How often to look for files that are new, changed or gone.'),
          megabytes: megabytes(100, 500),
          ...common,
        })
        .describe('A folder of such files.'),
      z
        .strictObject({
          kind: z.literal('url').describe('A document on the web.'),
          url: absoluteUrl('Its address: https, or http where keyFiles are given or it is a loopback name.'),
          refresh: refresh('1h', 'How often to ask for it at least; cacheDuration and validUntil may make it sooner.'),
          timeout,
          megabytes: megabytes(100, 500),
          ...common,
        })
        .describe('A document on the web, such as the aggregate of a federation.'),
      z
        .strictObject({
          kind: z.literal('query').describe('Responders of the Metadata Query Protocol.'),
          urls: z
            .array(absoluteUrl('Base URL.'))
            .min(1)
            .max(8)
            .describe('Base URLs, tried in this order: `/entities/` and the entity ID follow.'),
          refresh: refresh('1h', 'How long an answer is used before it is asked for again; cacheDuration may make it sooner.'),
          timeout,
          megabytes: megabytes(1, 16),
          ...common,
        })
        .describe('A service that is asked for one entity at a time, when that entity sends a request.'),
    ]),
  )
  .max(32)
  // Not default: what stands within is transformed.
  .prefault([])
  .describe(
    'Sources of service providers’ metadata, in the order in which they are looked through. The last good copy of what comes from the web is kept beside `store.file`.',
  );

export type MetadataSourceConfig = z.output<typeof metadata>[number];
