/** Why a command failed, in one sentence: what the system says of a file or a socket in words of people. */
import { plain } from './plain.ts';

const ofFile: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read or written by this user',
  EPERM: 'may not be changed by this user',
  EEXIST: 'exists already',
  EISDIR: 'is a folder',
  ENOTDIR: 'lies below something that is no folder',
  ELOOP: 'is a link that leads nowhere, or may not be one',
  ENOSPC: 'cannot be written: the disk is full',
  EROFS: 'cannot be written: the disk takes none',
};

const ofSocket: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken by another process',
  EACCES: 'may not be listened on by this user',
  EADDRNOTAVAIL: 'is no address of this machine',
};

/** The first line alone, with the code of the system; never a stack. */
export function describeFault(error: unknown): string {
  if (!(error instanceof Error)) return plain(String(error));
  const { code, path, address, port } = error as NodeJS.ErrnoException & { readonly address?: unknown; readonly port?: unknown };
  const [file, socket] = [ofFile[code ?? ''], ofSocket[code ?? '']];
  if (code !== undefined && file !== undefined && path !== undefined) return `${plain(path)} ${file} (${code}).`;
  if (code !== undefined && socket !== undefined && typeof address === 'string' && typeof port === 'number')
    return `${plain(address)}, port ${String(port)}, ${socket} (${code}).`;
  return plain(error.message.split('\n', 1)[0] ?? '');
}
