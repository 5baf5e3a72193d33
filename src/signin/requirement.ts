/** What a person must prove before an assertion is made about them. */
import type { AuthenticatorName, Evidence } from '../authenticators/authenticator.ts';

/** A list of any-of sets, none of them empty: a second factor is a longer list. */
export type Requirement = readonly [AnyOf, ...AnyOf[]];
export type AnyOf = readonly [AuthenticatorName, ...AuthenticatorName[]];

/** Undefined for an empty list, which proves nothing. */
export function anyOf(names: readonly AuthenticatorName[]): AnyOf | undefined {
  const [first, ...others] = new Set(names);
  return first === undefined ? undefined : [first, ...others];
}

/** Whether evidence of those names fills every one of the sets. */
export const fills = (sets: readonly AnyOf[], evidence: readonly Pick<Evidence, 'authenticator'>[]): boolean =>
  sets.every((set) => evidence.some(({ authenticator }) => set.includes(authenticator)));

/**
 * What satisfies both: each needed set makes narrower the first one of the requirement that it has something in common with, or
 * comes behind them all.
 */
export function both([first, ...others]: Requirement, needed: readonly AnyOf[]): Requirement {
  const sets: [AnyOf, ...AnyOf[]] = [first, ...others];
  const narrowed = new Set<number>();
  for (const need of needed) {
    const index = sets.findIndex((set, at) => !narrowed.has(at) && set.some((name) => need.includes(name)));
    const common = anyOf(sets[index]?.filter((name) => need.includes(name)) ?? []);
    if (common === undefined) {
      narrowed.add(sets.length);
      sets.push(need);
    } else {
      narrowed.add(index);
      sets[index] = common;
    }
  }
  return sets;
}
