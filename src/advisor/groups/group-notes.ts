/** What else is to be known before groups are brought, a sentence each. */
import { counted, figure } from '../figures.ts';
import type { SurveyedGroup } from '../../directory/survey/survey.ts';
import { isMailDomain, readDomain } from '../../mapping/domain.ts';
import { prepareMapping, type Mapping } from '../../mapping/prepare-mapping.ts';
import type { DomainAdvice } from '../advice.ts';
import type { Facts } from '../facts.ts';
import { againstGuidelines } from '../name-guidelines.ts';
import { membersOf } from './group-uses.ts';
import { isWholeInCatalog } from './group-kinds.ts';
import { nameGroups, type NamedGroups } from './name-groups.ts';

/** What cn gives with the DNS name of each group's own domain in place of the primary domain. */
function byOwnDomain({ survey }: Facts, { domains }: DomainAdvice, mapping: Mapping): readonly string[] {
  const owned = new Set(domains.filter(({ kind, owned }) => kind === 'public' && owned.length > 0).map(({ name }) => name));
  const names = survey.domains.map(({ dnsDomain }) => {
    const domain = dnsDomain === undefined ? undefined : readDomain(dnsDomain);
    return domain !== undefined && isMailDomain(domain) && owned.has(domain.ascii) ? domain.ascii : undefined;
  });
  const usable = [...new Set(names)].flatMap((name) => name ?? []).sort();
  if (usable.length === 0) return [];
  const { letterCase } = mapping;
  const [primary = '', ...secondary] = usable;
  const own = prepareMapping({ source: 'mail', substitute: {}, letterCase, domains: { primary, secondary, aliases: {} } });
  const brought = survey.groups.filter(({ builtIn, place }) => !builtIn && names[place] !== undefined);
  const outside = survey.groups.filter(({ builtIn, place }) => !builtIn && names[place] === undefined).length;
  const { outcomes, shared } = nameGroups(
    brought,
    ({ place }) => {
      const domain = names[place];
      return domain === undefined ? undefined : { by: 'cn', domain };
    },
    own,
  );
  const mapped = outcomes.filter((outcome) => outcome === 'mapped').length;
  return [
    `By cn and the name of each group’s own domain (${usable.join(', ')}) ${counted(mapped, 'group', 'groups')} would have an address of their own, ` +
      `and ${counted(shared.size, 'address', 'addresses')} would be shared` +
      (outside === 0
        ? '.'
        : `; ${counted(outside, 'group lies', 'groups lie')} in a domain whose name is no public domain of yours.`),
  ];
}

/** How far apart the groups lie that share an address by cn. */
function whereShared({ survey }: Facts, { shared }: NamedGroups): readonly string[] {
  if (shared.size === 0) return [];
  let within = 0;
  let acrossDomains = 0;
  for (const places of shared.values()) {
    const domains = new Set(places.map((place) => survey.groups[place]?.place ?? -1));
    const forests = new Set([...domains].map((domain) => survey.domains[domain]?.forest));
    if (domains.size === 1) within += 1;
    else if (forests.size === 1) acrossDomains += 1;
  }
  const acrossForests = shared.size - within - acrossDomains;
  return [
    `Of ${counted(shared.size, 'address', 'addresses')} that several groups would have by cn, ${figure(within)} would be shared within one domain ` +
      `(a cn is unique within its organisational unit alone), ${figure(acrossDomains)} by several domains of a forest, ${figure(acrossForests)} by several forests.`,
  ];
}

function unseen(facts: Facts, primary: Uint32Array): readonly string[] {
  const { survey } = facts;
  const isOwn = ({ builtIn }: SurveyedGroup): boolean => !builtIn;
  const partly = survey.groups.filter(
    (group) => isOwn(group) && group.scope !== undefined && !isWholeInCatalog(survey, group),
  ).length;
  const inWindows = survey.forests.some(({ isActiveDirectory }) => isActiveDirectory);
  const byPrimary = survey.groups.filter((group, place) => isOwn(group) && (primary[place] ?? 0) > 0);
  const hidden = byPrimary.filter((group) => membersOf(group) === 0).length;
  return [
    ...(inWindows && partly > 0
      ? [
          `${counted(partly, 'group is', 'groups are')} neither universal nor in a forest of one domain: a synchronisation that asks a global catalog alone, as Google Cloud Directory Sync does where it reads several domains, sees no or not all members. Passerelle reads each domain itself.`,
        ]
      : []),
    ...(byPrimary.length > 0
      ? [
          `${counted(byPrimary.length, 'group is', 'groups are')} somebody’s primary group: such people are not listed as members, so that no filter and no synchronisation sees them${hidden === 0 ? '.' : `; ${counted(hidden, 'of these groups looks', 'of these groups look')} empty for that.`}`,
        ]
      : []),
  ];
}

function reserved(groups: readonly SurveyedGroup[], { addresses }: NamedGroups, by: string): readonly string[] {
  const against = addresses.filter(
    (address, place) => address !== undefined && groups[place]?.builtIn === false && againstGuidelines(address) !== undefined,
  ).length;
  return against === 0
    ? []
    : [
        `${counted(against, 'address', 'addresses')} by ${by} ${against === 1 ? 'holds' : 'hold'} what Google advises against in names (&, = and the like) ` +
          `or ${against === 1 ? 'is one that' : 'are such as'} it keeps for itself (abuse, postmaster).`,
      ];
}

export interface NotedParts {
  readonly facts: Facts;
  readonly domains: DomainAdvice;
  readonly mapping: Mapping;
  readonly byName: Readonly<Record<'cn' | 'mail', NamedGroups>>;
  readonly naming: 'cn' | 'mail';
  /** Of each group, how many have it as their primary group. */
  readonly primary: Uint32Array;
}

export function noteGroups({ facts, domains, mapping, byName, naming, primary }: NotedParts): readonly string[] {
  return [
    ...whereShared(facts, byName.cn),
    ...byOwnDomain(facts, domains, mapping),
    ...unseen(facts, primary),
    ...reserved(facts.survey.groups, byName[naming], naming),
  ];
}
