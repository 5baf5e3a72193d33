/** The keys of one folder as files: NAME.key.pem and NAME.cert.pem. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Random } from '../clock.ts';
import { KeyMistake } from './key-mistake.ts';
import type { DecryptionKey, NamedCertificate } from './key-ring.ts';
import { isRsa, typeOfKey, type KeyType } from './key-type.ts';
import { backdated, makeKey } from './make-key.ts';
import { makeFolder, writeNew } from './new-file.ts';

/** A key as its files hold it. */
export type FileKey = DecryptionKey;

export interface KeyFiles {
  /** Of the keys that count, sorted; those of a folder that is not there are none. */
  names(): Promise<string[]>;
  /** @throws KeyMistake */
  read(name: string): Promise<FileKey>;
  /** Makes the files of a fresh key, which `publish` makes count; its certificate begins later than those. @returns its name */
  make(type: KeyType, name?: string, than?: readonly NamedCertificate[]): Promise<string>;
  publish(name: string): Promise<void>;
  /** Takes away what `make` made. */
  discard(name: string): Promise<void>;
  /** Puts the files of a key into the folder at `path`. */
  move(name: string, path: string): Promise<void>;
}

const keyEnding = '.key.pem';
const certificateEnding = '.cert.pem';
export const namePattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** Milliseconds since the epoch. */
export const beginsAt = ({ certificate }: NamedCertificate): number => Date.parse(certificate.validFrom);

export const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code));

/** The folder `path`; `rsaOnly` where a key of another kind is a mistake. */
export function createKeyFiles(parts: {
  path: string;
  rsaOnly: boolean;
  commonName: string;
  clock: Clock;
  random: Random;
}): KeyFiles {
  const { path, rsaOnly, clock, random } = parts;
  const keyFileOf = (name: string): string => join(path, name + keyEnding);
  const certificateFileOf = (name: string): string => join(path, name + certificateEnding);
  // A key counts once its certificate has its name: that step is one rename, so nobody reads half a certificate.
  const unpublished = (name: string): string => join(path, `.${name}${certificateEnding}`);

  return {
    async names() {
      try {
        const files = await readdir(path);
        // A key without its certificate is the leftover of an interrupted start.
        return files
          .filter((file) => file.endsWith(certificateEnding))
          .map((file) => file.slice(0, -certificateEnding.length))
          .filter((name) => namePattern.test(name) && files.includes(name + keyEnding))
          .sort();
      } catch (error) {
        if (hasCode(error, 'ENOENT')) return [];
        throw error;
      }
    },
    async read(name) {
      const keyFile = keyFileOf(name);
      const { mode } = await stat(keyFile);
      if ((mode & 0o077) !== 0) {
        const shown = (mode & 0o777).toString(8).padStart(4, '0');
        throw new KeyMistake(
          `${keyFile} can be read by others (mode ${shown}). Anyone who read it can sign in as anybody: make a new key, or chmod 600 it if nobody did.`,
        );
      }
      const [keyText, certificateText] = await Promise.all([readFile(keyFile), readFile(certificateFileOf(name))]);
      try {
        const privateKey = createPrivateKey(keyText);
        const certificate = new X509Certificate(certificateText);
        const type = typeOfKey(privateKey);
        if (type === undefined || (rsaOnly && !type.startsWith('rsa-'))) {
          throw new KeyMistake(
            `${keyFile} is not an RSA key of 2048 bits or more${rsaOnly ? '' : ', nor an EC key of P-256 or P-384'}.`,
          );
        }
        if (!certificate.checkPrivateKey(privateKey)) throw new KeyMistake(`${name}${certificateEnding} belongs to another key.`);
        return { name, privateKey, certificate };
      } catch (error) {
        if (error instanceof KeyMistake) throw error;
        throw new KeyMistake(`${keyFile} or its certificate is not readable PEM.`);
      }
    },
    async make(type, given, than = []) {
      if (rsaOnly && !isRsa(type)) {
        throw new KeyMistake(
          'Google takes RSA keys alone, and keys are encrypted to by RSA alone. An EC key signs for service providers that name it: --use service-provider.',
        );
      }
      await makeFolder(path);
      // Certificates know no less than a second.
      const now = Math.max(clock.now(), ...than.map((key) => beginsAt(key) + backdated + 1_000));
      const name = given ?? `${new Date(now).toISOString().slice(0, 10)}-${random(3).toString('hex')}`;
      const made = await makeKey({ commonName: parts.commonName, now, serialNumber: random(16), type });
      try {
        await writeNew(keyFileOf(name), made.privateKey, 0o600);
      } catch (error) {
        if (!hasCode(error, 'EEXIST')) throw error;
        throw new KeyMistake(
          `${keyFileOf(name)} is there without its certificate, as of a key that was half made or half retired. Delete it, or choose another name.`,
        );
      }
      try {
        await rm(unpublished(name), { force: true });
        await writeNew(unpublished(name), made.certificate, 0o644);
      } catch (error) {
        await rm(keyFileOf(name), { force: true });
        throw error;
      }
      return name;
    },
    async publish(name) {
      try {
        // A folder that is mounted to be read alone says so before it says that there is nothing to publish.
        await stat(unpublished(name));
        await rename(unpublished(name), certificateFileOf(name));
      } catch (error) {
        if (!hasCode(error, 'ENOENT')) throw error;
      }
    },
    async discard(name) {
      await rm(unpublished(name));
      await rm(keyFileOf(name));
    },
    async move(name, to) {
      await makeFolder(to);
      await rename(certificateFileOf(name), join(to, name + certificateEnding));
      await rename(keyFileOf(name), join(to, name + keyEnding));
    },
  };
}
