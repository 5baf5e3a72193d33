/** The tree of organisational units, indented: those near the root open, those deep below folded. */
import { html } from '../../http/html.ts';
import type { AdvisedUnit } from '../advice.ts';
import { figure, counted } from '../figures.ts';
import { andMore, mostRows, told } from './table.ts';

const openDepth = 2;
/** Units nested deeper are counted, not drawn: no window is as wide. */
const mostDepth = 24;

/** The units nearest to the roots, as many as a page shows. */
function nearest(trees: readonly AdvisedUnit[]): ReadonlySet<AdvisedUnit> {
  const chosen = new Set<AdvisedUnit>();
  let level: readonly AdvisedUnit[] = trees;
  for (let depth = 0; depth < mostDepth && level.length > 0; depth += 1) {
    for (const unit of level) {
      if (chosen.size < mostRows) chosen.add(unit);
    }
    level = level.filter((unit) => chosen.has(unit)).flatMap(({ units }) => units);
  }
  return chosen;
}

function label({ name, kind, people, peopleBelow, otherAccounts, groups, orgUnitPath }: AdvisedUnit): string {
  const counts = [
    counted(peopleBelow, 'person', 'people') + (people === peopleBelow ? '' : `, ${figure(people)} directly`),
    ...(groups > 0 ? [counted(groups, 'group')] : []),
    ...(otherAccounts > 0 ? [counted(otherAccounts, 'other account')] : []),
    ...(kind === 'container' ? ['container'] : []),
    ...(orgUnitPath === null ? ['cannot be named so in Google'] : []),
  ];
  return html`<span class="unit"><b>${told(name)}</b><small>${counts.join(' · ')}</small></span>`.text;
}

function* branch(unit: AdvisedUnit, chosen: ReadonlySet<AdvisedUnit>, depth: number): Generator<string> {
  const below = unit.units.filter((one) => chosen.has(one));
  yield '<li>';
  if (unit.units.length === 0) {
    yield label(unit);
  } else {
    const folds = depth >= openDepth;
    yield folds ? `<details><summary>${label(unit)}</summary>` : label(unit);
    if (below.length > 0) {
      yield '<ul>';
      for (const one of below) yield* branch(one, chosen, depth + 1);
      yield '</ul>';
    }
    yield andMore(unit.units.length - below.length, 'advice.json')?.text ?? '';
    if (folds) yield '</details>';
  }
  yield '</li>\n';
}

export function* unitTree(trees: readonly AdvisedUnit[]): Generator<string> {
  const chosen = nearest(trees);
  yield '<div class="tree" tabindex="0" role="region" aria-label="Tree of organisational units"><ul>';
  for (const tree of trees.filter((one) => chosen.has(one))) yield* branch(tree, chosen, 0);
  yield '</ul></div>';
  yield andMore(trees.length - trees.filter((one) => chosen.has(one)).length, 'advice.json')?.text ?? '';
}
