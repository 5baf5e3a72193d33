/**
 * Our keys as files: those that sign for everybody in one folder, with `active`, which holds the name of the one that signs;
 * those for single service providers and those that others encrypt to in a folder each below it.
 */
import { link, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Random } from '../clock.ts';
import { alone } from './alone.ts';
import { inMemory } from './in-memory.ts';
import { inWords } from './in-words.ts';
import { beginsAt, createKeyFiles, hasCode, namePattern, type FileKey, type KeyFiles } from './key-files.ts';
import { createKeyHistory, signedUntil, type Takeover } from './key-history.ts';
import { KeyMistake } from './key-mistake.ts';
import type { HeldKey, KeyRing, NamedCertificate } from './key-ring.ts';
import type { KeyType, KeyUse } from './key-type.ts';
import { backdated } from './make-key.ts';
import { makeFolder, writeNew } from './new-file.ts';

export interface KeyFolder {
  /** Reads the keys; makes the first one where the folder holds none. @throws KeyMistake */
  open(): Promise<KeyRing>;
  /** Makes a further key: by default an RSA-2048 one that is published beside the active one. @throws KeyMistake */
  add(wish?: { readonly use?: KeyUse; readonly type?: KeyType; readonly name?: string | undefined }): Promise<NamedCertificate>;
  /**
   * Lets a published key sign from the next reload or start on. Whether somebody would break is not asked here; `forced`: somebody would.
   * @throws KeyMistake
   */
  activate(name: string, wish?: { readonly forced?: boolean }): Promise<void>;
  /**
   * Moves a key that does not sign into the folder `retired`: it is published no longer. `force`: even where it signed, or others were
   * told to encrypt to it, a moment ago.
   * @throws KeyMistake
   */
  retire(name: string, wish?: { readonly force?: boolean }): Promise<void>;
  /** Which key took over from which, the latest last. */
  history(): Promise<readonly Takeover[]>;
}

/**
 * Milliseconds for which a key stays published after it signed last. What it signed lives five minutes, clocks differ, and a
 * process may have been told of the other key a little later.
 */
export const retirementDelay = 10 * 60_000;

/** Milliseconds for which a key opens what is encrypted to it after others were told of a newer one. */
const openingDelay = 24 * 3_600_000;

/** Google Admin holds two verification certificates per profile; the others are bounded so that what they cost is. */
const most = { signing: 2, 'service-provider': 16, encryption: 4 } as const satisfies Record<KeyUse, number>;
const encryptionFolder = 'encryption';

const signsInMemory = ({ name, certificate, privateKey }: FileKey): HeldKey => ({
  name,
  certificate,
  privatePart: inMemory(privateKey),
});

/** The folder `path` of keys, for certificates whose subject is the common name `commonName`. */
export function createKeyFolder(parts: { path: string; commonName: string; clock: Clock; random: Random }): KeyFolder {
  const { path, clock, random } = parts;
  const activeFile = join(path, 'active');
  const history = createKeyHistory(join(path, 'history'), random);
  const filesAt = (folder: string, rsaOnly: boolean): KeyFiles => createKeyFiles({ ...parts, path: folder, rsaOnly });
  const retiredPath = join(path, 'retired');
  const folders: Readonly<Record<KeyUse, KeyFiles>> = {
    signing: filesAt(path, true),
    'service-provider': filesAt(join(path, 'service-providers'), false),
    encryption: filesAt(join(path, encryptionFolder), true),
  };
  const { signing, encryption } = folders;

  const activeName = (): Promise<string | undefined> =>
    inWords(activeFile, async () => {
      try {
        return (await readFile(activeFile, 'utf8')).trim();
      } catch (error) {
        if (hasCode(error, 'ENOENT')) return undefined;
        throw error;
      }
    });

  /** `replace` false: only where no key is active yet; answers whether it is active now. */
  async function setActive(name: string, replace: boolean): Promise<boolean> {
    const draft = join(path, `.active-${random(6).toString('hex')}`);
    await writeNew(draft, `${name}\n`, 0o644);
    try {
      if (replace) {
        await rename(draft, activeFile);
        return true;
      }
      await link(draft, activeFile);
      return true;
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return false;
      throw error;
    } finally {
      await rm(draft, { force: true });
    }
  }

  async function openSigning(): Promise<Pick<KeyRing, 'active' | 'published'>> {
    if ((await activeName()) === undefined) {
      const present = await signing.names();
      if (present.length > 0 && (await activeName()) === undefined) {
        throw new KeyMistake(`${path} holds keys but none is active. Choose one: passerelle keys activate ${present[0] ?? ''}`);
      }
      const name = await signing.make('rsa-2048');
      // Where another process was first, its key is the one.
      if (!(await setActive(name, false))) await signing.discard(name);
    }
    const active = await activeName();
    // Whoever made it may have been stopped between the two steps, or be about to take the second.
    if (active !== undefined && namePattern.test(active)) await signing.publish(active);
    const present = await signing.names();
    if (active === undefined || !present.includes(active)) {
      throw new KeyMistake(
        `${activeFile} names ${JSON.stringify(active ?? '')}, of which there is no key. There are: ${present.join(', ') || 'none'}.`,
      );
    }
    const others = present.filter((name) => name !== active);
    if (others.length >= most.signing) {
      throw new KeyMistake(
        `${path} holds ${String(present.length)} keys, and service providers take ${String(most.signing)}. Retire one: passerelle keys retire ${others[0] ?? ''}`,
      );
    }
    const published = (await Promise.all([active, ...others].map((name) => signing.read(name)))).map(signsInMemory);
    const [first] = published;
    if (first === undefined) throw new Error('unreachable: the active key was read');
    return { active: first, published };
  }

  async function readAll(use: KeyUse): Promise<FileKey[]> {
    const names = await folders[use].names();
    if (names.length > most[use]) {
      throw new KeyMistake(
        `There are ${String(names.length)} keys for the use ${use}, and at most ${String(most[use])} are read. Retire one: passerelle keys retire ${names[0] ?? ''}`,
      );
    }
    return Promise.all(names.map((name) => folders[use].read(name)));
  }

  /** A folder with its key comes into being by one rename, so that processes which start at once agree on it. */
  async function makeFirstEncryptionKey(): Promise<void> {
    const draftPath = join(path, `.${encryptionFolder}-${random(6).toString('hex')}`);
    try {
      const draft = filesAt(draftPath, true);
      await draft.publish(await draft.make('rsa-2048'));
      await rename(draftPath, join(path, encryptionFolder));
    } catch (error) {
      await rm(draftPath, { recursive: true, force: true });
      // The folder is not ours to write, and we go without.
      if (hasCode(error, 'EACCES', 'EPERM', 'EROFS')) return;
      if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
      // Another process was first, or one was stopped half way.
      if ((await encryption.names()).length > 0) return;
      throw new KeyMistake(
        `${join(path, encryptionFolder)} holds no key with its certificate, and is not empty. Make one: passerelle keys new --use encryption`,
      );
    }
  }

  async function openEncryption(): Promise<readonly FileKey[]> {
    await makeFolder(path);
    if ((await encryption.names()).length === 0) await makeFirstEncryptionKey();
    return (await readAll('encryption')).toSorted((a, b) => beginsAt(b) - beginsAt(a));
  }

  async function useOf(name: string): Promise<KeyUse> {
    const known: string[] = [];
    for (const use of Object.keys(folders) as KeyUse[]) {
      const names = await folders[use].names();
      if (names.includes(name)) return use;
      known.push(...names);
    }
    throw new KeyMistake(`There is no key named ${JSON.stringify(name)}. There are: ${known.join(', ') || 'none'}.`);
  }

  async function verifyNameFree(name: string): Promise<void> {
    if (!namePattern.test(name)) {
      throw new KeyMistake('The name of a key is made of at most 64 letters, digits, hyphens and underscores.');
    }
    const taken = await Promise.all([...Object.values(folders), filesAt(retiredPath, false)].map((files) => files.names()));
    if (taken.some((names) => names.includes(name)))
      throw new KeyMistake(`There is, or was, a key named ${name}. Choose another name.`);
  }

  /** What others encrypt to it would be lost. @throws KeyMistake */
  async function verifyReplaced(name: string): Promise<void> {
    const keys = await Promise.all((await encryption.names()).map((each) => encryption.read(each)));
    const newestFirst = keys.toSorted((a, b) => beginsAt(b) - beginsAt(a));
    const newer = newestFirst[newestFirst.findIndex((each) => each.name === name) - 1];
    if (newer === undefined) {
      throw new KeyMistake(
        `${name} is the key that others are told to encrypt to. Make another one first: passerelle keys new --use encryption`,
      );
    }
    const from = beginsAt(newer) + backdated + openingDelay;
    if (clock.now() < from) {
      throw new KeyMistake(
        `Others were told to encrypt to ${name} until a moment ago, and may still. Retire it from ${new Date(from).toISOString()} on, or now with --force.`,
      );
    }
  }

  const folder: KeyFolder = {
    async open() {
      const [{ active, published }, decryption, forServiceProviders] = await Promise.all([
        openSigning(),
        openEncryption(),
        readAll('service-provider'),
      ]);
      return { active, published, forServiceProviders: forServiceProviders.map(signsInMemory), decryption };
    },
    async add({ use = 'signing', type = 'rsa-2048', name } = {}) {
      const files = folders[use];
      const present = await files.names();
      if (present.length >= most[use]) {
        const why = use === 'signing' ? 'Google Admin holds 2 certificates' : `there is room for ${String(most[use])}`;
        throw new KeyMistake(
          `There are ${String(present.length)} keys already, and ${why}. Retire one first: ${present.join(', ')}.`,
        );
      }
      if (name !== undefined) await verifyNameFree(name);
      // Which one is the newest must be certain where others encrypt to it.
      const made = await files.make(type, name, use === 'encryption' ? await readAll(use) : []);
      await files.publish(made);
      if (use === 'signing') await setActive(made, false);
      return files.read(made);
    },
    async activate(name, { forced = false } = {}) {
      if ((await useOf(name)) !== 'signing') {
        throw new KeyMistake(`${name} is no key that signs for everybody. Make one: passerelle keys new`);
      }
      await signing.read(name);
      const previous = await activeName();
      if (previous === name) return;
      // Noted first: a key that is thought to have signed is retired later than it might be, and not sooner than it may.
      if (previous !== undefined && namePattern.test(previous))
        await history.add({ at: clock.now(), next: name, previous, ...(forced && { forced }) });
      await setActive(name, true);
    },
    async retire(name, { force = false } = {}) {
      const use = await useOf(name);
      if (use === 'signing' && name === (await activeName())) {
        throw new KeyMistake(`${name} is the key that signs. Activate another one first.`);
      }
      if (use === 'encryption' && !force) await verifyReplaced(name);
      const from = (signedUntil(await history.read(), name) ?? -Infinity) + retirementDelay;
      if (!force && clock.now() < from) {
        throw new KeyMistake(
          `${name} signed until a moment ago, and what it signed may be on its way. Retire it from ${new Date(from).toISOString()} on, or now with --force.`,
        );
      }
      await folders[use].move(name, retiredPath);
    },
    history: () => history.read(),
  };
  const change = <Result>(work: () => Promise<Result>): Promise<Result> => inWords(path, () => alone(path, work));
  return {
    open: () => inWords(path, () => folder.open()),
    add: (wish) => change(() => folder.add(wish)),
    activate: (name, wish) => change(() => folder.activate(name, wish)),
    retire: (name, wish) => change(() => folder.retire(name, wish)),
    history: () => inWords(join(path, 'history'), () => folder.history()),
  };
}
