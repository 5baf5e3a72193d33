/** Holds the configured mapping against everybody who was read. */
import type { SurveyedPerson } from '../directory/survey/survey.ts';
import { judgeEverybody, sharedForm, type Verdict } from '../mapping/judge-everybody.ts';
import type { Reason } from '../refusal.ts';
import type { AccountKind, Named } from './advice.ts';
import { named, type Facts } from './facts.ts';
import { inOrder } from './in-order.ts';

export interface RefusedPerson extends Named {
  readonly kind: AccountKind;
  readonly reason: Reason;
  /** What stands in the way, in words. */
  readonly because: string;
}

export interface MappingCheck {
  readonly people: number;
  /** People who would be refused for their address: all of them. */
  readonly refused: readonly RefusedPerson[];
  /** The same of service and guest accounts, which fail no check. */
  readonly others: readonly RefusedPerson[];
  readonly disabled: number;
}

/** Of those who have the same address. */
const mostNamed = 5;
/** Of a value that somebody wrote, in code units. */
const longestShown = 254;

/** Who has each address that several have, by its shared form: places among the people, by name. */
function findHolders({ survey }: Facts, verdicts: readonly Verdict[]): ReadonlyMap<string, readonly number[]> {
  const holders = new Map<string, number[]>();
  for (const { address, refused } of verdicts)
    if (address !== undefined && refused === 'address-not-unique') holders.set(sharedForm(address), []);
  if (holders.size === 0) return holders;
  // Disabled accounts too, which keep the address from a person.
  for (const [index, { address }] of verdicts.entries()) if (address !== undefined) holders.get(sharedForm(address))?.push(index);
  const names = new Map<number, Named>();
  for (const places of holders.values()) {
    for (const place of places) {
      const person = survey.people[place];
      if (person !== undefined) names.set(place, named(survey, person));
    }
    places.sort((one, other) => {
      const [first, second] = [names.get(one), names.get(other)];
      return first === undefined || second === undefined ? 0 : inOrder(first, second);
    });
  }
  return holders;
}

function describeOthers(facts: Facts, address: string, holders: readonly number[], own: number): string {
  const { survey, kinds } = facts;
  const shown: string[] = [];
  for (const place of holders) {
    const person = survey.people[place];
    if (place === own || person === undefined) continue;
    if (shown.length === mostNamed) break;
    const { name, domain } = named(survey, person);
    const kind = kinds[place] ?? 'person';
    shown.push(`${name}${domain === null ? '' : ` of ${domain}`}${kind === 'person' ? '' : ` (${kind})`}`);
  }
  const more = holders.length - 1 - shown.length;
  const last = more > 0 ? [`${String(more)} more`] : shown.splice(-1);
  const list = shown.length === 0 ? last.join('') : `${shown.join(', ')} and ${last.join('')}`;
  return `${address} is also the address of ${list}`;
}

function describe({ because }: Verdict, person: SurveyedPerson, source: Facts['configured']['source']): string {
  const value = person[source];
  if (value === undefined || value === '') return `has no ${source}`;
  const shown = value.length > longestShown ? `${value.slice(0, longestShown)}…` : value;
  return because === undefined || because === '' ? `${source} ${shown}` : `${source} ${shown}: ${because}`;
}

/** Lists are by name. @throws MappingMistake where the configured mapping contradicts itself */
export function checkMapping(facts: Facts): MappingCheck {
  const { survey, kinds, configured } = facts;
  const verdicts = judgeEverybody(survey.people, configured);
  const holders = findHolders(facts, verdicts);
  const refused: RefusedPerson[] = [];
  const others: RefusedPerson[] = [];
  let [people, disabled] = [0, 0];
  for (const [index, person] of survey.people.entries()) {
    const kind = kinds[index] ?? 'person';
    // Whoever is barred does not get as far as an address, whatever kind of account it is.
    if (kind === 'disabled' || person.barred !== undefined) {
      disabled += 1;
      continue;
    }
    if (kind === 'person') people += 1;
    const verdict = verdicts[index];
    if (verdict?.refused === undefined) continue;
    const because =
      verdict.address === undefined
        ? describe(verdict, person, configured.source)
        : describeOthers(facts, verdict.address, holders.get(sharedForm(verdict.address)) ?? [], index);
    (kind === 'person' ? refused : others).push({ ...named(survey, person), kind, reason: verdict.refused, because });
  }
  return { people, refused: refused.sort(inOrder), others: others.sort(inOrder), disabled };
}
