/** The configuration of the demo: the embedded directory, the demo service provider, and embedded defaults for the rest. */
import { completeDirectory } from '../config/directory-configuration.ts';
import type { Configuration } from '../config/read-configuration.ts';
import { schema, type ConfigInput } from '../config/schema.ts';
import { demoServiceProviders } from './parties.ts';

export interface DemoConfigurationParts {
  /** Where browsers reach Passerelle: http on a loopback name, without a path. */
  readonly publicUrl: string;
  readonly host: string;
  readonly port: number;
  /** Of the embedded directory, as it says itself. */
  readonly directory: { readonly url: string; readonly baseDn: string };
  /** Where browsers reach the demo service provider, without a path; another origin than publicUrl. */
  readonly serviceProviderUrl: string;
  /** Where keys and the database of the demo are kept. */
  readonly folder: string;
}

/** The domain of the invented company; its people's principal names lie there or in the directory's own domain. */
export const demoDomain = 'example.com';

/** The one service account of the embedded directory; its password is no secret. */
const serviceAccount = { bindDn: 'svc-passerelle@corp.example.com', password: 'demo-Passw0rd' };

/** What the log and the audit trail are in the demo, whatever its ports. */
export const demoAudit = (): Pick<Configuration, 'log' | 'audit'> => schema.pick({ log: true, audit: true }).parse({});

/** As a file would say it. */
export function demoSettings(parts: DemoConfigurationParts): ConfigInput {
  const { publicUrl, host, port, directory, serviceProviderUrl, folder } = parts;
  return {
    publicUrl,
    listen: { host, port },
    directory: { urls: [directory.url], baseDn: directory.baseDn, ...serviceAccount },
    mapping: { substitute: { 'corp.example.com': demoDomain }, domains: { primary: demoDomain } },
    serviceProviders: demoServiceProviders(serviceProviderUrl, demoDomain),
    keys: { folder: `${folder}/certs` },
    store: { file: `${folder}/data/demo.sqlite` },
    branding: { name: 'Passerelle demo' },
  };
}

export function demoConfiguration(parts: DemoConfigurationParts): Configuration {
  const { directory: ldap, ...rest } = schema.parse(demoSettings(parts));
  return { ...rest, directory: completeDirectory(ldap) };
}
