/** Whether a host, as a URL writes it, can be nothing but this machine (RFC 6761 §6.3, RFC 1122 §3.2.1.3, RFC 4291 §2.5.3). */
import { isIPv4 } from 'node:net';

export function isLoopback(host: string): boolean {
  // Percent signs and Unicode would be read in one way here and in another by whoever connects.
  if (!/^[\w.:[\]-]+$/.test(host)) return false;
  // A special scheme makes the parser canonicalise addresses, which ldap: does not.
  const name = URL.parse(`http://${host}`)?.hostname ?? '';
  return name === 'localhost' || name.endsWith('.localhost') || name === '[::1]' || (isIPv4(name) && name.startsWith('127.'));
}
