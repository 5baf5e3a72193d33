/** The last good copies of metadata from the web, kept in a folder so that a start does not depend on anybody's web server. */
import { hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { lstat, mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Clock, Random } from '../../clock.ts';
import type { Validators } from './fetch.ts';

/** A copy, whose bytes nobody has looked at yet. */
export interface MetadataCopy {
  readonly file: string;
  readonly validators: Validators;
  /** Another one for another copy. */
  readonly mark: string;
  /** When it came, or was found to be the latest still; milliseconds since the epoch. */
  readonly confirmedAt: number;
}

/** What has come in and is not a copy yet. */
export interface Incoming {
  readonly file: string;
  /** Makes it the copy. */
  keep(validators: Validators): Promise<void>;
  /** Throws it away; nothing happens where it was kept. */
  drop(): Promise<void>;
}

export interface MetadataCopies {
  /** The copy of what comes from there; undefined where there is none. */
  read(origin: string): Promise<MetadataCopy | undefined>;
  /** An empty place for what comes in from there. */
  receive(origin: string, body: AsyncIterable<Uint8Array>): Promise<Incoming>;
  /** Notes that the copy is the latest still; nothing happens where there is none. */
  confirm(origin: string): Promise<void>;
  remove(origin: string): Promise<void>;
}

const isMissing = (cause: unknown): boolean => cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
/** One that a header may have. */
const validator = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[\x20-\x7e\x80-\xff]{1,1024}$/.test(value) ? value : undefined;
/** Milliseconds after which what is coming in will not come any more. */
const abandonedAfter = 3_600_000;

/** What stands beside a copy belongs to it only as long as it names its size and time. */
async function markOf(file: string): Promise<string> {
  const { size, mtimeMs } = await stat(file);
  return `${String(size)} ${String(mtimeMs)}`;
}

async function readBeside(file: string, mark: string): Promise<Pick<MetadataCopy, 'validators' | 'confirmedAt'>> {
  const unknown = { validators: {}, confirmedAt: -Infinity };
  let text: string;
  let confirmedAt: number;
  try {
    text = await readFile(`${file}.json`, 'utf8');
    confirmedAt = (await stat(`${file}.json`)).mtimeMs;
  } catch (cause) {
    if (isMissing(cause)) return unknown;
    throw cause;
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('mark' in value) || value.mark !== mark) return unknown;
    const validators = {
      etag: 'etag' in value ? validator(value.etag) : undefined,
      lastModified: 'lastModified' in value ? validator(value.lastModified) : undefined,
    };
    return { validators, confirmedAt };
  } catch (cause) {
    if (cause instanceof SyntaxError) return unknown;
    throw cause;
  }
}

/** @param most copies that are kept; beyond it the oldest go */
export function createMetadataCopies(parts: { folder: string; most: number; clock: Clock; random: Random }): MetadataCopies {
  const { folder, most, clock, random } = parts;
  const fileOf = (origin: string): string => join(folder, `${hash('sha256', origin, 'hex').slice(0, 40)}.xml`);

  /** With their ages; others may be removing some of them. */
  async function aged(names: readonly string[]): Promise<readonly { readonly file: string; readonly at: number }[]> {
    const all = await Promise.all(
      names.map(async (name) => {
        const file = join(folder, name);
        return { file, at: (await lstat(file).catch(() => undefined))?.mtimeMs ?? Number.MAX_SAFE_INTEGER };
      }),
    );
    return all.sort((one, other) => one.at - other.at);
  }

  /** Some go at once, so that not each new one has to look at all of them. */
  async function forgetOldest(latest: string): Promise<void> {
    const names = await readdir(folder);
    const { mtimeMs: now } = await stat(latest).catch(() => ({ mtimeMs: -Infinity }));
    for (const { file, at } of await aged(names.filter((name) => /\.new(?:\.json)?$/.test(name)))) {
      if (at < now - abandonedAfter) await rm(file, { force: true });
    }
    const copies = names.filter((name) => name.endsWith('.xml'));
    if (copies.length <= most) return;
    const going = copies.length - Math.floor(0.9 * most);
    for (const { file } of (await aged(copies)).slice(0, going)) if (file !== latest) await removeFile(file);
  }

  async function removeFile(file: string): Promise<void> {
    await rm(`${file}.json`, { force: true });
    await rm(file, { force: true });
  }

  /** By the time of what stands beside the copy: its own is part of its mark. */
  async function confirm(file: string): Promise<void> {
    const now = new Date(clock.now());
    await utimes(`${file}.json`, now, now).catch((cause: unknown) => {
      if (!isMissing(cause)) throw cause;
    });
  }

  async function keep(incoming: string, file: string, validators: Validators): Promise<void> {
    const handle = await open(incoming, 'r');
    await handle.sync().finally(() => handle.close());
    await rename(incoming, file);
    const beside = `${incoming}.json`;
    await writeFile(beside, JSON.stringify({ ...validators, mark: await markOf(file) }), { mode: 0o600 });
    await rename(beside, `${file}.json`);
    await confirm(file);
    await forgetOldest(file);
  }

  return {
    async read(origin) {
      const file = fileOf(origin);
      try {
        const mark = await markOf(file);
        return { file, mark, ...(await readBeside(file, mark)) };
      } catch (cause) {
        if (isMissing(cause)) return undefined;
        throw cause;
      }
    },
    async receive(origin, body) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const file = fileOf(origin);
      const incoming = `${file}.${random(8).toString('hex')}.new`;
      try {
        await pipeline(body, createWriteStream(incoming, { flags: 'wx', mode: 0o600 }));
      } catch (cause) {
        await rm(incoming, { force: true });
        throw cause;
      }
      return {
        file: incoming,
        keep: (validators) => keep(incoming, file, validators),
        drop: () => rm(incoming, { force: true }),
      };
    },
    confirm: (origin) => confirm(fileOf(origin)),
    remove: (origin) => removeFile(fileOf(origin)),
  };
}
