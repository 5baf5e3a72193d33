/** The advice on organisational units, for a terminal. */
import type { AdvisedUnit, UnitAdvice } from '../advisor/advice.ts';
import { counted, figure } from '../advisor/figures.ts';
import { bullets, cut, mostShown, paragraph, subtitle, table, type Line, type Look } from './advise-layout.ts';

/** Of one tree. */
const mostUnits = 40;

interface Shown {
  readonly unit: AdvisedUnit;
  readonly depth: number;
}

const below = ({ units }: AdvisedUnit): number => units.reduce((sum, unit) => sum + 1 + below(unit), 0);

/** Levels from the top as long as they fit whole; of the first one below the domain at least some. */
function visible(tree: AdvisedUnit): ReadonlySet<AdvisedUnit> {
  const chosen = new Set([tree]);
  let level: readonly AdvisedUnit[] = tree.units;
  if (level.length > mostUnits) level = level.slice(0, mostShown);
  while (level.length > 0 && chosen.size + level.length <= mostUnits + 1) {
    for (const unit of level) chosen.add(unit);
    level = level.flatMap(({ units }) => units);
  }
  return chosen;
}

/** Where it would be, as far as that does not follow from the tree. */
function describePath({ kind, name, orgUnitPath }: AdvisedUnit): string {
  if (orgUnitPath === null) return 'none';
  const own = orgUnitPath.slice(orgUnitPath.lastIndexOf('/') + 1);
  return kind !== 'domain' && own === name ? 'same name' : kind === 'domain' ? orgUnitPath : `as ${own}`;
}

function* lines({ unit, depth }: Shown, chosen: ReadonlySet<AdvisedUnit>): Generator<readonly string[]> {
  const shown = unit.units.filter((each) => chosen.has(each));
  const hidden = unit.units.filter((each) => !chosen.has(each)).reduce((sum, each) => sum + 1 + below(each), 0);
  yield [
    `${'.  '.repeat(depth)}${unit.name}${unit.kind === 'container' ? ' (container)' : ''}${hidden > 0 ? ` (+${figure(hidden)} below)` : ''}`,
    figure(unit.people),
    figure(unit.peopleBelow),
    figure(unit.otherAccounts),
    figure(unit.groups),
    describePath(unit),
  ];
  for (const each of shown) yield* lines({ unit: each, depth: depth + 1 }, chosen);
}

const renderTree = (tree: AdvisedUnit): readonly Line[] => [
  '',
  ...table(
    [
      { head: 'Unit' },
      { head: 'People', isFigure: true },
      { head: 'With below', isFigure: true },
      { head: 'Others', isFigure: true },
      { head: 'Groups', isFigure: true },
      { head: 'In Google' },
    ],
    [...lines({ unit: tree, depth: 0 }, visible(tree))],
  ),
];

export function renderUnits(advice: UnitAdvice, look: Look): readonly Line[] {
  const { trees, total, deepest, empty, meaning, troubles } = advice;
  return [
    ...subtitle(
      `${counted(total, 'unit', 'units')}, at most ${counted(deepest, 'level', 'levels')} deep, ${figure(empty)} empty. The whole tree: ${look.rest('advice.json')}`,
    ),
    ...cut(trees, (shown) => shown.flatMap(renderTree), look.rest('advice.json')),
    ...subtitle('What bringing them to Google would mean'),
    ...bullets(meaning),
    ...(troubles.length === 0
      ? []
      : [
          ...paragraph('What stands in the way:', 2),
          ...cut(
            troubles,
            (shown) =>
              table(
                [{ head: 'Unit' }, { head: 'Because' }],
                shown.map(({ distinguishedName, because }) => [distinguishedName, because]),
              ),
            look.rest('advice.json'),
          ),
        ]),
  ];
}
