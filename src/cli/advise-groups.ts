/** The advice on groups, for a terminal. */
import type { GroupAdvice, GroupNaming, NamedGroup } from '../advisor/advice.ts';
import { counted, figure } from '../advisor/figures.ts';
import { bullets, cut, decide, paragraph, subtitle, table, type Line, type Look } from './advise-layout.ts';

const uses: Readonly<Record<GroupAdvice['uses'][number]['use'], string>> = {
  resource: 'resource groups',
  role: 'role groups',
  organisation: 'organisation groups',
  unused: 'unused groups',
};

const outsiders: Readonly<Record<GroupAdvice['outsiders'][number]['kind'], string>> = {
  foreign: 'by SID alone: of other forests, or the system’s own',
  computer: 'computers',
  contact: 'contacts',
  elsewhere: 'outside of what was read',
};

const namingWords: Readonly<Record<GroupNaming['by'], string>> = { cn: 'cn and domain', mail: 'mail' };

const describeGroup = (group: NamedGroup, { who }: Look): string =>
  group.scope === 'none' ? who(group) : `${who(group)}, ${group.scope}`;

function renderNaming(naming: GroupNaming, look: Look): readonly Line[] {
  const { by, collisions, heldByPeople } = naming;
  return [
    ...(collisions.length === 0
      ? []
      : [
          ...subtitle(
            `Groups that would share an address by ${namingWords[by]}: ${counted(collisions.length, 'address', 'addresses')}`,
          ),
          ...cut(
            collisions,
            (shown) =>
              table(
                [{ head: 'Address' }, { head: 'Groups' }],
                shown.map(({ address, holders }) => [
                  address,
                  [
                    ...holders.slice(0, mostHolders).map((holder) => describeGroup(holder, look)),
                    ...(holders.length > mostHolders ? [`and ${figure(holders.length - mostHolders)} more`] : []),
                  ].join('; '),
                ]),
              ),
            look.rest('advice.json'),
          ),
        ]),
    ...(heldByPeople.length === 0
      ? []
      : [
          ...subtitle(
            `Groups whose address by ${namingWords[by]} a person has: ${counted(heldByPeople.length, 'address', 'addresses')}`,
          ),
          ...cut(
            heldByPeople,
            (shown) =>
              table(
                [{ head: 'Address' }, { head: 'Group' }, { head: 'Person' }],
                shown.map(({ address, group, person }) => [address, describeGroup(group, look), look.who(person)]),
              ),
            look.rest('advice.json'),
          ),
        ]),
  ];
}

const mostHolders = 5;

function renderNesting({ nesting }: GroupAdvice, look: Look): readonly Line[] {
  const { deepest, byDepth, longest, cycles } = nesting;
  return [
    ...subtitle('Groups within groups'),
    ...paragraph(deepest === 0 ? 'No group contains a group.' : `To a depth of ${figure(deepest)}.`, 2),
    ...(deepest === 0
      ? []
      : [
          ...paragraph(
            byDepth.map((count, depth) => `${figure(count)} at ${figure(depth)}`).join('; '),
            2,
            'Groups by how deep they contain others: ',
          ),
          ...paragraph(longest.join(' > '), 2, 'The longest: '),
        ]),
    ...(cycles.length === 0
      ? []
      : [
          ...paragraph(`${counted(cycles.length, 'circle', 'circles')} of groups that contain one another:`, 2),
          ...cut(
            cycles,
            (shown) =>
              shown.flatMap((cycle) => {
                const names = cycle.slice(0, mostInCycle).map((one) => look.who(one));
                const more = cycle.length - mostInCycle;
                return paragraph([...names, ...(more > 0 ? [`${figure(more)} more`] : []), names[0] ?? ''].join(' > '), 4, '- ');
              }),
            look.rest('advice.json'),
            4,
          ),
        ]),
  ];
}

const mostInCycle = 10;

export function renderGroups(advice: GroupAdvice, look: Look): readonly Line[] {
  const { total, builtIn, empty, kinds, namings, limits, proposal } = advice;
  const naming = (words: string, of: (one: GroupNaming) => number): readonly string[] => [
    words,
    ...namings.map((one) => figure(of(one))),
  ];
  return [
    ...subtitle(
      `${counted(total, 'group', 'groups')}, of which ${figure(builtIn)} built in by the system and ${figure(empty)} empty`,
    ),
    ...table(
      [
        { head: 'Scope' },
        { head: 'Type' },
        { head: 'Groups', isFigure: true },
        { head: 'Whole in a global catalog', isFigure: true },
      ],
      kinds.map((kind) => [kind.scope, kind.type, figure(kind.count), figure(kind.wholeInCatalog)]),
    ),
    ...subtitle('What they are for, by nesting'),
    ...table(
      [{ head: 'Use' }, { head: 'Groups', isFigure: true }, { head: 'Such as' }],
      advice.uses.map(({ use, count, examples }) => [uses[use], figure(count), examples.slice(0, 3).join(', ')]),
    ),
    ...bullets(advice.uses.filter(({ count }) => count > 0).map(({ use, because }) => `${uses[use]}: ${because}`)),
    ...subtitle('What they would be called'),
    ...table(
      [{ head: '' }, ...namings.map(({ by }) => ({ head: `by ${namingWords[by]}`, isFigure: true }))],
      [
        naming('an address of their own', ({ mapped }) => mapped),
        naming('without value', ({ withoutValue }) => withoutValue),
        naming('not an e-mail address', ({ notAnEmailAddress }) => notAnEmailAddress),
        naming('foreign domain', ({ foreign }) => foreign),
        naming('addresses that several would have', ({ collisions }) => collisions.length),
        naming('addresses that a person has', ({ heldByPeople }) => heldByPeople.length),
      ],
    ),
    ...namings.flatMap((one) => renderNaming(one, look)),
    ...renderNesting(advice, look),
    ...(advice.outsiders.length === 0
      ? []
      : [
          ...subtitle('Members that are neither people nor groups of these directories'),
          ...table(
            [
              { head: 'Members' },
              { head: 'How many', isFigure: true },
              { head: 'In groups', isFigure: true },
              { head: 'Such as' },
            ],
            advice.outsiders.map((one) => [
              outsiders[one.kind],
              figure(one.members),
              figure(one.groups),
              one.examples.slice(0, 3).join('; '),
            ]),
          ),
        ]),
    ...subtitle('Google’s limits'),
    ...table(
      [
        { head: 'What' },
        { head: 'Limit', isFigure: true },
        { head: 'Most found', isFigure: true },
        { head: 'Over', isFigure: true },
        { head: 'Who' },
      ],
      limits.map(({ what, limit, most, over }) => [
        what,
        figure(limit),
        figure(most),
        figure(over.length),
        over
          .slice(0, 3)
          .map(({ name, count }) => `${name} (${figure(count)})`)
          .join(', ') + (over.length > 3 ? ', …' : ''),
      ]),
    ),
    ...subtitle('The decision'),
    ...decide(advice.decision),
    ...subtitle(
      `Worth bringing: ${counted(proposal.finds, 'group', 'groups')}, called by ${namingWords[proposal.naming]}. The filter:`,
    ),
    ...unbroken(proposal.filter),
    ...(proposal.leavesOut.length === 0
      ? []
      : [
          '',
          ...paragraph('It leaves out:', 2),
          ...table(
            [{ head: 'Groups', isFigure: true }, { head: 'Because' }],
            proposal.leavesOut.map(({ because, count }) => [figure(count), because]),
          ),
        ]),
    ...(advice.notes.length === 0 ? [] : ['', ...bullets(advice.notes)]),
  ];
}

/** What is copied must not be broken. */
const unbroken = (text: string): readonly Line[] => ['', `  ${text}`];
