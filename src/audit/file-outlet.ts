/** Chains in a file, one line each: rotated by size, opened again where it was moved, and never in the way of whoever signs in. */
import { constants } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import type { Clock } from '../clock.ts';
import { olderFiles, rotateFile } from './file-rotation.ts';
import { causeOf, createLossCount, type Outlet, type OutletTold } from './outlets.ts';

export interface FileOutletParts {
  readonly path: string;
  /** From so many bytes on a new file is begun; undefined where somebody else does that. */
  readonly most: number | undefined;
  /** How many older ones are kept. */
  readonly keep: number;
  /** Whether a file that is not there yet is made. */
  readonly makes: boolean;
  readonly clock: Clock;
  readonly told: OutletTold;
  /** Called as soon as it is certain which line is the first of a new file, and how many older files there will be; it gives that line. */
  readonly turned: (older: number | undefined) => void;
  /** Milliseconds until what failed is tried again. */
  readonly patience?: number;
}

/** What the queue holds beside lines: from here on in a new file; from here on where the path leads now. */
type Turn = 'rotate' | 'reopen';

/** Bytes that wait at most; what comes beyond is dropped and counted. */
const mostWaiting = 8 * 1024 * 1024;
/** Bytes of one write. */
const mostAtOnce = 1024 * 1024;
/** Milliseconds that the first line waits for others. */
const gathering = 10;

const lineEnd = Buffer.from('\n');

/** Opened for its owner alone; a line that somebody left without its end is ended. */
async function openFile(path: string, makes: boolean): Promise<{ file: FileHandle; size: number }> {
  const { O_APPEND, O_RDWR, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  // A pipe that somebody laid in its place, and that nobody reads, must not keep the process from ending.
  const file = await open(path, O_APPEND | O_RDWR | (makes ? O_CREAT : 0) | O_NOFOLLOW | O_NONBLOCK, 0o600);
  try {
    const found = await file.stat();
    if (!found.isFile() || found.size === 0) return { file, size: 0 };
    const last = Buffer.alloc(1);
    await file.read(last, 0, 1, found.size - 1);
    if (!last.equals(lineEnd)) await file.write(lineEnd);
    return { file, size: found.size };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** @throws nothing: a file that cannot be opened is told of as one that cannot be written */
export function createFileOutlet(parts: FileOutletParts): Outlet {
  const { path, most, keep, makes, clock, told, turned, patience = 1_000 } = parts;
  const losses = createLossCount();
  let queue: (Buffer | Turn)[] = [];
  let waiting = 0;
  /** Bytes of the first line that were written already. */
  let begun = 0;
  let file: FileHandle | undefined;
  /** What the file will hold once all that waits is written. */
  let size = 0;
  let older = 0;
  let isBroken = false;
  let isDropping = false;
  let working: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;

  function turn(kind: Turn): void {
    queue.push(kind);
    size = 0;
    if (kind === 'rotate') older = Math.min(older + 1, keep);
    turned(kind === 'rotate' ? older : undefined);
  }

  async function isSame(handle: FileHandle): Promise<'same' | 'moved' | 'deleted'> {
    const held = await handle.stat();
    if (!held.isFile()) return 'same';
    const named = await stat(path).catch(() => undefined);
    if (named?.ino === held.ino && named.dev === held.dev) return 'same';
    return held.nlink === 0 ? 'deleted' : 'moved';
  }

  async function letGo(): Promise<void> {
    const held = file;
    file = undefined;
    begun = 0;
    await held?.close();
  }

  async function ready(): Promise<FileHandle> {
    if (file !== undefined) {
      const state = await isSame(file);
      if (state === 'moved' && !queue.includes('reopen')) turn('reopen');
      if (state !== 'deleted') return file;
      await letGo();
    }
    older = (await olderFiles(path)).length;
    const opened = await openFile(path, makes);
    file = opened.file;
    size = opened.size + waiting;
    return file;
  }

  /** Writes the lines up to the next turn, or makes that turn. */
  async function step(): Promise<void> {
    const handle = await ready();
    const [first] = queue;
    if (first === 'rotate' || first === 'reopen') {
      await letGo();
      if (first === 'rotate') older = await rotateFile(path, keep);
      queue.shift();
      return;
    }
    let bytes = 0;
    const batch: Buffer[] = [];
    for (const entry of queue) {
      if (typeof entry === 'string' || bytes >= mostAtOnce) break;
      batch.push(entry);
      bytes += entry.length;
    }
    const joined = Buffer.concat(batch);
    while (begun < joined.length) begun += (await handle.write(joined, begun)).bytesWritten;
    queue = queue.slice(batch.length);
    waiting -= bytes;
    begun = 0;
  }

  /** So that a failed write goes on in the middle of its line and no other. */
  function dropWritten(): void {
    for (;;) {
      const [first] = queue;
      if (typeof first !== 'object' || begun < first.length) return;
      begun -= first.length;
      waiting -= first.length;
      queue.shift();
    }
  }

  function recovered(): void {
    isDropping = false;
    if (isBroken) told.mended();
    isBroken = false;
    const lost = losses.take();
    if (lost !== undefined) told.lost(lost);
  }

  async function work(): Promise<void> {
    await clock.until(clock.now() + gathering);
    try {
      while (queue.length > 0) {
        await step();
        if (isBroken || isDropping) recovered();
      }
      working = undefined;
    } catch (error) {
      dropWritten();
      working = undefined;
      if (!isBroken) told.broken(causeOf(error));
      isBroken = true;
      retry = setTimeout(() => {
        retry = undefined;
        start();
      }, patience).unref();
    }
  }

  function start(): void {
    if (retry === undefined && queue.length > 0) working ??= work();
  }

  async function flush(): Promise<void> {
    if (retry !== undefined) {
      clearTimeout(retry);
      retry = undefined;
      start();
    }
    await working;
  }

  return {
    take(line) {
      const bytes = Buffer.from(`${line.text}\n`);
      if (isDropping || waiting + bytes.length > mostWaiting) {
        isDropping = true;
        losses.add(line);
        return;
      }
      queue.push(bytes);
      waiting += bytes.length;
      size += bytes.length;
      if (most !== undefined && file !== undefined && size >= most) turn('rotate');
      start();
    },
    flush,
    async close() {
      await flush();
      clearTimeout(retry);
      retry = undefined;
      await letGo().catch(() => undefined);
    },
  };
}
