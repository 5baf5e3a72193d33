/** The order of people in lists, which does not depend on the order of reading: by name in code units, then domain, then objectGUID. */
import type { Named } from './advice.ts';

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

type Placed = Pick<Named, 'name' | 'domain' | 'objectGUID'>;

export const inOrder = (one: Placed, other: Placed): number =>
  compare(one.name, other.name) || compare(one.domain ?? '', other.domain ?? '') || compare(one.objectGUID, other.objectGUID);
