/** The tables of a run, in Markdown, and what was to be reached. */
import type { AdviseFigures } from './advise.ts';
import type { Figures, Measured } from './measure.ts';
import type { Doubling, NodesFigures } from './nodes.ts';
import type { ScaleFigures } from './scale.ts';
import type { StoreFigures } from './store.ts';

export interface Target {
  readonly what: string;
  readonly unit: string;
  readonly target: number;
  readonly reached: number;
  readonly met: boolean;
}

export interface Result extends Figures {
  readonly machine: { readonly processor: string; readonly cores: number; readonly node: string };
  readonly targets: readonly Target[];
}

const deeds: Readonly<Record<Measured['deed'], string>> = {
  answer: 'Answer from a live session',
  signIn: 'Full sign-in',
  page: 'Sign-in page',
};

const counted = (value: number): string => value.toLocaleString('en-GB');

/** The worst of all numbers of users and directories counts. */
export function judge({
  loads,
  inProcess,
  peakMemory,
  startUp,
  metadata,
  store,
  scale,
  groups,
  advise,
}: Figures): readonly Target[] {
  const worst = (deed: Measured['deed'], value: (measured: Measured) => number): number =>
    Math.max(...loads.filter((measured) => measured.deed === deed).map(value));
  const rows: readonly Omit<Target, 'met'>[] = [
    { what: 'Building and signing one Response', unit: '× its signatures', target: 1.15, reached: inProcess.build },
    { what: 'Answer from a live session', unit: '× its signatures', target: 2, reached: worst('answer', ({ ratio }) => ratio) },
    { what: 'Full sign-in', unit: '× its signatures', target: 3.5, reached: worst('signIn', ({ ratio }) => ratio) },
    { what: 'Sign-in page, the request and all', unit: 'ms of CPU', target: 1, reached: worst('page', ({ cpu }) => cpu) },
    { what: 'Peak memory under load', unit: 'MB', target: 200, reached: peakMemory },
    { what: 'From start to ready', unit: 'ms', target: 2_000, reached: startUp.ready },
    { what: '10,000 entities of signed metadata', unit: 'ms', target: 5_000, reached: metadata.taken },
    { what: 'Peak memory with them', unit: 'MB', target: 300, reached: metadata.peakMemory },
    { what: 'Longest wait of others meanwhile', unit: 'ms', target: 50, reached: metadata.blocked },
    ...store.stores.map(({ name, sessions, blocked }) => ({
      what: `Longest wait while ${counted(sessions)} sessions are swept, ${name}`,
      unit: 'ms',
      target: 50,
      reached: blocked,
    })),
    ...(store.ratio === undefined
      ? []
      : [{ what: 'Full sign-in with PostgreSQL', unit: '× that with SQLite', target: 2, reached: store.ratio.time }]),
    ...(scale === undefined
      ? []
      : [
          {
            what: `Sign-in among ${counted(scale.many.people)} people`,
            unit: '× that among 100',
            target: 1.1,
            reached: scale.time,
          },
          { what: 'CPU of Passerelle for it', unit: '× that among 100', target: 1.1, reached: scale.cpu },
        ]),
    ...(groups === undefined
      ? []
      : [{ what: `Groups of a person in ${counted(groups.groups)}`, unit: 'ms', target: 30, reached: groups.again }]),
    ...(advise === undefined
      ? []
      : [
          { what: `Advice about ${counted(advise.size.people)} people`, unit: 's', target: 60, reached: advise.report.seconds },
          { what: 'Peak memory for it', unit: 'MB', target: 300, reached: advise.report.peakMemory },
        ]),
  ];
  return rows.map((row) => ({ ...row, met: row.reached <= row.target }));
}

/** Columns as wide as their widest cell, so that the formatter has nothing to change. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(3, title.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

const rounded = (value: number, digits: number): string => value.toFixed(digits);

const renderScale = ({ few, many, p50 }: ScaleFigures, directory: string): string => `
A sign-in takes ${rounded(p50.many, 1)} ms (p50) among ${counted(many.people)} people and ${counted(many.groups)} groups in ${directory}, and ${rounded(p50.few, 1)} ms among ${counted(few.people)} people and ${counted(few.groups)} groups.
`;

const renderAdvise = ({ size, report, check }: AdviseFigures): string => `
\`passerelle advise\` reads ${counted(size.people)} people and ${counted(size.groups)} groups from slapd and writes its report of ${rounded(report.megabytes, 0)} MB in ${rounded(report.seconds, 1)} s with at most ${rounded(report.peakMemory, 0)} MB; \`--check\`, which reads people alone, takes ${rounded(check.seconds, 1)} s and ${rounded(check.peakMemory, 0)} MB.
`;

const percent = (part: number): string => `${String(Math.round(part * 100))} %`;
const renderDoubling = (what: string, { one, two, ratio, busy }: Doubling): string =>
  `Through two ${what} go ${rounded(ratio, 2)} × the sign-ins of one: ${rounded(two, 0)} a second and ${rounded(one, 0)}, with ${percent(busy.two)} and ${percent(busy.one)} of all cores at work.`;

/** Everything runs on one machine, so that what the cores have left is what there is to gain. */
const renderNodes = ({ workers, nodes }: NodesFigures, cores: number): string => `
${renderDoubling('workers (SQLite)', workers)} ${'reason' in nodes ? `Nodes were left out: ${nodes.reason}.` : renderDoubling('nodes (HAProxy, PostgreSQL)', nodes)} The ${String(cores)} cores also bear the directory, the balancer, the database and whoever signs in: more cannot be had than they have left.
`;

const renderStores = ({ stores, ratio, withoutPostgres }: StoreFigures): string => `
${table(
  ['Store', 'session read ms', 'its CPU ms', 'sign-in p50 ms', 'its CPU ms', 'swept a second', 'longest wait ms'],
  stores.map(({ name, read, readCpu, signIn, signInCpu, swept, taken, blocked }) => [
    name,
    rounded(read, 3),
    rounded(readCpu, 3),
    rounded(signIn, 1),
    rounded(signInCpu, 2),
    rounded((swept * 1_000) / taken, 0),
    rounded(blocked, 1),
  ]),
)}
${ratio === undefined ? `\nPostgreSQL was left out: ${withoutPostgres ?? ''}.\n` : `\nA sign-in with PostgreSQL takes ${rounded(ratio.time, 2)} times as long as with SQLite, and ${rounded(ratio.cpu, 2)} times the CPU of Passerelle.\n`}`;

export function renderTables({
  machine,
  signing,
  inProcess,
  loads,
  startUp,
  metadata,
  store,
  nodes,
  scale,
  groups,
  advise,
  activeDirectory,
  targets,
  withoutSlapd,
}: Result): string {
  const reached = table(
    ['What', 'unit', 'to reach', 'reached', ''],
    targets.map(({ what, unit, target, reached, met }) => [
      what,
      unit,
      `≤ ${String(target)}`,
      rounded(reached, reached < 10 ? 2 : 0),
      met ? 'met' : 'missed',
    ]),
  );
  const borne = table(
    ['What', 'directory', 'users', 'a second', 'p50 ms', 'p95 ms', 'p99 ms', 'CPU ms', '× signatures'],
    loads.map(({ deed, directory, users, perSecond, p50, p95, p99, cpu, ratio }) => [
      deeds[deed],
      directory,
      String(users),
      rounded(perSecond, 0),
      rounded(p50, 1),
      rounded(p95, 1),
      rounded(p99, 1),
      rounded(cpu, 2),
      deed === 'page' ? '' : rounded(ratio, 2),
    ]),
  );
  return `${String(machine.cores)} cores (${machine.processor}), Node ${machine.node}. Raw RSA-2048 signatures: ${rounded(signing.perSecond, 0)} a second on all cores, ${rounded(signing.cpu, 3)} ms of CPU each.

${reached}

${borne}

Rendering the sign-in page alone takes ${rounded(inProcess.page, 3)} ms of CPU. The first start, which makes the key, is ready after ${rounded(startUp.first, 0)} ms; later ones answer \`/healthz\` after ${rounded(startUp.healthy, 0)} ms and are ready after ${rounded(startUp.ready, 0)} ms.

With ${String(metadata.entities)} entities in one signed document of ${rounded(metadata.megabytes, 0)} MB the server is ready after ${rounded(metadata.ready, 0)} ms.
${renderStores(store)}${renderNodes(nodes, machine.cores)}${scale === undefined ? '' : renderScale(scale, 'slapd')}${groups === undefined ? '' : `\nThe ${counted(groups.groups)} groups of a person are read in ${rounded(groups.first, 0)} ms the first time and in ${rounded(groups.again, 1)} ms after that.\n`}${advise === undefined ? '' : renderAdvise(advise)}${activeDirectory === undefined ? '' : renderScale(activeDirectory, 'Active Directory (Samba)')}${withoutSlapd === undefined ? '' : `\nslapd was left out: ${withoutSlapd}.\n`}`;
}
