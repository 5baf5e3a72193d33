/** A line of a chain, read again. */
import { readChainEnd, type ChainEnd, type Link } from './chain.ts';

export interface ChainLine extends Link {
  /** JSON, without a line end. */
  readonly text: string;
  readonly event: string;
  readonly level: string;
  readonly time: string;
  readonly previous: string | null;
  readonly reference: string | undefined;
  readonly person: string | undefined;
  readonly serviceProvider: string | undefined;
  readonly detail: Readonly<Record<string, unknown>>;
}

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The object that a line is; undefined where it is none. */
export function readObject(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Undefined where it belongs to no chain, as notes do. Whether it is unchanged is not asked here. */
export function readChainLine(text: string, fields = readObject(text)): ChainLine | undefined {
  if (fields === undefined) return undefined;
  const { event, level, time, chain, seq, previous, hash, detail } = fields;
  if (typeof chain !== 'string' || typeof hash !== 'string' || typeof seq !== 'number') return undefined;
  if (!Number.isSafeInteger(seq) || seq < 1) return undefined;
  return {
    ...{ text, chain, seq, hash },
    event: textOf(event) ?? '',
    level: textOf(level) ?? '',
    time: textOf(time) ?? '',
    previous: textOf(previous) ?? null,
    reference: textOf(fields.reference),
    person: textOf(fields.person),
    serviceProvider: textOf(fields.serviceProvider),
    detail: isObject(detail) ? detail : {},
  };
}

/** Where a process saw what its event says of chains: whoever begins, ends or rotates looks at the file. */
export const seenIn = (event: string): 'file' | 'store' => (event === 'audit.witnessed' ? 'store' : 'file');

/** What a line says of how far other chains go. */
export function witnessed({ event, detail }: Pick<ChainLine, 'event' | 'detail'>): readonly ChainEnd[] {
  if (!/^audit\.(begun|ended|rotated|witnessed)$/.test(event)) return [];
  const { chains } = detail;
  return Array.isArray(chains) ? chains.map(readChainEnd).filter((end) => end !== undefined) : [];
}
