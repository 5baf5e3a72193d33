/** One connection to a directory server, on which one operation runs at a time. */
import type { Socket } from 'node:net';
import { Ber, BerReader, BindRequest, type Filter, PagedResultsControl, PasswordPolicyControl, SearchRequest } from 'ldapts';
import { enter, integer, octets, skip } from './ber.ts';
import { dial } from './dial.ts';
import type { Endpoint } from './endpoint.ts';
import { type Incoming, createMessageStream } from './message-stream.ts';
import { Unanswered } from './unanswered.ts';

const CONTROLS = 0xa0;
const BIND_RESPONSE = 0x61;
const SEARCH_ENTRY = 0x64;
const SEARCH_DONE = 0x65;
/** No single entry of a person comes near it, nor does a page of them. */
const MESSAGE_LIMIT = 4 * 1024 * 1024;
const ANSWER_LIMIT = 32 * 1024 * 1024;
const LARGEST_ID = 2 ** 31 - 1;
// RFC 4511 §4.3, as message 0, which nothing answers.
const unbindRequest = Buffer.from([0x30, 0x05, 0x02, 0x01, 0x00, 0x42, 0x00]);

/** An entry as it came: attribute names in lower case, values as bytes. */
export interface Entry {
  readonly dn: string;
  readonly attributes: ReadonlyMap<string, readonly Buffer[]>;
}

/** How an operation ended (RFC 4511 §4.1.9). */
export interface LdapResult {
  readonly code: number;
  readonly message: string;
  /** What the password policy control said: 0 expired, 1 locked, 2 must change; undefined where it said nothing. */
  readonly policy: number | undefined;
  /** Where the next page begins; undefined after the last. */
  readonly cookie: Buffer | undefined;
}

export interface Search {
  readonly base: string;
  readonly scope: 'base' | 'sub';
  readonly filter: Filter;
  readonly attributes: string[];
  /** Entries wanted at most; 0 for all. */
  readonly limit: number;
  /** Entries a page, and where it begins. */
  readonly page?: { readonly size: number; readonly cookie: Buffer | undefined };
}

export interface Connection {
  /** Host and port. */
  readonly server: string;
  /** False once it has ended. */
  readonly usable: boolean;
  /** @throws Unanswered */
  bind(dn: string, password: string): Promise<LdapResult>;
  /** @throws Unanswered */
  search(search: Search): Promise<LdapResult & { readonly entries: readonly Entry[] }>;
  close(): void;
}

function readEntry(reader: BerReader): Entry {
  enter(reader, SEARCH_ENTRY);
  const dn = octets(reader).toString();
  const attributes = new Map<string, readonly Buffer[]>();
  const end = enter(reader, 0x30);
  while (reader.offset < end) {
    enter(reader, 0x30);
    // Active Directory names a part of many values `memberOf;range=0-1499`, OpenLDAP certificates `userCertificate;binary`.
    const name = octets(reader)
      .toString()
      .toLowerCase()
      .replace(/;(?:range=.*|binary)$/, '');
    const values: Buffer[] = [];
    const last = enter(reader, 0x31);
    while (reader.offset < last) {
      values.push(octets(reader));
    }
    if (values.length > 0) {
      attributes.set(name, values);
    }
  }
  return { dn, attributes };
}

function readResult(reader: BerReader, operation: number): LdapResult {
  const end = enter(reader, operation);
  const code = integer(reader, Ber.Enumeration);
  octets(reader);
  const message = octets(reader).toString();
  reader.offset = end;
  let policy: number | undefined;
  let cookie: Buffer | undefined;
  if (reader.peek() === CONTROLS) {
    const last = enter(reader, CONTROLS);
    while (reader.offset < last) {
      const next = enter(reader, 0x30);
      const type = octets(reader).toString();
      if (reader.offset < next && reader.peek() === Ber.Boolean) {
        skip(reader);
      }
      const value = new BerReader(reader.offset < next ? octets(reader) : Buffer.alloc(0));
      if (type === PagedResultsControl.type) {
        enter(value, 0x30);
        integer(value);
        const bytes = octets(value);
        cookie = bytes.length > 0 ? bytes : undefined;
      } else if (type === PasswordPolicyControl.type) {
        const control = new PasswordPolicyControl();
        control.parse(value);
        policy = control.value?.error;
      }
      reader.offset = next;
    }
  }
  return { code, message, policy, cookie };
}

/**
 * A connection to that server, not yet bound.
 * @param connectTimeout milliseconds until it stands, TLS included
 * @param operationTimeout milliseconds for each operation
 * @throws Unanswered
 */
export async function openConnection(
  endpoint: Endpoint,
  ca: string | undefined,
  connectTimeout: number,
  operationTimeout: number,
): Promise<Connection> {
  const socket: Socket = await dial(endpoint, ca, connectTimeout);
  let id = 0;
  let ended = socket.destroyed;
  let received = 0;
  let take: ((message: Incoming) => void) | undefined;
  let giveUp: ((trouble: Unanswered) => void) | undefined;

  const end = (message: string, closed: boolean): void => {
    ended = true;
    socket.destroy();
    giveUp?.(new Unanswered(endpoint.name, message, closed));
  };
  const read = createMessageStream(MESSAGE_LIMIT, (message) => {
    // Message 0 is the server's own notice; it closes the connection then.
    if (message.id === id) {
      take?.(message);
    }
  });
  socket.on('data', (chunk) => {
    received += chunk.length;
    try {
      if (received > ANSWER_LIMIT) {
        throw new Error('answer too large');
      }
      read(chunk);
    } catch (error) {
      end(error instanceof Error ? error.message : 'unreadable answer', false);
    }
  });
  socket.on('end', () => {
    end('connection closed', true);
  });
  socket.on('error', (error) => {
    end('code' in error ? String(error.code) : error.message, true);
  });
  socket.on('close', () => {
    end('connection closed', true);
  });

  /** Sends one request and hands each answer to `step` until that gives a result. */
  function exchange<Result>(request: (id: number) => Buffer, step: (message: Incoming) => Result | undefined): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (take !== undefined) {
        throw new Error('two operations on one connection');
      }
      if (ended) {
        reject(new Unanswered(endpoint.name, 'connection closed', true));
        return;
      }
      id = id === LARGEST_ID ? 1 : id + 1;
      received = 0;
      const timer = setTimeout(() => {
        end(`no answer within ${String(operationTimeout)} ms`, false);
      }, operationTimeout);
      const over = (): void => {
        clearTimeout(timer);
        take = undefined;
        giveUp = undefined;
      };
      take = (message) => {
        const result = step(message);
        if (result !== undefined) {
          over();
          resolve(result);
        }
      };
      giveUp = (trouble) => {
        over();
        reject(trouble);
      };
      socket.write(request(id));
    });
  }

  return {
    server: endpoint.name,
    get usable() {
      return !ended;
    },
    bind(dn, password) {
      return exchange(
        (messageId) => new BindRequest({ messageId, dn, password, controls: [new PasswordPolicyControl()] }).write(),
        ({ operation, reader }) => (operation === BIND_RESPONSE ? readResult(reader, BIND_RESPONSE) : undefined),
      );
    },
    async search({ base, scope, filter, attributes, limit, page }) {
      const entries: Entry[] = [];
      const control =
        page && new PagedResultsControl({ value: { size: page.size, ...(page.cookie && { cookie: page.cookie }) } });
      const result = await exchange(
        (messageId) =>
          new SearchRequest({
            messageId,
            baseDN: base,
            scope,
            filter,
            attributes,
            sizeLimit: limit,
            timeLimit: Math.ceil(operationTimeout / 1_000),
            ...(control && { controls: [control] }),
          }).write(),
        ({ operation, reader }) => {
          if (operation === SEARCH_ENTRY) {
            entries.push(readEntry(reader));
          }
          // What remains are references to other servers (RFC 4511 §4.5.3), which are not followed.
          return operation === SEARCH_DONE ? readResult(reader, SEARCH_DONE) : undefined;
        },
      );
      return { ...result, entries };
    },
    close() {
      if (!ended) {
        ended = true;
        socket.write(unbindRequest);
        socket.destroySoon();
        socket.unref();
      }
    },
  };
}
