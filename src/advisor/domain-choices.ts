/** What each choice of domains would mean: whom it leaves out because of their domain. */
import { mapAddress } from '../mapping/address.ts';
import { isMailDomain, readDomain } from '../mapping/domain.ts';
import { prepareMapping, type Mapping } from '../mapping/prepare-mapping.ts';
import { Refusal } from '../refusal.ts';
import type { DomainAdvice, DomainChoice, Named } from './advice.ts';
import type { DomainCensus } from './domain-census.ts';
import { named, type Facts } from './facts.ts';
import { inOrder } from './in-order.ts';

type Source = Mapping['source'];

const sourceNames: Readonly<Record<Source, string>> = { userPrincipalName: 'UPN', mail: 'mail' };
const everywhere = prepareMapping({
  source: 'mail',
  substitute: {},
  letterCase: 'preserve',
  domains: { primary: 'example.com', secondary: [], aliases: {} },
});

/** Whether what precedes the @ may stand in an address: if not, the domain is not what stands in the way. */
function isWellFormed(address: string): boolean {
  try {
    mapAddress({ userPrincipalName: undefined, mail: `${address.slice(0, address.lastIndexOf('@'))}@example.com` }, everywhere);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** Of each domain, whether an address in it is refused because of it (address-not-in-domains): each is judged once for all people. */
function leavesOut({ domains }: DomainCensus, mapping: Mapping): Uint8Array {
  const { tables } = prepareMapping(mapping);
  return Uint8Array.from(domains, ({ name }) => {
    const to = tables.substitutes.get(name) ?? name;
    const domain = readDomain(to);
    return domain !== undefined && isMailDomain(domain) && !tables.destinations.has(domain.ascii) ? 1 : 0;
  });
}

const isSameList = (one: readonly Named[], other: readonly Named[]): boolean =>
  one.length === other.length && one.every((name, index) => name === other[index]);

interface Judged {
  readonly choice: Omit<DomainChoice, 'leftOut'>;
  readonly isConfigured: boolean;
  readonly without: Uint8Array;
}

function judgeChoice(census: DomainCensus, name: string, mapping: Mapping, isConfigured = false): Judged {
  const { domains, substitute, source } = mapping;
  return {
    choice: {
      name: `${name}, by ${sourceNames[source]}`,
      domains: [domains.primary, ...domains.secondary, ...Object.keys(domains.aliases)],
      source,
      substitute,
    },
    isConfigured,
    without: leavesOut(census, mapping),
  };
}

function judgeChoices({ configured }: Facts, census: DomainCensus, proposed: DomainAdvice['proposed']): readonly Judged[] {
  const { domains } = proposed;
  const choices: readonly (readonly [name: string, choice: DomainAdvice['proposed']])[] = [
    ['the primary domain alone', { domains: { primary: domains.primary, secondary: [], aliases: {} }, substitute: {} }],
    ['all proposed domains, without substitution', { domains, substitute: {} }],
    ['all proposed domains, with substitution', proposed],
  ];
  return [
    ...choices.flatMap(([name, choice]) =>
      (['userPrincipalName', 'mail'] as const).map((source) => judgeChoice(census, name, { ...configured, ...choice, source })),
    ),
    judgeChoice(census, 'as configured', configured, true),
  ];
}

/** Those by mail only where other people are left out than by UPN. @throws MappingMistake where the configured mapping contradicts itself */
export function adviseChoices(facts: Facts, census: DomainCensus, proposed: DomainAdvice['proposed']): readonly DomainChoice[] {
  const { survey, kinds } = facts;
  const judged = judgeChoices(facts, census, proposed);
  const wellFormed: Readonly<Record<Source, Int8Array>> = {
    userPrincipalName: new Int8Array(survey.people.length).fill(-1),
    mail: new Int8Array(survey.people.length).fill(-1),
  };
  const isLeftOut = (index: number, { choice: { source }, without }: Judged): boolean => {
    if (without[census[source][index] ?? -1] !== 1) return false;
    const known = wellFormed[source];
    if (known[index] === -1) known[index] = isWellFormed(survey.people[index]?.[source] ?? '') ? 1 : 0;
    return known[index] === 1;
  };

  const anywhere: { readonly index: number; readonly name: Named }[] = [];
  for (const [index, person] of survey.people.entries()) {
    if (kinds[index] === 'person' && judged.some((each) => isLeftOut(index, each))) {
      anywhere.push({ index, name: named(survey, person) });
    }
  }
  anywhere.sort((one, other) => inOrder(one.name, other.name));
  const choices = judged.map((each): DomainChoice => ({
    ...each.choice,
    leftOut: anywhere.filter(({ index }) => isLeftOut(index, each)).map(({ name }) => name),
  }));
  return choices.filter(
    ({ leftOut, source }, index) =>
      source !== 'mail' || judged[index]?.isConfigured === true || !isSameList(leftOut, choices[index - 1]?.leftOut ?? []),
  );
}
