/** Signs an Access-Request by a Message-Authenticator (RFC 3579 §3.2) that stands before all other attributes. */
import { createHmac } from 'node:crypto';
import { attributeTypes, codes, writePacket, type Attribute } from './packet.ts';

const header = 20;

/** @returns the datagram. @throws RangeError where the attributes are too long for a packet */
export function signRequest(
  request: { readonly identifier: number; readonly authenticator: Buffer; readonly attributes: readonly Attribute[] },
  secret: Buffer,
): Buffer {
  // First: whoever forges by a collision of MD5 needs what comes before to be known, and chooses what comes after (CVE-2024-3596).
  const first: Attribute = { type: attributeTypes.messageAuthenticator, value: Buffer.alloc(16) };
  const bytes = writePacket({ ...request, code: codes.accessRequest, attributes: [first, ...request.attributes] });
  createHmac('md5', secret)
    .update(bytes)
    .digest()
    .copy(bytes, header + 2);
  return bytes;
}
