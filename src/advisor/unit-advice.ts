/** The tree of organisational units, and what bringing it to Google would mean. */
import type { AdvisedUnit, UnitAdvice } from './advice.ts';
import type { Facts } from './facts.ts';
import { meaningOfUnits } from './unit-meaning.ts';
import { clashes, type UnitPaths, unitPaths } from './unit-paths.ts';
import { childrenOf, type UnitNode, unitTrees, walk } from './unit-tree.ts';

/** From the lowest up, so that no tree is too deep. */
function advised(tree: UnitNode, { pathOf }: UnitPaths): AdvisedUnit {
  const made = new Map<UnitNode, AdvisedUnit>();
  const make = (node: UnitNode): AdvisedUnit => ({
    name: node.name,
    distinguishedName: node.distinguishedName,
    kind: node.kind,
    people: node.people,
    peopleBelow: node.peopleBelow,
    otherAccounts: node.otherAccounts,
    groups: node.groups,
    orgUnitPath: pathOf.get(node) ?? null,
    units: childrenOf(node).flatMap((child) => made.get(child) ?? []),
  });
  for (const node of walk(tree).toReversed()) made.set(node, make(node));
  return made.get(tree) ?? make(tree);
}

/** Domains of one name, be it for letter case, would not have a unit each: those after the first are numbered. */
function namesBelowRoot(trees: readonly UnitNode[]): readonly string[] {
  const taken = new Set<string>();
  return trees.map(({ name }) => {
    const plain = name.replaceAll('/', '-');
    let free = plain;
    for (let number = 2; taken.has(free.toLowerCase()); number += 1) free = `${plain} (${String(number)})`;
    taken.add(free.toLowerCase());
    return free;
  });
}

/** Where trees of several domains would fall together, each comes to lie below a unit of its domain's name. */
export function adviseUnits(facts: Facts): UnitAdvice {
  const trees = unitTrees(facts);
  const together = clashes(trees);
  const isBelow = together.length > 0;
  const names = namesBelowRoot(trees);
  const paths = trees.map((tree, index) => unitPaths(tree, isBelow ? names[index] : undefined));
  const nodes = trees.flatMap((tree) => walk(tree));
  const units = nodes.filter(({ kind }) => kind === 'unit');
  return {
    trees: trees.flatMap((tree, index) => {
      const its = paths[index];
      return its === undefined ? [] : [advised(tree, its)];
    }),
    total: units.length,
    deepest: units.reduce((deepest, { level }) => Math.max(deepest, level), 0),
    empty: units.filter(({ everythingBelow }) => everythingBelow === 0).length,
    meaning: meaningOfUnits({ trees, nodes, units, paths, together }),
    troubles: paths
      .flatMap(({ troubles }) => troubles)
      .sort((one, other) => (one.distinguishedName < other.distinguishedName ? -1 : 1)),
  };
}
