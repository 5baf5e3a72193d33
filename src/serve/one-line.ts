/** Reads one line of JSON from a socket, within a bound of bytes and of time. */
import type { Socket } from 'node:net';

/** The value; undefined where nothing that can be read came in time. Never rejects. */
export function readLine(socket: Socket, limits: { readonly bytes: number; readonly milliseconds: number }): Promise<unknown> {
  return new Promise((resolve) => {
    let read = Buffer.alloc(0);
    const end = (value: unknown): void => {
      clearTimeout(timer);
      socket.off('data', take);
      resolve(value);
    };
    const take = (bytes: Buffer): void => {
      read = Buffer.concat([read, bytes]);
      const at = read.indexOf('\n');
      if (at >= 0 && at < limits.bytes) end(parse(read.subarray(0, at)));
      else if (read.length >= limits.bytes) end(undefined);
    };
    const nothing = (): void => {
      end(undefined);
    };
    const timer = setTimeout(nothing, limits.milliseconds);
    socket.on('data', take).once('end', nothing).once('error', nothing).once('close', nothing);
  });
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
