/** The rules about forests and domains: each is one that no other is, so that a name or a person can never mean two of them. */
import { textAt, textsAt, urlAt, type Findings } from './findings.ts';
import type { Path, Settings } from './settings.ts';

interface Domain {
  readonly path: Path;
  /** Where the address of each of its controllers is written. */
  readonly controllers: readonly Path[];
}

interface Forest {
  readonly path: Path;
  readonly domains: readonly Domain[];
}

const GLOBAL_CATALOG_PORTS = ['3268', '3269'];

function childrenOf(settings: Settings, path: Path): readonly Path[] {
  const list = settings.at(path);
  return Array.isArray(list) ? [...list.keys()].map((index) => [...path, index]) : [];
}

function forestsOf(settings: Settings): readonly Forest[] {
  return childrenOf(settings, ['directory', 'forests']).map((path) => ({
    path,
    domains: childrenOf(settings, [...path, 'domains']).map((domain) => ({
      path: domain,
      controllers: childrenOf(settings, [...domain, 'controllers']).map((controller) => [...controller, 'url']),
    })),
  }));
}

/** `OU=Staff,DC=corp,DC=example,DC=com` → `corp.example.com`; empty where no part is a DC. */
const dnsNameOf = (baseDn: string): string =>
  [...baseDn.matchAll(/(?:^|,)\s*dc\s*=\s*([^,]*[^,\s])/gi)].map(([, label]) => label?.toLowerCase()).join('.');

/** Tells of every value that stands in two places. */
function verifyUnique(
  findings: Findings,
  values: readonly (readonly [value: string, path: Path])[],
  hint: string,
  words = (first: string): string => `is the same as ${first}`,
): void {
  const seen = new Map<string, Path>();
  for (const [value, path] of values) {
    const first = seen.get(value);
    if (first === undefined) seen.set(value, path);
    else findings.mistake(path, words(first.join('.')), hint);
  }
}

const hostOf = (url: URL): string => `${url.hostname}:${url.port || (url.protocol === 'ldaps:' ? '636' : '389')}`.toLowerCase();

function verifyDomains(settings: Settings, findings: Findings, domains: readonly Domain[]): void {
  const named: (readonly [string, Path])[] = [];
  for (const { path } of domains) {
    const at = [...path, 'baseDn'];
    const baseDn = textAt(settings, at);
    if (baseDn === undefined) continue;
    const name = dnsNameOf(baseDn);
    if (name !== '') named.push([name, at]);
    else if (domains.length > 1) {
      findings.mistake(
        at,
        'does not say of which domain it is',
        'It ends in the domain’s parts, such as DC=corp,DC=example,DC=com.',
      );
    }
  }
  verifyUnique(
    findings,
    named,
    'Each domain stands there once: choose a baseDn that holds all its people. Two domains of one name cannot be told apart.',
    (first) => `is of the same domain as ${first}`,
  );
  verifyUnique(
    findings,
    domains.flatMap(({ path }) =>
      textsAt(settings, [...path, 'netbiosNames']).map(({ text, path: at }) => [text.toLowerCase(), at] as const),
    ),
    'A name before the backslash means one domain. Give one of the two another name.',
  );
}

function verifyControllers(settings: Settings, findings: Findings, domains: readonly Domain[]): void {
  const urls = domains.flatMap(({ controllers }) =>
    controllers.flatMap((path) => {
      const url = urlAt(settings, path, ['ldaps:', 'ldap:']);
      return url === undefined ? [] : [{ url, path }];
    }),
  );
  // Twice in `urls` does no harm.
  if (settings.has(['directory', 'forests'])) {
    verifyUnique(
      findings,
      urls.map(({ url, path }) => [hostOf(url), path]),
      'A domain controller is of one domain and stands there once.',
    );
  }
  for (const { url, path } of urls) {
    if (GLOBAL_CATALOG_PORTS.includes(url.port)) {
      findings.warning(
        path,
        'is the port of a global catalog, which does not hold all about people',
        'Leave out the port here; global catalogs belong in globalCatalogs.',
      );
    }
  }
}

function verifyCatalogs(settings: Settings, findings: Findings, { path, domains }: Forest): void {
  const at = [...path, 'globalCatalogs'];
  const written = textsAt(settings, at);
  for (const { path: one } of written) {
    const url = urlAt(settings, one, ['ldaps:', 'ldap:']);
    if (url === undefined || !['', '389', '636'].includes(url.port)) continue;
    findings.mistake(
      one,
      'is the port of a single domain, not of a global catalog',
      'Global catalogs answer at ldaps://HOST:3269, or ldap://HOST:3268 with startTls.',
    );
  }
  if (written.length === 0 && !settings.isTold(at) && domains.length > 1) {
    findings.warning(
      [...path, 'domains'],
      'are several without a global catalog',
      'Every domain is then asked at each sign-in by a bare name or a UPN, and while one is down these are refused. Give globalCatalogs.',
    );
  }
}

/** The groups of access rules: some identifiers stand for a group in each domain, others can be given to one in another forest. */
function verifyGroups(settings: Settings, findings: Findings, forests: number, domains: number): void {
  const rules = childrenOf(settings, ['serviceProviders']).flatMap((path) =>
    ['groups', 'except'].flatMap((list) => textsAt(settings, [...path, 'access', list])),
  );
  const hint = 'Give the distinguished name of the one that is meant, or its SID that begins S-1-5-21-.';
  for (const { text, path } of rules) {
    const isSid = text.startsWith('S-1-');
    if (isSid && domains > 1 && !text.startsWith('S-1-5-21-')) findings.mistake(path, 'is a group of each of the domains', hint);
    if (!isSid && !text.includes('=') && forests > 1)
      findings.mistake(path, 'is an objectGUID, which whoever rules another forest can give to a group there', hint);
  }
}

function verifySite(settings: Settings, findings: Findings, domains: readonly Domain[]): void {
  const site = textAt(settings, ['directory', 'site'])?.toLowerCase();
  if (site === undefined) return;
  const stands = domains.some(({ controllers }) =>
    controllers.some((path) => textAt(settings, [...path.slice(0, -1), 'site'])?.toLowerCase() === site),
  );
  if (stands) return;
  findings.warning(['directory', 'site'], 'is the site of no controller', 'Give controllers their site, below forests.');
}

export function verifyForests(settings: Settings, findings: Findings): void {
  const forests = forestsOf(settings);
  const domains = forests.flatMap((forest) => forest.domains);
  const nameOf = ({ path }: Forest): readonly (readonly [string, Path])[] => {
    const name = textAt(settings, [...path, 'name']);
    return name === undefined ? [] : [[name.toLowerCase(), [...path, 'name']]];
  };
  verifyUnique(findings, forests.flatMap(nameOf), 'Each forest stands there once, with all its domains.');
  verifyDomains(settings, findings, domains);
  for (const forest of forests) {
    verifyCatalogs(settings, findings, forest);
    const others = new Set(forests.filter((other) => other !== forest).flatMap((other) => nameOf(other).map(([name]) => name)));
    for (const { path } of forest.domains) {
      const name = dnsNameOf(textAt(settings, [...path, 'baseDn']) ?? '');
      if (others.has(name)) findings.mistake([...path, 'baseDn'], 'is of the root domain of another forest', 'List it there.');
    }
  }
  const single = textsAt(settings, ['directory', 'urls']).map(({ path }) => path);
  verifyControllers(settings, findings, single.length > 0 ? [{ path: ['directory'], controllers: single }] : domains);
  verifySite(settings, findings, domains);
  verifyGroups(settings, findings, forests.length, domains.length);
}
