/** `passerelle store check`: reads all that is in the store and says what is wrong with it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openSecret } from '../authenticators/sealed-secret.ts';
import { KeyMistake } from '../keys/key-mistake.ts';
import { createSeal, type Seal } from '../keys/seal.ts';
import { openSealingKeys } from '../keys/sealing-keys.ts';
import { boundedExpiry, boundedJson, boundedKey } from '../store/bounds.ts';
import { isKind, type RawRecord } from '../store/store.ts';
import { parseArguments, type Command } from './command.ts';
import { configurationOption, configurationUsage } from './open-configuration.ts';
import { plain } from './plain.ts';
import { countedByKind, withStore } from './with-store.ts';

/** Troubles that are shown one by one. */
const mostShown = 20;

export const command: Command = {
  name: 'store check',
  summary: 'read all that is in the store, and say what is wrong with it',
  usage: `Usage: passerelle store check [OPTIONS]

${configurationUsage}

Every record is read: whether it is of a kind that is known, of a size that is kept, and JSON; and whether what people enrolled
opens with the keys of the file sealing.keys in keys.folder. A SQLite file is examined as a whole first. Nothing is changed, and
Passerelle may run meanwhile. The exit code is 1 where anything is wrong.

Example: passerelle store check`,
  run(args, io) {
    const { values } = parseArguments(args, configurationOption);
    return withStore({ flag: values.config, thorough: true }, io, async ({ store, configuration }) => {
      await store.check();
      const file = join(configuration.keys.folder, 'sealing.keys');
      // Looked at only: opening it would make one.
      const seal = existsSync(file) ? createSeal(openSealingKeys(file, io.random).current, io.random) : undefined;
      const counts = new Map<string, number>();
      let wrong = 0;
      for await (const batch of store.snapshot()) {
        io.doing(`read: ${countedByKind(counts)}`);
        for (const record of batch) {
          counts.set(record.kind, (counts.get(record.kind) ?? 0) + 1);
          const trouble = troubleOf(record, seal);
          if (trouble === undefined) continue;
          wrong += 1;
          if (wrong <= mostShown) io.stderr(`${plain(`${record.kind} ${record.key}`)}: ${trouble}\n`);
        }
      }
      if (wrong > mostShown) io.stderr(`and ${String(wrong - mostShown)} more\n`);
      io.stdout(`Records: ${countedByKind(counts)}. Wrong: ${String(wrong)}.\n`);
      return wrong === 0 ? 0 : 1;
    });
  },
};

function troubleOf({ kind, key, json, expiresAt }: RawRecord, seal: Seal | undefined): string | undefined {
  if (!isKind(kind)) return 'is of a kind that is not known here';
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return 'is no JSON';
  }
  try {
    boundedKey(key);
    boundedJson(value);
    boundedExpiry(expiresAt);
  } catch (error) {
    return error instanceof Error ? error.message : 'is not what a store keeps';
  }
  return kind === 'enrolment' ? troubleOfEnrolment(key, value, seal) : undefined;
}

function troubleOfEnrolment(objectGUID: string, value: unknown, seal: Seal | undefined): string | undefined {
  const totp: unknown = typeof value === 'object' && value !== null && 'totp' in value ? value.totp : [];
  if (!Array.isArray(totp)) return 'is not what people enrol';
  for (const app of totp as readonly unknown[]) {
    if (typeof app !== 'object' || app === null || !('id' in app && 'secret' in app)) return 'is not what people enrol';
    if (seal === undefined) return 'is sealed, and there is no file sealing.keys';
    try {
      openSecret(seal, objectGUID, String(app.id), String(app.secret));
    } catch (error) {
      if (!(error instanceof KeyMistake)) throw error;
      return error.message;
    }
  }
  return undefined;
}
