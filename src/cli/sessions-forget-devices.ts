/** `passerelle sessions forget-devices`: no browser is remembered any more as a person's. */
import { forgetDevices } from '../signin/device-records.ts';
import { parseArguments, type Command } from './command.ts';
import { configurationOption, configurationUsage } from './open-configuration.ts';
import { withPerson } from './with-person.ts';
import { tellDeed } from './with-audit.ts';

export const command: Command = {
  name: 'sessions forget-devices',
  summary: 'forget the remembered browsers of a person',
  usage: `Usage: passerelle sessions forget-devices PERSON [OPTIONS]

${configurationUsage}

PERSON is what they would type to sign in. From the next sign-in on they are asked for all that the policy asks for. Sessions go
on; \`passerelle sessions end\` ends them. The audit event of it goes to standard error.

Example: passerelle sessions forget-devices ada`,
  run(args, io) {
    const { values, positionals } = parseArguments(args, configurationOption, ['PERSON']);
    const [name = ''] = positionals;
    const sought = { name, flag: values.config, empty: 'nobody has signed in' };
    return withPerson(sought, io, async ({ person: { objectGUID }, store, configuration }) => {
      const number = await forgetDevices(store, objectGUID);
      const detail = { number, by: 'an administrator' };
      const deed = { event: 'device.forgotten', person: objectGUID, name, detail } as const;
      await tellDeed('sessions forget-devices', { configuration, store }, io, deed);
      io.stdout(`Forgotten: ${String(number)} browsers of ${objectGUID}.\n`);
      return 0;
    });
  },
};
