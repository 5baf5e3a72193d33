/** RADIUS packets (RFC 2865 §3 and §5): bytes to values and back; whatever else comes is a PacketMistake. */

/** The bytes are not what they were to be. */
export class PacketMistake extends Error {
  override readonly name = 'PacketMistake';
}

export interface Attribute {
  readonly type: number;
  /** At most 253 bytes. */
  readonly value: Buffer;
}

export interface Packet {
  readonly code: number;
  /** 0 to 255. */
  readonly identifier: number;
  /** 16 bytes. */
  readonly authenticator: Buffer;
  /** In their order, which counts among those of one type. */
  readonly attributes: readonly Attribute[];
}

export const codes = { accessRequest: 1, accessAccept: 2, accessReject: 3, accessChallenge: 11 } as const;

/** RFC 2865 §5, RFC 2869 §5 and RFC 3162 §2. */
export const attributeTypes = {
  userName: 1,
  userPassword: 2,
  nasIpAddress: 4,
  replyMessage: 18,
  state: 24,
  calledStationId: 30,
  callingStationId: 31,
  nasIdentifier: 32,
  nasPortType: 61,
  prompt: 76,
  messageAuthenticator: 80,
  nasIpv6Address: 95,
} as const;

export const longestValue = 253;
const longestPacket = 4_096;
const header = 20;

/** @throws RangeError where the values are too long for a packet */
export function writePacket({ code, identifier, authenticator, attributes }: Packet): Buffer {
  const parts = attributes.flatMap(({ type, value }) => {
    if (value.length > longestValue) throw new RangeError('an attribute is too long');
    return [Buffer.of(type, value.length + 2), value];
  });
  const bytes = Buffer.concat([Buffer.of(code, identifier, 0, 0), authenticator, ...parts]);
  if (authenticator.length !== 16 || bytes.length > longestPacket) throw new RangeError('a packet is too long');
  bytes.writeUInt16BE(bytes.length, 2);
  return bytes;
}

/** `bytes`: what of the datagram is the packet. @throws PacketMistake */
export function readPacket(datagram: Buffer): Packet & { readonly bytes: Buffer } {
  if (datagram.length < header) throw new PacketMistake('shorter than its header');
  const length = datagram.readUInt16BE(2);
  if (length < header || length > longestPacket) throw new PacketMistake('a length that no packet has');
  if (length > datagram.length) throw new PacketMistake('shorter than it says');
  // RFC 2865 §3: what follows is padding.
  const bytes = datagram.subarray(0, length);
  const attributes: Attribute[] = [];
  for (let at = header; at < length;) {
    const size = bytes[at + 1] ?? 0;
    if (size < 2 || at + size > length) throw new PacketMistake('an attribute of a wrong length');
    attributes.push({ type: bytes[at] ?? 0, value: bytes.subarray(at + 2, at + size) });
    at += size;
  }
  return {
    code: bytes[0] ?? 0,
    identifier: bytes[1] ?? 0,
    authenticator: bytes.subarray(4, header),
    attributes,
    bytes,
  };
}

/** The values of one type, in their order. */
export const valuesOf = ({ attributes }: Pick<Packet, 'attributes'>, type: number): readonly Buffer[] =>
  attributes.flatMap((one) => (one.type === type ? [one.value] : []));
