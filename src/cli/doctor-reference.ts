/** The page of all checks of the doctor, made from their one table. */
import { renderTable } from '../config/render-table.ts';
import { areas, type Area } from '../doctor/checks/row.ts';
import { areaOf, checkIds, checks } from '../doctor/checks.ts';

const opening = `# What the doctor looks at

<!-- Made by \`passerelle config reference\`; do not edit. -->

\`passerelle doctor\` looks at everything below, from outside in, and says of each thing whether it is well (✓), a warning (!), a
problem (✗), or was skipped (–) and why; and what to do about it. Nothing is changed: no record of yours, no entry of the directory.
The service account binds once at each controller, and nowhere any more after it was refused, so that nothing locks it. No finding
holds a secret; where people are told of, it is by their sAMAccountName.

Run it on the machine and as the user of Passerelle, while that serves. Whoever has its sealing keys is told by the running
Passerelle how a request arrived there, at \`/doctor\`; everybody else finds no such page. That is how what a proxy makes of
requests is seen.

| Exit code | Meaning                            |
| --------- | ---------------------------------- |
| 0         | all is well                        |
| 3         | there are warnings, and no problem |
| 1         | there is a problem                 |
| 2         | the command was called wrongly     |

\`--json\` prints one object: \`version\` (1; fields may be added to it, and none is taken away or means something else later),
\`checkedAt\`, \`configuration\`, \`verdict\` (\`ok\`, \`warning\` or \`problem\`), \`counts\` by verdict, and \`checks\`, each with
\`id\`, \`area\`, \`subject\` (a controller, a key …; else null), \`verdict\`, \`found\`, \`remedy\` (or null) and \`milliseconds\`. A
check that looks at several things is told of once for each. Of \`found\` and \`remedy\` the words may change; \`id\` and \`verdict\` are
what to watch.
`;

/** What each area is, above its table. */
const titles: Readonly<Record<Area, string>> = {
  configuration: 'The configuration',
  'public-url': 'publicUrl, as browsers see it',
  proxy: 'The proxy before Passerelle',
  clock: 'The clock',
  dns: 'DNS',
  directory: 'The directory',
  mapping: 'What people become',
  keys: 'Our keys',
  google: 'What Google asks',
  'service-providers': 'Service providers',
  store: 'The store',
  machine: 'The machine',
  factors: 'Factors, tickets and certificates',
  audit: 'Where events and figures go',
};

/** Text of `docs/doctor.md`. */
export function renderDoctorReference(): string {
  const sections = areas.map((area) => {
    const rows = checkIds
      .filter((id) => areaOf(id) === area)
      .map((id) => {
        const { looks, warns = '', fails = '', remedy } = checks[id];
        return [`\`${id}\``, looks, warns, fails, remedy];
      });
    return `## ${titles[area]}\n\n\`--only ${area}\`\n\n${renderTable(['Check', 'What is looked at', '! when', '✗ when', 'What to do'], rows)}`;
  });
  return [opening, ...sections].join('\n');
}
