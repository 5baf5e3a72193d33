/** Reads the address of a name server that a command is given. */
import { isIP } from 'node:net';
import { UsageMistake } from './command.ts';
import { plain } from './plain.ts';

/** An address, and a port where it is another than 53; both in what it gives. @throws UsageMistake */
export function readDnsServer(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const [, address = text, port] = /^\[(.+)\](?::(\d{1,5}))?$/.exec(text) ?? /^([\d.]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const number = Number(port ?? 53);
  if (isIP(address) === 0 || number < 1 || number > 65_535) {
    throw new UsageMistake(`${plain(text)} is no address of a name server, such as 10.0.0.10 or [2001:db8::10]:53.`);
  }
  return isIP(address) === 6 ? `[${address}]:${String(number)}` : `${address}:${String(number)}`;
}
