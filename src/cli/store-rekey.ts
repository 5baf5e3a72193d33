/** `passerelle store rekey`: seals by a new key what people enrolled, while Passerelle runs. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createSeal } from '../keys/seal.ts';
import { openSealingKeys } from '../keys/sealing-keys.ts';
import { parseArguments, UsageMistake, type Command, type Io } from './command.ts';
import { configurationOption, configurationUsage } from './open-configuration.ts';
import { reseal, type Resealed } from './reseal-store.ts';
import { withStore } from './with-store.ts';

const options = {
  ...configurationOption,
  prepare: { type: 'boolean', default: false },
  finish: { type: 'boolean', default: false },
} as const;

/** Milliseconds after which whoever read what an old key sealed has written it back. */
const settling = 5_000;

export const command: Command = {
  name: 'store rekey',
  summary: 'seal by a new key what people enrolled',
  usage: `Usage: passerelle store rekey [--prepare | --finish] [OPTIONS]

      --prepare       only add a key, which does not seal yet
      --finish        only forget the old keys, once nothing is sealed by them
${configurationUsage}

What people enrolled is sealed by the keys of the file sealing.keys in keys.folder. Where the store is a SQLite file, the command
without options does all: it adds a key, seals everything by it and forgets the old one. People sign in meanwhile. Stopped half
way, it is run once more. Run it as the user that Passerelle runs as.

Several nodes share a PostgreSQL store, and each has a copy of the file. On one of them:
  1. passerelle store rekey --prepare    then copy the file to all others
  2. passerelle store rekey              then copy it again
  3. passerelle store rekey --finish     then copy it once more

Example: passerelle store rekey`,
  run(args, io) {
    const { values } = parseArguments(args, options);
    if (values.prepare && values.finish) throw new UsageMistake('--prepare and --finish are two steps.');
    return withStore({ flag: values.config }, io, async ({ store, configuration }) => {
      const file = join(configuration.keys.folder, 'sealing.keys');
      if (!existsSync(file)) throw new Error(`There is no ${file} yet: nothing was sealed.`);
      const keys = openSealingKeys(file, io.random);
      const isShared = configuration.store.url !== undefined;
      const isAtRest = keys.current().length === 1;

      if (values.prepare) {
        if (!isAtRest) throw new Error('A change of keys is under way; go on with passerelle store rekey.');
        io.stdout(`Key ${keys.prepare()} was added. Copy ${file} to all nodes, then run passerelle store rekey.\n`);
        return 0;
      }
      if (values.finish) {
        if (isAtRest) throw new Error('No change of keys is under way.');
        if (keys.waiting() !== undefined)
          throw new Error('Nothing is sealed by the new key yet; run passerelle store rekey first.');
      } else if (keys.waiting() !== undefined) {
        io.stdout(`Key ${keys.promote()} seals from now on.\n`);
      } else if (isAtRest) {
        if (isShared) throw new Error('Several nodes may use this store. Begin with passerelle store rekey --prepare.');
        io.stdout(`Key ${keys.add()} was added and seals from now on.\n`);
      }

      const seal = createSeal(keys.current, io.random);
      const [newest, ...old] = keys.current().map(({ id }) => id);
      const work = { store, seal, old: new Set(old), signal: io.signal };
      io.doing('sealing anew what people enrolled');
      let found = await reseal(work);
      if (newest === undefined || tell(found, io) > 0) return 1;
      if (isShared && !values.finish) {
        io.stdout(`Copy ${file} to all nodes again, then run passerelle store rekey --finish.\n`);
        return 0;
      }
      if (found.elsewhere === 0) {
        // Somebody may hold what was read before, and write it.
        io.doing('waiting for whoever writes now');
        await io.clock.until(io.clock.now() + settling);
        found = await reseal(work);
        if (tell(found, io) > 0) return 1;
      }
      if (found.elsewhere > 0) {
        io.stdout(
          `${String(found.elsewhere)} records that are under way are sealed by an old key. It stays until they are over, at ${new Date(found.until).toISOString()}; then run passerelle store rekey --finish.\n`,
        );
        return values.finish ? 1 : 0;
      }
      keys.dropOld(newest);
      io.stdout(`The old keys are forgotten.${isShared ? ` Copy ${file} to all nodes once more.` : ''}\n`);
      return 0;
    });
  },
};

/** Says what was done; answers how much could not be. */
function tell({ resealed, unopened }: Resealed, io: Io): number {
  if (resealed > 0) io.stdout(`Sealed by the new key: what ${String(resealed)} people enrolled.\n`);
  if (unopened > 0) {
    io.stderr(
      `What ${String(unopened)} people enrolled cannot be opened by any key, so the old ones stay. passerelle store check names them; passerelle factors reset forgets what one of them enrolled.\n`,
    );
  }
  return unopened;
}
