/** Whom to mend before a mapping is switched on, each with a value that would be right and the line that sets it. */
import type { SurveyedPerson } from '../directory/survey/survey.ts';
import { prepareMapping } from '../mapping/prepare-mapping.ts';
import type { DomainAdvice, Mending, Named, Trouble } from './advice.ts';
import { named, type Facts } from './facts.ts';
import { counted } from './figures.ts';
import { inOrder } from './in-order.ts';
import { addressesInUse, type Addresses } from './mapping-advice-addresses.ts';
import type { Judgement, Outcome } from './mapping-advice-judge.ts';
import { stemsOf } from './mapping-advice-names.ts';
import { proposals } from './mapping-advice-proposals.ts';
import { lookAtAccounts, lookElsewhere, setAddress, setElsewhere } from './powershell-lines.ts';

const troubleOf: Readonly<Record<Exclude<Outcome, 'mapped'>, Trouble>> = {
  withoutValue: 'without-value',
  notAnEmailAddress: 'not-an-email-address',
  foreignDomain: 'foreign-domain',
  consumerDomain: 'consumer-domain',
  unregistrableDomain: 'unregistrable-domain',
  duplicate: 'duplicate',
};
const mostHolders = 5;

interface Troubled extends Named {
  readonly index: number;
  readonly person: SurveyedPerson;
  readonly trouble: Trouble;
}

function troubledPeople({ outcomes, ruledOut, strangers }: Judgement, { survey, kinds }: Facts): readonly Troubled[] {
  const found: Troubled[] = [];
  for (const [index, person] of survey.people.entries()) {
    const outcome = outcomes[index];
    if (kinds[index] !== 'person' || outcome === undefined || (outcome === 'mapped' && !ruledOut.has(index))) continue;
    const ofMapped = strangers.has(index) ? 'duplicate' : 'against-guidelines';
    const trouble = outcome === 'mapped' ? ofMapped : troubleOf[outcome];
    found.push({ ...named(survey, person), index, person, trouble });
  }
  return found.toSorted(inOrder);
}

/** The domain in which most people of each place have their address; of several the first by name. */
function usualDomains({ outcomes, candidate }: Judgement, { survey, kinds }: Facts): ReadonlyMap<number, string> {
  const counts = survey.domains.map(() => new Map<string, number>());
  for (const [index, person] of survey.people.entries()) {
    if (outcomes[index] !== 'mapped' || kinds[index] !== 'person') continue;
    const value = person[candidate.mapping.source] ?? '';
    const domain = value.slice(value.lastIndexOf('@') + 1).toLowerCase();
    const place = counts[person.place];
    place?.set(domain, (place.get(domain) ?? 0) + 1);
  }
  return new Map(
    counts.flatMap((domains, place) => {
      const [most] = [...domains].toSorted(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
      return most === undefined ? [] : [[place, most[0]] as const];
    }),
  );
}

/** Of each address that several have, whose it stays; undefined where somebody has it who is not mended here. */
function keepers(
  { shared, candidate }: Judgement,
  { survey, kinds }: Facts,
  { canonical }: Addresses,
): ReadonlyMap<number, string> {
  const kept = new Map<number, string>();
  const { source } = candidate.mapping;
  const other = source === 'mail' ? 'userPrincipalName' : 'mail';
  const createdAt = (index: number): number => survey.people[index]?.whenCreated ?? Infinity;
  for (const [address, holders] of shared) {
    const people = holders.filter((index) => kinds[index] === 'person');
    const witnessed = people.filter((index) => {
      const person = survey.people[index];
      return [person?.[other], person?.primarySmtp].some((value) => value !== undefined && canonical(value) === address);
    });
    const [only] = witnessed;
    if (only !== undefined && witnessed.length === 1) kept.set(only, address);
    if (witnessed.length === 1 || people.length < holders.length) continue;
    const among = (witnessed.length > 1 ? witnessed : people).flatMap((index) => {
      const person = survey.people[index];
      return person === undefined ? [] : [{ index, ...named(survey, person) }];
    });
    const [first] = among.toSorted((one, two) => Math.sign(createdAt(one.index) - createdAt(two.index)) || inOrder(one, two));
    if (first !== undefined) kept.set(first.index, address);
  }
  return kept;
}

/** Exchange writes mail from the primary SMTP address, and sooner or later writes it back. */
const exchangeWords = ({ primarySmtp }: SurveyedPerson, attribute: Mending['attribute'], proposed: string | null): string =>
  attribute === 'mail' && proposed !== null && primarySmtp !== undefined && primarySmtp.toLowerCase() !== proposed.toLowerCase()
    ? `; the primary SMTP address is ${primarySmtp}: where there is Exchange, change it there, which sets mail too`
    : '';

/** In the order of names. @param substitute what replaces domains that cannot be registered */
export function mendingsOf(
  best: Judgement,
  facts: Facts,
  substitute: DomainAdvice['proposed']['substitute'],
): readonly Mending[] {
  const troubled = troubledPeople(best, facts);
  if (troubled.length === 0) return [];
  const { survey, kinds } = facts;
  const mapping = prepareMapping(best.candidate.mapping);
  const attribute = mapping.source;
  const addresses = addressesInUse(survey, mapping, new Set(troubled.flatMap(({ person }) => stemsOf(person, attribute))));
  const kept = keepers(best, facts, addresses);
  const propose = proposals(mapping, addresses, usualDomains(best, facts), substitute);
  const holdersOf = new Map([...best.shared.values()].flatMap((holders) => holders.map((index) => [index, holders] as const)));

  /** Who else has the person’s address. */
  const rivals = (index: number): readonly (Named & { readonly kind: string })[] =>
    (holdersOf.get(index) ?? [])
      .slice(0, 100)
      .filter((other) => other !== index)
      .flatMap((other) => {
        const person = survey.people[other];
        return person === undefined ? [] : [{ ...named(survey, person), kind: kinds[other] ?? 'person' }];
      })
      .toSorted(inOrder)
      .slice(0, mostHolders);

  function because({ index, trouble, person }: Troubled, isKept: boolean): string {
    const value = person[attribute] ?? '';
    const domain = value.slice(value.lastIndexOf('@') + 1);
    switch (trouble) {
      case 'without-value':
        return `there is no ${attribute}`;
      case 'not-an-email-address':
        return 'it is not an e-mail address';
      case 'foreign-domain':
        return `${domain} is not the organisation’s`;
      case 'consumer-domain':
        return `${domain} is where anybody has mail`;
      case 'unregistrable-domain':
        return `nobody can register ${domain}`;
      case 'against-guidelines':
        return best.ruledOut.get(index) ?? '';
      case 'duplicate': {
        const ruledOut = best.ruledOut.get(index);
        if (ruledOut !== undefined) return ruledOut;
        const who = rivals(index).map(({ name, kind }) => `${name} (${kind})`);
        const more = (holdersOf.get(index)?.length ?? 1) - 1 - who.length;
        const others = more > 0 ? ` and ${counted(more, 'other')}` : '';
        return `${who.join(', ')}${others} ${who.length === 1 ? 'has' : 'have'} the same${isKept ? '; it stays this person’s once nobody else has it' : ''}`;
      }
    }
  }

  const isHere = survey.domains.map(({ forest }) => survey.forests[forest]?.isActiveDirectory);

  return troubled.map((one): Mending => {
    const { index, person, trouble, objectGUID, name, distinguishedName, domain } = one;
    const isKept = kept.has(index);
    const proposed = isKept ? null : propose(person, index);
    const [look, set] = isHere[person.place] === false ? [lookElsewhere, setElsewhere] : [lookAtAccounts, setAddress];
    return {
      ...{ objectGUID, name, distinguishedName, domain, trouble, attribute },
      now: person[attribute] ?? null,
      proposed,
      powershell: proposed === null ? look([one, ...rivals(index)]) : set(one, attribute, proposed),
      because: because(one, isKept) + exchangeWords(person, attribute, proposed),
    };
  });
}
