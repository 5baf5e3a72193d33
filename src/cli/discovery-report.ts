/** What was found of a forest, for people, and as a section of the configuration. */
import { renderDirectorySection, type SectionController } from '../config/directory-section.ts';
import type { Protection } from '../directory/discover/controller.ts';
import type { Discovery, FoundController, FoundDomain } from '../directory/discover/discover.ts';
import { plain } from './plain.ts';

// MS-ADTS §6.1.4.2 and §6.1.4.3; 7 is what Windows Server 2016, 2019 and 2022 have.
const levels: Readonly<Record<number, string>> = {
  0: 'Windows 2000',
  1: 'Windows Server 2003 interim',
  2: 'Windows Server 2003',
  3: 'Windows Server 2008',
  4: 'Windows Server 2008 R2',
  5: 'Windows Server 2012',
  6: 'Windows Server 2012 R2',
  7: 'Windows Server 2016',
  10: 'Windows Server 2025',
};

const levelOf = (level: number | undefined): string =>
  level === undefined ? 'functional level unknown' : `functional level ${levels[level] ?? String(level)}`;

function describeProtection(protection: Protection | undefined, ports: string): string {
  if (protection === undefined) return `neither LDAPS nor StartTLS answers (ports ${ports}): no password may be sent there`;
  const { kind, issuer, subject, notAfter, problem } = protection;
  const shown = `${kind === 'ldaps' ? 'LDAPS' : 'StartTLS'}, certificate of ${subject}, issued by ${issuer}, until ${notAfter}`;
  if (problem === undefined) return `${shown}: trusted`;
  return `${shown}: NOT TRUSTED: ${problem}`;
}

function describeController(controller: FoundController): readonly string[] {
  const { host, address, priority, weight, site, root, trouble, protection } = controller;
  const facts = [
    host,
    address ?? 'no address',
    ...(site === undefined ? [] : [`site ${site}`]),
    `priority ${String(priority)}, weight ${String(weight)}`,
    ...(root?.isGlobalCatalog === true ? ['global catalog'] : []),
  ];
  return [
    `    ${facts.join('  ')}`,
    ...(address === undefined ? [] : [`      ${describeProtection(protection, '636 and 389')}`]),
    ...(trouble === undefined ? [] : [`      is left out: ${trouble}`]),
  ];
}

function describeDomain({
  dnsDomain,
  baseDn,
  netbiosName,
  level,
  controllers,
  unasked,
  trouble,
}: FoundDomain): readonly string[] {
  return [
    `  domain ${dnsDomain}${netbiosName === undefined ? '' : ` (${netbiosName})`}, ${baseDn}, ${levelOf(level)}`,
    ...controllers.flatMap(describeController),
    ...(unasked === 0 ? [] : [`    and ${String(unasked)} more, which were not asked`]),
    ...(trouble === undefined ? [] : [`    no controllers: ${trouble}`]),
  ];
}

/** @param caFile as given by --ca-file */
export function describeDiscovery(discovery: Discovery, caFile: string | undefined): string {
  const { forest, level, domains, catalogs, names, namesTrouble, notes } = discovery;
  const untrusted = [...domains.flatMap(({ controllers }) => controllers), ...catalogs].some(
    ({ protection }) => protection?.problem !== undefined,
  );
  const lines = [
    `Forest ${forest}, ${levelOf(level)}`,
    ...domains.flatMap(describeDomain),
    ...catalogs.map(({ host, protection }) => `  global catalog ${host}: ${describeProtection(protection, '3269 and 3268')}`),
    names === undefined
      ? `  UPN suffixes and NetBIOS names were not read: ${namesTrouble ?? 'no reason known'}`
      : `  UPN suffixes: ${[...names.suffixes].join(', ') || 'none'}`,
    ...notes,
    ...(!untrusted
      ? []
      : [
          caFile === undefined
            ? 'A certificate is not trusted: fetch that of the authority which issued it, and give it by --ca-file.'
            : `A certificate is not trusted although ${caFile} was given: see what is wrong with it above.`,
        ]),
  ];
  return lines.map((line) => `${plain(line)}\n`).join('');
}

/** As the configuration takes it. */
const LONGEST_SITE = 64;

/** The ranks that priorities of DNS, any number up to 65,535, have in the configuration. */
function rankOf(priority: number, all: readonly FoundController[]): number {
  const distinct = [...new Set(all.map((one) => one.priority))].toSorted((one, other) => one - other);
  return Math.min(distinct.indexOf(priority) + 1, 100);
}

/** The section to paste; undefined where no controller answers by TLS. */
export function sectionOf(
  discovery: Discovery,
  given: { readonly caFile: string | undefined; readonly bindDn: string | undefined; readonly site: string | undefined },
): string | undefined {
  const all = discovery.domains.flatMap(({ controllers }) => controllers);
  const startTls = all.every(({ protection }) => protection?.kind !== 'ldaps');
  const listed = new Set<string>();
  const urlOf = (host: string, isCatalog: boolean): string =>
    `${startTls ? 'ldap' : 'ldaps'}://${host}${isCatalog ? `:${startTls ? '3268' : '3269'}` : ''}`;
  const controllerOf = (controller: FoundController): SectionController => {
    const { host, site, priority, protection, root } = controller;
    const wanted = startTls ? 'starttls' : 'ldaps';
    const isListed = listed.has(host);
    listed.add(host);
    const remark = isListed
      ? 'stands there already'
      : root === undefined
        ? 'did not answer, or for another domain'
        : protection?.kind === wanted
          ? undefined
          : 'no LDAPS answers there';
    return {
      url: urlOf(host, false),
      site: site === undefined || site === '' || site.length > LONGEST_SITE ? undefined : plain(site),
      priority: rankOf(priority, all),
      remark,
    };
  };
  const domains = discovery.domains
    .map(({ baseDn, controllers }) => ({ baseDn: plain(baseDn), controllers: controllers.map(controllerOf) }))
    .filter(({ controllers }) => controllers.some(({ remark }) => remark === undefined));
  if (domains.length === 0) return undefined;
  const catalogs = discovery.catalogs.filter(({ protection }) => protection?.kind === (startTls ? 'starttls' : 'ldaps'));
  return renderDirectorySection({
    forest: discovery.forest,
    startTls,
    caFile: given.caFile,
    bindDn: given.bindDn ?? `passerelle@${discovery.domains[0]?.dnsDomain ?? discovery.forest}`,
    passwordFile: 'directory-password',
    globalCatalogs: domains.length === 1 ? [] : catalogs.map(({ host }) => urlOf(host, true)),
    domains,
    site: given.site,
  });
}
