/** Who of a report is whom of a later one. */
import type { Standing } from './advice.ts';
import type { Measured } from './measured.ts';

export interface KnownAgain {
  readonly pairs: readonly { readonly before: Standing; readonly after: Standing }[];
  readonly appeared: readonly Standing[];
  readonly vanished: readonly Standing[];
}

const keyOf = ({ objectGUID, domain }: Standing): string => `${objectGUID} ${domain ?? ''}`;

/** Which forest has the domain; undefined where none has, or where several say so. */
function forestsOf({ forests: { forests } }: Measured): (domain: string) => number | undefined {
  const found = new Map<string, number | undefined>();
  for (const [index, { domains }] of forests.entries())
    for (const { dnsDomain } of domains)
      found.set(dnsDomain, found.has(dnsDomain) && found.get(dnsDomain) !== index ? undefined : index);
  return (domain) => found.get(domain);
}

/** People by their objectGUID, where one alone has it. */
function byGuid(people: readonly Standing[]): ReadonlyMap<string, Standing | undefined> {
  const found = new Map<string, Standing | undefined>();
  for (const standing of people) found.set(standing.objectGUID, found.has(standing.objectGUID) ? undefined : standing);
  return found;
}

/**
 * By objectGUID and domain; who was moved to another domain of their forest keeps the objectGUID. Who rules another forest may give
 * somebody there the same, so that across forests it says nothing.
 */
export function knownAgain(before: Measured, after: Measured): KnownAgain {
  const pairs: { before: Standing; after: Standing }[] = [];
  const later = new Map(after.people.map((standing) => [keyOf(standing), standing]));
  const gone: Standing[] = [];
  for (const standing of before.people) {
    const same = later.get(keyOf(standing));
    if (same === undefined) gone.push(standing);
    else {
      pairs.push({ before: standing, after: same });
      later.delete(keyOf(standing));
    }
  }
  if (gone.length === 0 || later.size === 0) return { pairs, appeared: [...later.values()], vanished: gone };

  const [early, late] = [byGuid(before.people), byGuid(after.people)];
  const [forestThen, forestNow] = [forestsOf(before), forestsOf(after)];
  /** Whether a report says so and none says otherwise: a forest may claim a domain whose own forest is not read any more. */
  const isOneForest = (one: string | null, other: string | null): boolean => {
    if (one === null || other === null) return false;
    const says = [forestThen, forestNow].flatMap((forestOf) => {
      const [first, second] = [forestOf(one), forestOf(other)];
      return first === undefined || second === undefined ? [] : [first === second];
    });
    return says.length > 0 && !says.includes(false);
  };
  const vanished: Standing[] = [];
  for (const standing of gone) {
    const moved = early.get(standing.objectGUID) === standing ? late.get(standing.objectGUID) : undefined;
    const isSame = moved !== undefined && later.has(keyOf(moved)) && isOneForest(standing.domain, moved.domain);
    if (isSame) {
      pairs.push({ before: standing, after: moved });
      later.delete(keyOf(moved));
    } else vanished.push(standing);
  }
  return { pairs, appeared: [...later.values()], vanished };
}
