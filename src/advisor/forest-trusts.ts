/** Which of the forests that were read trust which, and where one fleet of AD FS could serve several. */
import type { Survey } from '../directory/survey/survey.ts';

export interface ForestTrusts {
  /** Whether forest `one` trusts `other`: people of `other` may then sign in to what lies in `one`. */
  readonly trusts: (one: number, other: number) => boolean;
  /** The fewest forests with which everybody is served, and the forests that each serves beside its own. */
  readonly fleets: readonly { readonly host: number; readonly serves: readonly number[] }[];
}

/** Above that many the fewest are not searched for among all sets; forests of one house are seldom more than a handful. */
const MOST_SEARCHED = 12;

function readTrusts({ forests }: Survey): (one: number, other: number) => boolean {
  const places = new Map(forests.map(({ name }, index) => [name, index]));
  const pairs = new Set<string>();
  forests.forEach(({ trusts }, own) => {
    for (const { kind, partner, direction } of trusts) {
      const other = places.get(partner);
      // An external trust joins two domains, not forests; and a trust is not handed on over a third forest.
      if (kind !== 'forest' || other === undefined || other === own) continue;
      if (direction === 'outbound' || direction === 'both') pairs.add(`${String(own)} ${String(other)}`);
      if (direction === 'inbound' || direction === 'both') pairs.add(`${String(other)} ${String(own)}`);
    }
  });
  return (one, other) => pairs.has(`${String(one)} ${String(other)}`);
}

/** Bit masks: what each would serve, itself among it. The fewest that cover all, or nearly the fewest of many. */
function fewest(reach: readonly number[]): readonly number[] {
  const all = 2 ** reach.length - 1;
  let best: readonly number[] = reach.map((_, index) => index);
  const search = (from: number, chosen: readonly number[], covered: number): void => {
    if (covered === all) {
      if (chosen.length < best.length) best = chosen;
      return;
    }
    if (chosen.length + 1 >= best.length) return;
    for (const [index, served] of reach.entries()) if (index >= from) search(index + 1, [...chosen, index], covered | served);
  };
  search(0, [], 0);
  return best;
}

function greedy(reach: readonly ReadonlySet<number>[]): readonly number[] {
  const left = new Set(reach.keys());
  const chosen: number[] = [];
  while (left.size > 0) {
    const gains = reach.map((served) => [...served].filter((each) => left.has(each)).length);
    const next = gains.indexOf(Math.max(...gains));
    chosen.push(next);
    for (const each of reach[next] ?? []) left.delete(each);
  }
  return chosen;
}

/** Of Active Directory forests alone: AD FS stands in none of another kind. */
export function forestTrusts(survey: Survey): ForestTrusts {
  const trusts = readTrusts(survey);
  const hosts = survey.forests.flatMap(({ isActiveDirectory }, index) => (isActiveDirectory ? [index] : []));
  // A's trust lets people of B authenticate in A; B's lets the account of an AD FS in A read them.
  const serves = hosts.map(
    (host) =>
      new Set(hosts.flatMap((other, place) => (other === host || (trusts(host, other) && trusts(other, host)) ? [place] : []))),
  );
  const chosen =
    hosts.length <= MOST_SEARCHED
      ? fewest(serves.map((served) => [...served].reduce((mask, place) => mask | (1 << place), 0)))
      : greedy(serves);
  const left = new Set(hosts.keys());
  for (const place of chosen) left.delete(place);
  return {
    trusts,
    fleets: chosen.map((place) => {
      const served = [...(serves[place] ?? [])].filter((each) => left.delete(each));
      return { host: hosts[place] ?? 0, serves: served.map((each) => hosts[each] ?? 0) };
    }),
  };
}
