/** Looks at each controller and global catalog of the configuration, and at what DNS knows of them. */
import { isIP } from 'node:net';
import { changesPasswords } from '../config/changes-passwords.ts';
import type { DomainConfiguration, ForestConfiguration } from '../config/directory-configuration.ts';
import { NoRecords } from '../directory/discover/service-records.ts';
import { dnsDomainOf } from '../directory/distinguished-name.ts';
import { tell, type Finding, type Probe } from './check.ts';
import { controllerIds, judgeCatalog, judgeController } from './judge-controller.ts';
import type { ListedServer } from './patient.ts';
import type { World } from './world.ts';

const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, '').toLowerCase() || 'localhost';

async function resolveHosts({ machine, patient }: World): Promise<readonly Finding[]> {
  const hosts = [...new Set(patient.servers.map(({ url }) => hostOf(url)))];
  return Promise.all(
    hosts.map(async (host) => {
      const check = tell('dns.controllers', host);
      if (isIP(host) !== 0) return check.skipped('it is given by its address');
      try {
        return check.ok(`it is ${(await machine.lookup(host)).join(', ')}`);
      } catch {
        return check.problem('it has no address here');
      }
    }),
  );
}

/** Compares what DNS says of a domain with what is configured. */
export async function compareRecords(
  { machine }: Pick<World, 'machine'>,
  { baseDn, controllers }: DomainConfiguration,
): Promise<Finding> {
  const domain = dnsDomainOf(baseDn);
  const check = tell('dns.records', domain ?? baseDn);
  if (domain === undefined) return check.skipped('its baseDn has no DNS name');
  const configured = controllers.map(({ url }) => hostOf(url)).filter((host) => isIP(host) === 0 && host !== 'localhost');
  if (configured.length === 0) return check.skipped('its controllers are given by their addresses');
  let known: readonly string[];
  try {
    known = (await machine.records.find(`_ldap._tcp.dc._msdcs.${domain}`)).map(({ host }) => host);
  } catch (error) {
    if (!(error instanceof NoRecords)) throw error;
    return check.skipped(error.message);
  }
  const gone = configured.filter((host) => !known.includes(host));
  if (gone.length > 0)
    return check.warning(`DNS does not know ${gone.join(', ')} as a controller, but ${known.slice(0, 8).join(', ')}`);
  if (configured.length === 1 && known.length > 1)
    return check.warning(
      `one controller is configured, and DNS knows ${String(known.length)}: when that one is down, nobody signs in`,
    );
  return check.ok(
    `DNS knows ${known.length === 1 ? 'the one controller' : `${String(known.length)} controllers, ${String(configured.length)} of which are configured`}`,
  );
}

async function judgeWritable({ patient, configuration }: World, domain: DomainConfiguration): Promise<Finding> {
  const check = tell('directory.writable', dnsDomainOf(domain.baseDn) ?? domain.baseDn);
  const servers = patient.servers.filter((one) => one.domain === domain);
  const known = (await Promise.all(servers.map((server) => patient.examine(server)))).filter(({ said }) => said !== undefined);
  const readOnly = known.filter(({ said }) => said?.isReadOnly === true).map(({ name }) => name);
  if (known.length === 0) return check.skipped('no controller says anything of itself');
  if (readOnly.length === 0) return check.ok(`no controller of ${String(known.length)} says that it is read-only`);
  if (readOnly.length === known.length && changesPasswords(configuration))
    return check.problem(
      `all controllers that answer are read-only (${readOnly.join(', ')}), and people are to change passwords here`,
    );
  return check.warning(`${readOnly.join(', ')} is read-only`);
}

function judgeCatalogs(forest: ForestConfiguration): readonly Finding[] {
  const check = tell('directory.catalog', forest.name);
  if (forest.globalCatalogs.length > 0) return [];
  if (forest.domains.length === 1) return [check.skipped('the forest has one domain, which needs none')];
  return [check.warning(`${String(forest.domains.length)} domains and no global catalog`)];
}

function serverProbe(world: World, server: ListedServer): Probe {
  const { configuration, patient, clock } = world;
  const { domain, forest, url } = server;
  const { host } = new URL(url);
  const limit = 3 * configuration.directory.operationTimeout + 2 * configuration.directory.connectTimeout + 30_000;
  if (domain === undefined)
    return { ids: ['directory.catalog'], subject: host, limit, run: async () => [judgeCatalog(await patient.examine(server))] };
  return {
    ids: controllerIds,
    subject: host,
    limit,
    run: async () =>
      judgeController(await patient.examine(server), {
        baseDn: domain.baseDn,
        bindDn: (domain.account ?? forest).bindDn,
        clockSkew: configuration.clockSkew,
        operationTimeout: configuration.directory.operationTimeout,
        now: clock.now(),
      }),
  };
}

export function directoryProbes(world: World): readonly Probe[] {
  const { forests } = world.configuration.directory;
  const domains = forests.flatMap((forest) => forest.domains);
  return [
    { ids: ['dns.controllers'], run: () => resolveHosts(world) },
    { ids: ['dns.records'], run: () => Promise.all(domains.map((domain) => compareRecords(world, domain))) },
    ...world.patient.servers.map((server) => serverProbe(world, server)),
    { ids: ['directory.catalog'], run: () => Promise.resolve(forests.flatMap(judgeCatalogs)) },
    {
      ids: ['directory.writable'],
      limit: 60_000,
      run: () => Promise.all(domains.map((domain) => judgeWritable(world, domain))),
    },
  ];
}
