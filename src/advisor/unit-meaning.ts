/** What mapping organisational units to Cloud Identity's would mean, a sentence each. */
import { counted, figure } from './figures.ts';
import { googleLimits } from './groups/google-limits.ts';
import type { UnitPaths } from './unit-paths.ts';
import type { UnitNode } from './unit-tree.ts';

interface Trees {
  readonly trees: readonly UnitNode[];
  readonly nodes: readonly UnitNode[];
  readonly units: readonly UnitNode[];
  readonly paths: readonly UnitPaths[];
  /** Names by which the trees would fall together, side by side. */
  readonly together: readonly string[];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** The nearest unit or domain that it lies in, itself too. */
function homeOf(node: UnitNode): UnitNode {
  let home = node;
  while (home.kind === 'container' && home.parent !== undefined) home = home.parent;
  return home;
}

function sideBySide(trees: readonly UnitNode[], together: readonly string[]): readonly string[] {
  if (trees.length < 2) return [];
  const [first = ''] = together;
  return [
    together.length === 0
      ? `The trees of ${figure(trees.length)} domains could stand side by side, for no two of their highest units have one name; below a unit for each domain they would lie one level deeper.`
      : `The trees of ${figure(trees.length)} domains cannot stand side by side, since ${counted(together.length, 'name', 'names')} of their highest units, such as ${first}, would fall together: each would lie below a unit of its domain’s name, one level deeper.`,
  ];
}

export function meaningOfUnits({ trees, nodes, units, paths, together }: Trees): readonly string[] {
  const isPlaced = (node: UnitNode): boolean => paths.some(({ pathOf }) => pathOf.has(node));
  const made = units.filter(isPlaced);
  const shells = together.length === 0 ? 0 : trees.length;
  const inRoot = nodes.filter((node) => homeOf(node).kind === 'domain');
  const inContainers = sum(inRoot.filter(({ kind }) => kind === 'container').map(({ people }) => people));
  const stranded = nodes.filter((node) => homeOf(node).kind === 'unit' && !isPlaced(homeOf(node)));
  const withoutPeople = made.filter(({ peopleBelow }) => peopleBelow === 0).length;
  const tooDeep = sum(paths.map((path) => path.tooDeep));
  const misnamed = sum(paths.map((path) => path.misnamed));
  const fallingTogether = sum(paths.map((path) => path.fallingTogether));
  const lost = units.length - made.length - tooDeep - misnamed - fallingTogether;
  const rootPeople = sum(inRoot.map(({ people }) => people));
  return [
    `Google would have ${counted(made.length + shells, 'organisational unit', 'organisational units')} made for them` +
      `${shells === 0 ? '' : `, ${figure(shells)} of them for the domains`}; it uses them for settings and services, never for access, so that none is needed to sign in.`,
    ...sideBySide(trees, together),
    ...(rootPeople === 0
      ? []
      : [
          `${counted(rootPeople, 'person', 'people')} would come to lie ${shells === 0 ? 'in the root' : 'in the units of their domains'}, ` +
            `since they lie in no organisational unit: ${figure(inContainers)} in containers such as CN=Users, ${figure(rootPeople - inContainers)} in the domain itself.`,
        ]),
    ...(withoutPeople === 0
      ? []
      : [`${figure(withoutPeople)} of the units to be made have no people, neither themselves nor below: they can be left out.`]),
    ...(tooDeep === 0
      ? []
      : [
          `${counted(tooDeep, 'unit lies', 'units lie')} deeper than the ${figure(googleLimits.unitDepth)} levels that Google takes.`,
        ]),
    ...(misnamed === 0 ? [] : [`${counted(misnamed, 'unit has a name', 'units have names')} that Google does not take.`]),
    ...(fallingTogether === 0
      ? []
      : [
          `${counted(fallingTogether, 'unit has', 'units have')} the name of a sibling but for letter case or the container between: in Google they would fall together.`,
        ]),
    ...(lost === 0 ? [] : [`${counted(lost, 'unit lies', 'units lie')} below one that cannot be made.`]),
    ...(stranded.length === 0
      ? []
      : [
          `${counted(sum(stranded.map(({ people }) => people)), 'person lies', 'people lie')} in units that cannot be made as they are: rename or move these units first, or let their people lie in the unit above.`,
        ]),
  ];
}
