/** The embedded demo directory: a small LDAP responder for loopback alone, with Active Directory's manners. */
import { type Socket, createServer } from 'node:net';
import type { Clock } from '../clock.ts';
import { enter, integer, octets } from './ber.ts';
import { createDemoAccounts } from './demo-accounts.ts';
import { readDemoEntries } from './demo-entries.ts';
import { writeResult } from './demo-result.ts';
import { answerSearch } from './demo-search.ts';
import { dnsDomainOf } from './distinguished-name.ts';
import { type Incoming, createMessageStream } from './message-stream.ts';

export interface DemoDirectoryOptions {
  /** The people, as LDIF with `userPassword` in the clear. */
  readonly ldif: string;
  /** A loopback address. */
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly clock: Clock;
}

export interface DemoDirectory {
  /** `ldap://HOST:PORT`, without TLS. */
  readonly url: string;
  readonly port: number;
  readonly baseDn: string;
  /** Those who can sign in, in the order of the LDIF, with their passwords. */
  readonly accounts: readonly {
    readonly distinguishedName: string;
    readonly sAMAccountName: string;
    readonly userPrincipalName: string | undefined;
    readonly password: string;
  }[];
  close(): Promise<void>;
}

const BIND_REQUEST = 0x60;
const BIND_RESPONSE = 0x61;
const UNBIND_REQUEST = 0x42;
const SEARCH_REQUEST = 0x63;
const ABANDON_REQUEST = 0x50;
const EXTENDED_REQUEST = 0x77;
const EXTENDED_RESPONSE = 0x78;
const SIMPLE = 0x80;
const MESSAGE_LIMIT = 256 * 1024;
const MOST_CONNECTIONS = 512;
const INVALID_CREDENTIALS = 49;
const AUTH_METHOD_NOT_SUPPORTED = 7;
const PROTOCOL_ERROR = 2;
const UNWILLING_TO_PERFORM = 53;

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

/**
 * Starts it.
 * @throws RangeError where `host` is not a loopback address; SyntaxError where `ldif` is no LDIF
 */
export async function createDemoDirectory({ ldif, host, port, clock }: DemoDirectoryOptions): Promise<DemoDirectory> {
  if (!isLoopback(host)) {
    throw new RangeError(`the demo directory holds well-known passwords and listens on loopback only, not on ${host}`);
  }
  const entries = readDemoEntries(ldif);
  const accounts = createDemoAccounts(entries, dnsDomainOf(entries.baseDn) ?? '', clock);
  const sockets = new Set<Socket>();

  function answerBind({ id, reader }: Incoming): { bound: boolean; answer: Buffer } {
    enter(reader, BIND_REQUEST);
    const version = integer(reader);
    const name = octets(reader).toString();
    if (version !== 3 || reader.peek() !== SIMPLE) {
      const code = version === 3 ? AUTH_METHOD_NOT_SUPPORTED : PROTOCOL_ERROR;
      return { bound: false, answer: writeResult(id, BIND_RESPONSE, code) };
    }
    const password = octets(reader, SIMPLE).toString();
    if (name === '' && password === '') {
      return { bound: false, answer: writeResult(id, BIND_RESPONSE, 0) };
    }
    const outcome = accounts.bind(name, password);
    if (typeof outcome === 'string') {
      const message = `80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data ${outcome}, v1db1`;
      return { bound: false, answer: writeResult(id, BIND_RESPONSE, INVALID_CREDENTIALS, message) };
    }
    return { bound: true, answer: writeResult(id, BIND_RESPONSE, 0) };
  }

  function serve(socket: Socket): void {
    let bound = false;
    const read = createMessageStream(MESSAGE_LIMIT, (message) => {
      switch (message.operation) {
        case BIND_REQUEST: {
          const result = answerBind(message);
          bound = result.bound;
          socket.write(result.answer);
          break;
        }
        case SEARCH_REQUEST:
          socket.write(Buffer.concat(answerSearch(message, entries, bound)));
          break;
        case UNBIND_REQUEST:
          socket.end();
          break;
        case ABANDON_REQUEST:
          break;
        case EXTENDED_REQUEST:
          socket.write(writeResult(message.id, EXTENDED_RESPONSE, PROTOCOL_ERROR, 'unsupported extended operation'));
          break;
        default:
          // Every other request is answered under the number that follows its own (RFC 4511 §4.6 to §4.10).
          socket.write(writeResult(message.id, 0x60 | ((message.operation & 0x1f) + 1), UNWILLING_TO_PERFORM));
      }
    });
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      try {
        read(chunk);
      } catch {
        socket.destroy();
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  }

  const server = createServer(serve);
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const listening = typeof address === 'object' && address !== null ? address.port : port;

  return {
    url: `ldap://${host.includes(':') ? `[${host}]` : host}:${String(listening)}`,
    port: listening,
    baseDn: entries.baseDn,
    accounts: entries.all.flatMap(({ dn, attributes, password }) => {
      const first = (name: string): string | undefined => attributes.get(name)?.values[0]?.toString();
      const sAMAccountName = first('samaccountname');
      return password === undefined || sAMAccountName === undefined
        ? []
        : [{ distinguishedName: dn, sAMAccountName, userPrincipalName: first('userprincipalname'), password }];
    }),
    close() {
      for (const socket of sockets) {
        socket.destroy();
      }
      return new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}
