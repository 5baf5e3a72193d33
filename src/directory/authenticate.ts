/** Tries a person's password by a bind as that person, and says why where it was not taken. */
import { Refusal, type RefusalDetail } from '../refusal.ts';
import { lockOpensAt, untilOf, verifyLogonHours } from './account-state.ts';
import { bindRefusal, hasEnded, isAccountRestriction } from './bind-refusal.ts';
import type { LdapResult } from './connection.ts';
import type { Wish } from './controllers.ts';
import type { Person } from './directory.ts';
import type { Domain } from './domain.ts';
import { refusalOf } from './ldap-refusal.ts';
import { nextLogonHour } from './logon-hours.ts';
import { readPasswordPolicy } from './password-policy.ts';
import { isProtectedUser } from './protected-users.ts';
import { judgeViews, viewOf, viewsOf } from './replication.ts';
import { Unanswered } from './unanswered.ts';

const LONGEST_PASSWORD = 1_024;

/** Is told of the controller that knows a person, or their newer password, while another one does not yet. */
export type Learn = (server: string) => void;

interface Answer {
  readonly server: string;
  readonly result: LdapResult;
}

function bindAs({ controllers }: Domain, dn: string, password: string, wish: Wish): Promise<Answer> {
  return controllers.asPerson(async (connection) => {
    const result = await connection.bind(dn, password);
    const reason = bindRefusal(result);
    if (reason === 'directory-unavailable') {
      throw new Unanswered(connection.server, `bind: LDAP code ${String(result.code)}`, false);
    }
    if (reason === 'directory-refused') connection.close();
    return { server: connection.server, result };
  }, wish);
}

/** The same effort for nobody. @throws Refusal, always */
async function authenticateNobody(domain: Domain, password: string): Promise<never> {
  const dn = `CN=${domain.random(16).toString('hex')},${domain.baseDn}`;
  const { server, result } = await bindAs(domain, dn, password, {});
  if (bindRefusal(result) === 'directory-refused') throw refusalOf('directory-refused', server, 'bind', result);
  if (domain.controllers.count > 1) await viewsOf(domain, dn);
  throw new Refusal('password-wrong', { server, cause: 'nobody of that name' });
}

/**
 * The answer of a controller that knows the person and their password of now. The one that knew the person is asked first; where
 * another one answered, it may know a former person of that name, or nobody, or a former password.
 * @throws Refusal person-not-replicated
 */
async function judge(domain: Domain, person: Person, password: string, learn: Learn): Promise<Answer> {
  const { distinguishedName: dn, objectGUID, server: told } = person;
  const answer = await bindAs(domain, dn, password, { first: told });
  if (domain.controllers.count === 1) return answer;
  const { server, result } = answer;
  const reason = bindRefusal(result);
  if (reason === undefined) {
    if (told === undefined || server === told || (await viewOf(domain, dn, server)).objectGUID === objectGUID) return answer;
  } else if (reason !== 'password-wrong') return answer;
  const { ahead, missing } = judgeViews(await viewsOf(domain, dn), person, server);
  if (ahead !== undefined) {
    learn(ahead);
    return bindAs(domain, dn, password, { first: ahead, others: false });
  }
  if (missing || reason === undefined) throw refusalOf('person-not-replicated', server, 'bind', result);
  return answer;
}

/** Until when the reason holds, as far as the directory tells. */
async function untilFor(domain: Domain, person: Person, reason: string): Promise<RefusalDetail> {
  const now = domain.clock.now();
  if (reason === 'logon-hours') return { until: untilOf(nextLogonHour(person.account?.logonHours, now), now) };
  if (reason !== 'person-locked') return {};
  try {
    // The lock may be younger than what was read of the person.
    const { account } = person.account?.lockedAt === undefined ? ((await domain.read(person.objectGUID)) ?? person) : person;
    return { until: untilOf(lockOpensAt(account, await readPasswordPolicy(domain, person)), now) };
  } catch (error) {
    // That the account is locked is known, whatever else is not.
    if (error instanceof Refusal) return {};
    throw error;
  }
}

/** @see Directory.authenticate */
export async function authenticate(
  domain: Domain,
  person: Person | undefined,
  password: string,
  learn: Learn = () => undefined,
): Promise<void> {
  if (password === '' || password.length > LONGEST_PASSWORD || password.includes('\0')) {
    throw new Refusal('password-unusable');
  }
  if (person === undefined) return authenticateNobody(domain, password);
  const { server, result } = await judge(domain, person, password, learn);
  const reason = bindRefusal(result);
  if (reason === undefined || hasEnded(reason)) {
    // Told first, since whoever changes a password that has ended is let in.
    if (person.account?.smartCardRequired === true) throw new Refusal('smart-card-required', { server });
    // Active Directory judges them where the password has not ended, other directories never do.
    verifyLogonHours(person.account, domain.clock.now());
    if (reason === undefined) return;
  }
  const isProtected = isAccountRestriction(result) && (await isProtectedUser(domain, person));
  const refusal = refusalOf(isProtected ? 'protected-user' : reason, server, 'bind', result);
  throw new Refusal(refusal.reason, { ...refusal.detail, ...(await untilFor(domain, person, reason)) });
}
