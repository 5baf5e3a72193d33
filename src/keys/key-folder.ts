/**
 * Our keys as files: those that sign for everybody in one folder, with `active`, which holds the name of the one that signs;
 * those for single service providers and those that others encrypt to in a folder each below it.
 */
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Random } from '../clock.ts';
import { beginsAt, createKeyFiles, hasCode, namePattern, type KeyFiles } from './key-files.ts';
import { KeyMistake } from './key-mistake.ts';
import type { HeldKey, KeyRing } from './key-ring.ts';
import type { KeyType, KeyUse } from './key-type.ts';

export interface KeyFolder {
  /** Reads the keys; makes the first one where the folder holds none. @throws KeyMistake */
  open(): Promise<KeyRing>;
  /** Makes a further key: by default an RSA-2048 one that is published beside the active one. @throws KeyMistake */
  add(wish?: { readonly use?: KeyUse; readonly type?: KeyType; readonly name?: string | undefined }): Promise<HeldKey>;
  /** Lets a published key sign from the next start on. @throws KeyMistake */
  activate(name: string): Promise<void>;
  /** Moves a key that does not sign into the folder `retired`: it is published no longer. @throws KeyMistake */
  retire(name: string): Promise<void>;
}

/** Google Admin holds two verification certificates per profile; the others are bounded so that what they cost is. */
const most = { signing: 2, 'service-provider': 16, encryption: 4 } as const satisfies Record<KeyUse, number>;
const encryptionFolder = 'encryption';

/** The folder `path` of keys, for certificates whose subject is the common name `commonName`. */
export function createKeyFolder(parts: { path: string; commonName: string; clock: Clock; random: Random }): KeyFolder {
  const { path, random } = parts;
  const activeFile = join(path, 'active');
  const filesAt = (folder: string, rsaOnly: boolean): KeyFiles => createKeyFiles({ ...parts, path: folder, rsaOnly });
  const retiredPath = join(path, 'retired');
  const folders: Readonly<Record<KeyUse, KeyFiles>> = {
    signing: filesAt(path, true),
    'service-provider': filesAt(join(path, 'service-providers'), false),
    encryption: filesAt(join(path, encryptionFolder), true),
  };
  const { signing, encryption } = folders;

  async function activeName(): Promise<string | undefined> {
    try {
      return (await readFile(activeFile, 'utf8')).trim();
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  /** `replace` false: only where no key is active yet; answers whether it is active now. */
  async function setActive(name: string, replace: boolean): Promise<boolean> {
    const draft = join(path, `.active-${random(6).toString('hex')}`);
    await writeFile(draft, `${name}\n`, { mode: 0o644, flag: 'wx' });
    if (replace) {
      await rename(draft, activeFile);
      return true;
    }
    try {
      await link(draft, activeFile);
      return true;
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return false;
      throw error;
    } finally {
      await rm(draft);
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
    const published = await Promise.all([active, ...others].map((name) => signing.read(name)));
    const [first] = published;
    if (first === undefined) throw new Error('unreachable: the active key was read');
    return { active: first, published };
  }

  async function readAll(use: KeyUse): Promise<HeldKey[]> {
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

  async function openEncryption(): Promise<readonly HeldKey[]> {
    await mkdir(path, { recursive: true, mode: 0o700 });
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

  return {
    async open() {
      const [{ active, published }, decryption, forServiceProviders] = await Promise.all([
        openSigning(),
        openEncryption(),
        readAll('service-provider'),
      ]);
      return { active, published, forServiceProviders, decryption };
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
    async activate(name) {
      if ((await useOf(name)) !== 'signing') {
        throw new KeyMistake(`${name} is no key that signs for everybody. Make one: passerelle keys new`);
      }
      await signing.read(name);
      await setActive(name, true);
    },
    async retire(name) {
      const use = await useOf(name);
      if (use === 'signing' && name === (await activeName())) {
        throw new KeyMistake(`${name} is the key that signs. Activate another one first.`);
      }
      await folders[use].move(name, retiredPath);
    },
  };
}
