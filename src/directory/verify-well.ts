/** Lets the answer to a change pass that a server was well enough to give, whatever it says. */
import { isUnwell } from './bind-refusal.ts';
import type { Connection, LdapResult } from './connection.ts';
import { Unanswered } from './unanswered.ts';

/** RFC 4511 §4.1.9: what ends in one of the other codes was not done. @throws Unanswered */
export function verifyWell({ server }: Pick<Connection, 'server'>, { code }: LdapResult): void {
  if (isUnwell(code)) throw new Unanswered(server, `change of the password: LDAP code ${String(code)}`, false);
}
