/** The reference page of the configuration and the schema that editors check it against, both made from the one schema. */
import { kindsOf, longForm, outline, valuesOf, type Outline } from './outline.ts';
import { renderTable } from './render-table.ts';
import { waitsForRestart } from './waits-for-restart.ts';

/** A configuration that uses most of what there is; the tests check it as they would any other. */
export const exampleFile = `publicUrl: https://sso.example.com

listen:
  host: 127.0.0.1
  port: 8080
trustProxy: [127.0.0.1]

directory:
  urls:
    - ldaps://dc1.corp.example.com
    - ldaps://dc2.corp.example.com
  baseDn: DC=corp,DC=example,DC=com
  bindDn: CN=Passerelle,OU=Services,DC=corp,DC=example,DC=com
  password: \${DIRECTORY_PASSWORD}

mapping:
  source: userPrincipalName
  substitute:
    corp.local: example.com
  domains:
    primary: example.com
    secondary: [example.org]
    aliases:
      example.net: example.com

serviceProviders:
  - kind: google-profile
    entityId: https://accounts.google.com/samlrp/01abcdef
    acsUrl: https://accounts.google.com/samlrp/01abcdef/acs
    attributes:
      department: department
  - kind: google-workforce
    pool: employees
    provider: passerelle
    groups: true

session:
  idle: 1h
  absolute: 12h

branding:
  name: Example Ltd
  helpUrl: https://help.example.com/
`;

/** The directory's section in place of the one above, for two forests, one of them with a child domain; checked likewise. */
export const exampleForests = `directory:
  site: London
  forests:
    - name: corp.example.com
      caFile: corp-ca.pem
      bindDn: passerelle@corp.example.com
      passwordFile: corp-password
      globalCatalogs:
        - ldaps://dc1.corp.example.com:3269
      domains:
        - baseDn: DC=corp,DC=example,DC=com
          controllers:
            - url: ldaps://dc1.corp.example.com
              site: London
            - url: ldaps://dc2.corp.example.com
              site: Paris
        - baseDn: DC=emea,DC=corp,DC=example,DC=com
          controllers:
            - url: ldaps://dc1.emea.corp.example.com
    - name: partner.example.net
      caFile: partner-ca.pem
      bindDn: passerelle@partner.example.net
      passwordFile: partner-password
      domains:
        - baseDn: OU=Staff,DC=partner,DC=example,DC=net
          controllers:
            - url: ldaps://dc1.partner.example.net
            - url: ldaps://standby.partner.example.net
              priority: 2
`;

/** One setting as the page shows it. */
interface Leaf {
  readonly path: string;
  readonly part: Outline;
  readonly isRequired: boolean;
}

const opening = `# Configuration

<!-- Made by \`passerelle config reference\`; do not edit. -->

Passerelle reads one YAML file (YAML 1.2): the one that \`--config FILE\` names, else the one that the environment variable
\`PASSERELLE_CONFIG\` names, else \`passerelle.yaml\` in the working directory. \`passerelle init\` writes a starting file and
\`passerelle config check\` tells every mistake at once, each with its line and what to do about it. A setting that is not
listed here is a mistake.

- **Environment**: \`\${NAME}\` in a value becomes the environment variable of that name (capitals, digits and underscores). A
  variable that is not set is a mistake. \`$\${\` stands for \`\${\` itself.
- **Secrets** come from a file (\`passwordFile\`) or the environment (\`password: \${DIRECTORY_PASSWORD}\`) and are never logged.
- **Paths** are meant from the folder of the configuration file.
- **Editors** check the file as you type where it begins with \`# yaml-language-server: $schema=passerelle.schema.json\`.

## Example

`;

/** Text of `docs/configuration.md`. */
export function renderReference(): string {
  const root = outline();
  const sections = Object.entries(root.properties ?? {});
  const isSection = (part: Outline): boolean =>
    part.properties !== undefined || part.items?.oneOf !== undefined || part.items?.properties !== undefined;
  const general = sections
    .filter(([, part]) => !isSection(part))
    .map(([name, part]) => ({ path: name, part, isRequired: root.required?.includes(name) === true }));

  const pages = [
    `${opening}\`\`\`yaml\n${exampleFile}\`\`\`\n\nSeveral domains or forests:\n\n\`\`\`yaml\n${exampleForests}\`\`\`\n`,
    `## General\n\n${renderLeaves(general)}`,
  ];
  for (const [name, part] of sections.filter(([, candidate]) => isSection(candidate))) {
    const head = `## ${name}\n\n${part.description ?? ''}${absence(part)}\n`;
    if (part.items === undefined) {
      pages.push(`${head}\n${renderLeaves(leavesOf(part, name))}`);
      continue;
    }
    if (part.items.oneOf === undefined) {
      pages.push(`${head}\nEach entry:\n\n${renderLeaves(leavesOf(part.items, ''))}`);
      continue;
    }
    pages.push(`${head}\nEach entry is of one of these kinds:\n`);
    for (const [kind, entry] of kindsOf(part.items)) {
      pages.push(`### ${name}: ${kind}\n\n${entry.description ?? ''}\n\n${renderLeaves(leavesOf(entry, ''))}`);
    }
  }
  const rule = ruleOf(root);
  pages.push(
    `## Rules\n\nWhere a rule may stand under \`attributes\`. ${rule.description ?? ''}\n\n${renderLeaves(leavesOf(rule, ''))}`,
  );
  pages.push(reloading());
  return pages.join('\n');
}

/** What a running Passerelle takes over, and what not. */
function reloading(): string {
  const rows = [...waitsForRestart].map(([setting, why]) => [`\`${setting}\``, `${why}.`]);
  return `## Changing it while people sign in

A running Passerelle takes over a changed file by itself (\`reload.watch\`), upon SIGHUP and by \`passerelle reload\`. The file is
checked whole first: where anything is wrong, all of it stays as it was, and the event \`configuration.refused\` says why. Requests in
flight end by the configuration that they began with; sign-ins under way, sessions and counters go on. Variables of the environment
are those of the start. These settings wait for a restart; the others are taken over without them, and which wait is said in the log,
in the event \`configuration.reloaded\` and by \`passerelle reload\`:

${renderTable(['Setting', 'Why'], rows)}`;
}

/** The long form of an attribute to release. */
function ruleOf({ properties }: Outline): Outline {
  const values = properties?.release?.items?.properties?.attributes?.additionalProperties;
  return values === undefined || values === false ? {} : longForm(values);
}

/** Text of `passerelle.schema.json`: JSON Schema, draft 7, which is what editors understand best. */
export function renderEditorSchema(): string {
  return `${renderJson(forEditors(outline()), 0)}\n`;
}

/** Every setting at or below `part`, sections left out; those of a list's entries as `list[].name`. */
export function leavesOf(part: Outline, prefix: string): readonly Leaf[] {
  return Object.entries(part.properties ?? {}).flatMap(([name, below]): readonly Leaf[] => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    if (below.properties !== undefined) return leavesOf(below, path);
    const longer = below.anyOf === undefined ? [] : leavesOf(longForm(below), path);
    const entries = below.items === undefined ? [] : leavesOf(below.items, `${path}[]`);
    return [{ path, part: below, isRequired: part.required?.includes(name) === true }, ...longer, ...entries];
  });
}

function absence(part: Outline): string {
  return part.without === undefined ? '' : ` Without it: ${part.without}.`;
}

function renderLeaves(leaves: readonly Leaf[]): string {
  return renderTable(
    ['Setting', 'Values', 'Default', 'What it is'],
    leaves.map(({ path, part, isRequired }) => [
      `\`${path}\``,
      valuesOf(part),
      shownDefault(part, isRequired),
      part.description ?? '',
    ]),
  );
}

function shownDefault(part: Outline, isRequired: boolean): string {
  if (isRequired) return '**required**';
  if (part.default === undefined) return part.without ?? 'none';
  if (typeof part.default === 'object') return 'none';
  return `\`${String(part.default)}\``;
}

const variable = { type: 'string', pattern: '\\$\\{[A-Z_][A-Z0-9_]*\\}' };

/** Without our own words, and with `${NAME}` allowed where the form of a value is given. */
function forEditors(value: unknown, isName = false): unknown {
  if (Array.isArray(value)) return value.map((entry) => forEditors(entry));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value as Readonly<Record<string, unknown>>).filter(
    ([name, below]) => !(['values', 'without'].includes(name) && typeof below === 'string'),
  );
  const made: Readonly<Record<string, unknown>> = Object.fromEntries(
    entries.map(([name, below]) => [name, forEditors(below, name === 'propertyNames')]),
  );
  const hasForm =
    ['integer', 'boolean'].includes(String(made.type)) || (made.type === 'string' && ('format' in made || 'pattern' in made));
  if (isName || !hasForm) return made;
  const { description, default: fallback, ...form } = made;
  return {
    ...(description === undefined ? {} : { description }),
    ...(fallback === undefined ? {} : { default: fallback }),
    anyOf: [form, variable],
  };
}

/** JSON with short lists of words on one line. */
function renderJson(value: unknown, depth: number): string {
  const [outer, inner] = ['  '.repeat(depth), '  '.repeat(depth + 1)];
  if (Array.isArray(value)) {
    const isShort = value.every((entry) => typeof entry !== 'object');
    if (isShort) return `[${value.map((entry) => JSON.stringify(entry)).join(', ')}]`;
    return `[\n${value.map((entry) => inner + renderJson(entry, depth + 1)).join(',\n')}\n${outer}]`;
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(
    ([name, below]) => `${inner}${JSON.stringify(name)}: ${renderJson(below, depth + 1)}`,
  );
  return entries.length === 0 ? '{}' : `{\n${entries.join(',\n')}\n${outer}}`;
}
