/** The groups of one forest that hold people of another, whom it knows as foreign security principals (MS-ADTS §6.1.1.4.10). */
import { EqualityFilter } from 'ldapts';
import { anyOf } from './filters.ts';
import { type GroupSource, holdersOf } from './find-groups.ts';
import { objectSidBytes } from './object-sid.ts';
import { type Climbed, climb } from './read-further.ts';

const valuesASearch = 200;

/** @param sids of the person, and of the groups that hold them at home */
export async function foreignGroups(source: GroupSource, sids: readonly string[]): Promise<Climbed> {
  const values = sids.flatMap((sid) => objectSidBytes(sid) ?? []);
  const base = `CN=ForeignSecurityPrincipals,${source.root}`;
  const parts = Array.from({ length: Math.ceil(values.length / valuesASearch) }, (_, part) => {
    const some = values.slice(part * valuesASearch, (part + 1) * valuesASearch);
    const filter = anyOf(some.map((value) => new EqualityFilter({ attribute: 'objectSid', value })));
    return source.search({ base, scope: 'sub', filter, attributes: ['1.1'], limit: 0 });
  });
  const principals = (await Promise.all(parts)).flat().map(({ dn }) => dn);
  // An ordinary account may read whom a group holds, and may not read the memberOf of these entries.
  const direct = await holdersOf(source.search, source.root, 'member', principals);
  const above = direct.flatMap(({ memberOf }) => memberOf);
  const climbed = await climb(source, above, { nested: true, isActiveDirectory: true });
  return { ...climbed, groups: [...direct.map((entry) => ({ entry, direct: true })), ...climbed.groups] };
}
