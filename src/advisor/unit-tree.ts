/** Each domain's tree of organisational units and containers, with who lies in which. */
import { parentOf, relativeNamesAsWritten } from '../directory/distinguished-name.ts';
import { fold } from '../directory/fold.ts';
import type { AccountKind } from './advice.ts';
import type { Facts } from './facts.ts';

export interface UnitNode {
  name: string;
  distinguishedName: string;
  kind: 'domain' | 'unit' | 'container';
  /** 0 is the domain's own. */
  readonly level: number;
  readonly parent: UnitNode | undefined;
  readonly children: Map<string, UnitNode>;
  people: number;
  otherAccounts: number;
  groups: number;
  /** With all below. */
  peopleBelow: number;
  /** Accounts and groups of every kind, with all below. */
  everythingBelow: number;
}

/** What a hostile directory nests deeper is shown at this level: a report that nests deeper cannot be written. */
export const deepestShown = 250;

const makeNode = (parts: Pick<UnitNode, 'name' | 'distinguishedName' | 'kind' | 'level' | 'parent'>): UnitNode => ({
  ...parts,
  children: new Map(),
  people: 0,
  otherAccounts: 0,
  groups: 0,
  peopleBelow: 0,
  everythingBelow: 0,
});

const valueOf = (name: string): string => name.slice(name.indexOf('=') + 1);

class DomainTree {
  readonly root: UnitNode;
  readonly #suffix: readonly string[];
  /** By the spelling of the entry above: many people share few of them. */
  readonly #known = new Map<string, UnitNode>();

  constructor(root: string, name: string) {
    this.root = makeNode({ name, distinguishedName: root, kind: 'domain', level: 0, parent: undefined });
    this.#suffix = relativeNamesAsWritten(root).map(fold);
  }

  /** The node of that DN; what is missing on the way is made. What does not lie in the domain lies at its root. */
  at(dn: string): UnitNode {
    const known = this.#known.get(dn);
    if (known !== undefined) return known;
    const names = relativeNamesAsWritten(dn);
    const folded = names.map(fold);
    const depth = names.length - this.#suffix.length;
    const isInside = depth >= 0 && this.#suffix.every((part, index) => part === folded[depth + index]);
    let node = this.root;
    for (let index = depth - 1; isInside && index >= 0; index -= 1)
      node = this.#below(node, names[index] ?? '', folded[index] ?? '', dn, index);
    this.#known.set(dn, node);
    return node;
  }

  #below(above: UnitNode, name: string, key: string, dn: string, place: number): UnitNode {
    const parent = above.level < deepestShown ? above : (above.parent ?? above);
    const found = parent.children.get(key);
    if (found !== undefined) return found;
    let distinguishedName = dn;
    for (let step = 0; step < place; step += 1) distinguishedName = parentOf(distinguishedName);
    const node = makeNode({
      name: valueOf(name),
      distinguishedName: distinguishedName.trim(),
      kind: key.startsWith('ou=') ? 'unit' : 'container',
      level: parent.level + 1,
      parent,
    });
    parent.children.set(key, node);
    return node;
  }
}

const byName = (one: UnitNode, other: UnitNode): number =>
  one.name < other.name ? -1 : one.name > other.name ? 1 : one.distinguishedName < other.distinguishedName ? -1 : 1;

export const childrenOf = (node: UnitNode): readonly UnitNode[] => [...node.children.values()].sort(byName);

/** The node and all below it, each before those below it. */
export function walk(root: UnitNode): readonly UnitNode[] {
  const nodes = [root];
  // It grows as it is gone through.
  for (const node of nodes) for (const child of childrenOf(node)) nodes.push(child);
  return nodes;
}

/** One tree for each domain, in their order. */
export function unitTrees({ survey, kinds }: Facts): readonly UnitNode[] {
  const trees = survey.domains.map(({ root, dnsDomain }) => new DomainTree(root, dnsDomain ?? root));
  for (const { distinguishedName, place, kind } of survey.units) {
    const node = trees[place]?.at(distinguishedName);
    if (node === undefined || node.kind === 'domain' || node.level === deepestShown) continue;
    // What lies below may spell the names above otherwise.
    Object.assign(node, { kind, distinguishedName, name: valueOf(relativeNamesAsWritten(distinguishedName)[0] ?? '') });
  }
  for (const [index, { distinguishedName, place }] of survey.people.entries()) {
    const node = trees[place]?.at(parentOf(distinguishedName));
    const kind: AccountKind | undefined = kinds[index];
    if (node !== undefined) node[kind === 'person' ? 'people' : 'otherAccounts'] += 1;
  }
  for (const { distinguishedName, place } of survey.groups) {
    const node = trees[place]?.at(parentOf(distinguishedName));
    if (node !== undefined) node.groups += 1;
  }
  const roots = trees.map(({ root }) => root);
  for (const root of roots) {
    for (const node of walk(root).toReversed()) {
      node.peopleBelow += node.people;
      node.everythingBelow += node.people + node.otherAccounts + node.groups;
      if (node.parent === undefined) continue;
      node.parent.peopleBelow += node.peopleBelow;
      node.parent.everythingBelow += node.everythingBelow;
    }
  }
  return roots;
}
