/** Lines that did not get to an outlet, as other lines tell: what excuses that they are missing there. */
import type { ChainLine } from './chain-line.ts';

interface Span {
  readonly chain: string;
  readonly from: number;
  readonly to: number;
}

interface Told extends Span {
  readonly outlet: string;
  /** The chain of the line that tells. */
  readonly teller: string;
}

export interface LostLines {
  learn(line: Pick<ChainLine, 'chain' | 'event' | 'detail'>): void;
  /** To which outlet these were lost, this one before others; undefined where nobody who may tells so. */
  find(span: Span, mayTell: (teller: string) => boolean): string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

function readSpan(value: unknown): Span | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { chain, from, to } = value as Fields;
  return typeof chain === 'string' && typeof from === 'number' && typeof to === 'number' ? { chain, from, to } : undefined;
}

/** Whether all of a span lies in others together: it may be told of in several times. */
function covers(spans: readonly Span[], { from, to }: Span): boolean {
  let next = from;
  for (const span of spans.toSorted((a, b) => a.from - b.from)) if (span.from <= next && span.to >= next) next = span.to + 1;
  return next > to;
}

/** @param here the outlet that is looked at */
export function createLostLines(here: string): LostLines {
  const told = new Map<string, Told[]>();
  return {
    learn({ chain: teller, event, detail: { outlet, chains } }) {
      if (event !== 'audit.lost' || typeof outlet !== 'string' || !Array.isArray(chains)) return;
      for (const span of chains.map(readSpan)) {
        if (span === undefined) continue;
        const known = told.get(span.chain) ?? [];
        known.push({ ...span, outlet, teller });
        told.set(span.chain, known);
      }
    },
    find(span, mayTell) {
      const spans = (told.get(span.chain) ?? []).filter(({ teller }) => mayTell(teller));
      const outlets = [here, ...new Set(spans.map(({ outlet }) => outlet))];
      return outlets.find((outlet) =>
        covers(
          spans.filter((one) => one.outlet === outlet),
          span,
        ),
      );
    },
  };
}
