/** A message of syslog (RFC 5424), framed by its length (RFC 6587 §3.4.1). */
import type { ChainLine } from './chain-line.ts';

/** RFC 5424 §6.2.1, those that the configuration may name. */
const facilities = {
  auth: 4,
  authpriv: 10,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
} as const;

export type Facility = keyof typeof facilities;

const severityOf = (level: string): number => (level === 'error' ? 3 : level === 'warn' ? 4 : 6);

/** RFC 5424 §6: PRINTUSASCII of some length; `-` where nothing is left. */
const name = (text: string, most: number): string => text.replace(/[^\x21-\x7e]/g, '').slice(0, most) || '-';

/** RFC 5424 §6.3.3. Line ends and the like are gone before, as from every line of the log. */
const quoted = (text: string): string => `"${text.replace(/["\\\]]/g, '\\$&')}"`;

/** §6.4: text beyond ASCII is announced by its mark. */
const isAscii = (text: string): boolean => /^\p{ASCII}*$/u.test(text);

/** @param origin of the machine, and the facility */
export function syslogFrame(line: ChainLine, origin: { readonly host: string; readonly facility: Facility }): Buffer {
  const priority = facilities[origin.facility] * 8 + severityOf(line.level);
  const { reference, event, chain, seq } = line;
  // RFC 5612: 32473 stands for whoever has no number of their own.
  const data =
    `[passerelle@32473 event=${quoted(event)}` +
    `${reference === undefined ? '' : ` reference=${quoted(reference)}`} chain=${quoted(chain)} seq=${quoted(String(seq))}]`;
  const head = `<${priority}>1 ${name(line.time, 32)} ${name(origin.host, 255)} passerelle ${name(chain, 128)} ${name(event, 32)}`;
  const message = Buffer.from(`${head} ${data} ${isAscii(line.text) ? '' : '\uFEFF'}${line.text}`);
  return Buffer.concat([Buffer.from(`${message.length} `), message]);
}
