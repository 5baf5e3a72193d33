/** Revocation lists from files and web servers, each read once and kept until it is to be read again. */
import { readFile, stat } from 'node:fs/promises';
import type { Clock } from '../../clock.ts';
import { DerMistake } from './der.ts';
import { FetchMistake, type FetchBytes } from './fetch-bytes.ts';
import type { Certificate } from './read-certificate.ts';
import { askList, isListOf, readRevocationList, type RevocationList } from './revocation-list.ts';

/** A file, or an address. */
export interface ListSource {
  readonly kind: 'file' | 'url';
  readonly at: string;
}

export interface Question {
  readonly certificate: Certificate;
  readonly issuer: Certificate;
  /** Milliseconds that may pass. */
  readonly timeout: number;
}

/** What the list there says of a certificate. @throws DerMistake or FetchMistake where it says nothing that may be used */
export type AskSource = (source: ListSource, question: Question) => Promise<'good' | 'revoked'>;

interface Kept {
  readonly list: RevocationList;
  /** Milliseconds since the epoch. */
  readonly readAt: number;
  /** Of a file: what changes with it. */
  readonly mark: string | undefined;
}

const fileEvery = 60_000;
/** For so long a source that failed is not asked again. */
export const rest = 30_000;
const mostKept = 64;

export const isMistake = (error: unknown): error is DerMistake | FetchMistake =>
  error instanceof DerMistake || error instanceof FetchMistake;

/** @param parts `most`: bytes of a list; `refresh`: milliseconds after which it is read again, though it would still hold */
export function createListSources(parts: { fetchBytes: FetchBytes; clock: Clock; most: number; refresh: number }): AskSource {
  const { fetchBytes, clock, most, refresh } = parts;
  const kept = new Map<string, Kept>();
  const failed = new Map<string, { readonly mistake: Error; readonly until: number }>();
  const underWay = new Map<string, Promise<RevocationList>>();
  /** By list, whose it was found to be: a signature over megabytes is verified once. */
  const proven = new WeakMap<RevocationList, Set<string>>();

  function isProven(list: RevocationList, issuer: Certificate): boolean {
    const known = proven.get(list) ?? new Set();
    proven.set(list, known);
    if (!known.has(issuer.fingerprint) && isListOf(list, issuer)) known.add(issuer.fingerprint);
    return known.has(issuer.fingerprint);
  }

  async function readFrom(source: ListSource, timeout: number, before: Kept | undefined): Promise<Kept> {
    const readAt = clock.now();
    if (source.kind === 'url')
      return { list: await readRevocationList(await fetchBytes(source.at, { timeout, most })), readAt, mark: undefined };
    try {
      const { size, mtimeMs } = await stat(source.at);
      const mark = `${String(size)} ${String(mtimeMs)}`;
      if (before?.mark === mark) return { ...before, readAt };
      if (size > most) throw new DerMistake('the file is too large');
      return { list: await readRevocationList(await readFile(source.at)), readAt, mark };
    } catch (error) {
      if (error instanceof Error && 'syscall' in error) throw new FetchMistake('the file cannot be read');
      throw error;
    }
  }

  async function renew(key: string, source: ListSource, { issuer, timeout }: Question): Promise<RevocationList> {
    const before = kept.get(key);
    const next = await readFrom(source, timeout, before);
    // What anybody on the way may have put there is no list of ours, and does not take the place of one.
    if (!isProven(next.list, issuer)) throw new DerMistake('the list is not of the authority that issued the certificate');
    if (before !== undefined && next.list.thisUpdate < before.list.thisUpdate)
      throw new DerMistake('the list is older than the last one');
    const [oldest] = kept.keys();
    if (kept.size >= mostKept && oldest !== undefined && !kept.has(key)) kept.delete(oldest);
    kept.set(key, next);
    return next.list;
  }

  async function listOf(source: ListSource, question: Question): Promise<RevocationList> {
    // By its authority, too: one address may be asked for several, and answers for one.
    const key = `${source.kind} ${source.at} ${question.issuer.fingerprint}`;
    const now = clock.now();
    const before = kept.get(key);
    const every = source.kind === 'file' ? Math.min(fileEvery, refresh) : refresh;
    if (before !== undefined && now - before.readAt < every && now < before.list.nextUpdate) return before.list;
    const failure = failed.get(key);
    const holds = before !== undefined && now < before.list.nextUpdate;
    if (failure !== undefined && now < failure.until) {
      if (holds) return before.list;
      throw failure.mistake;
    }
    let running = underWay.get(key);
    if (running === undefined) {
      running = renew(key, source, question).finally(() => underWay.delete(key));
      underWay.set(key, running);
    }
    try {
      const list = await running;
      failed.delete(key);
      return list;
    } catch (error) {
      if (!isMistake(error)) throw error;
      if (failed.size >= mostKept) failed.clear();
      failed.set(key, { mistake: error, until: now + rest });
      if (holds) return before.list;
      throw error;
    }
  }

  return async (source, question) => askList(await listOf(source, question), question.certificate, clock.now());
}
