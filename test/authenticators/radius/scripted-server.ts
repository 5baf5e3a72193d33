/** A RADIUS server that does what a test tells it; it reads and writes packets by code of its own. */
import { createHash, createHmac } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';

export type Written = readonly [type: number, value: Buffer | string];

export interface Received {
  readonly bytes: Buffer;
  readonly identifier: number;
  readonly authenticator: Buffer;
  readonly from: RemoteInfo;
  values(type: number): readonly Buffer[];
  /** User-Password, with the padding taken off. */
  password(secret: string): string;
}

export const md5 = (...parts: readonly (Buffer | string)[]): Buffer => {
  const hash = createHash('md5');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

function read(bytes: Buffer, from: RemoteInfo): Received {
  const attributes: [number, Buffer][] = [];
  for (let at = 20; at < bytes.length; at += bytes[at + 1]!)
    attributes.push([bytes[at]!, bytes.subarray(at + 2, at + bytes[at + 1]!)]);
  const authenticator = bytes.subarray(4, 20);
  const values = (wanted: number): readonly Buffer[] => attributes.filter(([type]) => type === wanted).map(([, value]) => value);
  return {
    bytes,
    identifier: bytes[1]!,
    authenticator,
    from,
    values,
    password(secret) {
      const hidden = values(2)[0]!;
      const open = Buffer.alloc(hidden.length);
      for (let block = 0; block < hidden.length; block += 16) {
        const mask = md5(secret, block === 0 ? authenticator : hidden.subarray(block - 16, block));
        for (let index = block; index < block + 16; index += 1) open[index] = hidden[index]! ^ mask[index - block]!;
      }
      return open.toString('utf8').replace(/\0+$/, '');
    },
  };
}

/** An answer as it should be, or as `spoil` leaves it before each of the two proofs is made. */
export function answer(
  request: Pick<Received, 'identifier' | 'authenticator'>,
  secret: string,
  code: number,
  attributes: readonly Written[] = [],
  { proof = 'first' }: { proof?: 'first' | 'last' | 'none' } = {},
): Buffer {
  const blank: Written = [80, Buffer.alloc(16)];
  const all = proof === 'none' ? attributes : proof === 'first' ? [blank, ...attributes] : [...attributes, blank];
  const written = all.map(([type, value]) => Buffer.concat([Buffer.of(type, Buffer.byteLength(value) + 2), Buffer.from(value)]));
  const bytes = Buffer.concat([Buffer.of(code, request.identifier, 0, 0), request.authenticator, ...written]);
  bytes.writeUInt16BE(bytes.length, 2);
  const place = all.indexOf(blank);
  if (place >= 0) {
    const at = 20 + written.slice(0, place).reduce((sum, { length }) => sum + length, 0) + 2;
    createHmac('md5', secret).update(bytes).digest().copy(bytes, at);
  }
  return seal(bytes, request, secret);
}

/** Puts the Response Authenticator that fits. */
export function seal(bytes: Buffer, request: Pick<Received, 'authenticator'>, secret: string): Buffer {
  md5(bytes.subarray(0, 4), request.authenticator, bytes.subarray(20), secret).copy(bytes, 4);
  return bytes;
}

export interface ScriptedServer {
  readonly host: string;
  readonly port: number;
  /** All that came. */
  readonly received: Received[];
  /** What to do with what comes; answers datagrams to send back, in their order. */
  script: (request: Received, socket: Socket) => readonly Buffer[];
  close(): void;
}

export async function scriptedServer(host: '127.0.0.1' | '::1' = '127.0.0.1'): Promise<ScriptedServer> {
  const socket = createSocket(host === '::1' ? 'udp6' : 'udp4');
  socket.bind(0, host);
  await once(socket, 'listening');
  const received: Received[] = [];
  const server: ScriptedServer = {
    host,
    port: socket.address().port,
    received,
    script: () => [],
    close: () => void socket.close(),
  };
  socket.on('message', (bytes, from) => {
    const request = read(bytes, from);
    received.push(request);
    for (const datagram of server.script(request, socket)) socket.send(datagram, from.port, from.address);
  });
  return server;
}
