/** Ends sessions, first of all here, then at the service providers that took part, by way of the browser (saml-profiles §4.4). */
import type { Audit } from '../audit/audit.ts';
import type { Steps } from '../audit/steps.ts';
import type { Clock, Random } from '../clock.ts';
import { Refusal } from '../refusal.ts';
import { chooseEndpoint, type Outgoing } from '../saml/front-channel.ts';
import type { RegisteredServiceProvider, Registry } from '../service-providers/registry.ts';
import type { LogoutMessages, Asker } from './logout-messages.ts';
import type { Participant, Participants } from './participants.ts';
import { answered, currentHop, failed, type Hop, isPartial, planHops, sent, withdrawn } from './propagation.ts';
import type { LogoutMessage, ReceiveLogout, Sender } from './receive-logout.ts';
import { type FoundLogout, nobody, type RunningLogout, type RunningLogouts } from './running-logouts.ts';
import { type Session, sessionKey, type Sessions } from './session.ts';

export interface LogoutVisit {
  /** Token of the session cookie, whether or not a session is behind it. */
  readonly session: string | undefined;
  /** That of the sign-out, once it is known. */
  reference: string;
  readonly remoteAddress: string;
}

/** Where a sign-out stands, and what the browser does next. */
export type LogoutStage =
  /** The browser visits that hop; by itself at the first try alone. */
  | {
      readonly step: 'visit';
      readonly hops: readonly Hop[];
      readonly at: Hop;
      readonly again: boolean;
      readonly outgoing: Outgoing;
    }
  /** It returns to the service provider that asked. */
  | { readonly step: 'return'; readonly hops: readonly Hop[]; readonly name: string; readonly outgoing: Outgoing }
  /** It stays. */
  | { readonly step: 'over'; readonly hops: readonly Hop[] };

/** Handle of a sign-out that goes on with `goOn`, or where it stands. */
export type Course = { readonly handle: string } | { readonly stage: LogoutStage };

export interface Logout {
  /** The person signs out here. */
  signOut(visit: LogoutVisit): Promise<Course>;
  /** A service provider asks for it. @throws Refusal where nothing of the request can be believed */
  receiveRequest(message: LogoutMessage, visit: LogoutVisit): Promise<Course>;
  /** A service provider answers; gives back the handle of the sign-out. @throws Refusal */
  receiveResponse(message: LogoutMessage, visit: LogoutVisit): Promise<string>;
  /** The browser comes to go on. @throws Refusal logout-unknown */
  goOn(handle: string, visit: LogoutVisit): Promise<Course>;
  /** Goes on without the service provider at that place of the hops, where it is its turn. @throws Refusal logout-unknown */
  skip(handle: string, at: number, visit: LogoutVisit): Promise<void>;
  /** Whether a session is behind the token of a cookie, or a sign-out that is not over. */
  isNeeded(token: string): Promise<boolean>;
}

/** Milliseconds in which a sign-out has to come to its end. */
const lifetime = 600_000;
/** By which a sign-out is found again. An honest one has a few. */
const mostSessionIndexes = 1024;

/** What ended: the keys of the sessions, and of each who took part. */
interface Ended {
  readonly sessions: readonly string[];
  readonly told: readonly (readonly Participant[])[];
  readonly person: string | undefined;
}

export function createLogout(parts: {
  running: RunningLogouts;
  sessions: Sessions;
  participants: Participants;
  receive: ReceiveLogout;
  messages: LogoutMessages;
  registry: Pick<Registry, 'byEntityID'>;
  audit: Audit;
  steps: Pick<Steps, 'tell'>;
  clock: Clock;
  random: Random;
}): Logout {
  const { running, sessions, participants, receive, messages, registry, audit, steps, clock, random } = parts;
  const newHandle = (): string => random(16).toString('hex');

  /** One whose metadata cannot be used is one that cannot be reached. */
  async function find(entityID: string): Promise<RegisteredServiceProvider | undefined> {
    try {
      return (await registry.byEntityID(entityID))[0];
    } catch (error) {
      if (error instanceof Refusal) return undefined;
      throw error;
    }
  }

  function recordEnd(
    session: Session | undefined,
    visit: LogoutVisit,
    asker: Asker | undefined,
    told: readonly Participant[],
  ): void {
    if (session === undefined) return;
    audit.record({
      event: 'session.ended',
      reference: visit.reference,
      request: asker?.request,
      serviceProvider: asker?.serviceProvider,
      person: session.objectGUID,
      remoteAddress: visit.remoteAddress,
      detail: {
        why: asker === undefined ? 'signed out here' : 'LogoutRequest',
        participants: told.map((each) => each.serviceProvider),
      },
    });
  }

  /** Who is told of it, and how far that came. */
  function tellHops({ hops, asker, person }: Pick<RunningLogout, 'hops' | 'asker' | 'person'>): void {
    const told = hops.map(({ serviceProvider, state, why }) => ({ serviceProvider, state, why }));
    steps.tell('logout', { person, asker: asker?.serviceProvider, hops: told });
  }

  /** It goes on under the reference under which it began. */
  const adopt = (visit: LogoutVisit, { reference }: RunningLogout): void => {
    visit.reference = reference ?? visit.reference;
  };

  /** Nothing of a sign-out is remembered where nobody is to be told of it. */
  async function begin(
    { sessions: keys, told, person }: Ended,
    { reference }: LogoutVisit,
    asker?: Asker,
    respond = false,
  ): Promise<Course> {
    const participating = told.flat();
    const names = new Map<string, string>();
    for (const entityID of new Set(participating.map(({ serviceProvider }) => serviceProvider))) {
      const known = await find(entityID);
      if (known !== undefined) names.set(entityID, known.name);
    }
    const value: RunningLogout = {
      sessions: keys,
      browser: undefined,
      reference,
      person,
      asker: respond ? asker : undefined,
      hops: planHops(told, asker?.serviceProvider, (entityID) => names.get(entityID)),
      sessionIndexes: participating.map(({ sessionIndex }) => sessionIndex).slice(0, mostSessionIndexes),
      told: false,
      expiresAt: clock.now() + lifetime,
    };
    tellHops(value);
    if (value.hops.length === 0) return { stage: await finish(value) };
    const handle = newHandle();
    const principals = participating.map(({ serviceProvider, nameID }) => participants.identity(serviceProvider, nameID));
    await running.create(handle, value, principals);
    return { handle };
  }

  /**
   * A service provider asks about a person whose sign-out runs already: the person went back to it and pressed its button. The
   * sign-out goes on where it stood, and answers this later request; but first the browser must show that it is the same.
   */
  async function resume(before: FoundLogout, asker: Asker, respond: boolean): Promise<Course> {
    const { serviceProvider } = asker;
    const { browser, sessions: keys, hops } = before.value;
    const value: RunningLogout = {
      ...before.value,
      sessions: browser === undefined ? keys : [browser],
      browser: undefined,
      asker: respond ? asker : undefined,
      hops: withdrawn(hops, serviceProvider),
      continues: { handle: before.handle, serviceProvider },
    };
    const handle = newHandle();
    await running.createAfter(before.handle, handle, value);
    return { handle };
  }

  /** Where else the person goes is for the person's own browser alone. */
  async function finish({ asker, browser, hops: all }: RunningLogout): Promise<LogoutStage> {
    const hops = browser === nobody ? [] : all;
    const status = isPartial(all) ? (['Success', 'PartialLogout'] as const) : (['Success'] as const);
    const outgoing = asker && (await messages.respond(asker, status));
    if (asker === undefined || outgoing === undefined) return { step: 'over', hops };
    return { step: 'return', hops, name: asker.name, outgoing };
  }

  function tell({ hops, person, asker }: RunningLogout, visit: LogoutVisit): void {
    const names = (state: Hop['state']) => hops.filter((hop) => hop.state === state).map((hop) => hop.serviceProvider);
    audit.record({
      event: isPartial(hops) ? 'logout.partial' : 'logout.propagated',
      reference: visit.reference,
      request: asker?.request,
      serviceProvider: asker?.serviceProvider,
      person,
      remoteAddress: visit.remoteAddress,
      detail: {
        done: names('done'),
        ...(isPartial(hops) && {
          failed: hops.filter(({ state }) => state === 'failed').map((hop) => `${hop.serviceProvider}: ${hop.why ?? ''}`),
        }),
      },
    });
  }

  async function refuse(sender: Sender, asker: Asker, refusal: Refusal, visit: LogoutVisit): Promise<Course> {
    const { reason, row, detail } = refusal;
    steps.tell('refusal', { reason, event: 'logout.refused', why: detail });
    const outgoing = await messages.respond(asker, row.status, `${reason}, reference ${visit.reference}`);
    if (outgoing === undefined) throw refusal;
    audit.record({
      event: 'logout.refused',
      reference: visit.reference,
      request: sender.id,
      serviceProvider: sender.serviceProvider.entityID,
      remoteAddress: visit.remoteAddress,
      reason,
      hint: row.hint,
      detail,
    });
    return { stage: { step: 'return', hops: [], name: asker.name, outgoing } };
  }

  return {
    async signOut(visit) {
      const session = await sessions.end(visit.session);
      const told = session === undefined ? [] : await participants.take(session.id);
      recordEnd(session, visit, undefined, told);
      // Whoever got stuck on the way comes back to where it stood.
      const before =
        session === undefined && visit.session !== undefined ? await running.find({ browser: visit.session }) : undefined;
      if (before !== undefined && !before.value.told) return { handle: before.handle };
      const sessionKeys = visit.session === undefined ? [] : [sessionKey(visit.session)];
      return begin({ sessions: sessionKeys, told: [told], person: session?.objectGUID }, visit);
    },
    async receiveRequest(message, visit) {
      const { sender, asked } = await receive.request(message);
      const { id, serviceProvider, relayState } = sender;
      const { entityID, name } = serviceProvider;
      const asker: Asker = { serviceProvider: entityID, name, request: id, relayState, binding: message.binding };
      if (asked instanceof Refusal) return refuse(sender, asker, asked, visit);
      const attended = await participants.find(entityID, asked.nameID, asked.sessionIndexes);
      if (attended.length === 0) {
        const before = await running.find({ principal: participants.identity(entityID, asked.nameID) });
        // saml-core §3.7.1: without a SessionIndex, whichever session it was.
        const isMeant = (index: string): boolean => before?.value.sessionIndexes.includes(index) === true;
        if (before?.value.told === false && (asked.sessionIndexes.length === 0 || asked.sessionIndexes.some(isMeant)))
          return resume(before, asker, !asked.asynchronous);
        return refuse(sender, asker, new Refusal('logout-principal-unknown'), visit);
      }
      const told: (readonly Participant[])[] = [];
      let person: string | undefined;
      for (const { id: session, objectGUID } of attended) {
        // Here first: whatever becomes of the browser, no session stays behind.
        const ended = await sessions.endId(objectGUID, session);
        const taken = await participants.take(session);
        recordEnd(ended, visit, asker, taken);
        person ??= ended?.objectGUID;
        told.push(taken);
      }
      return begin({ sessions: attended.map(({ key }) => key), told, person }, visit, asker, !asked.asynchronous);
    },
    async receiveResponse(message, visit) {
      const response = await receive.response(message);
      const { inResponseTo, issuer, succeeded, status } = response;
      const unexpected = new Refusal('logout-unexpected', {
        entityID: issuer.slice(0, 256),
        inResponseTo: inResponseTo?.slice(0, 256),
      });
      if (inResponseTo === undefined) throw unexpected;
      const handle = inResponseTo.slice(1, 33);
      const outcome = { found: false };
      try {
        const value = await running.change(handle, (before) => {
          const hops = answered(before.hops, { inResponseTo, issuer, succeeded, status });
          outcome.found = hops !== undefined;
          return hops && { ...before, hops };
        });
        if (outcome.found) adopt(visit, value);
        if (outcome.found) tellHops(value);
      } catch (error) {
        throw error instanceof Refusal ? unexpected : error;
      }
      if (!outcome.found) throw unexpected;
      return handle;
    },
    async goOn(handle, visit) {
      let value = await running.open(handle, visit.session);
      adopt(visit, value);
      if (value.continues !== undefined && value.browser !== nobody) {
        const { asker, continues } = value;
        await running.open(continues.handle, visit.session);
        await running.change(continues.handle, (before) => ({
          ...before,
          // Who waits for an answer gets one, though another wants none.
          asker: asker ?? before.asker,
          hops: withdrawn(before.hops, continues.serviceProvider),
        }));
        return { handle: continues.handle };
      }
      for (;;) {
        const index = currentHop(value.hops);
        const at = value.hops[index];
        if (at === undefined) break;
        const serviceProvider = await find(at.serviceProvider);
        const endpoint = serviceProvider && chooseEndpoint(serviceProvider.singleLogoutServices);
        const request = `_${handle}${random(8).toString('hex')}`;
        // Without a key of its own, no answer of it could be believed.
        const outgoing =
          serviceProvider === undefined || endpoint === undefined || serviceProvider.signingKeys.length === 0
            ? undefined
            : await messages.request(serviceProvider, endpoint, at, request, handle);
        if (outgoing === undefined) {
          value = await running.change(handle, (before) => ({
            ...before,
            hops: failed(before.hops, index, 'it cannot be asked'),
          }));
          continue;
        }
        value = await running.change(handle, (before) => ({ ...before, hops: sent(before.hops, index, request) }));
        if (value.hops[index]?.requests.includes(request) !== true) continue;
        return { stage: { step: 'visit', hops: value.hops, at, again: at.state === 'sent', outgoing } };
      }
      const outcome = { first: false };
      value = await running.change(handle, (before) => {
        outcome.first = !before.told;
        return { ...before, told: true };
      });
      if (outcome.first) tell(value, visit);
      tellHops(value);
      return { stage: await finish(value) };
    },
    async skip(handle, at, visit) {
      adopt(visit, await running.read(handle, visit.session));
      const value = await running.change(handle, (before) => ({ ...before, hops: failed(before.hops, at, 'no answer') }));
      tellHops(value);
    },
    async isNeeded(token) {
      if ((await sessions.read(token)) !== undefined) return true;
      return (await running.find({ browser: token }))?.value.told === false;
    },
  };
}
