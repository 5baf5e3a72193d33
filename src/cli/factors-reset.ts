/** `passerelle factors reset`: takes from a person what they set up beside the password. */
import { createEnrolmentPasses } from '../authenticators/enrolment-pass.ts';
import { createEnrolments } from '../authenticators/enrolments.ts';
import { resetFactors, resettable } from '../authenticators/reset-factors.ts';
import { forgetDevices } from '../signin/device-records.ts';
import { parseArguments, UsageMistake, type Command } from './command.ts';
import { configurationOption, configurationUsage } from './open-configuration.ts';
import { tellDeed } from './with-audit.ts';
import { withPerson } from './with-person.ts';

export const command: Command = {
  name: 'factors reset',
  summary: 'take from a person what they set up beside the password',
  usage: `Usage: passerelle factors reset PERSON [OPTIONS]

      --factor NAME   that alone: ${resettable.join(', ')}; else all
${configurationUsage}

PERSON is what they would type to sign in. It holds at once, also for the Passerelle that runs, and cannot be undone: what is
gone is set up anew. Browsers that were remembered as theirs are forgotten; with all of it goes a pass that was not used yet.
Sessions go on, whatever was proven in them; \`passerelle sessions end\` ends them. The audit event of it goes to standard error.

Example: passerelle factors reset ada --factor totp`,
  run(args, io) {
    const { values, positionals } = parseArguments(args, { ...configurationOption, factor: { type: 'string', default: 'all' } }, [
      'PERSON',
    ]);
    const [name = ''] = positionals;
    const { factor } = values;
    const factors = resettable.filter((each) => factor === 'all' || factor === each);
    if (factors.length === 0) throw new UsageMistake(`--factor is one of ${resettable.join(', ')}, or all.`);
    const sought = { name, flag: values.config, empty: 'nobody has set up anything' };
    return withPerson(sought, io, async ({ person, store, configuration }) => {
      const { objectGUID } = person;
      const { clock, random } = io;
      const removed = await resetFactors(createEnrolments({ store }), objectGUID, factors);
      if (factor === 'all') {
        await createEnrolmentPasses({ store, clock, random, life: configuration.factors.enrolment.passLife }).revoke(objectGUID);
      }
      // They stand in for what is taken.
      const browsers = await forgetDevices(store, objectGUID);
      const detail = { ...removed, ...(browsers > 0 && { browsers }) };
      const deed = { event: 'factor.reset', person: objectGUID, name, detail } as const;
      await tellDeed('factors reset', { configuration, store }, io, deed);
      const told = factors.map((each) => `${each} (${String(removed[each] ?? 0)})`).join(', ');
      io.stdout(`Taken from ${objectGUID}: ${told}.${browsers > 0 ? ` Browsers forgotten: ${String(browsers)}.` : ''}\n`);
      return 0;
    });
  },
};
