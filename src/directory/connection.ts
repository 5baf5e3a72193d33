/** One connection to a directory server, on which one operation runs at a time. */
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import {
  Attribute,
  Ber,
  BerReader,
  BindRequest,
  Change,
  ModifyRequest,
  PagedResultsControl,
  PasswordPolicyControl,
  SearchRequest,
} from 'ldapts';
import { Refusal } from '../refusal.ts';
import { enter, integer, octets, skip } from './ber.ts';
import { type Lines, dial } from './dial.ts';
import type { Endpoint } from './endpoint.ts';
import { type Incoming, createMessageStream } from './message-stream.ts';
import { type Ranges, completeRanges, rangeOf } from './range-retrieval.ts';
import { timeLimit } from './time-limit.ts';
import type { Entry, LdapResult, Search } from './operations.ts';
import { ReadOnly, Silent, Unanswered } from './unanswered.ts';

export type { Entry, LdapResult, Search } from './operations.ts';

const CONTROLS = 0xa0;
const BIND_RESPONSE = 0x61;
const SEARCH_ENTRY = 0x64;
const SEARCH_DONE = 0x65;
const MODIFY_RESPONSE = 0x67;
const REFERRAL = 10;
const UNWILLING_TO_PERFORM = 53;
/** No single entry of a person comes near it, nor does a page of them. */
const usualLimits: AnswerLimits = { message: 4 * 1024 * 1024, answer: 32 * 1024 * 1024 };
const LARGEST_ID = 2 ** 31 - 1;
/** Milliseconds for the last bytes to leave. */
const FAREWELL = 1_000;
// RFC 4511 §4.3, as message 0, which nothing answers.
const unbindRequest = Buffer.from([0x30, 0x05, 0x02, 0x01, 0x00, 0x42, 0x00]);

/** One step of a modification (RFC 4511 §4.6). */
export interface Modification {
  readonly operation: 'add' | 'delete' | 'replace';
  readonly attribute: string;
  readonly values: readonly Buffer[];
}

/** Bytes. */
export interface AnswerLimits {
  /** Of one entry, or of a result. */
  readonly message: number;
  /** Of all that answers one scan. */
  readonly answer: number;
}

export interface Connection {
  /** Host and port. */
  readonly server: string;
  /** Whether nobody on the way can read what passes. */
  readonly encrypted: boolean;
  /** False once it has ended. */
  readonly usable: boolean;
  /** When the server last answered anything, by performance.now(); 0 where it never did. */
  readonly heard: number;
  /** @throws Unanswered */
  bind(dn: string, password: string): Promise<LdapResult>;
  /** @throws Unanswered */
  search(search: Search): Promise<LdapResult & { readonly entries: readonly Entry[] }>;
  /**
   * As `search`, each entry handed on as it arrives: `take` reads what it wants of it and keeps no bytes. Attributes that come in part
   * stay so. @throws Unanswered, and a Refusal of `take`, which ends the connection
   */
  scan(search: Search, take: (entry: BerReader) => void): Promise<LdapResult>;
  /** All modifications or none. @throws Unanswered; ReadOnly where this server takes no writes, which nothing has changed then */
  modify(dn: string, modifications: readonly Modification[]): Promise<LdapResult>;
  /** Any other operation, which one message of that tag answers. @throws Unanswered */
  perform(request: (messageId: number) => Buffer, response: number): Promise<LdapResult>;
  /** The next operation gets only so many milliseconds, those after it the usual time. */
  hurry(milliseconds: number): void;
  /** Says goodbye. An operation that runs ends at once, unanswered. */
  close(): void;
}

/** A referral; or in OpenLDAP's words, where it has none to give: a consumer, or a database set to read only. */
const meansReadOnly = ({ code, message }: LdapResult): boolean =>
  code === REFERRAL || (code === UNWILLING_TO_PERFORM && /shadow context|operation restricted|read[- ]only|RODC/i.test(message));

/** `ranges` tells of attributes that came in part. @throws MalformedMessage, or ldapts' InvalidAsn1Error */
export function readEntry(reader: BerReader): { entry: Entry; ranges: Ranges } {
  enter(reader, SEARCH_ENTRY);
  const dn = octets(reader).toString();
  const attributes = new Map<string, readonly Buffer[]>();
  const ranges = new Map<string, number>();
  const end = enter(reader, 0x30);
  while (reader.offset < end) {
    enter(reader, 0x30);
    const described = octets(reader).toString().toLowerCase();
    const { name: named, next } = rangeOf(described);
    // OpenLDAP names certificates `userCertificate;binary`.
    const name = named.replace(/;binary$/, '');
    const values: Buffer[] = [];
    const last = enter(reader, 0x31);
    while (reader.offset < last) {
      values.push(octets(reader));
    }
    if (values.length > 0) {
      attributes.set(name, values);
      if (next !== undefined) ranges.set(name, next);
    }
  }
  return { entry: { dn, attributes }, ranges };
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
 * @param trust the authorities (PEM) that vouch for the server, or a context that holds them
 * @param connectTimeout milliseconds until it stands, TLS included
 * @param operationTimeout milliseconds for each operation
 * @throws Unanswered
 */
export async function openConnection(
  endpoint: Endpoint,
  trust: string | SecureContext | undefined,
  connectTimeout: number,
  operationTimeout: number,
  lines: Lines = new Set<() => void>(),
  limits: AnswerLimits = usualLimits,
): Promise<Connection> {
  const socket: Socket = await dial(endpoint, trust, connectTimeout, lines);
  let id = 0;
  let heard = 0;
  let patience = operationTimeout;
  let ended = socket.destroyed;
  let received = 0;
  let mostReceived = usualLimits.answer;
  let take: ((message: Incoming) => void) | undefined;
  let giveUp: ((trouble: Error) => void) | undefined;

  const end = (message: string, closed: boolean, trouble?: Error): void => {
    ended = true;
    lines.delete(hangUp);
    socket.destroy();
    giveUp?.(trouble ?? new Unanswered(endpoint.name, message, closed));
  };
  const hangUp = (): void => {
    end('closed', false);
  };
  lines.add(hangUp);
  const read = createMessageStream(limits.message, (message) => {
    // Message 0 is the server's own notice; it closes the connection then.
    if (message.id === id) {
      heard = performance.now();
      take?.(message);
    }
  });
  socket.on('data', (chunk) => {
    received += chunk.length;
    try {
      if (received > mostReceived) {
        throw new Error('answer too large');
      }
      read(chunk);
    } catch (error) {
      const refused = error instanceof Refusal ? error : undefined;
      end(error instanceof Error ? error.message : 'unreadable answer', false, refused);
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
  function exchange<Result>(
    request: (id: number) => Buffer,
    step: (message: Incoming) => Result | undefined,
    answer = usualLimits.answer,
  ): Promise<Result> {
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
      mostReceived = answer;
      const limit = patience;
      patience = operationTimeout;
      const callOff = timeLimit(limit, () => {
        const silence = new Silent(endpoint.name, limit);
        const give = giveUp;
        giveUp = undefined;
        hangUp();
        give?.(silence);
      });
      const over = (): void => {
        callOff();
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

  function scan(
    { base, scope, filter, attributes, limit, page }: Search,
    take: (entry: BerReader) => void,
    answer?: number,
  ): Promise<LdapResult> {
    const control = page && new PagedResultsControl({ value: { size: page.size, ...(page.cookie && { cookie: page.cookie }) } });
    return exchange(
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
        if (operation === SEARCH_ENTRY) take(reader);
        // What remains are references to other servers (RFC 4511 §4.5.3), which are not followed.
        return operation === SEARCH_DONE ? readResult(reader, SEARCH_DONE) : undefined;
      },
      answer,
    );
  }

  async function searchOnce(search: Search) {
    const entries: Entry[] = [];
    const partial = new Map<number, Ranges>();
    const result = await scan(search, (reader) => {
      const { entry, ranges } = readEntry(reader);
      if (ranges.size > 0) partial.set(entries.length, ranges);
      entries.push(entry);
    });
    return { result, entries, partial };
  }

  return {
    server: endpoint.name,
    encrypted: endpoint.protection !== 'none',
    get usable() {
      return !ended;
    },
    get heard() {
      return heard;
    },
    hurry(milliseconds) {
      patience = Math.min(milliseconds, operationTimeout);
    },
    bind(dn, password) {
      return exchange(
        (messageId) => new BindRequest({ messageId, dn, password, controls: [new PasswordPolicyControl()] }).write(),
        ({ operation, reader }) => (operation === BIND_RESPONSE ? readResult(reader, BIND_RESPONSE) : undefined),
      );
    },
    async search(asked) {
      const { result, entries, partial } = await searchOnce(asked);
      const whole = partial.size === 0 ? result : await completeRanges(entries, partial, result, searchOnce);
      return { ...whole, entries };
    },
    scan: (search, take) => scan(search, take, limits.answer),
    async modify(dn, modifications) {
      const changes = modifications.map(
        ({ operation, attribute, values }) =>
          new Change({ operation, modification: new Attribute({ type: attribute, values: [...values] }) }),
      );
      const result = await exchange(
        (messageId) => new ModifyRequest({ messageId, dn, changes }).write(),
        ({ operation, reader }) => (operation === MODIFY_RESPONSE ? readResult(reader, MODIFY_RESPONSE) : undefined),
      );
      if (meansReadOnly(result)) throw new ReadOnly(endpoint.name, `takes no writes: LDAP code ${String(result.code)}`);
      return result;
    },
    perform(request, response) {
      return exchange(request, ({ operation, reader }) => (operation === response ? readResult(reader, response) : undefined));
    },
    close() {
      if (ended) return;
      ended = true;
      lines.delete(hangUp);
      socket.write(unbindRequest);
      socket.destroySoon();
      socket.unref();
      // Whoever does not read keeps its last bytes, and the socket with them.
      setTimeout(() => socket.destroy(), FAREWELL).unref();
      giveUp?.(new Unanswered(endpoint.name, 'connection closed', false));
    },
  };
}
