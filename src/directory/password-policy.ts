/** The password policy that holds for a person: the domain's, or a fine-grained one; of OpenLDAP that of its ppolicy overlay. */
import { PresenceFilter } from 'ldapts';
import { Refusal } from '../refusal.ts';
import { isUnwell } from './bind-refusal.ts';
import type { Connection, Entry } from './connection.ts';
import type { PasswordPolicy, Person } from './directory.ts';
import { domainRootOf } from './distinguished-name.ts';
import type { Domain } from './domain.ts';
import { equals } from './filters.ts';
import { fold } from './fold.ts';
import type { GeneralPolicy, Remembered } from './policy-memory.ts';
import { Unanswered } from './unanswered.ts';

/** Milliseconds for which a policy is believed; administrators change them once in a while. */
const FRESH = 5 * 60_000;
/** Milliseconds until it is asked for again where that failed, so that not every sign-in waits for it. */
const RETRY = 30_000;
const MOST_PEOPLE = 1_000;
const MOST_POLICIES = 100;
/** As long as Active Directory lets an interval be: 99,999 minutes. */
const LONGEST = 99_999 * 60_000;
const DOMAIN_PASSWORD_COMPLEX = 1;
/** Of Active Directory's intervals: never, or for ever. */
const NEVER = -(2 ** 63);

const anything = new PresenceFilter({ attribute: 'objectClass' });
const generalAttributes = [
  'objectClass',
  'minPwdLength',
  'pwdHistoryLength',
  'pwdProperties',
  'minPwdAge',
  'maxPwdAge',
  'lockoutThreshold',
  'lockOutObservationWindow',
  'lockoutDuration',
];
const fineGrainedAttributes = [
  'msDS-MinimumPasswordLength',
  'msDS-PasswordHistoryLength',
  'msDS-PasswordComplexityEnabled',
  'msDS-MinimumPasswordAge',
  'msDS-MaximumPasswordAge',
  'msDS-LockoutThreshold',
  'msDS-LockoutObservationWindow',
  'msDS-LockoutDuration',
];
const overlayAttributes = [
  'pwdMinLength',
  'pwdInHistory',
  'pwdCheckQuality',
  'pwdMinAge',
  'pwdMaxAge',
  'pwdLockout',
  'pwdMaxFailure',
  'pwdFailureCountInterval',
  'pwdLockoutDuration',
];

const textOf = (entry: Entry, attribute: string): string | undefined =>
  entry.attributes.get(attribute.toLowerCase())?.[0]?.toString();

function numberOf(entry: Entry, attribute: string): number | undefined {
  const text = textOf(entry, attribute);
  return text !== undefined && /^-?\d{1,19}$/.test(text) ? Number(text) : undefined;
}

/** Active Directory counts units of 100 ns below zero; the result is in whole milliseconds, undefined for never. */
function intervalOf(entry: Entry, attribute: string): number | undefined {
  const units = numberOf(entry, attribute) ?? 0;
  return units <= NEVER ? undefined : Math.ceil(Math.abs(units) / 10_000);
}

const positive = (milliseconds: number | undefined): number | undefined =>
  milliseconds === undefined || milliseconds === 0 ? undefined : milliseconds;

function generalPolicy(entry: Entry): PasswordPolicy | undefined {
  // Whoever may not read them sees none, and other directories have none.
  if (numberOf(entry, 'lockoutThreshold') === undefined && numberOf(entry, 'minPwdLength') === undefined) return undefined;
  return {
    fineGrained: undefined,
    minLength: numberOf(entry, 'minPwdLength') ?? 0,
    history: numberOf(entry, 'pwdHistoryLength') ?? 0,
    complex: ((numberOf(entry, 'pwdProperties') ?? 0) & DOMAIN_PASSWORD_COMPLEX) !== 0,
    minAge: intervalOf(entry, 'minPwdAge') ?? 0,
    maxAge: positive(intervalOf(entry, 'maxPwdAge')),
    lockoutThreshold: numberOf(entry, 'lockoutThreshold') ?? 0,
    lockoutWindow: Math.min(intervalOf(entry, 'lockOutObservationWindow') ?? LONGEST, LONGEST),
    lockoutDuration: positive(intervalOf(entry, 'lockoutDuration')),
  };
}

function fineGrainedPolicy(entry: Entry): PasswordPolicy | undefined {
  const lockoutThreshold = numberOf(entry, 'msDS-LockoutThreshold');
  const minLength = numberOf(entry, 'msDS-MinimumPasswordLength');
  if (lockoutThreshold === undefined || minLength === undefined) return undefined;
  return {
    fineGrained: entry.dn,
    minLength,
    history: numberOf(entry, 'msDS-PasswordHistoryLength') ?? 0,
    complex: textOf(entry, 'msDS-PasswordComplexityEnabled') === 'TRUE',
    minAge: intervalOf(entry, 'msDS-MinimumPasswordAge') ?? 0,
    maxAge: positive(intervalOf(entry, 'msDS-MaximumPasswordAge')),
    lockoutThreshold,
    lockoutWindow: Math.min(intervalOf(entry, 'msDS-LockoutObservationWindow') ?? LONGEST, LONGEST),
    lockoutDuration: positive(intervalOf(entry, 'msDS-LockoutDuration')),
  };
}

/** draft-behera-ldap-password-policy-11 §5.2; seconds. */
function overlayPolicy(entry: Entry): PasswordPolicy {
  const seconds = (attribute: string): number => (numberOf(entry, attribute) ?? 0) * 1_000;
  const locks = textOf(entry, 'pwdLockout') === 'TRUE';
  return {
    fineGrained: undefined,
    minLength: numberOf(entry, 'pwdMinLength') ?? 0,
    history: numberOf(entry, 'pwdInHistory') ?? 0,
    complex: false,
    minAge: seconds('pwdMinAge'),
    maxAge: positive(seconds('pwdMaxAge')),
    lockoutThreshold: locks ? (numberOf(entry, 'pwdMaxFailure') ?? 0) : 0,
    // 0: failures are forgotten at a success alone.
    lockoutWindow: Math.min(positive(seconds('pwdFailureCountInterval')) ?? LONGEST, LONGEST),
    lockoutDuration: positive(seconds('pwdLockoutDuration')),
  };
}

/** The entry of that name; undefined where there is none that the service account sees. */
async function entryOf(connection: Connection, base: string, attributes: readonly string[]): Promise<Entry | undefined> {
  const result = await connection.search({ base, scope: 'base', filter: anything, attributes: [...attributes], limit: 0 });
  if (isUnwell(result.code)) throw new Unanswered(connection.server, `search: LDAP code ${String(result.code)}`, false);
  return result.entries[0];
}

async function readGeneral({ controllers, baseDn }: Domain): Promise<GeneralPolicy> {
  const root = domainRootOf(baseDn);
  return controllers.asService(async (connection) => {
    const entry = await entryOf(connection, root, generalAttributes);
    const policy = entry && generalPolicy(entry);
    if (policy !== undefined) {
      // Without the right to read it, it may be seen and yet shows no attribute.
      const container = await entryOf(connection, `CN=Password Settings Container,CN=System,${root}`, ['objectClass']);
      return { policy, seesFineGrained: container?.attributes.has('objectclass') ?? false };
    }
    // Which of several the overlay takes for its default, its configuration alone knows.
    const filter = equals('objectClass', 'pwdPolicy');
    const { entries } = await connection.search({
      base: root,
      scope: 'sub',
      filter,
      attributes: [...overlayAttributes],
      limit: 2,
    });
    const [only, second] = entries;
    return { policy: only !== undefined && second === undefined ? overlayPolicy(only) : undefined, seesFineGrained: true };
  });
}

const readNamed = ({ controllers }: Domain, dn: string): Promise<PasswordPolicy | undefined> =>
  controllers.asService(async (connection) => {
    const entry = await entryOf(connection, dn, ['objectClass', ...fineGrainedAttributes, ...overlayAttributes]);
    if (entry === undefined) return undefined;
    const classes = entry.attributes.get('objectclass') ?? [];
    const isOverlay = classes.some((value) => value.toString().toLowerCase() === 'pwdpolicy');
    return isOverlay ? overlayPolicy(entry) : fineGrainedPolicy(entry);
  });

/** What names the policy that is meant for a person, in their entry. */
export const policyNameAttributes: readonly string[] = ['msDS-ResultantPSO', 'pwdPolicySubentry'];

const nameIn = (entry: Entry | undefined): string | undefined =>
  entry && (textOf(entry, 'msDS-ResultantPSO') ?? textOf(entry, 'pwdPolicySubentry'));

const readNameFor = ({ controllers }: Domain, person: Person): Promise<string | undefined> =>
  controllers.asService(async (connection) => nameIn(await entryOf(connection, person.distinguishedName, policyNameAttributes)));

/** What is remembered where it is fresh, else what `read` gives; where that fails, what was last known. */
async function fresh<Value>(
  known: Remembered<Value> | undefined,
  now: number,
  read: () => Promise<Value>,
): Promise<Remembered<Value>> {
  // After the clock was set back it cannot be told how old it is.
  if (known !== undefined && known.readAt <= now && now - known.readAt < FRESH) return known;
  try {
    return { value: await read(), readAt: now };
  } catch (error) {
    if (known === undefined || !(error instanceof Refusal)) throw error;
    return { value: known.value, readAt: now - FRESH + RETRY };
  }
}

function remember<Value>(map: Map<string, Remembered<Value>>, most: number, key: string, value: Remembered<Value>): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}

/** The entry of the person was read with `policyNameAttributes`, which need not be asked for again. */
export function rememberPolicyName({ policies, clock }: Domain, { objectGUID }: Person, entry: Entry): void {
  remember(policies.people, MOST_PEOPLE, objectGUID, { value: nameIn(entry), readAt: clock.now() });
}

/**
 * The policy for a person, or where nobody is named the domain's; undefined where the directory has none or shows none.
 * @throws Refusal directory-unavailable, directory-refused, where nothing was known before
 */
export async function readPasswordPolicy(domain: Domain, person: Person | undefined): Promise<PasswordPolicy | undefined> {
  const { policies, note } = domain;
  const now = domain.clock.now();
  policies.general = await fresh(policies.general, now, () => readGeneral(domain));
  const { policy: general, seesFineGrained } = policies.general.value;
  if (person === undefined) return general;

  const guid = person.objectGUID;
  const name = await fresh(policies.people.get(guid), now, () => readNameFor(domain, person));
  remember(policies.people, MOST_PEOPLE, guid, name);
  const dn = name.value;
  if (dn !== undefined) {
    const named = await fresh(policies.special.get(fold(dn)), now, () => readNamed(domain, dn));
    remember(policies.special, MOST_POLICIES, fold(dn), named);
    if (named.value !== undefined) return named.value;
  } else if (seesFineGrained) return general;

  if (!policies.told) {
    policies.told = true;
    note('warn', 'the service account may not read fine-grained password policies; the domain’s is taken for everybody’s', {
      domain: domain.dnsDomain,
      policy: dn,
    });
  }
  return general && { ...general, fineGrained: dn, unsure: true };
}
