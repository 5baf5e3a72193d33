/** Whether a host, as a URL writes it, is this machine or an address that is no part of the public Internet. */
import { BlockList, isIP } from 'node:net';
import { isLoopback } from './loopback.ts';

/** IANA's registries of special-purpose addresses, as far as something may answer there. */
const ranges: readonly (readonly [network: string, prefix: number, family: 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  // The unspecified, the loopback and those that stand for an address of IPv4.
  ['::', 80, 'ipv6'],
  ['64:ff9b::', 96, 'ipv6'],
  ['64:ff9b:1::', 48, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 9, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
];

/** Of names only those are known that mean this machine; where others lead, nobody looks. */
export function isInnerNetwork(host: string): boolean {
  const name = URL.parse(`http://${host}`)?.hostname.replace(/\.$/, '') ?? '';
  if (isLoopback(name)) return true;
  const address = name.replace(/^\[|\]$/g, '');
  const family = isIP(address);
  if (family === 0) return false;
  const inner = new BlockList();
  for (const [network, prefix, of] of ranges) inner.addSubnet(network, prefix, of);
  return inner.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
