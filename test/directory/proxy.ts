/** A TCP proxy on loopback that counts, holds back and cuts what passes. */
import { type Socket, connect, createServer } from 'node:net';

export interface Proxy {
  readonly port: number;
  /** Connections taken so far, and bytes sent through them to the target. */
  readonly connections: number;
  readonly bytes: number;
  /** From now on nothing passes on the connections that stand; new ones are not touched. */
  hold(): void;
  /** The same, also for new ones, until `restore`: they are taken, and nothing passes. */
  cutOff(): void;
  /** New connections pass again; those that were held stay dead. */
  restore(): void;
  /** Cuts all connections with a reset. */
  cut(): void;
  close(): Promise<void>;
}

/** @param address where it listens */
export async function createProxy(host: string, port: number, address = '127.0.0.1'): Promise<Proxy> {
  const pairs = new Set<{ readonly near: Socket; readonly far: Socket; held: boolean }>();
  let connections = 0;
  let bytes = 0;
  let isCutOff = false;
  const hold = (): void => {
    for (const pair of pairs) {
      pair.held = true;
    }
  };
  const server = createServer((near) => {
    connections += 1;
    const far = connect({ host, port });
    const pair = { near, far, held: isCutOff };
    pairs.add(pair);
    near.on('data', (chunk) => {
      bytes += chunk.length;
      if (!pair.held) {
        far.write(chunk);
      }
    });
    far.on('data', (chunk) => {
      if (!pair.held) {
        near.write(chunk);
      }
    });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => {
        pairs.delete(pair);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, address, resolve);
  });
  const own = server.address();
  return {
    port: typeof own === 'object' && own !== null ? own.port : 0,
    get connections() {
      return connections;
    },
    get bytes() {
      return bytes;
    },
    hold,
    cutOff() {
      isCutOff = true;
      hold();
    },
    restore() {
      isCutOff = false;
    },
    cut() {
      for (const { near } of pairs) {
        near.resetAndDestroy();
      }
    },
    async close() {
      for (const { near, far } of pairs) {
        near.destroy();
        far.destroy();
      }
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
