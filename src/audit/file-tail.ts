/** The end of a file of chains, as the next process finds it. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { readChainLine } from './chain-line.ts';
import type { ChainEnds } from './chain-ends.ts';

/** Bytes. The first line of each file tells what lies before it. */
const mostRead = 4 * 1024 * 1024;

/**
 * Shows what is there to `ends`.
 * @returns whether the last line has no end, as one that was being written when its process was killed.
 * @throws faults of the file system, such as that there is no file
 */
export async function readTail(path: string, ends: Pick<ChainEnds, 'see'>): Promise<boolean> {
  // A pipe is opened without waiting for whoever writes to it.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await file.stat();
    const size = found.isFile() ? found.size : 0;
    const bytes = Buffer.alloc(Math.min(size, mostRead));
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, size - bytes.length + length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    const lines = bytes.toString('utf8', 0, length).split('\n');
    const torn = lines.pop() !== '';
    for (const text of lines) {
      const line = readChainLine(text);
      if (line !== undefined) ends.see(line);
    }
    return torn;
  } finally {
    await file.close();
  }
}
