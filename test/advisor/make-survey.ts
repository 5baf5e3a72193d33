/** Readings of forests that a test makes up: what it does not say is as an ordinary directory has it. */
import type {
  Survey,
  SurveyedDomain,
  SurveyedForest,
  SurveyedGroup,
  SurveyedPerson,
  SurveyedUnit,
  Trust,
} from '../../src/directory/survey/survey.ts';
import type { Facts } from '../../src/advisor/facts.ts';
import type { Mapping } from '../../src/mapping/prepare-mapping.ts';

export type GivenForest = Partial<SurveyedForest>;
export type GivenDomain = Partial<SurveyedDomain>;
export type GivenPerson = Partial<SurveyedPerson>;
export type GivenGroup = Partial<Omit<SurveyedGroup, 'people' | 'groups' | 'outsiders'>> & {
  /** Places among the people and groups of the survey. */
  readonly people?: readonly number[];
  readonly groups?: readonly number[];
  readonly outsiders?: Partial<SurveyedGroup['outsiders']>;
};
export type GivenUnit = Partial<SurveyedUnit>;

const baseOf = (dnsDomain: string): string =>
  dnsDomain
    .split('.')
    .map((part) => `DC=${part}`)
    .join(',');

/** An objectGUID of that kind (a digit) and number. */
export const guid = (kind: number, index: number): string =>
  `${kind.toString(16).padStart(8, '0')}-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;

/** A two-way, transitive forest trust of `domain` with `partner`, unless told otherwise. */
export const trust = (domain: string, partner: string, given: Partial<Trust> = {}): Trust => ({
  domain,
  partner,
  direction: 'both',
  kind: 'forest',
  transitive: true,
  selective: false,
  ...given,
});

/**
 * Without anything given: one Active Directory forest `corp.example.com` of one domain, which is configured, and nobody in it.
 * Forests without `domains` have those of `domains` that lie in them, and the other way round; person n is `personN@` and group
 * n `groupN@` their domain's name, by UPN and mail.
 */
export function makeSurvey({
  forests = [{ name: 'corp.example.com' }],
  domains,
  people = [],
  groups = [],
  units = [],
}: {
  readonly forests?: readonly GivenForest[];
  readonly domains?: readonly GivenDomain[];
  readonly people?: readonly GivenPerson[];
  readonly groups?: readonly GivenGroup[];
  readonly units?: readonly GivenUnit[];
} = {}): Survey {
  const given: readonly GivenDomain[] =
    domains ??
    forests.flatMap(({ name = 'corp.example.com', domains: own }, forest) =>
      (own ?? [{ dnsDomain: name }]).map(({ dnsDomain }): GivenDomain => ({ forest, dnsDomain })),
    );
  const places = given.map((one, index): SurveyedDomain => {
    const dnsDomain = 'dnsDomain' in one ? one.dnsDomain : (forests[one.forest ?? 0]?.name ?? 'corp.example.com');
    const baseDn = one.baseDn ?? baseOf(dnsDomain ?? 'organisation');
    return { forest: 0, baseDn, root: baseDn, server: `127.0.0.1:${String(30_000 + index)}`, ...one, dnsDomain };
  });
  const of = (place: number): SurveyedDomain => {
    const found = places[place];
    if (found === undefined) throw new Error(`the survey has no domain ${String(place)}`);
    return found;
  };
  return {
    forests: forests.map((forest, index): SurveyedForest => {
      const name = 'name' in forest ? forest.name : places.find((domain) => domain.forest === index)?.dnsDomain;
      return {
        isActiveDirectory: true,
        suffixes: [],
        domains: places.flatMap(({ forest: its, dnsDomain }) =>
          its === index && dnsDomain !== undefined
            ? [{ dnsDomain, netbiosName: dnsDomain.split('.')[0]?.toUpperCase().slice(0, 15) }]
            : [],
        ),
        trusts: [],
        hasCatalog: false,
        ...forest,
        name,
      };
    }),
    domains: places,
    people: people.map((person, index): SurveyedPerson => {
      const place = person.place ?? 0;
      const { dnsDomain, baseDn } = of(place);
      const name = person.sAMAccountName ?? `person${String(index)}`;
      const address = `${name}@${dnsDomain ?? 'example.com'}`;
      return {
        objectGUID: guid(1, index),
        distinguishedName: `CN=${name},CN=Users,${baseDn}`,
        sAMAccountName: name,
        userPrincipalName: address,
        mail: address,
        displayName: name,
        barred: undefined,
        domain: dnsDomain,
        place,
        primarySmtp: undefined,
        userAccountControl: 0x200,
        rid: 1_000 + index,
        primaryGroup: 513,
        hasServicePrincipalName: false,
        isCriticalSystemObject: false,
        employeeType: undefined,
        targetAddress: undefined,
        whenCreated: undefined,
        ...person,
      };
    }),
    groups: groups.map((group, index): SurveyedGroup => {
      const place = group.place ?? 0;
      const { dnsDomain, baseDn } = of(place);
      const name = group.cn ?? `group${String(index)}`;
      return {
        objectGUID: guid(2, index),
        distinguishedName: `CN=${name},CN=Users,${baseDn}`,
        cn: name,
        sAMAccountName: name,
        mail: `${name}@${dnsDomain ?? 'example.com'}`,
        rid: 500_000 + index,
        scope: 'global',
        type: 'security',
        builtIn: false,
        someOutsiders: [],
        ...group,
        place,
        people: Uint32Array.from(group.people ?? []),
        groups: Uint32Array.from(group.groups ?? []),
        outsiders: { foreign: 0, computer: 0, contact: 0, elsewhere: 0, ...group.outsiders },
      };
    }),
    units: units.map((unit, index): SurveyedUnit => {
      const place = unit.place ?? 0;
      return { distinguishedName: `OU=Unit ${String(index)},${of(place).baseDn}`, kind: 'unit', ...unit, place };
    }),
  };
}

/** By UPN, with `example.com` as the only domain, unless told otherwise. */
export const makeMapping = (
  given: Partial<Omit<Mapping, 'domains'>> & { readonly domains?: Partial<Mapping['domains']> } = {},
): Mapping => ({
  source: 'userPrincipalName',
  substitute: {},
  letterCase: 'lower',
  ...given,
  domains: { primary: 'example.com', secondary: [], aliases: {}, ...given.domains },
});

/** Whoever is barred is disabled, everybody else a person, unless told otherwise. */
export const makeFacts = (survey: Survey, given: Partial<Facts> = {}): Facts => ({
  survey,
  kinds: survey.people.map(({ barred }) => (barred === undefined ? 'person' : 'disabled')),
  configured: makeMapping(),
  told: [],
  ...given,
});
