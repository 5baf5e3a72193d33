/**
 * The course of one sign-out through the service providers that took part, one after the other. Pure.
 *
 *     waiting ──▶ sent ──▶ done      it confirmed
 *        │          └────▶ failed    it refused, or the person went on without its answer
 *        └───────────────▶ failed    it cannot be asked
 */
import type { NameID } from '../saml/name-id.ts';
import type { Participant } from './participants.ts';

export type HopState = 'waiting' | 'sent' | 'done' | 'failed';

/** One service provider on the way, and what it is told. */
export interface Hop {
  /** Entity ID. */
  readonly serviceProvider: string;
  /** What people see it called. */
  readonly name: string;
  readonly nameID: NameID;
  /** Empty: all of them. */
  readonly sessionIndexes: readonly string[];
  readonly state: HopState;
  /** Why it failed, for the audit. */
  readonly why?: string;
  /** IDs of the LogoutRequests that it was sent: one, but where the person tried again. */
  readonly requests: readonly string[];
}

/** Visits that a person can wait for; as many more are told of as not reached. */
const mostVisits = 64;
/** SessionIndexes that a URL has room for; of more, none is named, which means all of them (saml-core §3.7.1). */
const mostSessionIndexes = 16;
/** Tries of the same service provider that may still be answered. */
const mostRequests = 4;

/** Of each service provider the name that it was given last: with it, it forgot those before. */
function latest(participants: readonly Participant[]): readonly Participant[] {
  return participants.filter(
    ({ serviceProvider }, index) => index === participants.findLastIndex((other) => other.serviceProvider === serviceProvider),
  );
}

/**
 * Whom to tell of the end of these sessions, in the order of the sign-ins; the same principal at the same service provider is told of
 * once.
 */
export function planHops(
  sessions: readonly (readonly Participant[])[],
  initiator: string | undefined,
  nameOf: (serviceProvider: string) => string | undefined,
): readonly Hop[] {
  const hops = new Map<string, Hop>();
  for (const { serviceProvider, nameID, sessionIndex } of sessions.flatMap(latest)) {
    if (serviceProvider === initiator) continue;
    const key = JSON.stringify([serviceProvider, nameID]);
    const known = hops.get(key);
    if (known === undefined && hops.size >= 2 * mostVisits) continue;
    const visited = known === undefined ? hops.size < mostVisits : known.state === 'waiting';
    hops.set(key, {
      serviceProvider,
      name: nameOf(serviceProvider) ?? serviceProvider,
      nameID,
      sessionIndexes: [...new Set([...(known?.sessionIndexes ?? []), sessionIndex])],
      ...(visited ? { state: 'waiting' } : { state: 'failed', why: 'too many took part' }),
      requests: [],
    });
  }
  return [...hops.values()].map((hop) => (hop.sessionIndexes.length > mostSessionIndexes ? { ...hop, sessionIndexes: [] } : hop));
}

/** The one whose turn it is; -1 where all are done or failed. */
export const currentHop = (hops: readonly Hop[]): number =>
  hops.findIndex(({ state }) => state === 'waiting' || state === 'sent');

const alter = (hops: readonly Hop[], index: number, change: (hop: Hop) => Hop): readonly Hop[] =>
  hops.map((hop, at) => (at === index && at === currentHop(hops) ? change(hop) : hop));

/** It is sent that LogoutRequest. Changes nothing where its turn is over. */
export const sent = (hops: readonly Hop[], index: number, request: string): readonly Hop[] =>
  alter(hops, index, (hop) => ({ ...hop, state: 'sent', requests: [...hop.requests, request].slice(-mostRequests) }));

/** It is passed over. Changes nothing where its turn is over. */
export const failed = (hops: readonly Hop[], index: number, why: string): readonly Hop[] =>
  alter(hops, index, (hop) => ({ ...hop, state: 'failed', why }));

/** Its answer to one of its LogoutRequests; undefined where none such waits. */
export function answered(
  hops: readonly Hop[],
  {
    inResponseTo,
    issuer,
    succeeded,
    status,
  }: { inResponseTo: string; issuer: string; succeeded: boolean; status: readonly string[] },
): readonly Hop[] | undefined {
  const index = hops.findIndex(
    ({ serviceProvider, state, requests }) => serviceProvider === issuer && state === 'sent' && requests.includes(inResponseTo),
  );
  if (index < 0 || index !== currentHop(hops)) return undefined;
  return alter(hops, index, (hop) =>
    succeeded ? { ...hop, state: 'done' } : { ...hop, state: 'failed', why: `it answered ${status.join(', ')}` },
  );
}

/** It says of itself that the person signed out of it. */
export const withdrawn = (hops: readonly Hop[], serviceProvider: string): readonly Hop[] =>
  hops.map((hop) => (hop.serviceProvider === serviceProvider ? { ...hop, state: 'done' } : hop));

/** Nobody is told any more. */
export const givenUp = (hops: readonly Hop[], why: string): readonly Hop[] =>
  hops.map((hop) => (hop.state === 'waiting' || hop.state === 'sent' ? { ...hop, state: 'failed', why } : hop));

export const isPartial = (hops: readonly Hop[]): boolean => hops.some(({ state }) => state !== 'done');
