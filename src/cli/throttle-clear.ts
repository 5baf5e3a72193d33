/** `passerelle throttle clear`: forgets the failures of a person. */
import { clearFactorThrottles, createFactorPlaces } from '../signin/factor-throttles.ts';
import { clearThrottle } from '../signin/throttle-state.ts';
import { parseArguments, type Command } from './command.ts';
import { configurationOption, configurationUsage } from './open-configuration.ts';
import { withThrottle } from './open-throttle.ts';
import { tellDeed } from './with-audit.ts';

export const command: Command = {
  name: 'throttle clear',
  summary: 'forget what counts against a person',
  usage: `Usage: passerelle throttle clear PERSON [OPTIONS]

      --places        forget the familiar places, too
${configurationUsage}

PERSON is what they would type to sign in. The failures counted here, of passwords and of each factor, are forgotten at once,
also by the Passerelle that runs; what the domain controllers count and have locked stays theirs. The audit event of it goes to
standard error.

Example: passerelle throttle clear ada`,
  run(args, io) {
    const { values, positionals } = parseArguments(
      args,
      { ...configurationOption, places: { type: 'boolean', default: false } },
      ['PERSON'],
    );
    const [name = ''] = positionals;
    return withThrottle(name, values.config, io, async ({ person, store, places, configuration }) => {
      const factorPlaces = createFactorPlaces({ store, clock: io.clock, keep: configuration.throttle.familiarFor });
      await clearThrottle(person, { store, places });
      await clearFactorThrottles(person, { store, places: factorPlaces });
      if (values.places) await Promise.all([places.forget(person), factorPlaces.forget(person)]);
      const detail = { places: values.places };
      const deed = { event: 'throttle.cleared', person: person.objectGUID, name, detail } as const;
      await tellDeed('throttle clear', { configuration, store }, io, deed);
      io.stdout(`Forgotten: the failures of ${person.objectGUID}${values.places ? ', and the familiar places' : ''}.\n`);
      return 0;
    });
  },
};
