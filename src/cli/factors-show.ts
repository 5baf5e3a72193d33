/** `passerelle factors show`: what a person set up beside the password, without its secrets. */
import { presentableText } from '../audit/presentable.ts';
import { createEnrolmentPasses } from '../authenticators/enrolment-pass.ts';
import { createEnrolments, type Enrolments } from '../authenticators/enrolments.ts';
import type { Person } from '../directory/directory.ts';
import { parseArguments, type Command } from './command.ts';
import { configurationOption, configurationUsage } from './open-configuration.ts';
import { plainJson } from './plain.ts';
import { withPerson } from './with-person.ts';

interface Shown {
  readonly person: Person;
  readonly enrolled: Enrolments;
  /** Until when a pass counts that was not used yet. */
  readonly pass: number | undefined;
}

export const command: Command = {
  name: 'factors show',
  summary: 'show what a person set up beside the password',
  usage: `Usage: passerelle factors show PERSON [OPTIONS]

      --json          the same for programs
${configurationUsage}

PERSON is what they would type to sign in. Shown are the authenticator apps, security keys and recovery codes that they set
up here, when, and when they used them last; no secret of any. Passerelle may run meanwhile.

Example: passerelle factors show ada`,
  run(args, io) {
    const { values, positionals } = parseArguments(args, { ...configurationOption, json: { type: 'boolean', default: false } }, [
      'PERSON',
    ]);
    const sought = { name: positionals[0] ?? '', flag: values.config, empty: 'nobody has set up anything' };
    return withPerson(sought, io, async ({ person, store, configuration }) => {
      const { clock, random } = io;
      const passes = createEnrolmentPasses({ store, clock, random, life: configuration.factors.enrolment.passLife });
      const enrolled = await createEnrolments({ store }).of(person.objectGUID);
      const shown = { person, enrolled, pass: await passes.until(person.objectGUID) };
      io.stdout(values.json ? `${plainJson(forPrograms(shown))}\n` : forPeople(shown));
      return 0;
    });
  },
};

const instant = (milliseconds: number): string => new Date(milliseconds).toISOString();

type Device = Enrolments['totp' | 'webauthn'][number];

const named = ({ label, createdAt, lastUsedAt }: Device) => ({
  label,
  createdAt: instant(createdAt),
  lastUsedAt: lastUsedAt === undefined ? null : instant(lastUsedAt),
});

function forPrograms({ person, enrolled, pass }: Shown): unknown {
  const { objectGUID, distinguishedName } = person;
  const { totp, webauthn, recovery } = enrolled;
  return {
    person: { objectGUID, distinguishedName },
    totp: totp.map(named),
    webauthn: webauthn.map((key) => ({ ...named(key), passkey: key.passkey })),
    recoveryCodes: recovery === undefined ? null : { left: recovery.hashes.length, createdAt: instant(recovery.createdAt) },
    pass: pass === undefined ? null : { until: instant(pass) },
  };
}

const day = (milliseconds: number): string => instant(milliseconds).slice(0, 10);

function describeDevice({ label, createdAt, lastUsedAt }: Device): string {
  const last = lastUsedAt === undefined ? 'not used yet' : `last ${day(lastUsedAt)}`;
  return `  ${presentableText(label)}  since ${day(createdAt)}, ${last}\n`;
}

const list = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? `${title}: none\n` : `${title}\n${lines.join('')}`;

function forPeople({ person, enrolled, pass }: Shown): string {
  const { totp, webauthn, recovery } = enrolled;
  const codes = recovery === undefined ? 'none' : `${String(recovery.hashes.length)} left, made ${day(recovery.createdAt)}`;
  return [
    `${presentableText(person.distinguishedName)}, ${person.objectGUID}\n\n`,
    list('authenticator apps', totp.map(describeDevice)),
    list(
      'security keys and passkeys',
      webauthn.map((key) => describeDevice(key).replace('\n', key.passkey ? ', passkey\n' : '\n')),
    ),
    `recovery codes: ${codes}\n`,
    `pass for setting up: ${pass === undefined ? 'none' : `until ${instant(pass)}`}\n`,
  ].join('');
}
