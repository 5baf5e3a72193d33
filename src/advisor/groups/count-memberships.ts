/** In how many groups everybody is, directly and by groups within groups. */
import type { Condensed } from './condense.ts';

export interface Memberships {
  /** Of each of the people, the groups that name them as a member. */
  readonly direct: Uint32Array;
  /** And with all groups around those. */
  readonly all: Uint32Array;
}

interface Group {
  readonly people: Uint32Array;
  readonly groups: Uint32Array;
}

/** Memory for the sets of groups around each group, in bytes: with more groups they are made part by part. */
const mostMemory = 16 * 1024 * 1024;

function bitsIn(word: number): number {
  const pairs = word - ((word >>> 1) & 0x5555_5555);
  const fours = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}

/** The groups of each of the people, one after the other; those of person n from `starts[n]` to `starts[n + 1]`. */
function groupsOfPeople(groups: readonly Group[], direct: Uint32Array): { starts: Uint32Array; list: Uint32Array } {
  const starts = new Uint32Array(direct.length + 1);
  for (const [person, count] of direct.entries()) starts[person + 1] = (starts[person] ?? 0) + count;
  const list = new Uint32Array(starts.at(-1) ?? 0);
  const filled = starts.slice();
  for (const [place, { people }] of groups.entries()) {
    for (const person of people) {
      const at = filled[person] ?? 0;
      list[at] = place;
      filled[person] = at + 1;
    }
  }
  return { starts, list };
}

/**
 * Time grows with the memberships times the groups that contain groups, a machine word of 32 of them at a time.
 * @param people how many there are
 */
export function countMemberships(people: number, groups: readonly Group[], { componentOf, components }: Condensed): Memberships {
  const direct = new Uint32Array(people);
  for (const group of groups) for (const person of group.people) direct[person] = (direct[person] ?? 0) + 1;
  const all = direct.slice();
  const outer = groups.flatMap((group, place) => (group.groups.length > 0 ? [place] : []));
  if (outer.length === 0) return { direct, all };
  // Groups without groups can only be in sets that are asked for anyway, those of their own members.
  const { starts, list } = groupsOfPeople(groups, direct);
  const column = new Int32Array(groups.length).fill(-1);
  for (const [index, place] of outer.entries()) column[place] = index;
  for (let person = 0; person < people; person += 1) {
    for (let at = starts[person] ?? 0; at < (starts[person + 1] ?? 0); at += 1) {
      if ((column[list[at] ?? 0] ?? -1) >= 0) all[person] = (all[person] ?? 0) - 1;
    }
  }

  const width = Math.max(1, Math.min(Math.ceil(outer.length / 32), Math.floor(mostMemory / 4 / components.length)));
  const rows = new Uint32Array(components.length * width);
  const union = new Uint32Array(width);
  for (let first = 0; first < outer.length; first += width * 32) {
    rows.fill(0);
    for (let index = first; index < Math.min(outer.length, first + width * 32); index += 1) {
      const cell = (componentOf[outer[index] ?? 0] ?? 0) * width + ((index - first) >>> 5);
      rows[cell] = (rows[cell] ?? 0) | (1 << ((index - first) & 31));
    }
    handDown(rows, width);
    for (let person = 0; person < people; person += 1) all[person] = (all[person] ?? 0) + around(person);
  }
  return { direct, all };

  /** Whatever is around a group is around all within it; components come from the innermost. */
  function handDown(sets: Uint32Array, words: number): void {
    for (let component = components.length - 1; component >= 0; component -= 1) {
      for (const place of components[component] ?? []) {
        for (const child of groups[place]?.groups ?? []) {
          const inner = componentOf[child] ?? 0;
          if (inner === component) continue;
          for (let word = 0; word < words; word += 1) {
            const cell = inner * words + word;
            sets[cell] = (sets[cell] ?? 0) | (sets[component * words + word] ?? 0);
          }
        }
      }
    }
  }

  function around(person: number): number {
    const from = starts[person] ?? 0;
    const to = starts[person + 1] ?? 0;
    if (from === to) return 0;
    union.fill(0);
    for (let at = from; at < to; at += 1) {
      const row = (componentOf[list[at] ?? 0] ?? 0) * width;
      for (let word = 0; word < width; word += 1) union[word] = (union[word] ?? 0) | (rows[row + word] ?? 0);
    }
    let count = 0;
    for (const word of union) count += bitsIn(word);
    return count;
  }
}
