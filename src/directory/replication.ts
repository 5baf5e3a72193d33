/** What each controller knows of a person at a moment when a change has reached some of them and not yet the others. */
import { PresenceFilter } from 'ldapts';
import { accountOf } from './account-entry.ts';
import type { Connection } from './connection.ts';
import type { Person } from './directory.ts';
import type { Domain } from './domain.ts';
import { accept } from './ldap-refusal.ts';
import { identityOf } from './person-entry.ts';

const NO_SUCH_OBJECT = 32;
const anything = new PresenceFilter({ attribute: 'objectClass' });
const viewAttributes = ['objectGUID', 'entryUUID', 'pwdLastSet', 'pwdChangedTime', 'pwdReset'];

/** What one controller has under a distinguished name. */
export interface View {
  /** Host and port. */
  readonly server: string;
  /** Who is of that name there; undefined where nobody is. */
  readonly objectGUID: string | undefined;
  /** Milliseconds since the epoch; 0: to be changed at once. */
  readonly passwordLastSet: number | undefined;
}

async function viewOn(connection: Connection, distinguishedName: string): Promise<View> {
  const attributes = [...viewAttributes];
  const result = await connection.search({ base: distinguishedName, scope: 'base', filter: anything, attributes, limit: 0 });
  if (result.code !== NO_SUCH_OBJECT) accept(connection.server, result);
  const [entry] = result.entries;
  return {
    server: connection.server,
    objectGUID: entry && identityOf(entry),
    passwordLastSet: entry && accountOf(entry)?.passwordLastSet,
  };
}

/** One search on that controller. @throws Refusal directory-unavailable, directory-refused */
export const viewOf = ({ controllers }: Domain, distinguishedName: string, server: string): Promise<View> =>
  controllers.asService((connection) => viewOn(connection, distinguishedName), { first: server, others: false });

/** One search on every controller that answers soon. Never throws a Refusal. */
export const viewsOf = ({ controllers }: Domain, distinguishedName: string): Promise<readonly View[]> =>
  controllers.onEach((connection) => viewOn(connection, distinguishedName));

const isNewer = ({ passwordLastSet: one }: View, { passwordLastSet: other }: View): boolean =>
  // Whoever must change the password was given one just now: 0 stands in place of when that was.
  one !== undefined && one !== other && (one === 0 || other === undefined || (other !== 0 && one > other));

/**
 * Pure. What to make of it that `server` did not take a person's password: `ahead` names a controller that knows the person, or of a
 * newer password, while `server` does not; `missing` says that none of them knows the person.
 */
export function judgeViews(
  views: readonly View[],
  { objectGUID }: Pick<Person, 'objectGUID'>,
  server: string,
): { readonly ahead: string | undefined; readonly missing: boolean } {
  const here = views.find((view) => view.server === server);
  // Whatever it knows, it was not heard: a guess would count as a wrong password elsewhere, too.
  if (here === undefined) return { ahead: undefined, missing: false };
  const knowing = views.filter((view) => view.objectGUID === objectGUID);
  const ahead = (here.objectGUID === objectGUID ? knowing.filter((view) => isNewer(view, here)) : knowing).reduce<
    View | undefined
  >((best, view) => (best === undefined || isNewer(view, best) ? view : best), undefined);
  return { ahead: ahead?.server, missing: knowing.length === 0 };
}
