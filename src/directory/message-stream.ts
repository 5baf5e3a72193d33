/** Cuts a stream of bytes into LDAP messages, none larger than a limit. */
import { BerReader } from 'ldapts';
import { MalformedMessage, enter, integer } from './ber.ts';

const SEQUENCE = 0x30;

/** One message: `reader` stands at the tag of its operation and sees nothing beyond the message. */
export interface Incoming {
  readonly id: number;
  readonly operation: number;
  readonly reader: BerReader;
}

/** The size in bytes of the message that begins here, head included; undefined while its head is not all there. */
function sizeOf(buffer: Buffer): number | undefined {
  if (buffer.length > 0 && buffer[0] !== SEQUENCE) {
    throw new MalformedMessage();
  }
  const first = buffer[1];
  if (first === undefined) {
    return undefined;
  }
  if (first < 0x80) {
    return 2 + first;
  }
  const count = first & 0x7f;
  if (count === 0 || count > 4) {
    throw new MalformedMessage();
  }
  return buffer.length < 2 + count ? undefined : 2 + count + buffer.readUIntBE(2, count);
}

/**
 * A function to be fed with what arrives, which hands on each message once it is whole and answers how many bytes are left over.
 * It throws MalformedMessage, or ldapts' InvalidAsn1Error, where the bytes are no LDAP message or a message exceeds `limit` bytes.
 */
export function createMessageStream(limit: number, take: (message: Incoming) => void): (chunk: Buffer) => number {
  let pending: Buffer[] = [];
  let held = 0;
  /** Of the message whose beginning is pending; 0 while its head is not all there. */
  let wanted = 0;
  return (chunk) => {
    held += chunk.length;
    if (wanted > held) {
      // Put together once: a message may come in thousands of parts.
      pending.push(chunk);
      return held;
    }
    let rest = pending.length === 0 ? chunk : Buffer.concat([...pending, chunk]);
    pending = [];
    for (;;) {
      const size = sizeOf(rest);
      if (size !== undefined && size > limit) {
        throw new MalformedMessage();
      }
      if (size === undefined || rest.length < size) {
        wanted = size ?? 0;
        held = rest.length;
        if (held > 0) pending.push(rest);
        return held;
      }
      const reader = new BerReader(rest.subarray(0, size));
      rest = rest.subarray(size);
      enter(reader, SEQUENCE);
      const id = integer(reader);
      const operation = reader.peek();
      if (operation === null) {
        throw new MalformedMessage();
      }
      take({ id, operation, reader });
      if (rest.length === 0) {
        wanted = 0;
        held = 0;
        return 0;
      }
    }
  };
}
