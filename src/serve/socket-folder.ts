/** A folder in which Unix sockets are made and reached, however long its path is. */
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';

export interface SocketFolder {
  /** By which name a socket in it is made or reached. */
  at(name: string): string;
  close(): void;
}

/** unix(7): sun_path takes 108 bytes, of which one ends it. Names in it have fewer than 60. */
const longest = 107 - 60;

/** @throws Error where the folder cannot be opened */
export function openSocketFolder(path: string): SocketFolder {
  const descriptor = openSync(path, 'r');
  // The folder as we hold it open has a short name.
  const reached = Buffer.byteLength(path) <= longest ? path : `/proc/self/fd/${String(descriptor)}`;
  return {
    at: (name) => join(reached, name),
    close() {
      closeSync(descriptor);
    },
  };
}
