/** A name server on loopback that answers as a test wants: records, troubles, lies. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

export interface Query {
  readonly id: number;
  /** Lower case. */
  readonly name: string;
  readonly type: number;
  /** The question as it came. */
  readonly question: Buffer;
  readonly overTcp: boolean;
}

/** The messages to send back, none for silence. */
export type Answering = (query: Query) => readonly Buffer[];

export interface NameServerStage {
  /** 127.0.0.1:PORT */
  readonly address: string;
  /** How many queries came. */
  readonly queries: number;
  close(): Promise<void>;
}

export const encodeName = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').flatMap((label) => (label === '' ? [] : [Buffer.from([label.length]), Buffer.from(label, 'latin1')])),
    Buffer.from([0]),
  ]);

function number(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
}

export const record = (type: number, data: Buffer, owner: Buffer = Buffer.from([0xc0, 0x0c])): Buffer =>
  Buffer.concat([owner, number(type, 2), number(1, 2), number(60, 4), number(data.length, 2), data]);

export const service = (target: string | Buffer, { priority = 0, weight = 100, port = 389 } = {}): Buffer =>
  record(
    33,
    Buffer.concat([
      number(priority, 2),
      number(weight, 2),
      number(port, 2),
      typeof target === 'string' ? encodeName(target) : target,
    ]),
  );

export const address = (text: string): Buffer => record(1, Buffer.from(text.split('.').map(Number)));

/** A message that answers, with the question repeated. */
export function reply(
  { id, question }: Pick<Query, 'id' | 'question'>,
  records: readonly Buffer[],
  { code = 0, flags = 0x8400 }: { readonly code?: number; readonly flags?: number } = {},
): Buffer {
  const head = Buffer.concat([number(id, 2), number(flags | code, 2), number(1, 2), number(records.length, 2), number(0, 4)]);
  return Buffer.concat([head, question, ...records]);
}

export const truncated = (query: Query): Buffer => reply(query, [], { flags: 0x8600 });

function readQuery(message: Buffer, overTcp: boolean): Query {
  const labels: string[] = [];
  let at = 12;
  for (let size = message[at] ?? 0; size > 0; size = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + size));
    at += 1 + size;
  }
  return {
    id: message.readUInt16BE(0),
    name: labels.join('.').toLowerCase(),
    type: message.readUInt16BE(at + 1),
    question: message.subarray(12, at + 5),
    overTcp,
  };
}

export async function openNameServer(answering: Answering): Promise<NameServerStage> {
  let queries = 0;
  const answer = (message: Buffer, overTcp: boolean): readonly Buffer[] => {
    queries += 1;
    return answering(readQuery(message, overTcp));
  };
  const tcp = createServer((socket) => {
    let received: Buffer = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      for (const message of answer(received.subarray(2), true)) socket.write(Buffer.concat([number(message.length, 2), message]));
      received = Buffer.alloc(0);
    });
  });
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const { port } = tcp.address() as AddressInfo;
  const udp = createSocket('udp4');
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  udp.on('message', (message, from) => {
    for (const one of answer(message, false)) udp.send(one, from.port, from.address);
  });
  return {
    address: `127.0.0.1:${String(port)}`,
    get queries() {
      return queries;
    },
    async close() {
      udp.close();
      await new Promise((resolve) => tcp.close(resolve));
    },
  };
}
