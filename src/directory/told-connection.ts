/** A connection whose operations leave steps: with which server, as whom, what was asked, how it ended, and how long it took. */
import type { Steps } from '../audit/steps.ts';
import type { Connection, Modification } from './connection.ts';
import type { LdapResult, Search } from './operations.ts';

/** The code and the server's own words; those of Active Directory hold its `data` code. */
const resultOf = ({ code, message, policy }: LdapResult) => ({
  code,
  ...(message !== '' && { message }),
  ...(policy !== undefined && { policy }),
});

/** As text only where somebody keeps it. */
const asked = ({ base, scope, filter, limit, page }: Search) => ({
  base,
  scope,
  get filter() {
    return filter.toString();
  },
  limit,
  ...(page !== undefined && { page: page.cookie === undefined ? 'first' : 'further' }),
});

/** By their names: a password may be among the values. */
const changed = (modifications: readonly Modification[]): readonly string[] =>
  modifications.map(({ operation, attribute }) => `${operation} ${attribute}`);

/** The same connection. Neither passwords nor values of entries are told. */
export function tellOf(connection: Connection, steps: Pick<Steps, 'take'>): Connection {
  const { server } = connection;
  return {
    server,
    encrypted: connection.encrypted,
    get usable() {
      return connection.usable;
    },
    get heard() {
      return connection.heard;
    },
    bind: (dn, password) =>
      steps.take('ldap.bind', { server, dn }, async (tell) => {
        const result = await connection.bind(dn, password);
        tell(resultOf(result));
        return result;
      }),
    search: (search) =>
      steps.take('ldap.search', { server, asked: asked(search) }, async (tell) => {
        const result = await connection.search(search);
        tell({ ...resultOf(result), entries: result.entries.length });
        return result;
      }),
    scan: (search, take) =>
      steps.take('ldap.search', { server, asked: asked(search) }, async (tell) => {
        let entries = 0;
        const result = await connection.scan(search, (entry) => {
          entries += 1;
          take(entry);
        });
        tell({ ...resultOf(result), entries });
        return result;
      }),
    modify: (dn, modifications) =>
      steps.take('ldap.modify', { server, dn, changes: changed(modifications) }, async (tell) => {
        const result = await connection.modify(dn, modifications);
        tell(resultOf(result));
        return result;
      }),
    perform: (request, response) =>
      steps.take('ldap.extended', { server }, async (tell) => {
        const result = await connection.perform(request, response);
        tell(resultOf(result));
        return result;
      }),
    hurry(milliseconds) {
      connection.hurry(milliseconds);
    },
    close() {
      connection.close();
    },
  };
}
