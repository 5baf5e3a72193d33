/** Changes a person's password by the right of whoever knows the current one, which is proven first. */
import { Refusal } from '../refusal.ts';
import { askForChange } from './ask-for-change.ts';
import { bindRefusal, hasEnded } from './bind-refusal.ts';
import type { Connection } from './connection.ts';
import type { Wish } from './controllers.ts';
import type { PasswordPolicy } from './directory.ts';
import type { Domain } from './domain.ts';
import { refusalOf } from './ldap-refusal.ts';
import { type PasswordChange, breachIn } from './password-breach.ts';
import { judgeViews, viewsOf } from './replication.ts';
import { ReadOnly, Unanswered } from './unanswered.ts';
import { verifyWell } from './verify-well.ts';

/** @throws Refusal directory-refused */
function verifyEncrypted({ encrypted, server }: Connection): void {
  if (!encrypted) throw new Refusal('directory-refused', { server, cause: 'no password is changed without TLS' });
}

/**
 * @param policyOf what the person's passwords must keep; asked once the current one is proven
 * @returns host and port of the server that took the change
 * @throws Refusal as Directory.changePassword
 */
export async function changePassword(
  domain: Domain,
  { person, current, next }: Omit<PasswordChange, 'policy'>,
  policyOf: () => Promise<PasswordPolicy | undefined>,
): Promise<string> {
  const { controllers, clock } = domain;
  const ask = await askForChange(domain);
  let sent = false;

  /** Once it was sent nobody knows what became of it until an answer comes; another try would be a wrong password in the bad case. */
  async function askOnce(connection: Connection, change: PasswordChange): Promise<string> {
    const isOver = (): boolean => !connection.usable;
    if (isOver()) throw new Unanswered(connection.server, 'connection closed', true);
    if (sent) throw new Refusal('password-change-uncertain', { server: connection.server });
    sent = true;
    try {
      await ask(connection, change, clock.now());
    } catch (error) {
      if (error instanceof Unanswered && !(error instanceof ReadOnly) && isOver()) {
        throw new Refusal('password-change-uncertain', { server: error.server, cause: error.message });
      }
      sent = false;
      throw error;
    }
    return connection.server;
  }

  async function judged(): Promise<PasswordChange> {
    const change = { person, current, next, policy: await policyOf() };
    // A looser one may hold for this person where that cannot be seen.
    const breach = change.policy?.unsure === true ? undefined : breachIn(change, clock.now());
    if (breach !== undefined) throw breach;
    return change;
  }

  async function changeOn(wish: Wish): Promise<string> {
    const server = await controllers.asPerson(async (connection) => {
      verifyEncrypted(connection);
      const result = await connection.bind(person.distinguishedName, current);
      verifyWell(connection, result);
      const reason = bindRefusal(result);
      // OpenLDAP lets in whoever must change the password, to do that alone.
      if (reason === undefined || (reason === 'password-must-change' && result.code === 0)) {
        return askOnce(connection, await judged());
      }
      if (hasEnded(reason)) return undefined;
      throw refusalOf(reason, connection.server, 'bind before the change', result);
    }, wish);
    if (server !== undefined) return server;
    // The password is right, yet opens no connection: the service account asks in its place, which proves the old one again.
    const change = await judged();
    return controllers.asService((connection) => {
      verifyEncrypted(connection);
      return askOnce(connection, change);
    }, wish);
  }

  try {
    return await changeOn({ first: person.server, writable: true });
  } catch (error) {
    if (!(error instanceof Refusal && error.reason === 'password-wrong') || controllers.count === 1) throw error;
    // It may not have heard of the current one yet, which another one knows.
    const { ahead } = judgeViews(await viewsOf(domain, person.distinguishedName), person, String(error.detail.server));
    if (ahead === undefined) throw error;
    return changeOn({ first: ahead, others: false, writable: true });
  }
}
