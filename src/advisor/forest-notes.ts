/** What of the forests stands in the way, or was not read. */
import type { Survey } from '../directory/survey/survey.ts';
import type { AdvisedForest } from './advice.ts';
import { counted } from './figures.ts';
import { forestName, listed } from './forest-words.ts';

type AdvisedTrust = AdvisedForest['trusts'][number];

const kinds: Readonly<Record<AdvisedTrust['kind'], string>> = {
  within: 'domain of the same forest',
  forest: 'forest',
  external: 'domain of another forest',
  realm: 'Kerberos realm',
};

function trustNotes({ trusts }: AdvisedForest): readonly string[] {
  return trusts.flatMap((trust) => {
    const { domain, partner, kind, direction, selective, configured } = trust;
    // Within a forest all trust all; what is not configured there is told of its domains.
    if (kind === 'within') return [];
    const notes: string[] = [];
    if (direction === 'disabled') return [`The trust of ${domain} with the ${kinds[kind]} ${partner} is disabled.`];
    if (!configured) {
      notes.push(
        `${domain} has a trust with the ${kinds[kind]} ${partner}, which is not configured: its people cannot sign in here.`,
      );
    }
    if (direction !== 'both') {
      const [trusting, trusted] = direction === 'inbound' ? [partner, domain] : [domain, partner];
      notes.push(`The trust is one way: ${trusting} trusts ${trusted}, not the other way round.`);
    }
    if (selective) {
      notes.push(
        `The trust of ${domain} with ${partner} is selective: only whom a server allows to authenticate may use it. Passerelle does not need it.`,
      );
    }
    return notes;
  });
}

function sharedSuffixes(forests: readonly AdvisedForest[]): readonly string[] {
  const claims = new Map<string, AdvisedForest[]>();
  for (const forest of forests) {
    for (const suffix of new Set([...forest.suffixes, ...forest.domains.map(({ dnsDomain }) => dnsDomain)])) {
      const before = claims.get(suffix);
      if (before === undefined) claims.set(suffix, [forest]);
      else before.push(forest);
    }
  }
  return [...claims]
    .filter(([, claimants]) => claimants.length > 1)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(
      ([suffix, claimants]) =>
        `The UPN suffix ${suffix} is claimed by ${listed(claimants.map(forestName))}: the same UPN may be another person's in each, and a trust routes it to one of them alone.`,
    );
}

function forestNote(forest: AdvisedForest): readonly string[] {
  const name = forestName(forest);
  const missing = forest.domains.filter(({ configured }) => !configured).map(({ dnsDomain }) => dnsDomain);
  const notes: string[] = [];
  if (missing.length > 0) {
    notes.push(
      `${name} has ${counted(missing.length, 'domain that is', 'domains that are')} not configured, whose people cannot sign in here: ${listed(missing)}.`,
    );
  }
  if (!forest.isActiveDirectory) {
    notes.push(`${name} is no Active Directory: it has no trusts, UPN suffixes or scopes of groups that could be looked at.`);
  }
  return [...notes, ...trustNotes(forest)];
}

export function forestNotes(forests: readonly AdvisedForest[], survey: Survey): readonly string[] {
  const withoutCatalog = survey.forests.flatMap(({ name, isActiveDirectory, hasCatalog }, index) => {
    const count = survey.domains.filter(({ forest }) => forest === index).length;
    if (!isActiveDirectory || hasCatalog || count < 2) return [];
    return [
      `${name ?? 'A forest'} has ${String(count)} configured domains and no global catalog (globalCatalogs): each sign-in by a bare name or a UPN asks them all, and is refused while one is down.`,
    ];
  });
  return [...new Set([...forests.flatMap(forestNote), ...withoutCatalog.sort(), ...sharedSuffixes(forests)])];
}
