/** Forests and accounts: what was found, and how many accounts and instances it needs. */
import { html } from '../../http/html.ts';
import type { ForestAdvice } from '../advice.ts';
import { decisionPath } from './decision-path.ts';
import { figure } from '../figures.ts';
import { forestDrawing } from './forest-drawing.ts';
import { factList, notes, section } from './section.ts';
import { table, told } from './table.ts';

const directions = {
  disabled: 'switched off',
  inbound: 'the partner trusts the domain',
  outbound: 'the domain trusts the partner',
  both: 'each trusts the other',
} as const;
const kinds = { within: 'within the forest', forest: 'forest', external: 'external', realm: 'Kerberos realm' } as const;

function* content(advice: ForestAdvice): Generator<string> {
  yield factList([
    {
      what: `Cloud Identity or Workspace ${advice.accounts.count === 1 ? 'account' : 'accounts'}`,
      said: figure(advice.accounts.count),
    },
    {
      what: advice.passerelle.count === 1 ? 'fleet of Passerelle' : 'fleets of Passerelle',
      said: figure(advice.passerelle.count),
    },
    {
      what: advice.signInFleets.count === 1 ? 'fleet, were it AD FS' : 'fleets, were it AD FS',
      said: figure(advice.signInFleets.count),
    },
    {
      what: `${advice.syncInstances.count === 1 ? 'instance' : 'instances'} of Google Cloud Directory Sync, were it used`,
      said: figure(advice.syncInstances.count),
    },
  ]).text;
  yield* table({
    caption: 'Why as many',
    columns: [{ head: 'What' }, { head: 'Needed', kind: 'n' }, { head: 'Because', kind: 'w' }],
    rows: [
      { what: 'Accounts', ...advice.accounts },
      { what: 'Fleets of Passerelle', ...advice.passerelle },
      { what: 'Fleets of AD FS', ...advice.signInFleets },
      { what: 'Instances of Google Cloud Directory Sync', ...advice.syncInstances },
    ],
    cells: ({ what, count, because }) => [what, count, because],
  });
  yield notes(advice.notes).text;
  yield '<h3>How that was decided</h3>';
  yield decisionPath('forests and accounts', advice.decision).text;
  if (advice.forests.length === 0) return;
  yield '<h3>Forests, domains and trusts</h3><div class="pair">';
  yield forestDrawing(advice.forests).text;
  yield '<div>';
  yield* table({
    caption: 'Domains of the forests',
    columns: [{ head: 'Domain', kind: 'w' }, { head: 'Forest' }, { head: 'People', kind: 'n' }, { head: 'Groups', kind: 'n' }],
    rows: advice.forests.flatMap((forest) => forest.domains.map((domain) => ({ forest, domain }))),
    cells: ({ forest, domain: { dnsDomain, netbiosName, configured, people, groups } }) => [
      html`${told(dnsDomain)}<small>${netbiosName ?? ''}${configured ? '' : ' not configured, and not read'}</small>`,
      forest.isActiveDirectory ? told(forest.name) : 'LDAP directory',
      people,
      groups,
    ],
  });
  yield '</div></div>';
  yield* table({
    caption: 'Trusts',
    columns: [{ head: 'Domain' }, { head: 'Partner' }, { head: 'Kind' }, { head: 'Direction', kind: 'w' }, { head: 'Remarks' }],
    rows: advice.forests.flatMap(({ trusts }) => trusts),
    cells: ({ domain, partner, kind, direction, transitive, selective, configured }) => [
      told(domain),
      told(partner),
      kinds[kind],
      directions[direction],
      [
        transitive ? 'transitive' : 'not transitive',
        ...(selective ? ['selective'] : []),
        ...(configured ? [] : ['partner not read']),
      ].join(', '),
    ],
  });
  yield* table({
    caption: 'Alternate suffixes of user principal names',
    columns: [{ head: 'Suffix' }, { head: 'Forest' }],
    rows: advice.forests.flatMap(({ name, suffixes }) => suffixes.map((suffix) => ({ name, suffix }))),
    cells: ({ name, suffix }) => [told(suffix), told(name)],
  });
}

export const forestsSection = (advice: ForestAdvice): Iterable<string> =>
  section('forests', advice.decision.outcome, content(advice));
