/** Finds people by what a certificate says of whose it is: altSecurityIdentities, objectSid or userPrincipalName. */
import type { Person, SecurityIdentified, SecurityIdentities } from './directory.ts';
import type { Domain } from './domain.ts';
import { anyOf, equals } from './filters.ts';
import { fold } from './fold.ts';
import type { Forest } from './forest.ts';
import { objectSidText } from './object-sid.ts';
import { createPeopleSearch } from './people-search.ts';
import { personAttributes, valuesOf } from './person-entry.ts';

const MOST_VALUES = 100;
/** Enough to see that a certificate is not one person's. */
const FEW = 20;

/** MS-DTYP §2.4.2. */
function sidBytes(text: string): Buffer {
  const [, , authority = 0, ...parts] = text.split('-').map(Number);
  const bytes = Buffer.alloc(8 + 4 * parts.length);
  bytes[0] = 1;
  bytes[1] = parts.length;
  bytes.writeUIntBE(authority, 2, 6);
  for (const [index, part] of parts.entries()) bytes.writeUInt32LE(part, 8 + 4 * index);
  return bytes;
}

/** An identifier whose parts are no numbers of 32 bits is nobody's. */
const isPossible = (sid: string): boolean =>
  /^S-1-\d{1,10}(?:-\d{1,10}){1,14}$/.test(sid) &&
  sid
    .split('-')
    .slice(3)
    .every((part) => Number(part) <= 0xff_ff_ff_ff);

async function inDomain(domain: Domain, wanted: SecurityIdentities): Promise<readonly SecurityIdentified[]> {
  const { altSecurityIdentities, objectSids, userPrincipalNames } = wanted;
  const filters = [
    ...altSecurityIdentities.map((value) => equals('altSecurityIdentities', value)),
    ...objectSids.filter(isPossible).map((sid) => equals('objectSid', sidBytes(sid))),
    ...userPrincipalNames.map((name) => equals('userPrincipalName', name)),
  ];
  if (filters.length === 0) return [];
  const attributes = [...new Set([...personAttributes, ...domain.released, 'altSecurityIdentities', 'objectSid'])];
  const search = createPeopleSearch(domain.controllers, domain.baseDn, attributes, FEW);
  const { entries, server } = await search.few(anyOf(filters));
  const values = new Set(altSecurityIdentities.map(fold));
  const names = new Set(userPrincipalNames.map(fold));
  return entries.flatMap((entry) => {
    const person: Person | undefined = domain.personOf(entry, server);
    if (person === undefined) return [];
    const held = valuesOf(entry, 'altSecurityIdentities').filter((value) => values.has(fold(value)));
    const sid = entry.attributes.get('objectsid')?.[0];
    const objectSid = sid && objectSidText(sid);
    const { userPrincipalName } = person;
    // A server may compare more loosely than we do.
    const isFound =
      held.length > 0 ||
      (objectSid !== undefined && objectSids.includes(objectSid)) ||
      (userPrincipalName !== undefined && names.has(fold(userPrincipalName)));
    return isFound ? [{ person, altSecurityIdentities: held, objectSid }] : [];
  });
}

/** @see Directory.bySecurityIdentity */
export async function bySecurityIdentity(
  forests: readonly Forest[],
  wanted: SecurityIdentities,
): Promise<readonly SecurityIdentified[]> {
  const { altSecurityIdentities, objectSids, userPrincipalNames } = wanted;
  if (altSecurityIdentities.length + objectSids.length + userPrincipalNames.length > MOST_VALUES)
    throw new RangeError(`at most ${String(MOST_VALUES)} values at a time`);
  const found = await Promise.all(
    forests.map((forest) => forest.blamed(Promise.all(forest.domains.map((domain) => inDomain(domain, wanted))))),
  );
  return found.flat(2);
}
