/** What the journal keeps under one reference, read as far as it can be understood: the trails of exchanges, and the events. */
import type { StepName } from '../audit/trail.ts';
import type { JournalEntry } from '../store/journal.ts';

/** A JSON object whose content nobody vouches for. */
export type Detail = Readonly<Record<string, unknown>>;

export interface KeptStep {
  readonly name: StepName;
  /** Milliseconds since the exchange began. */
  readonly at: number;
  /** Undefined where it was a finding. */
  readonly milliseconds: number | undefined;
  readonly detail: Detail;
}

export interface KeptExchange {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly exchange: string;
  readonly remoteAddress: string;
  readonly status: number | undefined;
  readonly steps: readonly KeptStep[];
}

export interface KeptEvent {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly event: string;
  readonly reason: string | undefined;
  readonly person: string | undefined;
  readonly serviceProvider: string | undefined;
  readonly name: string | undefined;
  readonly address: string | undefined;
  readonly server: string | undefined;
  readonly remoteAddress: string | undefined;
  readonly detail: Detail;
}

export interface Kept {
  /** In the order of time, as are the events. */
  readonly exchanges: readonly KeptExchange[];
  readonly events: readonly KeptEvent[];
}

export const detailOf = (value: unknown): Detail =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Detail) : {};
export const textIn = (detail: Detail, name: string): string | undefined => {
  const value = detail[name];
  return typeof value === 'string' ? value : undefined;
};
export const numberIn = (detail: Detail, name: string): number | undefined => {
  const value = detail[name];
  return typeof value === 'number' ? value : undefined;
};
const listIn = (detail: Detail, name: string): readonly unknown[] => {
  const value = detail[name];
  return Array.isArray(value) ? value : [];
};
export const textsIn = (detail: Detail, name: string): readonly string[] =>
  listIn(detail, name).filter((each) => typeof each === 'string');
export const detailsIn = (detail: Detail, name: string): readonly Detail[] => listIn(detail, name).map(detailOf);

function parse(text: string): Detail {
  try {
    return detailOf(JSON.parse(text));
  } catch {
    return {};
  }
}

/** Work goes before what it consists of, and otherwise by time. */
const byTime = (one: KeptStep, other: KeptStep): number =>
  one.at - other.at || (other.milliseconds ?? 0) - (one.milliseconds ?? 0);

function exchangeOf({ at, text }: JournalEntry): KeptExchange {
  const trail = parse(text);
  const steps = detailsIn(trail, 'steps').map((step) => ({
    // Of another version it may be another word, which is then shown as it is.
    name: (textIn(step, 'name') ?? '') as StepName,
    at: numberIn(step, 'at') ?? 0,
    milliseconds: numberIn(step, 'milliseconds'),
    detail: detailOf(step.detail),
  }));
  return {
    at,
    exchange: textIn(trail, 'exchange') ?? '',
    remoteAddress: textIn(trail, 'remoteAddress') ?? '',
    status: numberIn(trail, 'status'),
    steps: steps.sort(byTime),
  };
}

function eventOf({ at, event, person, serviceProvider, text }: JournalEntry): KeptEvent {
  const line = parse(text);
  const [reason, name, address, server, remoteAddress] = ['reason', 'name', 'address', 'server', 'remoteAddress'].map((field) =>
    textIn(line, field),
  );
  return { at, event, person, serviceProvider, reason, name, address, server, remoteAddress, detail: detailOf(line.detail) };
}

export function readKept(entries: readonly JournalEntry[]): Kept {
  const inOrder = entries.toSorted((one, other) => one.at - other.at);
  return {
    exchanges: inOrder.filter(({ event }) => event === 'trail').map(exchangeOf),
    events: inOrder.filter(({ event }) => event !== 'trail').map(eventOf),
  };
}
