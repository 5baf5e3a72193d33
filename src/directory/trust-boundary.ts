/**
 * What a forest may say of groups, where there are several: of its own domains and no others, as Windows filters SIDs at a trust
 * (MS-PAC §4.1.2.2). Who rules one forest could else put themselves into the groups of another.
 */
import { PresenceFilter } from 'ldapts';
import { Refusal } from '../refusal.ts';
import { dnsDomainOf, domainRootOf } from './distinguished-name.ts';
import type { Domain } from './domain.ts';
import type { GroupEntry } from './group-memory.ts';
import type { Forest } from './forest.ts';
import { accept } from './ldap-refusal.ts';
import { objectSidText } from './object-sid.ts';

const NO_SUCH_OBJECT = 32;

/** The word of one forest. */
export interface Boundary {
  /** Whether it may give that SID. */
  readonly ownsSid: (sid: string) => boolean;
  /** The group as far as the forest may speak of it; undefined where it is none of its own. */
  readonly groupOf: (group: GroupEntry) => GroupEntry | undefined;
  /** A domain whose SID is not known, so that SIDs may be missing. */
  readonly silent: Refusal | undefined;
}

/** S-1-5-21-1-2-3-1104 → S-1-5-21-1-2-3 */
const domainSidOf = (sid: string): string => sid.slice(0, sid.lastIndexOf('-'));

/** Undefined where it has none, as an OpenLDAP. */
function readDomainSid(domain: Domain): Promise<string | undefined> {
  return domain.controllers.asService(async (connection) => {
    const result = await connection.search({
      base: domainRootOf(domain.baseDn),
      scope: 'base',
      filter: new PresenceFilter({ attribute: 'objectClass' }),
      attributes: ['objectSid'],
      limit: 0,
    });
    if (result.code !== NO_SUCH_OBJECT) accept(connection.server, result);
    const sid = result.entries[0]?.attributes.get('objectsid')?.[0];
    return sid && objectSidText(sid);
  });
}

const unlimited: Boundary = { ownsSid: () => true, groupOf: (group) => group, silent: undefined };

/** The SIDs of domains are read once. The result throws Refusal directory-refused where two forests bear one. */
export function createTrustBoundary(forests: readonly Forest[]): (forest: Forest) => Promise<Boundary> {
  if (forests.length === 1) return () => Promise.resolve(unlimited);
  const known = new Map<Domain, string | undefined>();

  async function sidsOf(forest: Forest): Promise<{ readonly sids: ReadonlySet<string>; readonly silent: Refusal | undefined }> {
    const trouble = await Promise.all(
      forest.domains.map(async (domain) => {
        if (known.has(domain)) return undefined;
        try {
          known.set(domain, await forest.blamed(readDomainSid(domain)));
          return undefined;
        } catch (error) {
          if (error instanceof Refusal) return error;
          throw error;
        }
      }),
    );
    return {
      sids: new Set(forest.domains.flatMap((domain) => known.get(domain) ?? [])),
      silent: trouble.find((one) => one !== undefined),
    };
  }

  return async (forest) => {
    const all = await Promise.all(forests.map(async (one) => ({ forest: one, ...(await sidsOf(one)) })));
    const own = all.find((one) => one.forest === forest)?.sids ?? new Set<string>();
    const others = all.filter((one) => one.forest !== forest);
    const rival = others.find(({ sids }) => [...own].some((sid) => sids.has(sid)))?.forest;
    if (rival !== undefined) {
      for (const { domains } of [forest, rival]) for (const domain of domains) known.delete(domain);
      throw new Refusal('directory-refused', {
        forest: forest.name,
        cause: 'another forest has the SID of its domain',
        other: rival.name,
      });
    }
    const names = new Set(forest.domains.map(({ dnsDomain }) => dnsDomain));
    // While a forest is not known, its SIDs may be those that this one claims.
    const isSure = others.every(({ silent }) => silent === undefined);
    const ownsSid = (sid: string): boolean => isSure && own.has(domainSidOf(sid));
    return {
      ownsSid,
      groupOf: (group) =>
        names.has(dnsDomainOf(group.dn))
          ? { ...group, sid: group.sid !== undefined && ownsSid(group.sid) ? group.sid : undefined }
          : undefined,
      silent: all.find(({ silent }) => silent !== undefined)?.silent,
    };
  };
}
