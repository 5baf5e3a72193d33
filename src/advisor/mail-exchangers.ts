/** Asks DNS who takes the mail of a domain: one name server, each question for a moment, all of them together for a little while. */
import { Resolver } from 'node:dns/promises';
import type { Exchangers } from './advice.ts';
import type { AskExchangers } from './domain-exchangers.ts';

interface Parts {
  /** `ADDRESS:PORT`, an IPv6 address in brackets; undefined for the system's. */
  readonly server?: string | undefined;
  /** Milliseconds for one question. */
  readonly timeout?: number | undefined;
  /** Milliseconds for all of them, from the first on. */
  readonly total?: number | undefined;
  /** Milliseconds since any fixed instant. */
  readonly now: () => number;
}

const MOST_HOSTS = 20;
const hostName = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;
/** What c-ares says, and what it means. */
const silences: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'no name server listens',
  ETIMEOUT: 'no answer in time',
  ECANCELLED: 'no answer in time',
  ESERVFAIL: 'the name server could not tell (SERVFAIL)',
  EREFUSED: 'the name server refused to tell (REFUSED)',
  ENOTIMP: 'the name server cannot tell (NOTIMP)',
  EFORMERR: 'the name server did not understand (FORMERR)',
  EBADRESP: 'no usable answer',
};

const silent = (why: string): Exchangers => ({ answer: 'unanswered', why });

function readError(error: unknown): Exchangers {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOTFOUND') return { answer: 'unknown' };
  if (code === 'ENODATA') return { answer: 'none' };
  return silent(silences[code] ?? 'no usable answer');
}

function readRecords(records: readonly { readonly priority: number; readonly exchange: string }[]): Exchangers {
  const hosts = records
    .map(({ priority, exchange }) => ({ priority, host: exchange.slice(0, 255).toLowerCase().replace(/\.$/, '') }))
    // RFC 7505: a lone dot says that no mail is taken. What is no host name takes none either.
    .filter(({ host }) => host.length <= 253 && hostName.test(host))
    .sort((one, other) => one.priority - other.priority || (one.host < other.host ? -1 : 1))
    .map(({ host }) => host);
  return hosts.length === 0 ? { answer: 'none' } : { answer: 'found', hosts: [...new Set(hosts)].slice(0, MOST_HOSTS) };
}

/** Hosts come by priority, lower case, at most 20. @throws Error where `server` is no address */
export function createAskExchangers({ server, timeout = 3_000, total = 10_000, now }: Parts): AskExchangers {
  let end: number | undefined;
  const open = (wait: number): Resolver => {
    const resolver = new Resolver({ timeout: wait, tries: 1 });
    if (server !== undefined) resolver.setServers([server]);
    return resolver;
  };
  open(timeout).cancel();

  return async (domain) => {
    end ??= now() + total;
    const wait = Math.min(timeout, end - now());
    if (wait <= 0) return silent('there was no time left to ask');
    const resolver = open(wait);
    // Several name servers of the system would each have their own time.
    const late = setTimeout(() => {
      resolver.cancel();
    }, wait);
    try {
      return readRecords(await resolver.resolveMx(domain));
    } catch (error) {
      return readError(error);
    } finally {
      clearTimeout(late);
    }
  };
}
