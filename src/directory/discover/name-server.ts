/** Asks one name server: by UDP, and by TCP where the answer is too long for that. */
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import type { Random } from '../../clock.ts';
import { type DnsAnswer, MalformedAnswer, type RecordType, readAnswer, writeQuestion } from './dns-message.ts';

export interface NameServer {
  readonly address: string;
  readonly port: number;
}

/** Why there is no answer. */
export type Silence = 'refused' | 'late' | 'malformed';

export interface Question {
  /** Of ASCII labels, none longer than 63 characters. */
  readonly name: string;
  readonly type: RecordType;
  /** Milliseconds for each of two tries. */
  readonly timeout: number;
  readonly random: Random;
}

const PREFIX = 2;

/** What came in time, or why nothing did. `read` answers undefined for what is to be passed over. */
type Read = (message: Buffer) => DnsAnswer | Silence | undefined;

function byUdp({ address, port }: NameServer, question: Buffer, read: Read, timeout: number): Promise<DnsAnswer | Silence> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    const end = (result: DnsAnswer | Silence): void => {
      clearTimeout(timer);
      socket.removeAllListeners().on('error', () => undefined);
      socket.close();
      resolve(result);
    };
    const timer = setTimeout(end, timeout, 'late' as const);
    socket.on('error', () => end('refused'));
    socket.on('message', (message) => {
      const result = read(message);
      if (result !== undefined) end(result);
    });
    // Connected, it hears that server alone, and whether there is one at all.
    socket.connect(port, address, () => {
      socket.send(question);
    });
  });
}

function byTcp({ address, port }: NameServer, question: Buffer, read: Read, timeout: number): Promise<DnsAnswer | Silence> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const end = (result: DnsAnswer | Silence): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(end, timeout, 'late' as const);
    let received: Buffer = Buffer.alloc(0);
    socket.on('error', () => end('refused'));
    socket.on('close', () => end('malformed'));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      const size = received.length < PREFIX ? Infinity : PREFIX + received.readUInt16BE(0);
      if (received.length >= size) end(read(received.subarray(PREFIX, size)) ?? 'malformed');
    });
    socket.once('connect', () => {
      const prefix = Buffer.alloc(PREFIX);
      prefix.writeUInt16BE(question.length);
      socket.write(Buffer.concat([prefix, question]));
    });
  });
}

/** The answer, or why there is none. */
export async function askNameServer(server: NameServer, { name, type, timeout, random }: Question): Promise<DnsAnswer | Silence> {
  let last: Silence = 'late';
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const id = random(2).readUInt16BE();
    const question = writeQuestion(id, name, type);
    const read: Read = (message) => {
      try {
        return readAnswer(message, id, name, type);
      } catch (error) {
        if (error instanceof MalformedAnswer) return 'malformed';
        throw error;
      }
    };
    const short = await byUdp(server, question, read, timeout);
    const result = typeof short === 'object' && short.truncated ? await byTcp(server, question, read, timeout) : short;
    if (typeof result === 'object') return result;
    last = result;
    if (last === 'refused') break;
  }
  return last;
}
