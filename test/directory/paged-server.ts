/** A directory server that gives pages of whatever entries a test says, for surveys of servers that are broken or mean harm. */
import { type Socket, createServer } from 'node:net';
import { Ber, BerReader } from 'ldapts';
import { enter, integer, octets, skip } from '../../src/directory/ber.ts';
import { createMessageStream } from '../../src/directory/message-stream.ts';

export interface Asked {
  readonly base: string;
  readonly scope: 'base' | 'sub';
  readonly attributes: readonly string[];
  /** What it is about, as the survey's searches differ. */
  readonly what: 'root' | 'people' | 'groups' | 'units' | 'members' | 'outsiders' | 'other';
  /** Undefined where no page was asked for. */
  readonly cookie: string | undefined;
  /** Entries of a page. */
  readonly size: number;
  readonly socket: Socket;
}

export interface Given {
  readonly entries?: readonly {
    readonly dn: string;
    readonly attributes?: Readonly<Record<string, readonly (string | Buffer)[]>>;
  }[];
  readonly cookie?: string;
  readonly code?: number;
}

export interface PagedServer {
  readonly url: string;
  readonly name: string;
  /** Everything asked so far. */
  readonly asked: Asked[];
  readonly open: number;
  close(): Promise<void>;
}

function tagged(tag: number, ...parts: readonly (Buffer | string)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const size = body.length;
  const head = size < 0x80 ? [tag, size] : [tag, 0x84, size >>> 24, (size >>> 16) & 0xff, (size >>> 8) & 0xff, size & 0xff];
  return Buffer.concat([Buffer.from(head), body]);
}

const message = (id: number, ...parts: readonly Buffer[]): Buffer =>
  tagged(0x30, tagged(0x02, Buffer.from([0, id >> 16, (id >> 8) & 0xff, id & 0xff])), ...parts);

const result = (operation: number, code: number): Buffer =>
  tagged(operation, tagged(0x0a, Buffer.from([code])), tagged(4), tagged(4));

const pages = '1.2.840.113556.1.4.319';

function whatOf(base: string, scope: number, filter: string, attributes: readonly string[]): Asked['what'] {
  if (scope === 0) return base === '' ? 'root' : 'other';
  if (attributes.includes('userAccountControl')) return 'people';
  if (attributes.includes('groupType')) return 'groups';
  if (attributes.includes('member')) return 'members';
  if (filter.includes('organizationalUnit')) return 'units';
  return filter.includes('contact') ? 'outsiders' : 'other';
}

/** @param give what answers a search; undefined: nothing does */
export async function pagedServer(give: (asked: Asked) => Given | undefined): Promise<PagedServer> {
  const sockets = new Set<Socket>();
  const asked: Asked[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    const read = createMessageStream(100_000, ({ id, operation, reader }) => {
      if (operation === 0x60) socket.write(message(id, result(0x61, 0)));
      if (operation !== 0x63) return;
      const end = enter(reader, 0x63);
      const base = octets(reader).toString();
      const scope = integer(reader, Ber.Enumeration);
      integer(reader, Ber.Enumeration);
      integer(reader);
      integer(reader);
      integer(reader, Ber.Boolean);
      const from = reader.offset;
      skip(reader);
      const filter = reader.buffer.toString('latin1', from, reader.offset);
      const attributes: string[] = [];
      const last = enter(reader, 0x30);
      while (reader.offset < last) attributes.push(octets(reader).toString());
      reader.offset = end;
      let cookie: string | undefined;
      let size = 0;
      if (reader.remain > 0) {
        enter(reader, 0xa0);
        enter(reader, 0x30);
        octets(reader);
        if (reader.peek() === Ber.Boolean) skip(reader);
        const control = new BerReader(octets(reader));
        enter(control, 0x30);
        size = integer(control);
        cookie = octets(control).toString();
      }
      const what = whatOf(base, scope, filter, attributes);
      const one: Asked = { base, scope: scope === 0 ? 'base' : 'sub', attributes, what, cookie, size, socket };
      asked.push(one);
      const given = give(one);
      if (given === undefined || socket.destroyed) return;
      const entries = (given.entries ?? []).map(({ dn, attributes: held = {} }) => {
        const pairs = Object.entries(held).map(([name, values]) =>
          tagged(0x30, tagged(4, name), tagged(0x31, ...values.map((value) => tagged(4, value)))),
        );
        return message(id, tagged(0x64, tagged(4, dn), tagged(0x30, ...pairs)));
      });
      const control = tagged(0x30, tagged(0x02, Buffer.from([0])), tagged(4, given.cookie ?? ''));
      const controls = cookie === undefined ? [] : [tagged(0xa0, tagged(0x30, tagged(4, pages), tagged(4, control)))];
      socket.write(Buffer.concat([...entries, message(id, result(0x65, given.code ?? 0), ...controls)]));
    });
    socket.on('data', (chunk) => {
      if (!socket.destroyed) read(chunk);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const name = `127.0.0.1:${String(typeof address === 'object' ? address?.port : 0)}`;
  return {
    url: `ldap://${name}`,
    name,
    asked,
    get open() {
      return sockets.size;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
