/** Reads a file that is small and is a file, or says in words why not. */
import { open, stat } from 'node:fs/promises';

export type FileReading =
  | { readonly bytes: Buffer; /** The permission bits. */ readonly mode: number }
  | { /** Reads on after the name of the file. */ readonly trouble: string };

/** Reads a file of at most `limit` bytes. */
export type ReadFile = (path: string, limit: number) => Promise<FileReading>;

const troubles: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'lies below something that is no folder',
  EACCES: 'may not be read by the user that Passerelle runs as',
  EPERM: 'may not be read by the user that Passerelle runs as',
  ELOOP: 'is a link that leads in a circle',
  ENAMETOOLONG: 'has a name that is too long',
};

export const readBounded: ReadFile = async (path, limit) => {
  try {
    // Before opening, since opening a pipe waits for its writer.
    const { mode, isFile } = await kindOf(path);
    if (!isFile) return { trouble: 'is not a file' };
    const handle = await open(path, 'r');
    try {
      const buffer = Buffer.alloc(limit + 1);
      let length = 0;
      for (;;) {
        const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null);
        length += bytesRead;
        if (length > limit) return { trouble: `is larger than ${String(limit)} bytes` };
        if (bytesRead === 0) return { bytes: buffer.subarray(0, length), mode };
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    if (code === undefined) throw error;
    if (code === 'ERR_INVALID_ARG_VALUE') return { trouble: 'has a name that no file can have' };
    return { trouble: troubles[code] ?? `cannot be read (${code})` };
  }
};

async function kindOf(path: string): Promise<{ mode: number; isFile: boolean }> {
  const found = await stat(path);
  return { mode: found.mode & 0o777, isFile: found.isFile() };
}
