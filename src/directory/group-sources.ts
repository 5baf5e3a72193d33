/** Where the groups of a person are looked for: in their own domain and forest, and in the other forests. */
import type { Clock } from '../clock.ts';
import { Refusal } from '../refusal.ts';
import type { Controllers } from './controllers.ts';
import { domainRootOf } from './distinguished-name.ts';
import type { Domain } from './domain.ts';
import type { GroupSource, SearchEntries } from './find-groups.ts';
import { foreignGroups } from './foreign-groups.ts';
import type { Forest } from './forest.ts';
import { createGroupMemory } from './group-memory.ts';
import { accept } from './ldap-refusal.ts';
import type { GroupSources, HeldBy } from './read-further.ts';
import { createTrustBoundary } from './trust-boundary.ts';

const NO_SUCH_OBJECT = 32;

const searchOn =
  (controllers: Controllers, first?: string): SearchEntries =>
  (search) =>
    controllers.asService(
      async (connection) => {
        const result = await connection.search(search);
        if (result.code !== NO_SUCH_OBJECT) accept(connection.server, result);
        return result.entries;
      },
      { first },
    );

/** The result takes the controller that is asked first: whoever was just made may not be known to the others yet. */
export function createGroupSources(
  forests: readonly Forest[],
  clock: Clock,
): (place: { readonly forest: Forest; readonly domain: Domain }, first?: string) => GroupSources {
  const boundaryOf = createTrustBoundary(forests);
  const sources = forests.map((forest) => {
    const everywhere = forest.catalogs && searchOn(forest.catalogs);
    const byDomain = new Map<Domain, GroupSource>(
      forest.domains.map((domain) => [
        domain,
        {
          search: searchOn(domain.controllers),
          // Groups often lie outside of where people are.
          root: domainRootOf(domain.baseDn),
          everywhere,
          // Some SIDs mean another group in each domain.
          memory: createGroupMemory(clock),
        },
      ]),
    );
    return { forest, byDomain };
  });
  /** While a forest does not answer its groups are missing, and no others. */
  async function abroad({ forest, byDomain }: (typeof sources)[number], sids: readonly string[]): Promise<HeldBy> {
    try {
      const boundary = await boundaryOf(forest);
      const climbed = await forest.blamed(Promise.all([...byDomain.values()].map((source) => foreignGroups(source, sids))));
      const groups = climbed.flatMap((one) => one.groups).flatMap(({ entry }) => boundary.groupOf(entry) ?? []);
      return { groups, incomplete: boundary.silent ?? climbed.find((one) => one.incomplete !== undefined)?.incomplete };
    } catch (error) {
      if (error instanceof Refusal) return { groups: [], incomplete: error };
      throw error;
    }
  }

  return ({ forest, domain }, first) => {
    const own = sources.find((one) => one.forest === forest)?.byDomain.get(domain);
    if (own === undefined) throw new Error('a domain of another directory');
    return {
      own: first === undefined ? own : { ...own, search: searchOn(domain.controllers, first) },
      boundary: () => boundaryOf(forest),
      async foreign(sids) {
        const others = sources.filter((one) => one.forest !== forest);
        const found = await Promise.all(others.map((other) => abroad(other, sids)));
        return {
          groups: found.flatMap(({ groups }) => groups),
          incomplete: found.find(({ incomplete }) => incomplete !== undefined)?.incomplete,
        };
      },
    };
  };
}
