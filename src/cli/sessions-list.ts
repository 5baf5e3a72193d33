/** `passerelle sessions list`: where a person is signed in, and which browsers are remembered as theirs. */
import { presentableText } from '../audit/presentable.ts';
import type { Person } from '../directory/directory.ts';
import { listDevices } from '../signin/device-records.ts';
import type { ListedSession } from '../signin/sessions-of.ts';
import { parseArguments, type Command } from './command.ts';
import { configurationOption, configurationUsage } from './open-configuration.ts';
import { plainJson } from './plain.ts';
import { withSessions } from './with-sessions.ts';

interface Shown {
  readonly person: Person;
  readonly sessions: readonly ListedSession[];
  readonly devices: Awaited<ReturnType<typeof listDevices>>;
}

export const command: Command = {
  name: 'sessions list',
  summary: 'show where a person is signed in, and their remembered browsers',
  usage: `Usage: passerelle sessions list PERSON [OPTIONS]

      --json          the same for programs
${configurationUsage}

PERSON is what they would type to sign in. A session is told with its id, when it began and was used last, the network and the
browser from which something was last proven in it, and by what. Nothing of it signs anybody in. Passerelle may run meanwhile.

Example: passerelle sessions list ada`,
  run(args, io) {
    const { values, positionals } = parseArguments(args, { ...configurationOption, json: { type: 'boolean', default: false } }, [
      'PERSON',
    ]);
    return withSessions('sessions list', positionals[0] ?? '', values.config, io, async ({ person, store, sessions: own }) => {
      const { objectGUID } = person;
      const [sessions, devices] = await Promise.all([own.list(objectGUID), listDevices(store, objectGUID)]);
      const shown = { person, sessions, devices };
      io.stdout(values.json ? `${plainJson(forPrograms(shown))}\n` : forPeople(shown));
      return 0;
    });
  },
};

const instant = (milliseconds: number): string => new Date(milliseconds).toISOString();

function forPrograms({ person: { objectGUID, distinguishedName }, sessions, devices }: Shown): unknown {
  return {
    person: { objectGUID, distinguishedName },
    sessions: sessions.map(({ id, createdAt, lastSeenAt, endsAt, place, userAgent, evidence, kept }) => ({
      id,
      createdAt: instant(createdAt),
      lastSeenAt: instant(lastSeenAt),
      endsAt: instant(endsAt),
      kept: kept !== undefined,
      place,
      userAgent,
      evidence: evidence.map(({ authenticator, at }) => ({ authenticator, at: instant(at) })),
    })),
    devices: devices.map(({ id, createdAt, lastUsedAt, endsAt, place, userAgent }) => ({
      id,
      createdAt: instant(createdAt),
      lastUsedAt: instant(lastUsedAt),
      endsAt: instant(endsAt),
      place,
      userAgent,
    })),
  };
}

const minute = (milliseconds: number): string => instant(milliseconds).slice(0, 16).replace('T', ' ');
const browser = (userAgent: string): string => (userAgent === '' ? 'unknown browser' : presentableText(userAgent.slice(0, 120)));

function forPeople({ person, sessions, devices }: Shown): string {
  const signedIn = sessions.map(({ id, createdAt, lastSeenAt, place, userAgent, evidence, kept }) => {
    const by = evidence.map(({ authenticator }) => authenticator).join(', ');
    const since = `since ${minute(createdAt)}, last ${minute(lastSeenAt)}${kept === undefined ? '' : ', stays signed in'}`;
    return `  ${id}  ${since}, by ${by}\n      ${place}  ${browser(userAgent)}\n`;
  });
  const remembered = devices.map(({ createdAt, lastUsedAt, endsAt, place, userAgent }) => {
    const since = `since ${minute(createdAt)}, last ${minute(lastUsedAt)}, until ${minute(endsAt)}`;
    return `  ${since}\n      ${place}  ${browser(userAgent)}\n`;
  });
  return [
    `${presentableText(person.distinguishedName)}, ${person.objectGUID}; times in UTC\n\n`,
    `sessions${signedIn.length === 0 ? ': none' : ''}\n`,
    ...signedIn,
    `remembered browsers${remembered.length === 0 ? ': none' : ''}\n`,
    ...remembered,
  ].join('');
}
