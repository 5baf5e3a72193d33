/** One mapping, held against everybody. */
import type { SurveyedPerson } from '../directory/survey/survey.ts';
import { readDomain } from '../mapping/domain.ts';
import { judgeEverybody, sharedForm, type Verdict } from '../mapping/judge-everybody.ts';
import { prepareMapping, type PreparedMapping } from '../mapping/prepare-mapping.ts';
import type { Reason } from '../refusal.ts';
import type { AccountKind, Candidate, Collision, DomainAdvice, DomainKind, Outcomes } from './advice.ts';
import { named, type Facts } from './facts.ts';
import { inOrder } from './in-order.ts';
import { mailElsewhere } from './mapping-advice-recipients.ts';
import { againstGuidelines } from './name-guidelines.ts';

export type Outcome = keyof Outcomes;

export interface Judgement {
  readonly candidate: Candidate;
  /** Of each of the survey’s people, in their order. */
  readonly outcomes: readonly Outcome[];
  /** Who among them share an address, at least two each, and those whom Google’s guidelines rule out, or a recipient of its mail. */
  readonly shared: ReadonlyMap<string, readonly number[]>;
  readonly ruledOut: ReadonlyMap<number, string>;
  /** Of those ruled out, whose address is where somebody else gets mail. */
  readonly strangers: ReadonlySet<number>;
  /** People mapped to a domain that nobody can register, or that is everybody’s, as only the configuration may want. */
  readonly unregistrable: number;
}

const outcomeOf: Partial<Record<Reason, Outcome>> = {
  'no-user-principal-name': 'withoutValue',
  'no-mail': 'withoutValue',
  'not-an-email-address': 'notAnEmailAddress',
  'address-not-unique': 'duplicate',
};
const elsewhere: Readonly<Record<DomainKind, Outcome>> = {
  public: 'foreignDomain',
  consumer: 'consumerDomain',
  reserved: 'unregistrableDomain',
  'single label': 'unregistrableDomain',
  unregistrable: 'unregistrableDomain',
  invalid: 'unregistrableDomain',
};

const noOutcomes: Outcomes = {
  mapped: 0,
  withoutValue: 0,
  notAnEmailAddress: 0,
  foreignDomain: 0,
  consumerDomain: 0,
  unregistrableDomain: 0,
  duplicate: 0,
};

/** The domain that the mapping looked for among those of the account, lower-case ASCII. */
function domainOf(value: string, { tables }: PreparedMapping): string {
  const written = value.slice(value.lastIndexOf('@') + 1);
  const domain = readDomain(written)?.ascii ?? written;
  return tables.substitutes.get(domain) ?? domain;
}

export interface Judging {
  readonly facts: Facts;
  /** The survey’s people, as if nobody were barred: whoever is disabled has an outcome, too. */
  readonly accounts: readonly SurveyedPerson[];
  readonly kinds: ReadonlyMap<string, DomainKind>;
  /** Domains that are to be registered whatever their kind. */
  readonly registered: ReadonlySet<string>;
}

/** What the parts of one advice look at. */
export function judging(facts: Facts, { domains, proposed }: Pick<DomainAdvice, 'domains' | 'proposed'>): Judging {
  return {
    facts,
    accounts: facts.survey.people.map((person) => (person.barred === undefined ? person : { ...person, barred: undefined })),
    kinds: new Map(domains.map(({ name, kind }) => [name, kind])),
    registered: new Set(
      [proposed.domains.primary, ...proposed.domains.secondary].map((domain) => readDomain(domain)?.ascii ?? domain),
    ),
  };
}

function collisionsOf(shared: ReadonlyMap<string, readonly number[]>, { survey, kinds }: Facts): readonly Collision[] {
  return [...shared]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([address, holders]) => ({
      address,
      holders: holders
        .flatMap((index) => {
          const person = survey.people[index];
          return person === undefined ? [] : [{ ...named(survey, person), kind: kinds[index] ?? 'person' }];
        })
        .toSorted(inOrder),
    }));
}

/** @throws MappingMistake where the mapping contradicts itself */
export function judgeCandidate({ name, mapping }: Pick<Candidate, 'name' | 'mapping'>, parts: Judging): Judgement {
  const { facts, accounts, kinds: domainKinds, registered } = parts;
  const prepared = prepareMapping(mapping);
  const counts: Record<AccountKind, Record<Outcome, number>> = {
    person: { ...noOutcomes },
    service: { ...noOutcomes },
    disabled: { ...noOutcomes },
    guest: { ...noOutcomes },
  };
  const shared = new Map<string, number[]>();
  const ruledOut = new Map<number, string>();
  const given = new Map<number, string>();
  const strangers = new Set<number>();
  const against: Candidate['againstGuidelines'][number][] = [];
  let unregistrable = 0;

  const outcome = ({ refused }: Verdict, account: SurveyedPerson): Outcome =>
    refused === undefined
      ? 'mapped'
      : (outcomeOf[refused] ?? elsewhere[domainKinds.get(domainOf(account[mapping.source] ?? '', prepared)) ?? 'public']);

  /** What else is the matter with a person who would have that address. */
  function lookAt(index: number, account: SurveyedPerson, address: string): void {
    const domain = address.slice(address.lastIndexOf('@') + 1);
    if ((domainKinds.get(domain) ?? 'public') !== 'public' && !registered.has(domain)) unregistrable += 1;
    if (account.mail !== address) given.set(index, address);
    ruleOut(index, account, address, againstGuidelines(address));
  }
  function ruleOut(index: number, account: SurveyedPerson, address: string, because: string | undefined): void {
    if (because === undefined) return;
    ruledOut.set(index, because);
    against.push({ ...named(facts.survey, account), address, because });
  }

  const outcomes = judgeEverybody(accounts, prepared).map((verdict, index): Outcome => {
    const account = accounts[index];
    if (account === undefined) return 'withoutValue';
    const kind = facts.kinds[index] ?? 'person';
    const became = outcome(verdict, account);
    counts[kind][became] += 1;
    if (verdict.address === undefined) return became;
    if (became === 'mapped' && kind === 'person') lookAt(index, account, verdict.address);
    if (became !== 'duplicate') return became;
    const form = sharedForm(verdict.address);
    const holders = shared.get(form);
    if (holders === undefined) shared.set(form, [index]);
    else holders.push(index);
    return became;
  });
  for (const [index, who] of mailElsewhere(given, facts, prepared)) {
    const account = accounts[index];
    if (account === undefined || ruledOut.has(index)) continue;
    strangers.add(index);
    ruleOut(index, account, given.get(index) ?? '', `it is where ${who} gets mail`);
  }
  return {
    candidate: {
      name,
      mapping,
      outcomes: counts,
      collisions: collisionsOf(shared, facts),
      againstGuidelines: against.toSorted(inOrder),
    },
    outcomes,
    shared,
    ruledOut,
    strangers,
    unregistrable,
  };
}
