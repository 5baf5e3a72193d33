/** Makes files and folders that belong to whoever the folder around them belongs to, so that root may run the commands of Passerelle's user. */
import { constants } from 'node:fs';
import { mkdir, open, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

/** By the opened file, and not by its name: that might be a link by now, to what is somebody else's. */
async function giveAway(made: FileHandle, folder: string): Promise<void> {
  const [{ uid, gid }, own] = await Promise.all([stat(folder), made.stat()]);
  if (own.uid === 0 && uid !== 0) await made.chown(uid, gid);
}

/** Writes a file that was not there, to the disk, or leaves none. @param mode whatever the umask is. @throws Error with a code */
export async function writeNew(path: string, content: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.chmod(mode);
    await giveAway(file, dirname(path));
    await file.writeFile(content);
    await file.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** A folder for its owner alone, and those above it, where they are not there. @throws Error with a code */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) {
    const folder = await open(made, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    try {
      await giveAway(folder, dirname(first));
    } finally {
      await folder.close();
    }
  }
}
