/** Writes the directory's section of a configuration file from what was found: in few lines for one domain, else as forests. */
import { yamlScalar } from './yaml-scalar.ts';

export interface SectionController {
  readonly url: string;
  readonly site: string | undefined;
  readonly priority: number;
  /** Why it should not be listed; it becomes a comment. */
  readonly remark: string | undefined;
}

export interface SectionDomain {
  readonly baseDn: string;
  readonly controllers: readonly SectionController[];
}

export interface DirectorySection {
  /** DNS name of the forest's root domain. */
  readonly forest: string;
  readonly startTls: boolean;
  readonly caFile: string | undefined;
  readonly bindDn: string;
  readonly passwordFile: string;
  readonly globalCatalogs: readonly string[];
  /** At least one, each with at least one controller without a remark. */
  readonly domains: readonly SectionDomain[];
  /** The site that Passerelle stands in; it asks for forests, since controllers have sites there alone. */
  readonly site: string | undefined;
}

const indented = (lines: readonly string[], by: string): readonly string[] => lines.map((line) => `${by}${line}`);

function accountOf({ startTls, caFile, bindDn, passwordFile }: DirectorySection): readonly string[] {
  return [
    ...(startTls ? ['startTls: true'] : []),
    caFile === undefined
      ? '# caFile: directory-ca.pem  # the authority that vouches for the servers, where it is one of your own'
      : `caFile: ${yamlScalar(caFile)}`,
    '# The service account. It needs to read only.',
    `bindDn: ${yamlScalar(bindDn)}`,
    '# A file that holds its password and nothing else, readable by Passerelle alone.',
    `passwordFile: ${yamlScalar(passwordFile)}`,
  ];
}

function oneDomain(section: DirectorySection, { baseDn, controllers }: SectionDomain): readonly string[] {
  return [
    'urls:',
    ...controllers.map(({ url, remark }) =>
      remark === undefined ? `  - ${yamlScalar(url)}` : `  # - ${yamlScalar(url)}  # ${remark}`,
    ),
    `baseDn: ${yamlScalar(baseDn)}`,
    ...accountOf(section),
  ];
}

function controllerOf({ url, site, priority, remark }: SectionController): readonly string[] {
  if (remark !== undefined) return [`# - url: ${yamlScalar(url)}  # ${remark}`];
  return [
    `- url: ${yamlScalar(url)}`,
    ...(site === undefined ? [] : [`  site: ${yamlScalar(site)}`]),
    ...(priority === 1 ? [] : [`  priority: ${String(priority)}`]),
  ];
}

function asForest(section: DirectorySection): readonly string[] {
  const { forest, globalCatalogs, domains, site } = section;
  return [
    ...(site === undefined ? [] : [`site: ${yamlScalar(site)}`]),
    'forests:',
    `  - name: ${yamlScalar(forest)}`,
    ...indented(accountOf(section), '    '),
    ...(globalCatalogs.length === 0 ? [] : ['    globalCatalogs:', ...globalCatalogs.map((url) => `      - ${yamlScalar(url)}`)]),
    '    domains:',
    ...domains.flatMap(({ baseDn, controllers }) => [
      `      - baseDn: ${yamlScalar(baseDn)}`,
      '        controllers:',
      ...indented(controllers.flatMap(controllerOf), '          '),
    ]),
  ];
}

/** YAML that `config check` takes. */
export function renderDirectorySection(section: DirectorySection): string {
  const [only, another] = section.domains;
  const lines =
    only !== undefined && another === undefined && section.site === undefined ? oneDomain(section, only) : asForest(section);
  return ['directory:', ...indented(lines, '  '), ''].join('\n');
}
