/** Reading BER strictly: lengths that overrun or run backwards are refused, which ldapts' reader alone lets pass. */
import { Ber, type BerReader } from 'ldapts';

/** A message that is not what its standard says. */
export class MalformedMessage extends Error {
  constructor() {
    super('malformed LDAP message');
    this.name = 'MalformedMessage';
  }
}

/** Enters a constructed value; answers the offset where it ends. @throws MalformedMessage, or ldapts' InvalidAsn1Error */
export function enter(reader: BerReader, tag: number): number {
  if (reader.readSequence(tag) === null || reader.length < 0 || reader.length > reader.remain) {
    throw new MalformedMessage();
  }
  return reader.offset + reader.length;
}

/** The bytes of one primitive value. @throws MalformedMessage, or ldapts' InvalidAsn1Error */
export function octets(reader: BerReader, tag: number = Ber.OctetString): Buffer {
  const start = reader.offset;
  const value = reader.readString(tag, true);
  if (value === null || reader.length < 0 || reader.offset <= start) {
    throw new MalformedMessage();
  }
  return value;
}

/** One integer or enumeration. @throws MalformedMessage, or ldapts' InvalidAsn1Error */
export function integer(reader: BerReader, tag: number = Ber.Integer): number {
  const value = reader.readTag(tag);
  if (value === null || reader.length < 1) {
    throw new MalformedMessage();
  }
  return value;
}

/** Steps over one value of any tag. @throws MalformedMessage, or ldapts' InvalidAsn1Error */
export function skip(reader: BerReader): void {
  const tag = reader.peek();
  if (tag === null) {
    throw new MalformedMessage();
  }
  reader.offset = enter(reader, tag);
}
