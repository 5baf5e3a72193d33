/** The file of sealing keys: one a line, `ID KEY` in base64url, the one that seals first; `ID KEY next` is one that waits. Several nodes share it as they share signing keys. */
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Random } from '../clock.ts';
import { hasCode } from './key-files.ts';
import { KeyMistake } from './key-mistake.ts';
import type { SealingKey } from './seal.ts';

export interface SealingKeys {
  /** Those of the file as it is now. @throws KeyMistake */
  readonly current: () => readonly [SealingKey, ...SealingKey[]];
  /** Puts a new one before the others; it seals from then on. Answers its id. @throws KeyMistake */
  add(): string;
  /** The id of the key that opens and does not seal yet, so that all nodes have it before one of them seals by it. @throws KeyMistake */
  waiting(): string | undefined;
  /** Adds one that waits. Answers its id. @throws KeyMistake, also where one waits already */
  prepare(): string;
  /** The one that waits seals from now on. Answers its id. @throws KeyMistake, also where none waits */
  promote(): string;
  /** Forgets all but the newest, which must be the one of that id: what another one sealed since is not lost. @throws KeyMistake */
  dropOld(newest: string): void;
}

interface Key extends SealingKey {
  readonly waits: boolean;
}
type Keys = readonly [Key, ...Key[]];

const linePattern = /^([0-9a-f]{8}) ([A-Za-z0-9_-]{43})( next)?$/;
const mostKeys = 100;
const mostBytes = mostKeys * 53 + ' next'.length;

function parse(text: string, path: string): Keys {
  const keys = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, id, key, next] = linePattern.exec(line) ?? [];
      if (id === undefined || key === undefined) throw new KeyMistake(`${path} holds something that is no sealing key.`);
      return { id, key: Buffer.from(key, 'base64url'), waits: next !== undefined };
    });
  const [first, ...others] = keys;
  if (first === undefined || first.waits || others.slice(0, -1).some(({ waits }) => waits))
    throw new KeyMistake(`${path} holds no sealing key.`);
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw new KeyMistake(`${path} holds two keys of one name.`);
  return [first, ...others];
}

/** What the system says of it, in words for the operator. @throws KeyMistake */
function told<T>(path: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (error instanceof KeyMistake || !(error instanceof Error) || !('code' in error)) throw error;
    throw new KeyMistake(`the file of sealing keys ${path} cannot be read or written: ${String(error.code)}.`);
  }
}

/** Whoever changes mode or content changes one of these. */
const stampOf = ({ ino, mode, mtimeMs, ctimeMs, size }: Stats): string => [ino, mode, mtimeMs, ctimeMs, size].join(' ');

function readOpened(descriptor: number, path: string): { readonly stamp: string; readonly keys: Keys } {
  const found = fstatSync(descriptor);
  if (!found.isFile()) throw new KeyMistake(`${path} is no file of sealing keys.`);
  if ((found.mode & 0o077) !== 0) {
    const shown = (found.mode & 0o777).toString(8).padStart(4, '0');
    throw new KeyMistake(
      `${path} can be read by others (mode ${shown}). chmod 600 it, then seal anew with \`passerelle store rekey\` if anybody did.`,
    );
  }
  if (found.size > mostBytes) throw new KeyMistake(`${path} holds too many sealing keys.`);
  return { stamp: stampOf(found), keys: parse(readFileSync(descriptor, 'utf8'), path) };
}

/** Where root runs a command of Passerelle's user, it is that user who must read the file: whoever the folder belongs to. */
function giveAway(descriptor: number, folder: string): void {
  const { uid, gid } = statSync(folder);
  if (fstatSync(descriptor).uid === 0 && uid !== 0) fchownSync(descriptor, uid, gid);
}

/** On the disk with its name: what it seals cannot be opened without it. */
function syncFolder(path: string): void {
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Opens the file at `path`, or makes it with a first key where its folder can be written. @throws KeyMistake */
export function openSealingKeys(path: string, random: Random): SealingKeys {
  const fresh = ({ waits = false } = {}): Key => ({ id: random(4).toString('hex'), key: random(32), waits });

  /** Written aside and then named, so that nobody reads half of it; `first`: unless it is there by now. */
  function write(keys: Keys, { first = false } = {}): void {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const aside = `${path}.${random(6).toString('hex')}`;
    const descriptor = openSync(aside, 'wx', 0o600);
    try {
      try {
        fchmodSync(descriptor, 0o600);
        giveAway(descriptor, dirname(path));
        writeFileSync(
          descriptor,
          keys.map(({ id, key, waits }) => `${id} ${key.toString('base64url')}${waits ? ' next' : ''}\n`).join(''),
        );
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      if (first) linkSync(aside, path);
      else renameSync(aside, path);
      syncFolder(path);
    } catch (error) {
      if (!first || !hasCode(error, 'EEXIST')) throw error;
    } finally {
      rmSync(aside, { force: true });
    }
  }

  let read: { readonly stamp: string; readonly keys: Keys } | undefined;
  function current(): Keys {
    return told(path, () => {
      // A stat takes a microsecond or two, so that no time needs to pass until a rotation is seen.
      const found = statSync(path, { throwIfNoEntry: false });
      if (found === undefined)
        throw new KeyMistake(`${path} is not there: without it nothing is sealed, and what it sealed cannot be opened.`);
      if (read?.stamp === stampOf(found)) return read.keys;
      const descriptor = openSync(path, 'r');
      try {
        read = readOpened(descriptor, path);
      } finally {
        closeSync(descriptor);
      }
      return read.keys;
    });
  }

  /** One at a time: of two that change it at once, one would forget the other's key. @throws KeyMistake */
  function alone<T>(step: () => T): T {
    const lock = `${path}.lock`;
    return told(path, () => {
      try {
        closeSync(openSync(lock, 'wx', 0o600));
      } catch (error) {
        if (!hasCode(error, 'EEXIST')) throw error;
        throw new KeyMistake(`somebody else is changing ${path}. If nobody is, one was stopped half way: delete ${lock}`);
      }
      try {
        return step();
      } finally {
        rmSync(lock);
      }
    });
  }

  const waiting = (): Key | undefined => current().find(({ waits }) => waits);

  /** One more than there are. @throws KeyMistake */
  function another(kind: { readonly waits?: boolean } = {}): Key {
    const before = current();
    if (before.length >= mostKeys) throw new KeyMistake(`${path} holds as many keys as it may. Forget the old ones first.`);
    const key = fresh(kind);
    if (before.some(({ id }) => id === key.id)) throw new KeyMistake('the new key has the name of an old one. Try again.');
    return key;
  }

  /** Makes the first one; answers whether there is one now. */
  function makeFirst(): boolean {
    try {
      write([fresh()], { first: true });
      return true;
    } catch (error) {
      // The folder is not ours to write, and we go without until somebody needs one.
      if (hasCode(error, 'EACCES', 'EPERM', 'EROFS')) return false;
      throw error;
    }
  }

  if (told(path, () => statSync(path, { throwIfNoEntry: false }) !== undefined || makeFirst())) current();
  return {
    current,
    add: () =>
      alone(() => {
        const key = another();
        write([key, ...current()]);
        return key.id;
      }),
    waiting: () => waiting()?.id,
    prepare: () =>
      alone(() => {
        if (waiting() !== undefined) throw new KeyMistake(`${path} holds a key that waits already.`);
        const key = another({ waits: true });
        write([...current(), key]);
        return key.id;
      }),
    promote: () =>
      alone(() => {
        const key = waiting();
        if (key === undefined) throw new KeyMistake(`${path} holds no key that waits.`);
        write([{ ...key, waits: false }, ...current().filter(({ waits }) => !waits)]);
        return key.id;
      }),
    dropOld: (newest) =>
      alone(() => {
        const [first] = current();
        if (first.id !== newest) throw new KeyMistake(`${path} has a newer key by now. Seal anew by that one first.`);
        write([first]);
      }),
  };
}
