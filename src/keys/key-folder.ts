/** Signing keys as files of one folder: NAME.key.pem, NAME.cert.pem, and `active`, which holds the name of the one that signs. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmod, link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Random } from '../clock.ts';
import type { KeyRing, SigningKey } from './key-ring.ts';
import { makeKey } from './make-key.ts';

/** What is wrong with the keys, in words for the operator. */
export class KeyMistake extends Error {
  override readonly name = 'KeyMistake';
}

export interface KeyFolder {
  /** Reads the keys; makes the first one where the folder holds none. @throws KeyMistake */
  open(): Promise<KeyRing>;
  /** Makes a further key and publishes it beside the active one. @throws KeyMistake */
  add(): Promise<SigningKey>;
  /** Lets a published key sign from the next start on. @throws KeyMistake */
  activate(name: string): Promise<void>;
  /** Moves a key that does not sign into the folder `retired`: it is published no longer. @throws KeyMistake */
  retire(name: string): Promise<void>;
}

// Google Admin holds two verification certificates per profile.
const mostPublished = 2;
const keyEnding = '.key.pem';
const certificateEnding = '.cert.pem';
const namePattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';
const isPresent = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EEXIST';

/** The folder `path` of keys, for certificates whose subject is the common name `commonName`. */
export function createKeyFolder(parts: { path: string; commonName: string; clock: Clock; random: Random }): KeyFolder {
  const { path, clock, random } = parts;
  const activeFile = join(path, 'active');

  async function names(): Promise<string[]> {
    try {
      const files = await readdir(path);
      // A key without its certificate is the leftover of an interrupted start.
      return files
        .filter((file) => file.endsWith(certificateEnding))
        .map((file) => file.slice(0, -certificateEnding.length))
        .filter((name) => namePattern.test(name) && files.includes(name + keyEnding))
        .sort();
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  async function read(name: string): Promise<SigningKey> {
    const keyFile = join(path, name + keyEnding);
    const { mode } = await stat(keyFile);
    if ((mode & 0o077) !== 0) {
      const shown = (mode & 0o777).toString(8).padStart(4, '0');
      throw new KeyMistake(
        `${keyFile} can be read by others (mode ${shown}). Anyone who read it can sign in as anybody: make a new key, or chmod 600 it if nobody did.`,
      );
    }
    try {
      const privateKey = createPrivateKey(await readFile(keyFile));
      const certificate = new X509Certificate(await readFile(join(path, name + certificateEnding)));
      if (privateKey.asymmetricKeyType !== 'rsa' || (privateKey.asymmetricKeyDetails?.modulusLength ?? 0) < 2048) {
        throw new KeyMistake(`${keyFile} is not an RSA key of 2048 bits or more.`);
      }
      if (!certificate.checkPrivateKey(privateKey)) throw new KeyMistake(`${name}${certificateEnding} belongs to another key.`);
      return { name, privateKey, certificate };
    } catch (error) {
      if (error instanceof KeyMistake) throw error;
      throw new KeyMistake(`${keyFile} or its certificate is not readable PEM.`);
    }
  }

  async function activeName(): Promise<string | undefined> {
    try {
      return (await readFile(activeFile, 'utf8')).trim();
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  // A key counts once its certificate has its name: that step is one rename, so nobody reads half a certificate.
  const unpublished = (name: string): string => join(path, `.${name}${certificateEnding}`);

  /** The name of a fresh key, which `publish` makes count. */
  async function make(): Promise<string> {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const now = clock.now();
    const name = `${new Date(now).toISOString().slice(0, 10)}-${random(3).toString('hex')}`;
    const made = await makeKey({ commonName: parts.commonName, now, serialNumber: random(16) });
    const keyFile = join(path, name + keyEnding);
    await writeFile(keyFile, made.privateKey, { mode: 0o600, flag: 'wx' });
    await chmod(keyFile, 0o600);
    await writeFile(unpublished(name), made.certificate, { mode: 0o644, flag: 'wx' });
    return name;
  }

  async function publish(name: string): Promise<void> {
    try {
      await rename(unpublished(name), join(path, name + certificateEnding));
    } catch (error) {
      if (!isMissing(error)) throw error;
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
      if (isPresent(error)) return false;
      throw error;
    } finally {
      await rm(draft);
    }
  }

  async function verifyPublished(name: string): Promise<void> {
    const known = await names();
    if (!known.includes(name)) {
      throw new KeyMistake(`There is no key named ${JSON.stringify(name)}. There are: ${known.join(', ') || 'none'}.`);
    }
  }

  return {
    async open() {
      if ((await activeName()) === undefined) {
        const present = await names();
        if (present.length > 0 && (await activeName()) === undefined) {
          throw new KeyMistake(`${path} holds keys but none is active. Choose one: passerelle keys activate ${present[0] ?? ''}`);
        }
        const name = await make();
        if (!(await setActive(name, false))) {
          // Another process was first.
          await rm(unpublished(name));
          await rm(join(path, name + keyEnding));
        }
      }
      const active = await activeName();
      // Whoever made it may have been stopped between the two steps, or be about to take the second.
      if (active !== undefined && namePattern.test(active)) await publish(active);
      const present = await names();
      if (active === undefined || !present.includes(active)) {
        throw new KeyMistake(
          `${activeFile} names ${JSON.stringify(active ?? '')}, of which there is no key. There are: ${present.join(', ') || 'none'}.`,
        );
      }
      const others = present.filter((name) => name !== active);
      if (others.length >= mostPublished) {
        throw new KeyMistake(
          `${path} holds ${String(present.length)} keys, and service providers take ${String(mostPublished)}. Retire one: passerelle keys retire ${others[0] ?? ''}`,
        );
      }
      const published = await Promise.all([active, ...others].map(read));
      const [first] = published;
      if (first === undefined) throw new Error('unreachable: the active key was read');
      return { active: first, published };
    },
    async add() {
      const present = await names();
      if (present.length >= mostPublished) {
        throw new KeyMistake(
          `There are ${String(present.length)} keys already, and Google Admin holds ${String(mostPublished)} certificates. Retire one first: ${present.join(', ')}.`,
        );
      }
      const name = await make();
      await publish(name);
      await setActive(name, false);
      return read(name);
    },
    async activate(name) {
      await verifyPublished(name);
      await read(name);
      await setActive(name, true);
    },
    async retire(name) {
      await verifyPublished(name);
      if (name === (await activeName())) {
        throw new KeyMistake(`${name} is the key that signs. Activate another one first.`);
      }
      const retired = join(path, 'retired');
      await mkdir(retired, { recursive: true, mode: 0o700 });
      await rename(join(path, name + certificateEnding), join(retired, name + certificateEnding));
      await rename(join(path, name + keyEnding), join(retired, name + keyEnding));
    },
  };
}
