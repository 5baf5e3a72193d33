/** What changed from one report to a later one: each address that changed is a Google account to rename. */
import { readDomain } from '../mapping/domain.ts';
import { sharedForm } from '../mapping/judge-everybody.ts';
import type { Mapping } from '../mapping/prepare-mapping.ts';
import type { Standing } from './advice.ts';
import { inOrder } from './in-order.ts';
import { knownAgain } from './known-again.ts';
import type { Measured } from './measured.ts';

export interface Change {
  readonly before: Standing;
  readonly after: Standing;
}

/** Lists are by name. Somebody whose address changed and who may no longer sign in is both among `renamed` and `lost`. */
export interface Drift {
  readonly from: string;
  readonly to: string;
  /** Whether the configured mapping itself is another one. */
  readonly mappingChanged: boolean;
  readonly appeared: readonly Standing[];
  readonly vanished: readonly Standing[];
  /** Had one address and has another: rename the Google account, do not make a new one. Letter case counts. */
  readonly renamed: readonly Change[];
  /** Had an address and has none that a sign-in would carry, or the other way round. */
  readonly lost: readonly Change[];
  readonly gained: readonly Change[];
  /**
   * Addresses that went from one person to another: who comes after would inherit the account. Of several who had it, one whose account is
   * barred, otherwise the first of lists. Who shared it with others that may sign in, and has it alone now, is among `gained` only:
   * the account may have been theirs.
   */
  readonly handedOn: readonly { readonly address: string; readonly from: Standing; readonly to: Standing }[];
}

export const isEmptyDrift = ({ mappingChanged, appeared, vanished, renamed, lost, gained, handedOn }: Drift): boolean =>
  !mappingChanged && [appeared, vanished, renamed, lost, gained, handedOn].every(({ length }) => length === 0);

const ascii = (domain: string): string => readDomain(domain)?.ascii ?? domain;

/** Equal for mappings that are written differently and are the same. */
function canonical({ source, letterCase, substitute, domains }: Mapping): string {
  const pairs = (record: Readonly<Record<string, string>>): readonly string[] =>
    Object.entries(record)
      .map(([from, to]) => `${ascii(from)} ${ascii(to)}`)
      .sort();
  const secondary = domains.secondary.map(ascii).sort();
  return JSON.stringify([source, letterCase, pairs(substitute), ascii(domains.primary), secondary, pairs(domains.aliases)]);
}

/** What a sign-in would carry. */
const carried = ({ address, refused }: Standing): string | null => (refused === null ? address : null);

/**
 * What the person's Google account is called, were there one: an account that is disabled here may be merely suspended there. Nobody
 * is taken to hold what two have.
 */
function holding(people: readonly Standing[]): (standing: Standing) => string | null {
  const first = new Set<string>();
  const shared = new Set<string>();
  for (const { address } of people) {
    if (address === null) continue;
    const form = sharedForm(address);
    if (first.has(form)) shared.add(form);
    first.add(form);
  }
  return ({ address, refused }) => (address === null || (refused !== null && shared.has(sharedForm(address))) ? null : address);
}

/** Has an address, shared or not, and does not get as far as that. */
const isBarred = ({ address, refused }: Standing): boolean =>
  address !== null && refused !== null && refused !== 'address-not-unique';

/** By the shared form of every address, whose the account was likeliest. */
function likeliestHolders(people: readonly Standing[]): ReadonlyMap<string, Standing> {
  const holders = new Map<string, Standing>();
  for (const standing of people) {
    if (standing.address === null) continue;
    const form = sharedForm(standing.address);
    const other = holders.get(form);
    const isLikelier =
      other === undefined || (isBarred(standing) === isBarred(other) ? inOrder(standing, other) < 0 : isBarred(standing));
    if (isLikelier) holders.set(form, standing);
  }
  return holders;
}

const byName = (one: Change, other: Change): number => inOrder(one.before, other.before);

/** Linear in the number of people, sorting apart. */
export function driftBetween(before: Measured, after: Measured): Drift {
  const { pairs, appeared, vanished } = knownAgain(before, after);
  const [heldBefore, heldAfter] = [holding(before.people), holding(after.people)];
  const renamed: Change[] = [];
  const lost: Change[] = [];
  const gained: Change[] = [];
  const former = new Map<Standing, Standing>();
  for (const change of pairs) {
    former.set(change.after, change.before);
    const [old, current] = [heldBefore(change.before), heldAfter(change.after)];
    if (old !== null && current !== null && old !== current) renamed.push(change);
    const [was, is] = [carried(change.before), carried(change.after)];
    if (was !== null && is === null) lost.push(change);
    if (was === null && is !== null) gained.push(change);
  }

  const holders = likeliestHolders(before.people);
  const handedOn: { address: string; from: Standing; to: Standing }[] = [];
  for (const to of after.people) {
    const address = heldAfter(to);
    const from = address === null ? undefined : holders.get(sharedForm(address));
    if (address === null || from === undefined) continue;
    const was = former.get(to);
    const hadIt = typeof was?.address === 'string' && sharedForm(was.address) === sharedForm(address);
    if (!hadIt || (was.refused === 'address-not-unique' && isBarred(from))) handedOn.push({ address, from, to });
  }

  return {
    from: before.made,
    to: after.made,
    mappingChanged: canonical(before.configured) !== canonical(after.configured),
    appeared: [...appeared].sort(inOrder),
    vanished: [...vanished].sort(inOrder),
    renamed: renamed.sort(byName),
    lost: lost.sort(byName),
    gained: gained.sort(byName),
    handedOn: handedOn.sort((one, other) => inOrder(one.to, other.to)),
  };
}
