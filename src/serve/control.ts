/** The control socket: a file in the folder of keys by which the operator's commands reach a running Passerelle. Nobody else may open it. */
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Audit } from '../audit/audit.ts';
import type { Answers } from './control-answers.ts';
import { isDead, nameOf, readName, thisOrigin } from './control-name.ts';
import { readLine } from './one-line.ts';
import { openSocketFolder, type SocketFolder } from './socket-folder.ts';

export interface Control {
  close(): Promise<void>;
}

/** How each question is answered. */
export type Answering = { readonly [Ask in keyof Answers]: () => Promise<Answers[Ask]> };

const bounds = {
  /** Of a question. */
  bytes: 1_024,
  milliseconds: 5_000,
  /** At a time; each may wait for a reload. */
  connections: 16,
  /** Until whoever asked has read the answer. */
  reading: 10_000,
};

const askOf = (question: unknown): unknown =>
  typeof question === 'object' && question !== null && 'ask' in question ? question.ask : undefined;

async function answer(socket: Socket, answering: Answering): Promise<void> {
  const ask = askOf(await readLine(socket, bounds));
  socket.pause();
  const known = Object.entries(answering).find(([name]) => name === ask)?.[1];
  const told = known === undefined ? { error: 'This is no question that is known here.' } : await known();
  socket.setTimeout(bounds.reading, () => socket.destroy());
  socket.end(`${JSON.stringify(told)}\n`, () => socket.destroy());
}

/** Takes away what processes left that are gone; of other machines that share the folder nothing is known. */
async function clear(folder: SocketFolder, path: string): Promise<void> {
  const here = thisOrigin();
  for (const name of readdirSync(path)) {
    const made = readName(name);
    if (made === undefined || !isDead(made, here)) continue;
    const socket = createConnection(folder.at(name));
    const refused = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => {
        resolve(false);
      });
      socket.once('error', (error: NodeJS.ErrnoException) => {
        resolve(error.code === 'ECONNREFUSED');
      });
    });
    socket.destroy();
    if (refused) rmSync(join(path, name), { force: true });
  }
}

/**
 * Undefined where the folder is not ours to write, which is noted: everything is served without it.
 * @param parts `folder` of keys, absolute; `pid` that of this process
 */
export async function openControl(parts: {
  folder: string;
  pid: number;
  answering: Answering;
  note: Audit['note'];
}): Promise<Control | undefined> {
  const { folder: path, pid, answering, note } = parts;
  const name = nameOf({ ...thisOrigin(), pid });
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
    answer(socket, answering).catch((error: unknown) => {
      note('error', 'a question of the operator could not be answered', { cause: error });
      socket.destroy();
    });
  });
  server.maxConnections = bounds.connections;
  // Where one cannot be accepted, the next may be.
  server.on('error', () => undefined);
  let folder: SocketFolder | undefined;
  try {
    folder = openSocketFolder(path);
    await clear(folder, path);
    // Made where nobody else may go, since its mode is whatever the umask leaves until it is set.
    const draft = mkdtempSync(join(path, '.control-'));
    try {
      server.listen(folder.at(join(draft.slice(path.length + 1), 's')));
      await once(server, 'listening');
      chmodSync(join(draft, 's'), 0o600);
      renameSync(join(draft, 's'), join(path, name));
    } finally {
      rmSync(join(draft, 's'), { force: true });
      rmdirSync(draft);
    }
  } catch (error) {
    server.close();
    folder?.close();
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    note('warn', 'no control socket: `passerelle reload` does not reach this process, SIGHUP does', { folder: path, code });
    return undefined;
  }
  const opened = folder;
  return {
    async close() {
      rmSync(join(path, name), { force: true });
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
      opened.close();
    },
  };
}
