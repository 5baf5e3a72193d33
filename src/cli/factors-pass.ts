/** `passerelle factors pass`: issues a pass with which a person may set up a factor. */
import { createAudit } from '../audit/pino-audit.ts';
import { newReference } from '../audit/reference.ts';
import { createEnrolmentPasses } from '../authenticators/enrolment-pass.ts';
import { parseArguments, type Command } from './command.ts';
import { configurationOption, configurationUsage } from './open-configuration.ts';
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
      const audit = createAudit({ level: 'info', destination: io.errorLog, clock });
      const passes = createEnrolmentPasses({ store, clock, random, life: configuration.factors.enrolment.passLife });
      const { text, until } = await passes.issue(objectGUID);
      const ends = new Date(until).toISOString();
      audit.record({ event: 'pass.issued', reference: newReference(random), person: objectGUID, name, detail: { until: ends } });
      await audit.flush();
      io.stdout(`${text}\nfor ${objectGUID}, once, until ${ends}\n`);
      return 0;
    });
  },
};
