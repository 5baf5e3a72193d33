/** `passerelle keys activate`: lets a published key sign, unless somebody would break. */
import { KeyMistake } from '../keys/key-mistake.ts';
import { parseArguments, type Command } from './command.ts';
import { describeParty, describeStanding, remedyOf } from './describe-standing.ts';
import { configurationOption, configurationUsage } from './open-configuration.ts';
import { takeOverKeys } from './take-over-keys.ts';
import { withRollover } from './with-rollover.ts';
import { tellDeed } from './with-audit.ts';

export const command: Command = {
  name: 'keys activate',
  summary: 'let a published key sign, unless a service provider would refuse it',
  usage: `Usage: passerelle keys activate NAME [--force] [OPTIONS]

      --force         even where somebody would break: whoever does not know the key refuses everybody until it does
${configurationUsage}

Every service provider must know the certificate of NAME by then: those that fetch our metadata by their own URL (keys urls) are
seen to, the others are noted by keys told. Exits with 1, and changes nothing, where one of them would break. Whoever runs takes
the key over at once. The way back is the same: activate the old key again, for as long as it is not retired.

Example: passerelle keys activate 2026-11-22-a1b2c3`,
  run(args, io) {
    const { values, positionals } = parseArguments(args, { ...configurationOption, force: { type: 'boolean', default: false } }, [
      'NAME',
    ]);
    const [name = ''] = positionals;
    return withRollover(values.config, io, async (opened) => {
      const { configuration, folder, ring } = opened;
      const key = ring.published.find((each) => each.name === name);
      if (key === undefined) {
        // Says what is wrong with the name.
        await folder.activate(name);
        throw new KeyMistake(`${name} is not published.`);
      }
      if (name === ring.active.name) {
        io.stdout(`${name} signs already.\n`);
        return 0;
      }
      const breaking = (await opened.standings(key)).filter(({ ready }) => !ready);
      if (breaking.length > 0) {
        const unknown =
          (await opened.store()) === undefined
            ? ' There is no store yet, so that nothing is known of who fetched our metadata.'
            : '';
        const how = values.force ? 'may refuse' : 'would refuse';
        io.stderr(`${String(breaking.length)} of the service providers ${how} what ${name} signs.${unknown}\n`);
        for (const one of breaking) {
          io.stderr(`  ${describeParty(one.party)}: ${describeStanding(one.standing)}\n    ${remedyOf(one, name) ?? ''}\n`);
        }
        if (!values.force) {
          io.stderr(`Nothing was changed. To let it sign even so: passerelle keys activate ${name} --force\n`);
          return 1;
        }
      }
      await folder.activate(name, { forced: breaking.length > 0 });
      const detail = { key: name, previous: ring.active.name, forced: breaking.length > 0 };
      await tellDeed('keys activate', { configuration, store: await opened.store() }, io, { event: 'key.activated', detail });
      io.stdout(
        `${name} signs from now on; ${ring.active.name} stays published. Back: passerelle keys activate ${ring.active.name}\n`,
      );
      return takeOverKeys(configuration, io);
    });
  },
};
