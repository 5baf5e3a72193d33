/** Which forests or domains a sign-in name is looked for in: what it says, and never a guess. */
import { Refusal } from '../refusal.ts';
import type { Domain } from './domain.ts';
import { fold } from './fold.ts';
import type { Forest } from './forest.ts';
import type { Names } from './naming.ts';
import type { SignInName } from './sign-in-name.ts';

/** A forest, and which domains of it. */
export interface Place {
  readonly forest: Forest;
  readonly domains: readonly Domain[];
}

const whole = (forest: Forest): Place => ({ forest, domains: forest.domains });

const isNarrowed = ({ domains }: Place): boolean => domains.length > 0;

const firstLabel = ({ dnsDomain }: Domain): string | undefined => dnsDomain?.split('.')[0];

/** Whether the forest's own names are needed to know this domain's. */
const isUnnamed = ({ netbiosNames }: Domain): boolean => netbiosNames.length === 0;

/** Those that the configuration alone gives that name. */
function configured(forest: Forest, written: string, isOnly: boolean): Place {
  const domains = forest.domains.filter(
    (domain) =>
      domain.dnsDomain === written ||
      domain.netbiosNames.some((name) => fold(name) === written) ||
      (isOnly && isUnnamed(domain) && firstLabel(domain) === written),
  );
  return { forest, domains };
}

/** Those that their forest gives that name; one without such names has the first label of its DNS name. */
function named(forest: Forest, written: string, names: Names | undefined): Place {
  if (names === undefined) return { forest, domains: [] };
  const given = names.dnsDomainByNetbios.get(written);
  const known = new Set(names.dnsDomainByNetbios.values());
  const domains = forest.domains.filter(
    (domain) =>
      isUnnamed(domain) &&
      domain.dnsDomain !== undefined &&
      (given === domain.dnsDomain || (!known.has(domain.dnsDomain) && firstLabel(domain) === written)),
  );
  return { forest, domains };
}

/** The one whose names are not known yet may claim what another one does, and with more right: a password would go astray. */
const isComplete = (all: readonly { readonly names: Names | undefined }[]): boolean =>
  all.every(({ names }) => names !== undefined);

/** @throws Refusal person-unknown where nobody is called so here, directory-unavailable where that cannot be known */
async function byDomain(forests: readonly Forest[], written: string): Promise<readonly Place[]> {
  const isOnly = forests.length === 1 && forests[0]?.domains.length === 1;
  const sure = forests.map((forest) => configured(forest, written, isOnly)).filter(isNarrowed);
  if (sure.length > 0) return sure;
  const unnamed = forests.filter(({ domains }) => domains.some(isUnnamed));
  const last = unnamed.map((forest) => ({ forest, names: forest.naming.last() }));
  const known = last.map(({ forest, names }) => named(forest, written, names)).filter(isNarrowed);
  if (known.length > 0 && isComplete(last)) return known;
  const all = await Promise.all(unnamed.map(async (forest) => ({ forest, names: await forest.naming.refresh() })));
  const places = all.map(({ forest, names }) => named(forest, written, names)).filter(isNarrowed);
  if (places.length > 0) return places;
  const silent = all.find(({ names }) => names === undefined)?.forest;
  if (silent === undefined) throw new Refusal('person-unknown', { cause: 'not our domain' });
  throw new Refusal('directory-unavailable', {
    server: silent.domains[0].controllers.name,
    forest: silent.name,
    cause: 'the names of its domains could not be read',
  });
}

/** Whose DNS names are certain whatever another forest claims. */
const isOwn = ({ name, domains }: Forest, suffix: string): boolean =>
  domains.some(({ dnsDomain }) => dnsDomain === suffix) || (name !== undefined && fold(name) === suffix);

async function bySuffix(forests: readonly Forest[], suffix: string): Promise<readonly Place[]> {
  const own = forests.filter((forest) => isOwn(forest, suffix));
  if (forests.length === 1 || own.length > 0) return (own.length > 0 ? own : forests).map(whole);
  const last = forests.map((forest) => ({ forest, names: forest.naming.last() }));
  const known = last.filter(({ names }) => names?.suffixes.has(suffix));
  if (known.length > 0 && isComplete(last)) return known.map(({ forest }) => whole(forest));
  const all = await Promise.all(forests.map(async (forest) => ({ forest, names: await forest.naming.refresh() })));
  const claimed = all.filter(({ names }) => names?.suffixes.has(suffix)).map(({ forest }) => forest);
  // Nobody's suffix: a mail address, or the explicit UPN that somebody was given all the same.
  return (claimed.length > 0 ? claimed : forests).map(whole);
}

/**
 * Asks a forest for its names where they are not known, or were read a while ago and do not tell.
 * @throws Refusal person-unknown, directory-unavailable
 */
export async function locate(forests: readonly Forest[], name: SignInName): Promise<readonly Place[]> {
  if (name.kind === 'principal') return bySuffix(forests, name.suffix);
  return name.domain === undefined ? forests.map(whole) : byDomain(forests, name.domain);
}
