/** Tries a person's password by a bind as that person, and says why where it was not taken. */
import { Refusal } from '../refusal.ts';
import { bindRefusal } from './bind-refusal.ts';
import type { LdapResult } from './connection.ts';
import type { Person } from './directory.ts';
import type { Domain } from './domain.ts';
import { refusalOf } from './ldap-refusal.ts';
import { Unanswered } from './unanswered.ts';

const LONGEST_PASSWORD = 1_024;

async function bindAs({ controllers }: Domain, dn: string, password: string): Promise<{ server: string; result: LdapResult }> {
  return controllers.asPerson(async (connection) => {
    const result = await connection.bind(dn, password);
    const reason = bindRefusal(result);
    if (reason === 'directory-unavailable') {
      throw new Unanswered(connection.server, `bind: LDAP code ${String(result.code)}`, false);
    }
    if (reason === 'directory-refused') connection.close();
    return { server: connection.server, result };
  });
}

/** @see Directory.authenticate */
export async function authenticate(domain: Domain, person: Person | undefined, password: string): Promise<void> {
  if (password === '' || password.length > LONGEST_PASSWORD || password.includes('\0')) {
    throw new Refusal('password-unusable');
  }
  const nobody = person === undefined;
  const dn = nobody ? `CN=${domain.random(16).toString('hex')},${domain.baseDn}` : person.distinguishedName;
  const { server, result } = await bindAs(domain, dn, password);
  const reason = bindRefusal(result);
  if (nobody && reason !== 'directory-refused') {
    throw new Refusal('password-wrong', { server, cause: 'nobody of that name' });
  }
  if (reason !== undefined) throw refusalOf(reason, server, 'bind', result);
}
