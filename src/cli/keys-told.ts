/** `passerelle keys told`: notes that service providers were told of a key by hand. */
import { fingerprintOf } from '../keys/key-ring.ts';
import { KeyMistake } from '../keys/key-mistake.ts';
import { createKeyKnowledge } from '../signin/key-knowledge.ts';
import type { Party } from '../signin/key-parties.ts';
import { parseArguments, UsageMistake, type Command } from './command.ts';
import { describeParty, describeStanding } from './describe-standing.ts';
import { configurationOption, configurationUsage } from './open-configuration.ts';
import { withRollover } from './with-rollover.ts';
import { tellDeed } from './with-audit.ts';

export const command: Command = {
  name: 'keys told',
  summary: 'note that a service provider was told of a key by hand',
  usage: `Usage: passerelle keys told NAME (--sp ENTITY_ID | --all-google) [--undo] [OPTIONS]

      --sp ENTITY_ID  the service provider, or what it is called; repeatable
      --all-google    every service provider of the kinds google-…
      --undo          it was not told, after all
${configurationUsage}

For those that do not fetch our metadata by a URL of their own, such as Google: once its administrator has uploaded the
certificate of NAME, or has been given our metadata. At Google it counts 24 hours later, since Google may take as long.

Example: passerelle keys told 2026-11-22-a1b2c3 --all-google`,
  run(args, io) {
    const { values, positionals } = parseArguments(
      args,
      {
        ...configurationOption,
        sp: { type: 'string', multiple: true, default: [] },
        'all-google': { type: 'boolean', default: false },
        undo: { type: 'boolean', default: false },
      },
      ['NAME'],
    );
    const [name = ''] = positionals;
    if (values.sp.length === 0 && !values['all-google'])
      throw new UsageMistake('Missing option --sp ENTITY_ID, or --all-google.');
    return withRollover(values.config, io, async (opened) => {
      const { configuration, ring } = opened;
      const key = ring.published.find((each) => each.name === name);
      if (key === undefined) {
        const known = ring.published.map((each) => each.name).join(', ');
        throw new KeyMistake(`There is no published key named ${JSON.stringify(name)}. There are: ${known}.`);
      }
      const store = await opened.store();
      if (store === undefined) throw new Error('There is no store yet to note it in: start Passerelle once.');
      const knowledge = createKeyKnowledge({ store });
      const parties = opened.parties();
      const google = values['all-google'] ? parties.filter(({ kind }) => kind === 'google') : [];
      const meant = new Set([...values.sp.map((wanted) => find(wanted, parties)), ...google].map(({ id }) => id));
      if (meant.size === 0) throw new Error('No service provider is of a kind of Google.');
      const at = values.undo ? undefined : io.clock.now();
      const known = ring.published.map(fingerprintOf);
      for (const id of meant) {
        await knowledge.told(id, fingerprintOf(key), at, known);
        await tellDeed('keys told', { configuration, store }, io, {
          event: 'key.told',
          serviceProvider: id,
          detail: { key: name, ...(values.undo && { undone: true }) },
        });
      }
      for (const { party, standing } of await opened.standings(key)) {
        if (meant.has(party.id)) io.stdout(`${describeParty(party)}: ${describeStanding(standing)}\n`);
      }
      return 0;
    });
  },
};

/** By entity ID, else by name. @throws Error where nobody is meant, or not one alone */
function find(wanted: string, parties: readonly Party[]): Party {
  const byID = parties.find(({ id }) => id === wanted);
  const named = byID === undefined ? parties.filter(({ name }) => name === wanted) : [byID];
  const [one, another] = named;
  if (one !== undefined && another === undefined) return one;
  const list = (some: readonly Party[]): string => some.map(describeParty).join('; ') || 'none';
  throw new Error(
    one === undefined
      ? `No service provider is ${JSON.stringify(wanted)}. There are: ${list(parties)}.`
      : `Several are called ${JSON.stringify(wanted)}; say which by its entity ID: ${list(named)}.`,
  );
}
