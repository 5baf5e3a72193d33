/** How far each chain goes, as far as lines of it were seen; so that a later line can name what must be there. */
import { seenIn, witnessed, type ChainLine } from './chain-line.ts';
import type { ChainEnd } from './chain.ts';

export interface ChainEnds {
  see(line: ChainLine): void;
  /** The last ones of which anything was seen, for the detail of an event. @param ended those that ended, too */
  tell(options: { readonly ended: boolean }): readonly ChainEnd[];
}

/** Chains kept in mind: those of processes that died, mostly. */
const mostKept = 200;
/** As many entries as a list in the log may have, but a few. */
const mostTold = 24;

/** @param place where the lines are that are seen: what they say of another is left alone */
export function createChainEnds(place: 'file' | 'store'): ChainEnds {
  const ends = new Map<string, ChainEnd>();

  function put(end: ChainEnd): void {
    // To the end of the order, so that the longest silent is forgotten first.
    const known = ends.get(end.chain);
    ends.delete(end.chain);
    ends.set(end.chain, known !== undefined && known.seq > end.seq ? known : end);
    const [first] = ends.keys();
    if (ends.size > mostKept && first !== undefined) ends.delete(first);
  }

  return {
    see(line) {
      const { chain, seq, hash, time, event } = line;
      if (seenIn(event) === place) for (const end of witnessed(line)) put(end);
      put({ chain, seq, hash, time, ended: event === 'audit.ended' });
    },
    tell: ({ ended }) => [...ends.values()].filter((end) => ended || !end.ended).slice(-mostTold),
  };
}
