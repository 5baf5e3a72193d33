/**
 * DNS messages (RFC 1035 §4), as far as service records and addresses need them. The resolver of Node.js refuses service records
 * with compressed targets, which RFC 2782 forbids to write and Samba writes.
 */

export const recordTypes = { A: 1, AAAA: 28, SRV: 33 } as const;
export type RecordType = keyof typeof recordTypes;

export interface ServiceData {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  /** Lower case, without a dot at its end. */
  readonly target: string;
}

export interface DnsAnswer {
  readonly code: number;
  readonly truncated: boolean;
  readonly services: readonly ServiceData[];
  /** In their textual form. */
  readonly addresses: readonly string[];
}

/** Bytes that are no DNS message, or answer another question. */
export class MalformedAnswer extends Error {
  override readonly name = 'MalformedAnswer';
}

const HEAD = 12;
const INTERNET = 1;
const LONGEST_NAME = 255;
const MOST_RECORDS = 4_096;

function check(holds: boolean): asserts holds {
  if (!holds) throw new MalformedAnswer();
}

/** @param name of ASCII labels, none longer than 63 characters */
export function writeQuestion(id: number, name: string, type: RecordType): Buffer {
  const head = Buffer.alloc(HEAD);
  head.writeUInt16BE(id, 0);
  // Recursion desired.
  head.writeUInt16BE(0x0100, 2);
  head.writeUInt16BE(1, 4);
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')]));
  return Buffer.concat([head, ...labels, Buffer.from([0, 0, recordTypes[type], 0, INTERNET])]);
}

/** The name that begins there, in lower case, and where what follows it begins. Pointers lead backwards, so that none goes in a circle. */
function readName(message: Buffer, start: number): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let length = 0;
  let at = start;
  let end: number | undefined;
  for (let limit = start; ;) {
    const size = message[at];
    check(size !== undefined);
    if (size === 0) break;
    if ((size & 0xc0) === 0xc0) {
      check(at + 1 < message.length);
      end ??= at + 2;
      at = message.readUInt16BE(at) & 0x3fff;
      check(at < limit);
      limit = at;
      continue;
    }
    check(size < 64 && at + 1 + size <= message.length);
    length += size + 1;
    check(length <= LONGEST_NAME);
    labels.push(message.toString('latin1', at + 1, at + 1 + size));
    at += 1 + size;
  }
  return { name: labels.join('.').toLowerCase(), end: end ?? at + 1 };
}

const ipv6 = (bytes: Buffer): string =>
  Array.from({ length: 8 }, (_, part) => bytes.readUInt16BE(2 * part).toString(16)).join(':');

/**
 * Reads the answer to that question.
 * @returns undefined where it bears another number: somebody else's, or forged
 * @throws MalformedAnswer
 */
export function readAnswer(message: Buffer, id: number, name: string, type: RecordType): DnsAnswer | undefined {
  if (message.length < HEAD || message.readUInt16BE(0) !== id) return undefined;
  const flags = message.readUInt16BE(2);
  const answer = { code: flags & 0x0f, truncated: (flags & 0x0200) !== 0 };
  check((flags & 0x8000) !== 0);
  // Whoever refuses may leave the question out.
  if (message.readUInt16BE(4) === 0 && answer.code !== 0) return { ...answer, services: [], addresses: [] };
  check(message.readUInt16BE(4) === 1);
  const question = readName(message, HEAD);
  check(question.name === name.toLowerCase() && question.end + 4 <= message.length);
  check(message.readUInt16BE(question.end) === recordTypes[type]);
  const count = message.readUInt16BE(6);
  check(count <= MOST_RECORDS);
  const services: ServiceData[] = [];
  const addresses: string[] = [];
  let at = question.end + 4;
  for (let record = 0; record < count && !answer.truncated; record += 1) {
    const { end: head } = readName(message, at);
    check(head + 10 <= message.length);
    const kind = message.readUInt16BE(head);
    const start = head + 10;
    at = start + message.readUInt16BE(head + 8);
    check(at <= message.length);
    const data = message.subarray(start, at);
    if (kind !== recordTypes[type]) continue;
    if (type === 'SRV') {
      check(data.length >= 7);
      const { name: target } = readName(message, start + 6);
      services.push({ priority: data.readUInt16BE(0), weight: data.readUInt16BE(2), port: data.readUInt16BE(4), target });
    } else {
      check(data.length === (type === 'A' ? 4 : 16));
      addresses.push(type === 'A' ? data.join('.') : ipv6(data));
    }
  }
  return { ...answer, services, addresses };
}
