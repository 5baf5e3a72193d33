/** Where organisational units would lie in Google, and which could not be made there. */
import type { UnitAdvice } from './advice.ts';
import { googleLimits, unitSeparator } from './groups/google-limits.ts';
import { childrenOf, deepestShown, type UnitNode, walk } from './unit-tree.ts';

export interface UnitPaths {
  /** Undefined where it cannot be made. Containers are never made: what lies in them comes to lie in what they lie in. */
  readonly pathOf: ReadonlyMap<UnitNode, string>;
  readonly troubles: UnitAdvice['troubles'];
  /** Units that cannot be made for their own sake: for their depth, their name, or another of that name. */
  readonly tooDeep: number;
  readonly misnamed: number;
  readonly fallingTogether: number;
}

/** Google tells names of siblings apart without regard to case. */
const sharedName = (name: string): string => name.normalize('NFC').toLowerCase();

/** The units that would lie directly below it, those in containers too. */
function* unitsBelow(node: UnitNode): Generator<UnitNode> {
  const next = [...childrenOf(node)].reverse();
  for (let child = next.pop(); child !== undefined; child = next.pop()) {
    if (child.kind !== 'container') yield child;
    else for (const inner of [...childrenOf(child)].reverse()) next.push(inner);
  }
}

/** Whether units of several domains that lie highest have one name, so that the trees cannot stand side by side. */
export function clashes(trees: readonly UnitNode[]): readonly string[] {
  const holders = new Map<string, { readonly name: string; readonly trees: Set<UnitNode> }>();
  for (const tree of trees) {
    for (const { name } of unitsBelow(tree)) {
      const held = holders.get(sharedName(name)) ?? { name, trees: new Set() };
      holders.set(sharedName(name), held);
      held.trees.add(tree);
    }
  }
  return [...holders.values()].flatMap(({ name, trees: having }) => (having.size > 1 ? [name] : [])).sort();
}

/** @param below the name of the unit that all of them would lie below; undefined for the root itself */
export function unitPaths(tree: UnitNode, below: string | undefined): UnitPaths {
  const pathOf = new Map<UnitNode, string>([[tree, below === undefined ? '' : `${unitSeparator}${below}`]]);
  const depthOf = new Map<UnitNode, number>([[tree, below === undefined ? 0 : 1]]);
  const troubles: { distinguishedName: string; because: string }[] = [];
  const counts = { tooDeep: 0, misnamed: 0, fallingTogether: 0 };

  for (const node of walk(tree)) {
    if (node.kind === 'container') continue;
    const path = pathOf.get(node);
    const depth = (depthOf.get(node) ?? 0) + 1;
    const taken = new Map<string, string>();
    for (const unit of unitsBelow(node)) {
      depthOf.set(unit, depth);
      const { name, distinguishedName } = unit;
      const spelling = sharedName(name);
      const other = taken.get(spelling);
      taken.set(spelling, other ?? distinguishedName);
      const refuse = (what: keyof typeof counts, because: string): void => {
        counts[what] += 1;
        troubles.push({ distinguishedName, because });
      };
      if (unit.level === deepestShown)
        refuse('tooDeep', `at ${String(deepestShown)} levels or deeper; Google takes ${String(googleLimits.unitDepth)}`);
      else if (depth > googleLimits.unitDepth)
        refuse('tooDeep', `at level ${String(depth)}; Google takes ${String(googleLimits.unitDepth)}`);
      else if (name.trim() === '') refuse('misnamed', 'its name is blank');
      else if (name.includes(unitSeparator)) refuse('misnamed', `Google takes no ${unitSeparator} in a name`);
      else if (other !== undefined) refuse('fallingTogether', `of the same name as ${other}, where Google sees no letter case`);
      else if (path !== undefined) pathOf.set(unit, `${path}${unitSeparator}${name}`);
    }
  }
  if (below === undefined) pathOf.set(tree, unitSeparator);
  return { pathOf, troubles, ...counts };
}
