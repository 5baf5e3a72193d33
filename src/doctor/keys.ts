/** Looks at the folder of keys without making any: who may look into it, each key, when each ends, and what was begun. */
import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { daysLeft, endOf, warningOf, type Expiry } from '../keys/expiry.ts';
import { beginsAt, createKeyFiles, type FileKey } from '../keys/key-files.ts';
import { createKeyHistory } from '../keys/key-history.ts';
import { KeyMistake } from '../keys/key-mistake.ts';
import type { KeyUse } from '../keys/key-type.ts';
import { openSealingKeys } from '../keys/sealing-keys.ts';
import { readTlsCertificates } from '../keys/tls-certificates.ts';
import { tell, type Finding, type Probe } from './check.ts';
import { dateOf } from './judge-certificate.ts';
import { shownMode } from './shown-mode.ts';
import type { World } from './world.ts';

const day = 24 * 3_600_000;
const longestRollover = 30;

const folders: Readonly<Record<KeyUse, string>> = {
  signing: '',
  'service-provider': 'service-providers',
  encryption: 'encryption',
};
const uses = ['signing', 'service-provider', 'encryption'] as const satisfies readonly KeyUse[];

/** What each of our certificates is for, in words. */
const purposes: Readonly<Record<Expiry['what'], string>> = {
  signing: 'signs for everybody',
  'service-provider': 'signs for single service providers',
  encryption: 'opens what is encrypted to us',
  tls: 'is what browsers see',
};

export interface Keys {
  /** Undefined where nothing says which one. */
  readonly active: string | undefined;
  readonly read: Readonly<Record<KeyUse, readonly FileKey[]>>;
  readonly mistakes: readonly { readonly name: string; readonly message: string }[];
}

export async function readKeys({
  configuration,
  clock,
  random,
}: Pick<World, 'configuration' | 'clock' | 'random'>): Promise<Keys> {
  const { folder } = configuration.keys;
  const read: Record<KeyUse, FileKey[]> = { signing: [], 'service-provider': [], encryption: [] };
  const mistakes: Keys['mistakes'][number][] = [];
  for (const use of uses) {
    const files = createKeyFiles({
      path: join(folder, folders[use]),
      rsaOnly: use !== 'service-provider',
      commonName: '',
      clock,
      random,
    });
    for (const name of await files.names()) {
      try {
        read[use].push(await files.read(name));
      } catch (error) {
        if (!(error instanceof KeyMistake)) throw error;
        mistakes.push({ name, message: error.message });
      }
    }
  }
  const active = await readFile(join(folder, 'active'), 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
  return { active, read, mistakes };
}

function judgeFolder(folder: string, { read, mistakes }: Keys): Finding {
  const check = tell('keys.folder');
  const found = statSync(folder, { throwIfNoEntry: false });
  const none = 'Start Passerelle once: it makes the first key.';
  if (found === undefined) return check.warning(`${folder} is not there yet`, none);
  if (!found.isDirectory()) return check.problem(`${folder} is no folder`);
  const mode = `${folder} is of mode ${shownMode(found.mode)}`;
  if ((found.mode & 0o022) !== 0) return check.problem(`${mode}: others may write there`);
  if ((found.mode & 0o055) !== 0) return check.warning(`${mode}: others may look into it`);
  if (read.signing.length === 0 && mistakes.length === 0) return check.warning(`${folder} holds no key yet`, none);
  return check.ok(mode);
}

function judgeReadable({ active, read, mistakes }: Keys): readonly Finding[] {
  const all = uses.flatMap((use) => read[use]);
  if (all.length + mistakes.length === 0) return [tell('keys.readable').skipped('there are no keys yet')];
  const lost =
    read.signing.length > 0 && !read.signing.some(({ name }) => name === active)
      ? [
          tell('keys.readable').problem(
            `the file active names ${active ?? 'nothing'}, of which there is no key that can be read`,
            'passerelle keys activate NAME',
          ),
        ]
      : [];
  const wrong = mistakes.map(({ name, message }) => tell('keys.readable', name).problem(message.replace(/\.$/, '')));
  const kinds = all.map(({ name, certificate }) => {
    const { asymmetricKeyType = '', asymmetricKeyDetails } = certificate.publicKey;
    return `${name} (${asymmetricKeyType} ${String(asymmetricKeyDetails?.modulusLength ?? asymmetricKeyDetails?.namedCurve ?? '')})`;
  });
  const found = [...lost, ...wrong];
  return found.length > 0
    ? found
    : [tell('keys.readable').ok(`${String(all.length)} keys can be read, and by us alone: ${kinds.join(', ')}`)];
}

function judgeExpiry(all: readonly Expiry[], now: number): readonly Finding[] {
  if (all.length === 0) return [tell('keys.expiry').skipped('there are no keys yet')];
  return all.map((expiry) => {
    const check = tell('keys.expiry', expiry.name);
    const words = `its certificate, which ${purposes[expiry.what]}, ends on ${dateOf(expiry.notAfter)}: ${String(daysLeft(expiry, now))} days left`;
    const warning = warningOf(expiry, now);
    const remedy = expiry.what === 'tls' ? 'Renew the certificate in that file, and reload Passerelle.' : undefined;
    if (warning === undefined) return check.ok(words);
    return warning <= 7 ? check.problem(words, remedy) : check.warning(words, remedy);
  });
}

async function judgeRollover({ active, read }: Keys, { configuration, clock, random }: World): Promise<Finding> {
  const check = tell('keys.rollover');
  const signer = read.signing.find(({ name }) => name === active);
  const others = read.signing.filter(({ name }) => name !== active);
  if (signer === undefined) return check.skipped('there is no key that signs');
  const history = await createKeyHistory(join(configuration.keys.folder, 'history'), random).read();
  const since = (key: FileKey): number =>
    history.findLast(({ previous }) => previous === key.name)?.at ?? Math.max(beginsAt(key), beginsAt(signer));
  const ages = others.map((key) => ({ name: key.name, days: Math.floor((clock.now() - since(key)) / day) }));
  const old = ages.filter(({ days }) => days > longestRollover);
  if (old.length > 0)
    return check.warning(
      old.map(({ name, days }) => `${name} is published beside ${signer.name} for ${String(days)} days`).join(', '),
    );
  return check.ok(
    ages.length === 0
      ? 'no rollover is under way'
      : `a rollover is under way: ${ages.map(({ name, days }) => `${name}, for ${String(days)} days`).join(', ')}`,
  );
}

function judgeSealing({ configuration, patient, random }: World): Finding {
  const check = tell('keys.sealing');
  try {
    // Where nobody may look, nothing is known to be missing: that throws.
    statSync(patient.sealingFile, { throwIfNoEntry: false });
    if (patient.seal() === undefined)
      return statSync(join(configuration.keys.folder, 'active'), { throwIfNoEntry: false }) === undefined
        ? check.warning(`${patient.sealingFile} is not there yet`, 'Start Passerelle once: it makes it.')
        : check.problem(
            `${patient.sealingFile} is gone, while the other keys are there`,
            'Put it back from a copy before Passerelle is started again: that would make another one, which opens nothing of what people enrolled.',
          );
    const keys = openSealingKeys(patient.sealingFile, random);
    const waiting = keys.waiting();
    const words = `${String(keys.current().length)} sealing keys, readable by us alone`;
    return waiting === undefined ? check.ok(words) : check.warning(`${words}; ${waiting} waits to be used`);
  } catch (error) {
    if (!(error instanceof KeyMistake)) throw error;
    return check.problem(error.message.replace(/\.$/, ''));
  }
}

export function keysProbes(world: World): readonly Probe[] {
  const { configuration, clock, read } = world;
  return [
    {
      ids: ['keys.folder', 'keys.readable', 'keys.expiry', 'keys.rollover'],
      run: async () => {
        const keys = await readKeys(world);
        const ends = uses.flatMap((use) =>
          keys.read[use].map(({ name, certificate }) => ({ what: use, name, notAfter: endOf(certificate) })),
        );
        const tls = readTlsCertificates(configuration, read).map(({ name, certificate }) => ({
          what: 'tls' as const,
          name,
          notAfter: endOf(certificate),
        }));
        return [
          judgeFolder(configuration.keys.folder, keys),
          ...judgeReadable(keys),
          ...judgeExpiry([...ends, ...tls], clock.now()),
          await judgeRollover(keys, world),
        ];
      },
    },
    { ids: ['keys.sealing'], run: () => Promise.resolve([judgeSealing(world)]) },
  ];
}
