/** How deep groups lie within groups, and which of them contain one another. */
import { type Condensed, condense } from './condense.ts';

export interface Nesting {
  /** Of each group, how many levels of groups lie within it; a circle counts as one group. */
  readonly depths: Uint32Array;
  /** Places of the longest chain from the outermost to the innermost; empty where no group lies within another. */
  readonly longest: readonly number[];
  /** The groups of each circle; a group that contains itself is one. */
  readonly circles: readonly (readonly number[])[];
  readonly condensed: Condensed;
}

/** From the first of them along the circle; as they come where the way branches. */
function inCircle(members: readonly number[], children: readonly Uint32Array[]): readonly number[] {
  const within = new Set(members);
  const walked: number[] = [];
  for (let group = members[0]; group !== undefined && within.delete(group);) {
    walked.push(group);
    const next: number | undefined = children[group]?.find((child) => within.has(child));
    group = next;
  }
  const [first] = walked;
  const last = walked.at(-1);
  const isClosed = first !== undefined && last !== undefined && children[last]?.includes(first) === true;
  return within.size === 0 && isClosed ? walked : members;
}

/**
 * @param children of each group, the places of the groups directly within it
 * @param rank of each group, its place in the order of lists, by which ties are broken
 */
export function findNesting(children: readonly Uint32Array[], rank: Uint32Array): Nesting {
  const condensed = condense(children);
  const { componentOf, components } = condensed;
  const rankOf = (group: number): number => rank[group] ?? 0;
  const byRank = (one: number, other: number): number => rankOf(one) - rankOf(other);
  const heights = new Uint32Array(components.length);
  /** Of each component, the group within it through which the longest chain goes on. */
  const next = new Int32Array(components.length).fill(-1);
  const circles: (readonly number[])[] = [];

  for (const [component, members] of components.entries()) {
    let height = 0;
    let best = -1;
    let isCircle = members.length > 1;
    for (const group of members) {
      for (const child of children[group] ?? []) {
        const inner = componentOf[child] ?? 0;
        if (inner === component) {
          isCircle = true;
          continue;
        }
        const through = (heights[inner] ?? 0) + 1;
        if (through > height || (through === height && rankOf(child) < rankOf(best))) {
          height = through;
          best = child;
        }
      }
    }
    heights[component] = height;
    next[component] = best;
    if (isCircle) circles.push(inCircle(members.toSorted(byRank), children));
  }

  const depths = componentOf.map((component) => heights[component] ?? 0);
  return { depths, longest: longestChain(), circles: circles.sort(([one = 0], [other = 0]) => byRank(one, other)), condensed };

  function longestChain(): readonly number[] {
    let start = -1;
    for (const [group, depth] of depths.entries()) {
      const most = start < 0 ? 0 : (depths[start] ?? 0);
      if (depth > most || (depth === most && start >= 0 && rankOf(group) < rankOf(start))) start = group;
    }
    const chain: number[] = [];
    for (let group = start; group >= 0; group = next[componentOf[group] ?? 0] ?? -1) chain.push(group);
    return chain;
  }
}
