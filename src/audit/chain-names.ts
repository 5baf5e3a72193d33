/** How far a chain goes as lines of others say: those that looked where it is verified now, and those that looked elsewhere. */
import { seenIn } from './chain-line.ts';
import type { ChainEnd } from './chain.ts';
import type { OutletState } from './outlets.ts';

type Named = ChainEnd & { readonly where: string };

export interface ChainNames {
  /** @param event of the line that names it */
  add(named: Named, event: string): void;
  /** The furthest that was seen where the lines are that are verified. */
  readonly here: Named | undefined;
  /** The furthest that was seen in another place, where more may have arrived, or other chains. */
  readonly elsewhere: Named | undefined;
}

/** @param outlet whose lines are verified */
export function createChainNames(outlet: OutletState['outlet']): ChainNames {
  let here: Named | undefined;
  let elsewhere: Named | undefined;
  const further = (known: Named | undefined, named: Named): Named =>
    known !== undefined && known.seq >= named.seq ? known : named;
  return {
    add(named, event) {
      if (seenIn(event) === outlet) here = further(here, named);
      else elsewhere = further(elsewhere, named);
    },
    get here() {
      return here;
    },
    get elsewhere() {
      return elsewhere;
    },
  };
}
