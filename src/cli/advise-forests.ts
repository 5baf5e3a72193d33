/** The advice on forests and accounts, for a terminal. */
import type { AdvisedForest, ForestAdvice } from '../advisor/advice.ts';
import { counted, figure } from '../advisor/figures.ts';
import { bullets, cut, decide, paragraph, subtitle, table, type Line, type Look } from './advise-layout.ts';

const directions: Readonly<Record<AdvisedForest['trusts'][number]['direction'], string>> = {
  disabled: 'switched off',
  inbound: 'our people may go there',
  outbound: 'their people may come here',
  both: 'both ways',
};

const kinds: Readonly<Record<AdvisedForest['trusts'][number]['kind'], string>> = {
  within: 'within the forest',
  forest: 'of forests',
  external: 'external',
  realm: 'Kerberos realm',
};

function renderForest(forest: AdvisedForest, look: Look): readonly Line[] {
  const { name, isActiveDirectory, suffixes, domains, trusts } = forest;
  const people = domains.reduce((sum, domain) => sum + domain.people, 0);
  return [
    ...subtitle(
      `${name === null ? '' : `${name}: `}${isActiveDirectory ? 'a forest of Active Directory' : 'a directory that is no Active Directory'}, ${counted(people, 'person', 'people')}`,
    ),
    ...cut(
      domains,
      (shown) =>
        table(
          [
            { head: 'Domain' },
            { head: 'NetBIOS' },
            { head: 'People', isFigure: true },
            { head: 'Groups', isFigure: true },
            { head: '' },
          ],
          shown.map((domain) => [
            domain.dnsDomain,
            domain.netbiosName ?? '',
            domain.configured ? figure(domain.people) : '-',
            domain.configured ? figure(domain.groups) : '-',
            domain.configured ? '' : 'not configured, not read',
          ]),
        ),
      look.rest('advice.json'),
    ),
    ...(suffixes.length === 0 ? [] : paragraph(suffixes.join(', '), 2, 'Alternate UPN suffixes: ')),
    ...(trusts.length === 0
      ? isActiveDirectory
        ? paragraph('No trusts.', 2)
        : []
      : [
          ...paragraph('Trusts:', 2),
          ...cut(
            trusts,
            (shown) =>
              table(
                [{ head: 'Domain' }, { head: 'With' }, { head: 'Kind' }, { head: 'Direction' }, { head: 'Besides' }],
                shown.map((trust) => [
                  trust.domain,
                  trust.partner,
                  kinds[trust.kind],
                  directions[trust.direction],
                  [
                    trust.transitive ? 'transitive' : 'not transitive',
                    ...(trust.selective ? ['selective'] : []),
                    ...(trust.configured ? [] : ['partner not read']),
                  ].join(', '),
                ]),
              ),
            look.rest('advice.json'),
          ),
        ]),
  ];
}

export function renderForests(advice: ForestAdvice, look: Look): readonly Line[] {
  const needed: readonly (readonly [string, ForestAdvice['accounts']])[] = [
    ['Cloud Identity or Workspace accounts', advice.accounts],
    ['Instances of Google Cloud Directory Sync, were it used', advice.syncInstances],
    ['Fleets of AD FS, were it used', advice.signInFleets],
    ['Fleets of Passerelle', advice.passerelle],
  ];
  return [
    ...advice.forests.flatMap((forest) => renderForest(forest, look)),
    ...subtitle('The decision'),
    ...decide(advice.decision),
    ...subtitle('What is needed'),
    ...table(
      [{ head: 'What' }, { head: 'How many', isFigure: true }, { head: 'Because' }],
      needed.map(([what, { count, because }]) => [what, figure(count), because]),
    ),
    ...(advice.notes.length === 0 ? [] : ['', ...bullets(advice.notes)]),
  ];
}
