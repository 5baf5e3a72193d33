/** How many failed passwords of a person the controllers count now, each by itself, since none tells the others. */
import { PresenceFilter } from 'ldapts';
import { Refusal } from '../refusal.ts';
import { isUnwell } from './bind-refusal.ts';
import type { Entry } from './connection.ts';
import type { FailedPasswords, PasswordPolicy, Person } from './directory.ts';
import type { Domain } from './domain.ts';
import { ownValue } from './own-value.ts';
import { policyNameAttributes, readPasswordPolicy, rememberPolicyName } from './password-policy.ts';
import { Unanswered } from './unanswered.ts';
import { generalizedTime, windowsTime } from './windows-time.ts';

/** Milliseconds by which a controller's clock may be behind ours, so that it forgets later than we think. */
const SKEW = 60_000;
const anything = new PresenceFilter({ attribute: 'objectClass' });
const attributes = ['badPwdCount', 'badPasswordTime', 'pwdFailureTime', ...policyNameAttributes];

/** What counts of one entry since `since`, whose last is at `at`. */
function countedIn(entry: Entry, since: number): { readonly count: number; readonly at: number } | undefined {
  const count = Number(ownValue(entry, 'badpwdcount') ?? 0);
  const last = windowsTime(ownValue(entry, 'badpasswordtime'));
  // Active Directory leaves the number as it is and forgets by the time of the last one.
  if (Number.isInteger(count) && count > 0 && last !== undefined && last > since) return { count, at: last };
  const times = (entry.attributes.get('pwdfailuretime') ?? [])
    .map((value) => generalizedTime(value.toString()))
    .filter((time) => time !== undefined)
    .filter((time) => time > since);
  return times.length === 0 ? undefined : { count: times.length, at: Math.max(...times) };
}

async function policyFor(domain: Domain, person: Person | undefined): Promise<PasswordPolicy | undefined> {
  try {
    return await readPasswordPolicy(domain, person);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** @see Directory.failedPasswords */
export async function failedPasswords(domain: Domain, person: Person | undefined): Promise<FailedPasswords> {
  const { controllers, clock, random, baseDn } = domain;
  const base = person?.distinguishedName ?? `CN=${random(16).toString('hex')},${baseDn}`;
  const answers = await controllers.onEach(async (connection) => {
    const { server } = connection;
    const result = await connection.search({ base, scope: 'base', filter: anything, attributes: [...attributes], limit: 0 });
    if (isUnwell(result.code)) throw new Unanswered(server, `search: LDAP code ${String(result.code)}`, false);
    return { server, entry: result.entries[0] };
  });
  const known = answers.find(({ entry }) => entry !== undefined)?.entry;
  if (person !== undefined && known !== undefined) rememberPolicyName(domain, person, known);
  const policy = await policyFor(domain, person);
  const since = policy === undefined ? 0 : clock.now() - policy.lockoutWindow - SKEW;
  const told = answers.map(({ server, entry }) => ({ server, count: 0, at: 0, ...(entry && countedIn(entry, since)) }));
  // The controller that told of the person may be too slow to be asked again; what it said then is better than nothing.
  const before = person?.account?.badPasswords;
  const { server } = person ?? {};
  if (before !== undefined && server !== undefined && !told.some((one) => one.server === server)) {
    told.push({ server, ...(before.at > since ? before : { count: 0, at: 0 }) });
  }
  // Not their sum: one failed at a controller is passed on to the primary one, and would count twice.
  const count = Math.max(0, ...told.map((one) => one.count));
  const at = Math.max(0, ...told.filter((one) => one.count > 0).map((one) => one.at));
  return { count, at: at === 0 ? undefined : at, controllers: told };
}
