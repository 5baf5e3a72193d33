/** Groups that contain one another, taken together (Tarjan's strongly connected components), without recursion. */

export interface Condensed {
  /** Of each group, the number of its component. What a component contains has lower numbers than itself. */
  readonly componentOf: Uint32Array;
  /** The members of each component. */
  readonly components: readonly (readonly number[])[];
}

/** @param children of each group, the places of the groups directly within it */
export function condense(children: readonly Uint32Array[]): Condensed {
  const count = children.length;
  const unseen = 0;
  /** When each was met, from 1. */
  const met = new Uint32Array(count);
  /** The earliest met that each can get to, while it is on the stack. */
  const low = new Uint32Array(count);
  const componentOf = new Uint32Array(count);
  const isOpen = new Uint8Array(count);
  const nextChild = new Uint32Array(count);
  const components: number[][] = [];
  const open: number[] = [];
  const way: number[] = [];
  let time = 0;

  const enter = (group: number): void => {
    time += 1;
    met[group] = time;
    low[group] = time;
    isOpen[group] = 1;
    open.push(group);
    way.push(group);
  };
  const lower = (group: number, to: number): void => {
    low[group] = Math.min(low[group] ?? 0, to);
  };
  const close = (group: number): void => {
    const members: number[] = [];
    for (let member = open.pop(); member !== undefined; member = open.pop()) {
      isOpen[member] = 0;
      componentOf[member] = components.length;
      members.push(member);
      if (member === group) break;
    }
    components.push(members);
  };

  for (let start = 0; start < count; start += 1) {
    if (met[start] !== unseen) continue;
    enter(start);
    for (let group = way.at(-1); group !== undefined; group = way.at(-1)) {
      const child = children[group]?.[nextChild[group] ?? 0];
      if (child === undefined) {
        way.pop();
        const outer = way.at(-1);
        if (outer !== undefined) lower(outer, low[group] ?? 0);
        if (low[group] === met[group]) close(group);
        continue;
      }
      nextChild[group] = (nextChild[group] ?? 0) + 1;
      if (met[child] === unseen) enter(child);
      else if (isOpen[child] === 1) lower(group, met[child] ?? 0);
    }
  }
  return { componentOf, components };
}
