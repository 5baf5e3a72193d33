/** What an LDAP result means as a refusal. */
import { type Reason, Refusal } from '../refusal.ts';
import { dataCodeOf, isUnwell } from './bind-refusal.ts';
import type { LdapResult } from './connection.ts';
import { Unanswered } from './unanswered.ts';

/** @param stage what was tried, for the audit */
export function refusalOf(reason: Reason, server: string, stage: string, { code, message, policy }: LdapResult): Refusal {
  return new Refusal(reason, { server, stage, code, data: dataCodeOf(message), policy, message: message.slice(0, 200) });
}

/**
 * Lets a search of the service account pass that succeeded.
 * @throws Unanswered where the server is not well; Refusal directory-refused where it said no
 */
export function accept(server: string, result: LdapResult): void {
  if (result.code === 0) return;
  if (isUnwell(result.code)) throw new Unanswered(server, `search: LDAP code ${String(result.code)}`, false);
  throw refusalOf('directory-refused', server, 'search', result);
}
