/** `passerelle sessions cut-off`: ends all sessions that began before a time, of everybody or of one person. */
import { existsSync } from 'node:fs';
import { setCutOff } from '../signin/cut-off.ts';
import { openStore } from '../store/open-store.ts';
import { parseArguments, UsageMistake, type Command, type Io } from './command.ts';
import { configurationOption, configurationUsage, openConfiguration } from './open-configuration.ts';
import { tellDeed } from './with-audit.ts';
import { withSessions } from './with-sessions.ts';

export const command: Command = {
  name: 'sessions cut-off',
  summary: 'end all sessions that began before a time',
  usage: `Usage: passerelle sessions cut-off [OPTIONS]

      --before TIME   as 2026-01-31T09:00Z; else now
      --person NAME   of that person alone; else of everybody
${configurationUsage}

For when something happened. It holds at once, also for every Passerelle that runs, and cannot be undone: whoever was signed in
proves anew who they are. The directory is not asked, unless a person is named. The audit event of it goes to standard error.

Example: passerelle sessions cut-off --before 2026-01-31T09:00Z`,
  async run(args, io) {
    const { values } = parseArguments(args, {
      ...configurationOption,
      before: { type: 'string' },
      person: { type: 'string' },
    });
    const before = values.before === undefined ? io.clock.now() : instantOf(values.before, io);
    const time = new Date(before).toISOString();
    const { person: name } = values;
    if (name === undefined) return cutOffAll(before, time, values.config, io);
    return withSessions('sessions cut-off', name, values.config, io, async ({ person: { objectGUID }, sessions, deeds }) => {
      const number = await sessions.endAll(objectGUID, { before });
      const detail = { before: time, number };
      deeds.tell({ event: 'session.cut-off', person: objectGUID, name, detail });
      io.stdout(`Ended: ${String(number)} of the sessions of ${objectGUID}, those that began before ${time}.\n`);
      return 0;
    });
  },
};

/** RFC 3339 §5.6, seconds left out if one likes. */
const pattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/;

/** @throws UsageMistake */
function instantOf(text: string, { clock }: Io): number {
  const instant = pattern.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(instant)) throw new UsageMistake('--before is a time with its zone, such as 2026-01-31T09:00Z.');
  // Else nobody could sign in until then.
  if (instant > clock.now()) throw new UsageMistake('--before is a time that lies behind us.');
  return instant;
}

async function cutOffAll(before: number, time: string, flag: string | undefined, io: Io): Promise<number> {
  const { configuration } = await openConfiguration(flag, io);
  const { file, url } = configuration.store;
  // One made here would belong to whoever runs this.
  if (url === undefined && !existsSync(file)) throw new Error(`There is no store ${file} yet: nobody has signed in.`);
  const store = await openStore(configuration.store, { clock: io.clock });
  try {
    const holds = await setCutOff(store, before, io.clock);
    const deed = { event: 'session.cut-off', detail: { before: time } } as const;
    await tellDeed('sessions cut-off', { configuration, store }, io, deed);
    const later = holds > before ? ` A later time holds already: ${new Date(holds).toISOString()}.` : '';
    io.stdout(`All sessions have ended that began before ${time}.${later}\n`);
    return 0;
  } finally {
    await store.close();
  }
}
