/** The network that a remote address stands for: IPv4 whole, IPv6 by the /64 that one subscriber commonly holds. */
import { isIPv4, isIPv6 } from 'node:net';

/** An IPv4 address as a dual-stack socket shows it (RFC 4291 §2.5.5.2), and as a translator does (RFC 6052 §2.1). */
const holdsIPv4: readonly (readonly number[])[] = [
  [0, 0, 0, 0, 0, 0xffff],
  [0x64, 0xff9b, 0, 0, 0, 0],
];

/** Anything that is no address counts as one network, so that forging one gains nothing. */
export function networkOf(remoteAddress: string | undefined): string {
  const address = remoteAddress?.split('%', 1)[0] ?? '';
  if (isIPv4(address)) return address;
  if (!isIPv6(address)) return 'unknown';
  const groups = groupsOf(address);
  if (holdsIPv4.some((prefix) => prefix.every((group, index) => group === groups[index]))) {
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 0xff])
      .join('.');
  }
  const prefix = groups.slice(0, 4).map((group) => group.toString(16));
  return `${prefix.join(':')}::/64`;
}

/** The eight groups of a valid IPv6 address in any of its spellings (RFC 4291 §2.2). */
function groupsOf(address: string): number[] {
  const [head, tail] = address.split('::', 2).map(numbersOf);
  if (head === undefined || tail === undefined) return head ?? [];
  return [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => 0), ...tail];
}

function numbersOf(part: string): number[] {
  return part === '' ? [] : part.split(':').flatMap(toNumbers);
}

function toNumbers(group: string): number[] {
  if (!group.includes('.')) return [Number.parseInt(group, 16)];
  const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
  return [a * 256 + b, c * 256 + d];
}
