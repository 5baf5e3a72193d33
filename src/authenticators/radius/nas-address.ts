/** By which address we ask, as RADIUS says it: NAS-IP-Address (RFC 2865 §5.4) or NAS-IPv6-Address (RFC 3162 §2.1). */
import { isIPv4, isIPv6 } from 'node:net';
import { attributeTypes, type Attribute } from './packet.ts';

/** @param address in its textual form, a zone included. Nothing for one that is neither, or stands for one of the other kind */
export function nasAddress(address: string): readonly Attribute[] {
  if (isIPv4(address)) return [{ type: attributeTypes.nasIpAddress, value: Buffer.from(address.split('.').map(Number)) }];
  const bare = address.replace(/%.*$/, '');
  if (!isIPv6(bare) || bare.includes('.')) return [];
  const [before = [], after = []] = bare.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const value = Buffer.alloc(16);
  for (const [index, group] of before.entries()) value.writeUInt16BE(Number.parseInt(group, 16), 2 * index);
  for (const [index, group] of after.toReversed().entries()) value.writeUInt16BE(Number.parseInt(group, 16), 14 - 2 * index);
  return [{ type: attributeTypes.nasIpv6Address, value }];
}
