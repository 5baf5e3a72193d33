/** What is to be known of an entry by where it lies, judged once for all that lie under one name. */
import { dnsDomainOf, relativeNames } from '../distinguished-name.ts';
import type { Domain } from '../domain.ts';

export interface Whereabouts {
  readonly isHeld: boolean;
  /** DNS name of the domain. */
  readonly domain: string | undefined;
}

const MOST_REMEMBERED = 20_000;
/** A first relative name that is no DC, plainly written, up to the comma that ends it. */
const first = /^(?!dc\s*=)[a-z][a-z0-9-]*=(?:\\.|[^,\\])*,/is;

/** The name above; undefined where it is not to be told at a glance. */
export function parentOf(dn: string): string | undefined {
  const own = first.exec(dn)?.[0];
  return own === undefined ? undefined : dn.slice(own.length).trimStart();
}

function createWhereabouts(holds: (dn: string) => boolean): (dn: string) => Whereabouts {
  const known = new Map<string, Whereabouts>();
  const judge = (dn: string): Whereabouts => ({ isHeld: holds(dn), domain: dnsDomainOf(dn) });
  return (dn) => {
    const parent = parentOf(dn);
    if (parent === undefined) return judge(dn);
    let above = known.get(parent);
    if (above === undefined) {
      above = judge(parent);
      if (known.size < MOST_REMEMBERED) known.set(parent, above);
    }
    // Whatever lies below something that is held is held; below something that is not may lie what is.
    return above.isHeld ? above : judge(dn);
  };
}

/** Of people, as a sign-in holds them. */
export const whereaboutsOfPeople = (domain: Domain): ((dn: string) => Whereabouts) => createWhereabouts((dn) => domain.holds(dn));

/** Of everything else, which lies anywhere in the domain. `isOnly`: it holds whatever it gives. */
export function whereaboutsBelow(root: string, isOnly: boolean): (dn: string) => Whereabouts {
  const base = relativeNames(root);
  const dnsDomain = dnsDomainOf(root);
  return createWhereabouts((dn) => {
    if (isOnly) return true;
    const around = relativeNames(dn).slice(-base.length);
    return base.every((part, at) => part === around[at]) && dnsDomainOf(dn) === dnsDomain;
  });
}
