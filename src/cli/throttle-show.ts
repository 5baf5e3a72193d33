/** `passerelle throttle show`: why a person is let in or not, and from where they are known. */
import { presentableText } from '../audit/presentable.ts';
import type { Person } from '../directory/directory.ts';
import { type Counter, readThrottleState, type ThrottleState } from '../signin/throttle-state.ts';
import { parseArguments, type Command } from './command.ts';
import { configurationOption, configurationUsage } from './open-configuration.ts';
import { withThrottle } from './open-throttle.ts';
import { plainJson } from './plain.ts';

const instant = (milliseconds: number | undefined): string | null =>
  milliseconds === undefined ? null : new Date(milliseconds).toISOString();

export const command: Command = {
  name: 'throttle show',
  summary: 'show what counts against a person, and from where they are known',
  usage: `Usage: passerelle throttle show PERSON [OPTIONS]

      --json          the same for programs
${configurationUsage}

PERSON is what they would type to sign in. Shown are the networks from which the person signed in before, the failures counted
here, for the person and for each of their names, and those that the domain controllers count. Passerelle may run meanwhile.

Example: passerelle throttle show ada`,
  run(args, io) {
    const { values, positionals } = parseArguments(args, { ...configurationOption, json: { type: 'boolean', default: false } }, [
      'PERSON',
    ]);
    return withThrottle(positionals[0] ?? '', values.config, io, async (opened) => {
      const { person, configuration } = opened;
      const state = await readThrottleState(person, { ...opened, clock: io.clock, limits: configuration.throttle });
      io.stdout(values.json ? `${plainJson(forPrograms(person, state))}\n` : forPeople(person, state));
      return 0;
    });
  },
};

function forPrograms(
  { objectGUID, distinguishedName, domain }: Person,
  { places, counters, failed, policy }: ThrottleState,
): unknown {
  return {
    person: { objectGUID, distinguishedName, domain: domain ?? null },
    familiar: places.map(({ network, since, last }) => ({ network, since: instant(since), last: instant(last) })),
    counters: counters.map((counter) => ({ ...counter, opensAt: instant(counter.opensAt) })),
    controllers: failed.controllers.map(({ server, count, at }) => ({ server, count, at: count === 0 ? null : instant(at) })),
    policy: policy === undefined ? null : { ...policy, fineGrained: policy.fineGrained ?? null, unsure: policy.unsure === true },
  };
}

const minutes = (milliseconds: number): string => `${String(Math.round(milliseconds / 60_000))} minutes`;

function describePolicy(policy: ThrottleState['policy']): string {
  if (policy === undefined) return 'the directory shows no policy';
  const { lockoutThreshold, lockoutWindow, fineGrained, unsure } = policy;
  if (unsure === true && fineGrained !== undefined)
    return `${presentableText(fineGrained)}, which the service account may not read`;
  const whose = fineGrained === undefined ? 'the domain’s policy' : presentableText(fineGrained);
  const locks =
    lockoutThreshold === 0
      ? 'never locks the account'
      : `locks the account at ${String(lockoutThreshold)} failures within ${minutes(lockoutWindow)}`;
  return `${whose} ${locks}${unsure === true ? '; whether a fine-grained one holds instead cannot be seen' : ''}`;
}

function describeCounter({ of, familiar, unfamiliar, opensAt }: Counter): string {
  const until = opensAt === undefined ? '' : `; forgotten at ${instant(opensAt) ?? ''}`;
  const part = (failures: number, left: number): string => `${String(failures)} (${String(left)} left)`;
  return `  ${presentableText(of)}: from familiar places ${part(familiar.failures, familiar.left)}, from others ${part(unfamiliar.failures, unfamiliar.left)}${until}\n`;
}

function forPeople({ distinguishedName, objectGUID }: Person, { places, counters, failed, policy }: ThrottleState): string {
  const known = places.map(({ network, since, last }) => {
    const [first, latest] = [since, last].map((at) => (instant(at) ?? '').slice(0, 10));
    return `  ${network}  since ${first ?? ''}, last ${latest ?? ''}\n`;
  });
  const counted = failed.controllers.map(
    ({ server, count, at }) => `  ${server}: ${String(count)}${count === 0 ? '' : `, last ${instant(at) ?? ''}`}\n`,
  );
  return [
    `${presentableText(distinguishedName)}, ${objectGUID}\n\n`,
    `familiar places${known.length === 0 ? ': none' : ''}\n`,
    ...known,
    'failures counted here\n',
    ...counters.map(describeCounter),
    `failures counted by the controllers${counted.length === 0 ? ': none answers' : ''}\n`,
    ...counted,
    `policy: ${describePolicy(policy)}\n`,
  ].join('');
}
