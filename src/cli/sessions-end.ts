/** `passerelle sessions end`: ends one session of a person, or all. */
import { parseArguments, type Command } from './command.ts';
import { configurationOption, configurationUsage } from './open-configuration.ts';
import { withSessions } from './with-sessions.ts';

export const command: Command = {
  name: 'sessions end',
  summary: 'sign a person out: everywhere, or of one session',
  usage: `Usage: passerelle sessions end PERSON [OPTIONS]

      --id ID         that session alone, as \`passerelle sessions list\` tells it; else all
${configurationUsage}

PERSON is what they would type to sign in. It holds at once, also for the Passerelle that runs. Service providers keep sessions of
their own: they are told when one of them, or the person, signs out in the same browser. Remembered browsers stay so. The audit
event of it goes to standard error.

Example: passerelle sessions end ada`,
  run(args, io) {
    const { values, positionals } = parseArguments(args, { ...configurationOption, id: { type: 'string' } }, ['PERSON']);
    const [name = ''] = positionals;
    const { id } = values;
    return withSessions('sessions end', name, values.config, io, async ({ person, sessions, deeds }) => {
      const { objectGUID } = person;
      const ended = id === undefined ? await sessions.endAll(objectGUID) : Number(await sessions.end(objectGUID, id));
      if (id !== undefined && ended === 0) {
        io.stderr(`${objectGUID} has no session of that id.\n`);
        return 1;
      }
      const detail = { ...(id === undefined ? { number: ended } : { session: id }), by: 'an administrator' };
      deeds.tell({ event: 'session.ended', person: objectGUID, name, detail });
      io.stdout(`Ended: ${String(ended)} of the sessions of ${objectGUID}.\n`);
      return 0;
    });
  },
};
