/** Whether a certificate, or an authority on its way, was revoked; where that cannot be known it counts as if it were. */
import type { Clock, Random } from '../../clock.ts';
import { Refusal } from '../../refusal.ts';
import { DerMistake } from './der.ts';
import { FetchMistake, mayAsk, type FetchBytes } from './fetch-bytes.ts';
import { readResponders } from './general-names.ts';
import { createListSources, isMistake, rest, type ListSource } from './list-sources.ts';
import { readOcspResponse, writeOcspRequest, type OcspQuestion, type OcspStatus } from './ocsp.ts';
import { extensionIds, type Certificate } from './read-certificate.ts';
import { listAddresses } from './revocation-list.ts';
import type { Path } from './verify-path.ts';

export interface RevocationSettings {
  readonly crlFiles: readonly string[];
  readonly crlUrls: readonly string[];
  /** Whether responders that certificates name are asked. */
  readonly ocsp: boolean;
  /** Hosts, with or without a port, that certificates may name wherever they lie. */
  readonly hosts: readonly string[];
  /** Milliseconds for one answer. */
  readonly timeout: number;
  /** Milliseconds. */
  readonly refresh: number;
  /** Of a list. */
  readonly megabytes: number;
}

export interface Revocation {
  /**
   * Resolves where everything on the way is known to be good now.
   * @param stapled an OCSP response for the person's certificate that came along, DER
   * @throws Refusal certificate-revoked, certificate-revocation-unknown
   */
  verify(path: Path, stapled: Buffer | undefined): Promise<void>;
}

type Status = OcspStatus['status'];

const mostResponders = 2;
const mostLists = 3;
const mostBytes = 64 * 1024;
const mostKept = 10_000;
/** Milliseconds for all that one sign-in asks. */
const patience = 15_000;

function respondersOf({ extensions }: Certificate): readonly string[] {
  const access = extensions.get(extensionIds.authorityInfoAccess);
  return access === undefined ? [] : readResponders(access.value);
}

const answerKey = ({ serialNumber }: Certificate, { fingerprint }: Certificate): string =>
  `${fingerprint} ${serialNumber.toString('hex')}`;

export function createRevocation(parts: {
  settings: RevocationSettings;
  fetchBytes: FetchBytes;
  clock: Clock;
  random: Random;
}): Revocation {
  const { settings, fetchBytes, clock, random } = parts;
  const { hosts, timeout, refresh } = settings;
  const askSource = createListSources({ fetchBytes, clock, refresh, most: settings.megabytes * 1_000_000 });
  const configured: readonly ListSource[] = [
    ...settings.crlFiles.map((at) => ({ kind: 'file' as const, at })),
    ...settings.crlUrls.map((at) => ({ kind: 'url' as const, at })),
  ];
  const answers = new Map<string, { readonly status: Status; readonly until: number }>();
  const failed = new Map<string, { readonly mistake: Error; readonly until: number }>();

  /** Puts one question to each of several ways in turn. */
  async function firstOf<Way>(
    ways: readonly Way[],
    ask: (way: Way) => Promise<Status>,
    causes: string[],
    name: (way: Way) => string,
  ): Promise<Status | undefined> {
    for (const way of ways) {
      try {
        return await ask(way);
      } catch (error) {
        if (!isMistake(error)) throw error;
        causes.push(`${name(way)}: ${error.message}`);
      }
    }
    return undefined;
  }

  const left = (deadline: number): number => {
    const remaining = Math.min(timeout, deadline - clock.now());
    if (remaining <= 0) throw new FetchMistake('there was no time left');
    return remaining;
  };

  /** What lists say; those of the configuration first, since somebody put them there. */
  function askLists(certificate: Certificate, issuer: Certificate, deadline: number, causes: string[]) {
    const ask = (source: ListSource): Promise<Status> => askSource(source, { certificate, issuer, timeout: left(deadline) });
    return {
      async configured() {
        let status: Status | undefined;
        // All of them: one may be there for a card that was lost today.
        for (const source of configured) {
          const found = await firstOf(
            [source],
            async (one) => ask(one),
            causes,
            ({ at }) => at,
          );
          if (found === 'revoked') return found;
          status ??= found;
        }
        return status;
      },
      named: async () => {
        // What a certificate names is asked for where an administrator allowed the host.
        const named = listAddresses(certificate).slice(0, mostLists);
        for (const at of named) if (!mayAsk(at, hosts, false)) causes.push(`${at}: not a host of certificate.revocation.hosts`);
        const sources = named.filter((at) => mayAsk(at, hosts, false)).map((at) => ({ kind: 'url' as const, at }));
        return firstOf(
          sources,
          async (source) => ask(source),
          causes,
          ({ at }) => at,
        );
      },
    };
  }

  const questionOf = (
    certificate: Certificate,
    issuer: Certificate,
    nonce: Buffer | undefined,
    deadline: number,
  ): OcspQuestion => ({
    certificate,
    issuer,
    nonce,
    now: clock.now(),
    async askLists(responder) {
      const causes: string[] = [];
      const lists = askLists(responder, issuer, deadline, causes);
      const status = (await lists.configured()) ?? (await lists.named());
      if (status === undefined) throw new DerMistake('whether the responder’s own certificate was revoked is not known');
      return status;
    },
  });

  async function askResponder(url: string, certificate: Certificate, issuer: Certificate, deadline: number): Promise<Status> {
    const key = answerKey(certificate, issuer);
    const now = clock.now();
    const known = answers.get(key);
    if (known !== undefined && now < known.until) return known.status;
    const failure = failed.get(url);
    if (failure !== undefined && now < failure.until) throw failure.mistake;
    const question = questionOf(certificate, issuer, random(16), deadline);
    let bytes: Buffer;
    try {
      const body = { type: 'application/ocsp-request', bytes: writeOcspRequest(question) };
      bytes = await fetchBytes(url, { timeout: left(deadline), most: mostBytes }, body);
    } catch (error) {
      if (!isMistake(error)) throw error;
      if (failed.size >= mostKept) failed.clear();
      failed.set(url, { mistake: error, until: now + rest });
      throw error;
    }
    const { status, nextUpdate } = await readOcspResponse(bytes, question);
    if (nextUpdate !== undefined) {
      const [oldest] = answers.keys();
      if (answers.size >= mostKept && oldest !== undefined) answers.delete(oldest);
      answers.set(key, { status, until: Math.min(nextUpdate, now + refresh) });
    }
    return status;
  }

  async function askStapled(stapled: Buffer, certificate: Certificate, issuer: Certificate, deadline: number): Promise<Status> {
    if (stapled.length > mostBytes) throw new DerMistake('it is too large');
    const { status } = await readOcspResponse(stapled, questionOf(certificate, issuer, undefined, deadline));
    const known = answers.get(answerKey(certificate, issuer));
    // Whoever brings it chooses how old it is.
    return known !== undefined && clock.now() < known.until && known.status === 'revoked' ? known.status : status;
  }

  /** The first that says something certain. */
  async function statusOf(
    certificate: Certificate,
    issuer: Certificate,
    stapled: Buffer | undefined,
    deadline: number,
    causes: string[],
  ): Promise<Status | undefined> {
    const lists = askLists(certificate, issuer, deadline, causes);
    const byList = await lists.configured();
    if (byList !== undefined) return byList;
    const staples = stapled === undefined ? [] : [stapled];
    const byStaple = await firstOf(
      staples,
      (bytes) => askStapled(bytes, certificate, issuer, deadline),
      causes,
      () => 'the response that came along',
    );
    if (byStaple !== undefined) return byStaple;
    const responders = settings.ocsp ? respondersOf(certificate).slice(0, mostResponders) : [];
    const allowed = responders.filter((url) => mayAsk(url, hosts, true));
    for (const url of responders) if (!allowed.includes(url)) causes.push(`${url}: a host that may not be asked`);
    const byResponder = await firstOf(
      allowed,
      (url) => askResponder(url, certificate, issuer, deadline),
      causes,
      (url) => url,
    );
    return byResponder ?? (await lists.named());
  }

  return {
    async verify(path, stapled) {
      const deadline = clock.now() + patience;
      // From the authority down, so that nobody is asked whom a revoked one named.
      for (let at = path.length - 2; at >= 0; at -= 1) {
        const [certificate, issuer] = [path[at], path[at + 1]];
        if (certificate === undefined || issuer === undefined) throw new Error('a path has no gaps');
        const causes: string[] = [];
        let status: Status | undefined;
        try {
          status = await statusOf(certificate, issuer, at === 0 ? stapled : undefined, deadline, causes);
        } catch (error) {
          if (!isMistake(error)) throw error;
          causes.push(error.message);
        }
        const whose = at === 0 ? 'the person’s certificate' : 'an authority';
        if (status === 'revoked') throw new Refusal('certificate-revoked', { cause: `${whose} was revoked` });
        if (status === undefined) {
          const cause = causes.length === 0 ? 'it names nobody who could be asked' : causes.join('; ').slice(0, 1_024);
          throw new Refusal('certificate-revocation-unknown', { cause: `${whose}: ${cause}` });
        }
      }
    },
  };
}
