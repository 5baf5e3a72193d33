/** A directory server of very few words, which does with each request what it is told: for everything that can go wrong with one. */
import { type Server, type Socket, createServer } from 'node:net';
import { type SecureContextOptions, createServer as createTlsServer } from 'node:tls';
import { type Incoming, createMessageStream } from '../../src/directory/message-stream.ts';

const BIND = 0x60;
const UNBIND = 0x42;
const SEARCH = 0x63;
const MODIFY = 0x66;

export interface Request {
  readonly kind: 'bind' | 'search' | 'modify';
  /** Of a bind: its name. */
  readonly name: string;
  readonly id: number;
  readonly socket: Socket;
  /** Ends the operation with that LDAP code. */
  readonly answer: (code?: number, message?: string) => void;
}

export type Script = (request: Request) => void;

export interface ScriptedServer {
  readonly port: number;
  /** Host and port. */
  readonly name: string;
  readonly url: string;
  /** Names of all binds so far. */
  readonly binds: readonly string[];
  /** Connections taken so far, and those that stand. */
  readonly connections: number;
  readonly open: number;
  /** What to do from now on. */
  behave(script: Script): void;
  /** What becomes of new connections from now on. */
  greet(greeting: (socket: Socket) => void): void;
  /** Another certificate, for new connections. */
  present(certificate: SecureContextOptions): void;
  close(): Promise<void>;
}

const bytesOf = (text: string): Buffer => Buffer.concat([Buffer.from([0x04, text.length]), Buffer.from(text)]);

/** An LDAPResult (RFC 4511 §4.1.9), short enough for lengths of one byte. */
function resultOf(id: number, operation: number, code: number, message: string): Buffer {
  const body = Buffer.concat([Buffer.from([0x0a, 1, code]), bytesOf(''), bytesOf(message)]);
  return Buffer.concat([Buffer.from([0x30, body.length + 6, 0x02, 2, id >> 8, id & 0xff, operation, body.length]), body]);
}

/** An entry of rootDSE, without attributes but one of one value. */
export function rootDseEntry(id: number, attribute: string, value: string): Buffer {
  const wrap = (tag: number, ...parts: Buffer[]): Buffer => {
    const body = Buffer.concat(parts);
    return Buffer.concat([Buffer.from([tag, body.length]), body]);
  };
  const pair = wrap(0x30, bytesOf(attribute), wrap(0x31, bytesOf(value)));
  return wrap(0x30, Buffer.from([0x02, 1, id]), wrap(0x64, bytesOf(''), wrap(0x30, pair)));
}

export const well: Script = (request) => {
  request.answer();
};

function requestOf({ id, operation, reader }: Incoming, socket: Socket): Request | undefined {
  const end = (code: number, message: string): void => {
    if (!socket.destroyed) socket.write(resultOf(id, operation === SEARCH ? 0x65 : operation + 1, code, message));
  };
  const answer: Request['answer'] = (code = 0, message = '') => {
    end(code, message);
  };
  if (operation === SEARCH || operation === MODIFY) {
    return { kind: operation === SEARCH ? 'search' : 'modify', name: '', id, socket, answer };
  }
  if (operation !== BIND) return undefined;
  reader.readSequence(BIND);
  reader.readInt();
  return { kind: 'bind', name: reader.readString() ?? '', id, socket, answer };
}

export async function scriptedServer(tls?: SecureContextOptions): Promise<ScriptedServer> {
  const sockets = new Set<Socket>();
  const binds: string[] = [];
  let connections = 0;
  let script = well;
  let greeting: ((socket: Socket) => void) | undefined;

  const take = (socket: Socket): void => {
    connections += 1;
    sockets.add(socket);
    // An answer of several writes must not wait for an acknowledgement of the first.
    socket.setNoDelay(true);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    greeting?.(socket);
    const read = createMessageStream(100_000, (message) => {
      if (message.operation === UNBIND) socket.end();
      const request = requestOf(message, socket);
      if (request?.kind === 'bind') binds.push(request.name);
      if (request !== undefined) script(request);
    });
    socket.on('data', (chunk) => {
      if (!socket.destroyed) read(chunk);
    });
  };
  const secure = tls && createTlsServer(tls, take);
  const server: Server = secure ?? createServer(take);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    port,
    name: `127.0.0.1:${String(port)}`,
    url: `${tls === undefined ? 'ldap' : 'ldaps'}://127.0.0.1:${String(port)}`,
    binds,
    get connections() {
      return connections;
    },
    get open() {
      return sockets.size;
    },
    behave(next) {
      script = next;
    },
    greet(next) {
      greeting = next;
    },
    present(certificate) {
      secure?.setSecureContext(certificate);
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
