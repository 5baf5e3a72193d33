/** A factor of the operator's own: their module asks and judges, and nothing of what it says is taken on trust but its verdict. */
import type { Person } from '../directory/directory.ts';
import { Refusal } from '../refusal.ts';
import type { Asking, Factor } from './authenticator.ts';
import type { OwnModule } from './own/load-own.ts';
import { readOwnChallenge, readOwnVerdict, UnknownResult } from './own/read-result.ts';
import { TookTooLong, within } from './own/within.ts';

type Call = 'enrolled' | 'challenge' | 'verify';

/** What it is told of a person: a copy of its own. */
function tell(person: Person | undefined): object | undefined {
  if (person === undefined) return undefined;
  const { objectGUID, distinguishedName, sAMAccountName, userPrincipalName, mail, displayName, domain, attributes } = person;
  return structuredClone({
    ...{ objectGUID, distinguishedName, sAMAccountName, userPrincipalName, mail, displayName, domain, attributes },
  });
}

function readEnrolled(result: unknown): boolean {
  if (typeof result !== 'boolean') throw new UnknownResult('it gave back neither true nor false');
  return result;
}

const tellAsking = ({ forceAuthn, returnUrl, handle, locale, remoteAddress, serviceProvider }: Asking): object => ({
  ...{ forceAuthn, returnUrl, handle, locale, remoteAddress, serviceProvider },
});

/** Its name, and where it was thrown: a message may hold what nobody is to read in a log. */
function describe(error: unknown): string {
  try {
    if (!(error instanceof Error)) return 'it threw something that is no Error';
    if (error instanceof TookTooLong || error instanceof UnknownResult) return error.message;
    const place = /^ +at .*?([\w.-]+:\d+:\d+)\)?$/m.exec(error.stack ?? '')?.[1];
    const name = /^\w{1,40}$/.test(error.name) ? error.name : 'an error';
    return `it threw ${name}${place === undefined ? '' : ` at ${place}`}`;
  } catch {
    // To look at what is not ours may run what is not ours.
    return 'it threw what cannot be told';
  }
}

/** @param parts `timeout` of each question, in milliseconds */
export function createOwnFactor(parts: { module: OwnModule; timeout: number }): Factor & { close(): void } {
  const { module, timeout } = parts;

  /** Asks it, and reads what it says. @throws Refusal factor-unavailable */
  async function asked<Result>(call: Call, read: (result: unknown) => Result, ...given: readonly unknown[]): Promise<Result> {
    try {
      return read(await within(timeout, () => module.call(call, ...given)));
    } catch (error) {
      throw new Refusal('factor-unavailable', { factor: 'own', action: call, cause: describe(error) });
    }
  }

  return {
    name: 'own',
    title: module.title,
    async enrolled(person) {
      try {
        return await asked('enrolled', readEnrolled, tell(person));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        module.note('warn', `it does not say who is enrolled: ${String(error.detail.cause)}`);
        return true;
      }
    },
    async challenge(person, asking) {
      const challenge = await asked('challenge', readOwnChallenge, tell(person), tellAsking(asking));
      if (challenge === undefined) throw new Refusal('factor-not-enrolled', { factor: 'own' });
      return challenge;
    },
    async verify(person, presented, asking) {
      const given = { ...tellAsking(asking), state: structuredClone(asking.state) };
      const verdict = await asked('verify', readOwnVerdict, tell(person), { ...presented }, given);
      if (verdict.verdict === 'refused') throw new Refusal(verdict.reason, { factor: 'own' });
      if (verdict.verdict !== 'accepted') return verdict;
      if (person === undefined) throw new Refusal('code-wrong', { factor: 'own', cause: 'it accepted nobody' });
      return verdict;
    },
    close: () => module.close(),
  };
}
