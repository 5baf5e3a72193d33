/** Proves that a datagram is the answer of somebody who knows the secret to one request of ours, and reads it. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { attributeTypes, codes, PacketMistake, readPacket, valuesOf, writePacket, type Packet } from './packet.ts';

const header = 20;
const answers: readonly number[] = [codes.accessAccept, codes.accessReject, codes.accessChallenge];

/**
 * @param request the identifier and authenticator of the request
 * @throws PacketMistake
 */
export function verifyAnswer(
  datagram: Buffer,
  request: { readonly identifier: number; readonly authenticator: Buffer },
  secret: Buffer,
): Packet {
  const { bytes, ...packet } = readPacket(datagram);
  if (!answers.includes(packet.code)) throw new PacketMistake('a code that is no answer');
  if (packet.identifier !== request.identifier) throw new PacketMistake('the identifier of another request');
  // RFC 2865 §3, Response Authenticator.
  const proof = createHash('md5')
    .update(bytes.subarray(0, 4))
    .update(request.authenticator)
    .update(bytes.subarray(header))
    .update(secret)
    .digest();
  if (!timingSafeEqual(proof, packet.authenticator)) throw new PacketMistake('a wrong Response Authenticator');
  verifyMessageAuthenticator(packet, request.authenticator, secret);
  // RFC 2865 §5.24.
  const states = valuesOf(packet, attributeTypes.state);
  if (states.length > 1 || states.some(({ length }) => length === 0)) throw new PacketMistake('a State that is none');
  return packet;
}

/** RFC 3579 §3.2. MD5 alone, which proves the answer above, can be forged without the secret (CVE-2024-3596). @throws PacketMistake */
function verifyMessageAuthenticator(packet: Packet, authenticator: Buffer, secret: Buffer): void {
  const { messageAuthenticator: type } = attributeTypes;
  const [claimed, another] = valuesOf(packet, type);
  if (claimed === undefined) throw new PacketMistake('no Message-Authenticator');
  if (another !== undefined || claimed.length !== 16) throw new PacketMistake('a Message-Authenticator that is none');
  const attributes = packet.attributes.map((one) => (one.type === type ? { type, value: Buffer.alloc(16) } : one));
  const proof = createHmac('md5', secret)
    .update(writePacket({ ...packet, authenticator, attributes }))
    .digest();
  if (!timingSafeEqual(proof, claimed)) throw new PacketMistake('a wrong Message-Authenticator');
}
