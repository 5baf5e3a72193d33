/** The settings of what outlives a restart. */
import { z } from 'zod';
import { path } from './schema-parts.ts';

export const store = z
  .strictObject({
    file: path
      .default('data/passerelle.sqlite')
      .describe('The SQLite file of sessions, enrolments and counters, for one machine. Not beside `url`.'),
    url: z
      .string()
      .min(1)
      .max(4096)
      .regex(/^postgres(ql)?:\/\//, 'a URL that begins postgres://')
      .optional()
      .describe(
        'A PostgreSQL database in place of the file, for several nodes: `postgres://USER@HOST/DATABASE`. TLS and the name in the certificate of the server are demanded unless HOST is this machine; `?sslmode=verify-full` demands them there, too, and `?host=/FOLDER` is its socket.',
      )
      .meta({ without: 'the file', values: 'a URL that begins postgres://' }),
    password: z
      .string()
      .min(1)
      .max(1024)
      .optional()
      .describe('The password of the database, best as ${ENVIRONMENT_VARIABLE}.')
      .meta({ without: 'passwordFile, or none' }),
    passwordFile: path.optional().describe('A file that holds it and nothing else.').meta({ without: 'password, or none' }),
    caFile: path
      .optional()
      .describe(
        'The authority behind the certificate of the database server, PEM. Where it is given, TLS is demanded of this machine, too.',
      )
      .meta({ without: 'those that Node.js trusts' }),
    connections: z
      .int()
      .min(1)
      .max(100)
      .default(10)
      .describe('Connections to the database that one process has at most, beside the one that listens for changes.'),
    folder: path
      .optional()
      .describe('Where a node keeps what is its own: copies of metadata from the web, and which Kerberos tickets it has seen.')
      .meta({ without: 'the folder of `file`' }),
  })
  .prefault({})
  .describe('What outlives a restart: one SQLite file, or a PostgreSQL database that several nodes share.');

/** As it is after `completeStore`: paths are absolute, and the URL holds no password. */
export type StoreConfig = z.output<typeof store>;
