/** Where forests, domains and trusts stand in their drawing. */
import type { AdvisedForest } from '../advice.ts';

export type DrawnRow =
  | { readonly kind: 'forest'; readonly name: string }
  | { readonly kind: 'domain'; readonly name: string; readonly depth: number; readonly people: number; readonly isRead: boolean }
  /** Between two forests. */
  | { readonly kind: 'gap' };

export interface DrawnTrust {
  /** Rows, the upper one first. */
  readonly from: number;
  readonly to: number;
  readonly lane: number;
  /** Whether the lower one is trusted, and the upper one. */
  readonly forward: boolean;
  readonly back: boolean;
  readonly style: '' | 'weak' | 'off';
}

interface Layout {
  readonly rows: readonly DrawnRow[];
  /** Rows in one box. */
  readonly groups: readonly { readonly first: number; readonly last: number; readonly isRead: boolean }[];
  readonly trusts: readonly DrawnTrust[];
  /** Domains and trusts that are not drawn. */
  readonly hidden: number;
}

type Trust = AdvisedForest['trusts'][number];

const mostRows = 44;
const mostLanes = 7;

/** A name takes everything of a domain above it as its ending. */
const isBelow = (name: string, above: string): boolean => name !== above && name.endsWith(`.${above}`);

function styleOf({ direction, kind }: Trust): DrawnTrust['style'] {
  if (direction === 'disabled') return 'off';
  return kind === 'forest' ? '' : 'weak';
}

/** Both sides of a trust bear an entry for it: drawn once. */
function joinTrusts(forests: readonly AdvisedForest[], placeOf: ReadonlyMap<string, number>): Omit<DrawnTrust, 'lane'>[] {
  const joined = new Map<string, Omit<DrawnTrust, 'lane'>>();
  for (const trust of forests.flatMap(({ trusts }) => trusts)) {
    const [own, partner] = [placeOf.get(trust.domain), placeOf.get(trust.partner)];
    if (trust.kind === 'within' || own === undefined || partner === undefined || own === partner) continue;
    const [from, to] = own < partner ? [own, partner] : [partner, own];
    const trusted = {
      own: trust.direction === 'inbound' || trust.direction === 'both',
      partner: trust.direction === 'outbound' || trust.direction === 'both',
    };
    const before = joined.get(`${String(from)} ${String(to)}`);
    joined.set(`${String(from)} ${String(to)}`, {
      from,
      to,
      forward: (before?.forward ?? false) || (own < partner ? trusted.partner : trusted.own),
      back: (before?.back ?? false) || (own < partner ? trusted.own : trusted.partner),
      style: before?.style === '' ? '' : styleOf(trust),
    });
  }
  return [...joined.values()].sort((one, other) => one.to - one.from - (other.to - other.from) || one.from - other.from);
}

/** Each in the innermost lane where it overlaps no other. */
function intoLanes(trusts: readonly Omit<DrawnTrust, 'lane'>[]): {
  readonly placed: readonly DrawnTrust[];
  readonly hidden: number;
} {
  const lanes: Omit<DrawnTrust, 'lane'>[][] = [];
  const placed: DrawnTrust[] = [];
  for (const trust of trusts) {
    let lane = lanes.findIndex((taken) => taken.every(({ from, to }) => to < trust.from || from > trust.to));
    if (lane < 0) lane = lanes.length;
    if (lane >= mostLanes) continue;
    (lanes[lane] ??= []).push(trust);
    placed.push({ ...trust, lane });
  }
  return { placed, hidden: trusts.length - placed.length };
}

export function layForests(forests: readonly AdvisedForest[]): Layout {
  const rows: DrawnRow[] = [];
  const groups: Layout['groups'][number][] = [];
  const placeOf = new Map<string, number>();
  let hidden = 0;
  const open = (): void => {
    if (rows.length > 0) rows.push({ kind: 'gap' });
  };
  for (const { name, domains, isActiveDirectory } of forests) {
    if (rows.length + 3 > mostRows) {
      hidden += domains.length;
      continue;
    }
    open();
    const first = rows.length;
    rows.push({ kind: 'forest', name: isActiveDirectory ? `Forest ${name ?? 'without a name'}` : 'LDAP directory' });
    for (const { dnsDomain, configured, people } of domains) {
      if (rows.length >= mostRows) {
        hidden += 1;
        continue;
      }
      placeOf.set(dnsDomain, rows.length);
      const depth = Math.min(4, domains.filter((other) => isBelow(dnsDomain, other.dnsDomain)).length);
      rows.push({ kind: 'domain', name: dnsDomain, depth, people, isRead: configured });
    }
    groups.push({ first, last: rows.length - 1, isRead: true });
  }
  const outside = forests.flatMap(({ trusts }) => trusts.filter(({ kind }) => kind !== 'within').map(({ partner }) => partner));
  for (const partner of [...new Set(outside)].sort()) {
    if (placeOf.has(partner)) continue;
    if (rows.length + 2 > mostRows) {
      hidden += 1;
      continue;
    }
    open();
    placeOf.set(partner, rows.length);
    groups.push({ first: rows.length, last: rows.length, isRead: false });
    rows.push({ kind: 'domain', name: partner, depth: 0, people: 0, isRead: false });
  }
  const { placed, hidden: unplaced } = intoLanes(joinTrusts(forests, placeOf));
  return { rows, groups, trusts: placed, hidden: hidden + unplaced };
}
