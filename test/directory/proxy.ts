/** A TCP proxy on loopback that counts, holds back and cuts what passes. */
import { type Socket, connect, createServer } from 'node:net';

export interface Proxy {
  readonly port: number;
  /** Connections taken so far, and bytes sent through them to the target. */
  readonly connections: number;
  readonly bytes: number;
  /** From now on nothing passes on the connections that stand; new ones are not touched. */
  hold(): void;
  /** Cuts all connections with a reset. */
  cut(): void;
  close(): Promise<void>;
}

export async function createProxy(host: string, port: number): Promise<Proxy> {
  const pairs = new Set<{ readonly near: Socket; readonly far: Socket; held: boolean }>();
  let connections = 0;
  let bytes = 0;
  const server = createServer((near) => {
    connections += 1;
    const far = connect({ host, port });
    const pair = { near, far, held: false };
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
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    get connections() {
      return connections;
    },
    get bytes() {
      return bytes;
    },
    hold() {
      for (const pair of pairs) {
        pair.held = true;
      }
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
