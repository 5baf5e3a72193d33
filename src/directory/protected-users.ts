/** Whether a person is a member of Protected Users, of whom Active Directory takes no password by LDAP, whatever it is. */
import { PresenceFilter } from 'ldapts';
import type { Person } from './directory.ts';
import type { Domain } from './domain.ts';
import { accept } from './ldap-refusal.ts';
import { objectSidText } from './object-sid.ts';
import { Refusal } from '../refusal.ts';

/** The group of each domain that bears it (MS-DTYP §2.4.2.4, PROTECTED_USERS). */
const PROTECTED_USERS = /^S-1-5-21-\d+-\d+-\d+-525$/;
const anything = new PresenceFilter({ attribute: 'objectClass' });

/** One search, for tokenGroups, which tells of groups within groups, too. False where the directory does not answer it. */
export async function isProtectedUser({ controllers }: Domain, { distinguishedName }: Person): Promise<boolean> {
  try {
    return await controllers.asService(async (connection) => {
      const search = { base: distinguishedName, scope: 'base', filter: anything, limit: 0 } as const;
      const result = await connection.search({ ...search, attributes: ['tokenGroups'] });
      accept(connection.server, result);
      const groups = result.entries[0]?.attributes.get('tokengroups') ?? [];
      return groups.some((sid) => PROTECTED_USERS.test(objectSidText(sid) ?? ''));
    });
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}
