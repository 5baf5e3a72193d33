/** Groups: which there are, what they are for, what stands in the way, and which are worth bringing. */
import { html, type Html } from '../../http/html.ts';
import type { GroupAdvice, GroupNaming, NamedGroup } from '../advice.ts';
import { barChart } from './bar-chart.ts';
import { decisionPath } from './decision-path.ts';
import { figure } from '../figures.ts';
import { histogram } from './histogram.ts';
import { factList, notes, section } from './section.ts';
import { stackedBars } from './stacked-bars.ts';
import { table, told } from './table.ts';

const scopes = ['domain local', 'global', 'universal', 'none'] as const;
const types = ['security', 'distribution', 'none'] as const;
const useNames = { resource: 'Resource', role: 'Role', organisation: 'Organisation', unused: 'Unused' } as const;
const outsiderNames = {
  foreign: 'Of a forest that was not read',
  computer: 'Computers',
  contact: 'Contacts',
  elsewhere: 'Outside what was read',
} as const;
const namingNames = { cn: 'Common name and domain', mail: 'Mail' } as const;
const mostExamples = 5;
const mostInChain = 20;

const examples = (names: readonly string[]): Html =>
  html`${names.slice(0, mostExamples).map((name) => html`<small>${told(name)}</small>`)}`;

const holdersOf = (holders: readonly NamedGroup[]): Html =>
  html`${holders.slice(0, 10).map(({ name, domain, scope }) => html`<small>${told(name)} (${scope === 'none' ? 'no scope' : scope}${domain === null ? '' : html`, ${told(domain)}`})</small>`)}${holders.length > 10 ? html`<small>and ${figure(holders.length - 10)} more, in advice.json</small>` : undefined}`;

const chain = (names: readonly string[]): Html =>
  html`${names.slice(0, mostInChain).map((name, index) => html`${index === 0 ? '' : ' › '}${told(name)}`)}${names.length > mostInChain ? ` … and ${figure(names.length - mostInChain)} more` : ''}`;

function* kinds({ kinds: found, uses }: GroupAdvice): Generator<string> {
  const rows = scopes
    .filter((scope) => found.some((kind) => kind.scope === scope))
    .map((scope) => ({
      label: scope === 'none' ? 'no scope' : scope,
      values: types.map((type) =>
        found.filter((kind) => kind.scope === scope && kind.type === type).reduce((sum, { count }) => sum + count, 0),
      ),
    }));
  yield '<div class="twin">';
  yield stackedBars('By scope and type', [{ name: 'security' }, { name: 'distribution' }, { name: 'no type' }], rows).text;
  yield barChart(
    'By what they are for',
    [{ name: 'groups' }],
    uses.map(({ use, count }) => ({ label: useNames[use], values: [count] })),
  ).text;
  yield '</div>';
  yield* table({
    caption: 'Groups by scope and type',
    columns: [
      { head: 'Scope' },
      { head: 'Type' },
      { head: 'Groups', kind: 'n' },
      { head: 'Whole in a global catalog', kind: 'n' },
    ],
    rows: found,
    cells: ({ scope, type, count, wholeInCatalog }) => [scope, type, count, wholeInCatalog],
  });
  yield* table({
    caption: 'Groups by use, judged by their nesting',
    columns: [{ head: 'Use' }, { head: 'Groups', kind: 'n' }, { head: 'Because', kind: 'w' }, { head: 'Such as', kind: 'w' }],
    rows: uses,
    cells: ({ use, count, because, examples: names }) => [useNames[use], count, because, examples(names)],
  });
}

function* nested({ nesting, outsiders }: GroupAdvice): Generator<string> {
  yield '<h3>Nesting</h3>';
  yield histogram('Groups by depth of nesting', nesting.byDepth, 'levels of groups below').text;
  if (nesting.longest.length > 1) yield html`<p class="more">The longest chain: ${chain(nesting.longest)}</p>`.text;
  yield* table({
    caption: 'Circles of groups that contain one another',
    columns: [
      { head: 'Circle', kind: 'x' },
      { head: 'Groups', kind: 'n' },
    ],
    rows: nesting.cycles,
    cells: (cycle) => [chain(cycle.map(({ name }) => name)), cycle.length],
  });
  yield* table({
    caption: 'Members that are neither people nor groups that were read',
    columns: [{ head: 'Kind' }, { head: 'Members', kind: 'n' }, { head: 'In groups', kind: 'n' }, { head: 'Such as', kind: 'w' }],
    rows: outsiders,
    cells: ({ kind, members, groups, examples: names }) => [outsiderNames[kind], members, groups, examples(names)],
  });
}

function* clashes({ by, collisions, heldByPeople }: GroupNaming): Generator<string> {
  const way = namingNames[by].toLowerCase();
  yield* table({
    caption: `Addresses of several groups, named by ${way}`,
    columns: [
      { head: 'Address', kind: 'w' },
      { head: 'Groups', kind: 'x' },
    ],
    rows: collisions,
    cells: ({ address, holders }) => [told(address), holdersOf(holders)],
  });
  yield* table({
    caption: `Addresses that a person has too, named by ${way}`,
    columns: [{ head: 'Address', kind: 'w' }, { head: 'Group' }, { head: 'Person' }],
    rows: heldByPeople,
    cells: ({ address, group, person }) => [told(address), told(group.name), told(person.name)],
  });
}

function* named({ namings, proposal }: GroupAdvice): Generator<string> {
  yield '<h3>Names</h3>';
  yield* table({
    caption: 'Ways to name groups',
    columns: [
      { head: 'By', kind: 'w' },
      { head: 'With an address of its own', kind: 'n' },
      { head: 'No value', kind: 'n' },
      { head: 'No e-mail address', kind: 'n' },
      { head: 'Foreign', kind: 'n' },
      { head: 'Collisions', kind: 'n' },
      { head: 'Held by people', kind: 'n' },
    ],
    rows: namings,
    cells: (one) => [
      html`${namingNames[one.by]}${one.by === proposal.naming ? html` <span class="tag">proposed</span>` : undefined}`,
      one.mapped,
      one.withoutValue,
      one.notAnEmailAddress,
      one.foreign,
      one.collisions.length,
      one.heldByPeople.length,
    ],
    isBest: ({ by }) => by === proposal.naming,
  });
  for (const one of namings) yield* clashes(one);
}

function* limited({ limits }: GroupAdvice): Generator<string> {
  yield* table({
    caption: 'Google’s limits',
    columns: [
      { head: 'What', kind: 'w' },
      { head: 'Limit', kind: 'n' },
      { head: 'Most found', kind: 'n' },
      { head: 'Over', kind: 'n' },
    ],
    rows: limits,
    cells: ({ what, limit, most, over }) => [
      what,
      limit,
      most,
      over.length === 0 ? '0' : html`<span class="tag bad">${figure(over.length)} over</span>`,
    ],
  });
  yield* table({
    caption: 'Over a limit of Google',
    columns: [
      { head: 'Name', kind: 'w' },
      { head: 'Limit on', kind: 'w' },
      { head: 'Has', kind: 'n' },
    ],
    rows: limits.flatMap(({ what, over }) => over.map(({ name, count }) => ({ what, name, count }))),
    cells: ({ what, name, count }) => [told(name), what, count],
  });
}

function* proposed({ proposal, total }: GroupAdvice): Generator<string> {
  yield html`<h3>The proposed filter</h3>
    <p>It finds ${figure(proposal.finds)} of ${figure(total)} groups, named by ${namingNames[proposal.naming].toLowerCase()}.</p>
    <pre tabindex="0" role="region" aria-label="Filter for groups"><code>${proposal.filter}</code></pre>`.text;
  if (total > 0) {
    yield barChart(
      'What becomes of all groups',
      [{ name: 'groups' }],
      [{ because: 'found by the filter', count: proposal.finds }, ...proposal.leavesOut].map(({ because, count }, index) => ({
        label: index === 0 ? because : `left out: ${because}`,
        values: [count],
      })),
      'advice.json',
    ).text;
  }
}

function* content(advice: GroupAdvice): Generator<string> {
  yield factList([
    { what: 'groups', said: figure(advice.total) },
    { what: 'worth bringing', said: figure(advice.proposal.finds) },
    { what: 'made by the system', said: figure(advice.builtIn) },
    { what: 'without members', said: figure(advice.empty) },
    { what: 'circles', said: figure(advice.nesting.cycles.length) },
  ]).text;
  yield notes(advice.notes).text;
  if (advice.total > 0) yield* kinds(advice);
  yield '<h3>Which to bring</h3>';
  yield decisionPath('groups', advice.decision).text;
  yield* proposed(advice);
  if (advice.total === 0) return;
  yield* named(advice);
  yield* nested(advice);
  yield* limited(advice);
}

export const groupsSection = (advice: GroupAdvice): Iterable<string> =>
  section('groups', advice.decision.outcome, content(advice));
