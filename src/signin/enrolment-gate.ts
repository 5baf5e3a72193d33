/**
 * Who may set up a factor: whoever has none, from where the configuration lets them, just after they proved who they are. Whoever
 * has one proves that first, so that nobody who learned a password adds one of their own beside it.
 */
import type { AuthenticatorName, Factor } from '../authenticators/authenticator.ts';
import type { EnrolmentConfig } from '../config/enrolment-schema.ts';
import { createNetworkList } from '../config/network-list.ts';
import type { Person } from '../directory/directory.ts';
import { nextStep, type SignIn, type Step } from './next-step.ts';
import { anyOf, type AnyOf, type Requirement } from './requirement.ts';
import type { Session } from './session.ts';

export interface EnrolmentGate {
  /** What somebody who has nothing yet needs for setting something up from there. */
  opens(remoteAddress: string): 'freely' | 'with a pass' | 'never';
  /** What the person can be asked for already. @throws Refusal */
  present(person: Person): Promise<readonly AuthenticatorName[]>;
  /** The step `enrol`, or what comes in its place: something to be proven first, or no way. Other steps stay. @throws Refusal */
  before(step: Step, asked: SignIn, session: Session, at: { remoteAddress: string; now: number }): Promise<Step>;
  /** How old evidence may be, in milliseconds. */
  readonly freshFor: number;
}

/** What nobody sets up here. */
const firsts: ReadonlySet<AuthenticatorName> = new Set<AuthenticatorName>(['password', 'kerberos', 'certificate', 'passkey']);

/** What is to be set up comes behind everything that can be proven without, and behind what the person has. */
function beforeSet(requirement: Requirement, ways: AnyOf, had: AnyOf | undefined): Requirement {
  const lacking = (set: AnyOf): boolean => ways.every((way) => set.includes(way));
  const known = requirement.filter((set) => !lacking(set) && set.some((name) => firsts.has(name)));
  const [first, ...others] = [
    ...known,
    ...(had === undefined ? [] : [had]),
    ...requirement.filter((set) => !known.includes(set)),
  ];
  return first === undefined ? requirement : [first, ...others];
}

export function createEnrolmentGate(parts: {
  config: Pick<EnrolmentConfig, 'freshFor' | 'networks' | 'pass'>;
  factors: readonly Pick<Factor, 'name' | 'enrolled'>[];
}): EnrolmentGate {
  const { factors } = parts;
  const { freshFor, networks, pass } = parts.config;
  const listed = createNetworkList(networks);

  function opens(remoteAddress: string): ReturnType<EnrolmentGate['opens']> {
    const isInside = listed(remoteAddress);
    if (pass === 'outside') return isInside ? 'freely' : 'with a pass';
    if (networks.length > 0 && !isInside) return 'never';
    return pass === 'required' ? 'with a pass' : 'freely';
  }

  async function present(person: Person): Promise<readonly AuthenticatorName[]> {
    const has = await Promise.all(factors.map((factor) => factor.enrolled(person)));
    return factors.filter((_, index) => has[index]).map(({ name }) => name);
  }

  return {
    freshFor,
    opens,
    present,
    async before(step, asked, session, { remoteAddress, now }) {
      if (step.step !== 'enrol') return step;
      const had = anyOf(await present(session.person));
      if (had === undefined && opens(remoteAddress) === 'never') return { step: 'refuse', reason: 'no-way-left' };
      const requirement = beforeSet(asked.requirement, step.ways, had);
      return nextStep({ ...asked, requirement, maxAge: Math.min(asked.maxAge ?? Infinity, freshFor) }, session, now);
    },
  };
}
