/** The schema of the directory: one domain in a few lines, or forests with their domains and controllers. */
import { z } from 'zod';
import { domainName, duration, path } from './schema-parts.ts';

const ldapUrl = z.url({ protocol: /^ldaps?$/, error: 'a URL that begins ldaps:// or ldap://' }).meta({ values: 'a URL' });

const baseDn = z.string().min(1).describe('Where people are searched, such as DC=corp,DC=example,DC=com.');
const startTls = z.boolean().default(false).describe('Whether ldap:// URLs are upgraded by StartTLS.');
const caFile = path
  .optional()
  .describe('Certificates (PEM) that vouch for the directory servers. Read again when it changed.')
  .meta({ without: 'the authorities that Node.js trusts' });
const bindDn = z.string().min(1).describe('The service account: its DN, or for Active Directory its UPN. It needs to read only.');
const password = z
  .string()
  .min(1)
  .max(1024)
  .optional()
  .describe('Its password, best as ${ENVIRONMENT_VARIABLE}. Exactly one of password and passwordFile is given.')
  .meta({ without: 'passwordFile' });
const passwordFile = path
  .optional()
  .describe('A file that holds its password; one line ending at its end is left out.')
  .meta({ without: 'password' });
const netbiosNames = z
  .array(z.string().min(1).max(15))
  .default([])
  .describe(
    'Names accepted before the backslash of DOMAIN\\user, beside the DNS name. Empty: what Active Directory says, else the first label of baseDn.',
  );
const site = z.string().min(1).max(64).optional();

const controller = z
  .strictObject({
    url: ldapUrl.describe('Its address: ldaps://HOST, or ldap://HOST with startTls.'),
    site: site.describe('The Active Directory site that it stands in.').meta({ without: 'none' }),
    priority: z
      .int()
      .min(1)
      .max(100)
      .default(1)
      .describe('Those of 1 are asked first; those of 2 while no other answers, and so on.'),
  })
  .describe('A domain controller.');

const domain = z
  .strictObject({
    baseDn,
    netbiosNames,
    bindDn: bindDn
      .optional()
      .describe('A service account of its own. Active Directory takes that of the forest in all its domains, Samba does not.')
      .meta({ without: 'that of the forest' }),
    password: password
      .describe('The password of its own service account.')
      .meta({ without: 'passwordFile, or that of the forest' }),
    passwordFile: passwordFile
      .describe('A file that holds the password of its own service account.')
      .meta({ without: 'password, or that of the forest' }),
    controllers: z.array(controller).min(1).describe('Its domain controllers.'),
  })
  .describe('A domain of the forest.');

const forest = z
  .strictObject({
    name: domainName.describe('DNS name of the forest’s root domain.'),
    startTls,
    caFile,
    bindDn,
    password,
    passwordFile,
    globalCatalogs: z
      .array(ldapUrl)
      .default([])
      .describe(
        'Global catalogs: ldaps://HOST:3269, or ldap://HOST:3268 with startTls. They find people of a forest with several domains; without them every domain is asked at each sign-in.',
      ),
    domains: z.array(domain).min(1).describe('Its domains.'),
  })
  .describe('A forest.');

export const directory = z
  .strictObject({
    urls: z
      .array(ldapUrl)
      .min(1)
      .optional()
      .describe('Servers of the one domain: ldaps://HOST, or ldap://HOST with startTls. Whichever answers soonest is asked.')
      .meta({ without: 'forests' }),
    startTls,
    plaintext: z
      .literal('passwords cross the network unencrypted')
      .optional()
      .describe('Plain LDAP to another machine, only with this very sentence. To loopback it needs no leave.')
      .meta({ without: 'refused' }),
    caFile,
    baseDn: baseDn.optional().meta({ without: 'forests' }),
    bindDn: bindDn.optional().meta({ without: 'forests' }),
    password,
    passwordFile,
    netbiosNames,
    forests: z
      .array(forest)
      .min(1)
      .optional()
      .describe(
        'In place of urls, baseDn and the service account: several domains or forests, or controllers with sites and priorities.',
      )
      .meta({ without: 'urls' }),
    site: site
      .describe('The Active Directory site that Passerelle stands in: its controllers are asked first.')
      .meta({ without: 'none' }),
    connectTimeout: duration('1m').prefault('3s').describe('How long a connection, TLS included, may take.'),
    operationTimeout: duration('1m').prefault('5s').describe('How long one search or bind may take.'),
    failoverAfter: duration('1m')
      .prefault('1s')
      .describe('How long one controller may leave a search or bind unanswered before another is asked.'),
    connections: z.int().min(1).max(64).default(8).describe('Connections of the service account to one controller, at most.'),
    recheck: duration('1h')
      .prefault('50s')
      .describe(
        'How long what was read about a person is believed; a live session notices after that that the account was disabled or its password changed.',
      ),
  })
  .describe('The directory whose people sign in.');
