/** `passerelle factors pass`: issues a pass with which a person may set up a factor. */
import { createEnrolmentPasses } from '../authenticators/enrolment-pass.ts';
import { parseArguments, type Command } from './command.ts';
import { configurationOption, configurationUsage } from './open-configuration.ts';
import { tellDeed } from './with-audit.ts';
import { withPerson } from './with-person.ts';

export const command: Command = {
  name: 'factors pass',
  summary: 'issue a pass with which a person may set up a factor',
  usage: `Usage: passerelle factors pass PERSON [OPTIONS]

${configurationUsage}

PERSON is what they would type to sign in. The pass is shown this once, and counts once, beside the person's password, for
\`factors.enrolment.passLife\`; one issued before counts no longer. Give it to nobody but that person, whom you know. The audit
event of it goes to standard error.

Example: passerelle factors pass ada`,
  run(args, io) {
    const { values, positionals } = parseArguments(args, configurationOption, ['PERSON']);
    const [name = ''] = positionals;
    const sought = { name, flag: values.config, empty: 'start Passerelle first' };
    return withPerson(sought, io, async ({ person, store, configuration }) => {
      const { objectGUID } = person;
      const { clock, random } = io;
      const passes = createEnrolmentPasses({ store, clock, random, life: configuration.factors.enrolment.passLife });
      const { text, until } = await passes.issue(objectGUID);
      const ends = new Date(until).toISOString();
      const deed = { event: 'pass.issued', person: objectGUID, name, detail: { until: ends } } as const;
      await tellDeed('factors pass', { configuration, store }, io, deed);
      io.stdout(`${text}\nfor ${objectGUID}, once, until ${ends}\n`);
      return 0;
    });
  },
};
