/** The chain of a process's lines: each names the one before by its hash, so that what is removed, changed or moved shows. */
import { hash } from 'node:crypto';
import type { Random } from '../clock.ts';

/** Where a line stands. */
export interface Link {
  readonly chain: string;
  /** From 1. */
  readonly seq: number;
  /** SHA-256 in hexadecimal digits. */
  readonly hash: string;
}

export interface LinkedLine extends Link {
  /** JSON, without a line end. */
  readonly text: string;
}

export interface Chain {
  readonly id: string;
  /** Takes an object of JSON without line end, and adds its place to it. */
  append(text: string): LinkedLine;
}

/** When it began stands in its name, by which a beginning that expired is told from one that was removed. */
const nameOf = (instant: number, random: Random): string =>
  `${new Date(instant).toISOString().replace(/[-:]|\.\d+/g, '')}-${random(12).toString('hex')}`;

const namePattern = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-[0-9a-f]{24}$/;

/** When a chain of that name began, in milliseconds since the epoch; undefined where it is no such name. */
export function chainBegan(id: string): number | undefined {
  const parts = namePattern.exec(id);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second] = parts.map(Number);
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
}

export function createChain({ now, random }: { now: number; random: Random }): Chain {
  const id = nameOf(now, random);
  let seq = 0;
  let previous: string | null = null;
  return {
    id,
    append(text) {
      seq += 1;
      const place = `"chain":"${id}","seq":${seq},"previous":${previous === null ? 'null' : `"${previous}"`}`;
      const open = `${text.slice(0, -1)},${place}`;
      const digest = hash('sha256', `${open}}`, 'hex');
      previous = digest;
      return { chain: id, seq, hash: digest, text: `${open},"hash":"${digest}"}` };
    },
  };
}

/** The hash that a line should have, by its text; undefined where it has none at its end. */
export function hashOf(text: string): string | undefined {
  const end = /,"hash":"[0-9a-f]{64}"\}$/.exec(text);
  return end === null ? undefined : hash('sha256', `${text.slice(0, end.index)}}`, 'hex');
}

/** What is known of where a chain ended, or how far it went. */
export interface ChainEnd extends Link {
  /** Of that line, as it stands there. */
  readonly time: string;
  /** Whether that line was its last words. */
  readonly ended: boolean;
}

/** The end of a chain that a line names; undefined where it is none. */
export function readChainEnd(value: unknown): ChainEnd | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { chain, seq, hash: digest, time, ended } = value as Readonly<Record<string, unknown>>;
  if (typeof chain !== 'string' || typeof digest !== 'string' || typeof time !== 'string' || typeof seq !== 'number')
    return undefined;
  return Number.isSafeInteger(seq) && seq >= 1 ? { chain, seq, hash: digest, time, ended: ended === true } : undefined;
}
