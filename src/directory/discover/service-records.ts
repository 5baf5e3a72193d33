/** What DNS knows of a domain's controllers: the service records that Active Directory registers, and the addresses behind them. */
import { getServers } from 'node:dns';
import type { Random } from '../../clock.ts';
import type { DnsAnswer, RecordType } from './dns-message.ts';
import { type NameServer, type Silence, askNameServer } from './name-server.ts';

export interface ServiceRecord {
  /** Lower case, without a dot at its end. */
  readonly host: string;
  readonly port: number;
  /** The lower the earlier, then by weight (RFC 2782). */
  readonly priority: number;
  readonly weight: number;
}

/** Why DNS told nothing, in words. */
export class NoRecords extends Error {
  override readonly name = 'NoRecords';
  /** `nothing`: it answered that there is nothing of that name; `silent`: no answer, or none that can be used. */
  readonly kind: 'nothing' | 'silent';

  constructor(kind: 'nothing' | 'silent', message: string) {
    super(message);
    this.kind = kind;
  }
}

export interface ServiceRecords {
  /** In the order in which they are to be asked. @throws NoRecords */
  find(name: string): Promise<readonly ServiceRecord[]>;
  /** Empty where there are none. */
  addresses(host: string): Promise<readonly string[]>;
}

const MOST_SERVERS = 3;
const MOST_ADDRESSES = 8;
const NXDOMAIN = 3;
const hostName = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/;
const codes: Readonly<Record<number, string>> = { 1: 'FORMERR', 2: 'SERVFAIL', 3: 'NXDOMAIN', 4: 'NOTIMP', 5: 'REFUSED' };
const silences: Readonly<Record<Silence, string>> = {
  refused: 'does not answer: nothing listens there',
  late: 'did not answer in time',
  malformed: 'gave no usable answer',
};

/** `10.0.0.10`, `10.0.0.10:5353`, `2001:db8::10`, `[2001:db8::10]:5353` */
function serverOf(text: string): NameServer {
  const [, bracketed, port] = /^\[(.+)\](?::(\d+))?$/.exec(text) ?? /^([\d.]+):(\d+)$/.exec(text) ?? [];
  return { address: bracketed ?? text, port: Number(port ?? 53) };
}

const nameOf = ({ address, port }: NameServer): string =>
  `the name server ${address}${port === 53 ? '' : ` (port ${String(port)})`}`;

/**
 * @param parts.server address of the name server, with a port where it is another than 53; undefined for the system's
 * @param parts.timeout milliseconds for one try; there are two
 */
export function createServiceRecords(parts: {
  readonly server: string | undefined;
  readonly timeout: number;
  readonly random: Random;
}): ServiceRecords {
  const servers = (parts.server === undefined ? getServers() : [parts.server]).slice(0, MOST_SERVERS).map(serverOf);

  /** The first answer that says anything. @throws NoRecords */
  async function ask(name: string, type: RecordType): Promise<DnsAnswer & { readonly server: NameServer }> {
    let trouble = 'this machine has no name server';
    for (const server of servers) {
      const answer = await askNameServer(server, { ...parts, name, type });
      if (typeof answer === 'string') {
        trouble = `${nameOf(server)} ${silences[answer]}`;
        continue;
      }
      if (answer.code === 0) return { ...answer, server };
      if (answer.code === NXDOMAIN) throw new NoRecords('nothing', `${nameOf(server)} knows no ${name} (NXDOMAIN)`);
      trouble = `${nameOf(server)} could not tell about ${name} (${codes[answer.code] ?? `code ${String(answer.code)}`})`;
    }
    throw new NoRecords('silent', trouble);
  }

  const addressesOf = async (host: string, type: 'A' | 'AAAA'): Promise<readonly string[]> => {
    try {
      return (await ask(host, type)).addresses;
    } catch (error) {
      if (error instanceof NoRecords) return [];
      throw error;
    }
  };

  return {
    async find(name) {
      const { services, server } = await ask(name, 'SRV');
      const found = services
        .map(({ target: host, ...rest }): ServiceRecord => ({ host, ...rest }))
        // RFC 2782: an empty target says that the service is decidedly not there.
        .filter(({ host, port }) => hostName.test(host) && port > 0)
        .toSorted((one, other) => one.priority - other.priority || other.weight - one.weight || (one.host < other.host ? -1 : 1));
      if (found.length === 0) throw new NoRecords('nothing', `${nameOf(server)} has no usable service records of ${name}`);
      const best = new Map<string, ServiceRecord>();
      for (const record of found) if (!best.has(record.host)) best.set(record.host, record);
      return [...best.values()];
    },
    async addresses(host) {
      const [four, six] = await Promise.all([addressesOf(host, 'A'), addressesOf(host, 'AAAA')]);
      return [...four, ...six].slice(0, MOST_ADDRESSES);
    },
  };
}
