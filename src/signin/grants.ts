/** Grants what a person asked for beside being signed in, where the policy offers it: to stay so, and to have the browser remembered. */
import type { Audit } from '../audit/audit.ts';
import type { Evidence } from '../authenticators/authenticator.ts';
import type { Clock } from '../clock.ts';
import type { Person } from '../directory/directory.ts';
import { KeyMistake } from '../keys/key-mistake.ts';
import type { DeviceCookieText } from './device-cookie.ts';
import type { Devices } from './devices.ts';
import type { Caller, Decision } from './policy.ts';
import type { Session, Sessions } from './session.ts';

type Proven = readonly [Evidence, ...Evidence[]];

/** Cookies that go out with the answer. Lives in milliseconds. */
export interface Keeps {
  /** The session's, which the browser keeps although it is closed. */
  readonly session?: { readonly token: string; readonly life: number } | undefined;
  readonly device?: DeviceCookieText | undefined;
}

export interface Grants {
  /** Before the assertion, which says how long the session lasts. */
  keep(
    token: string,
    asked: {
      readonly session: Session;
      readonly evidence: Proven;
      readonly decision: Decision;
      readonly signIn: string | undefined;
    },
  ): Promise<{ readonly session: Session; readonly evidence: Proven }>;
  /** After it: what of it the browser has to keep. Nothing at single sign-on, where nothing was proven. */
  keeps(
    token: string,
    asked: {
      readonly session: Session;
      readonly evidence: Proven;
      readonly decision: Decision;
      readonly signIn: string | undefined;
      readonly person: Person;
      readonly caller: Caller & { readonly reference: string; readonly userAgent?: string | undefined };
    },
  ): Promise<Keeps>;
}

export function createGrants(parts: {
  sessions: Pick<Sessions, 'keep'>;
  devices: Devices;
  clock: Pick<Clock, 'now'>;
  audit: Pick<Audit, 'record' | 'note'>;
}): Grants {
  const { sessions, devices, clock, audit } = parts;

  /** The same pieces, as the session has them now. */
  function asOf(session: Session, [first, ...others]: Proven): Proven {
    const now = (piece: Evidence): Evidence =>
      session.evidence.find(({ authenticator, at }) => authenticator === piece.authenticator && at === piece.at) ?? piece;
    return [now(first), ...others.map(now)];
  }

  /** Without the keys nobody is remembered, but signed in all the same. */
  async function unlessSealed(work: () => Promise<DeviceCookieText | undefined>): Promise<DeviceCookieText | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof KeyMistake)) throw error;
      audit.note('warn', 'a browser could not be remembered', { cause: error.message });
      return undefined;
    }
  }

  return {
    async keep(token, { session, evidence, decision, signIn }) {
      const { wishes } = session;
      const life = decision.keepSignedIn;
      if (wishes?.keep !== true || signIn === undefined || wishes.signIn !== signIn || life === undefined) {
        return { session, evidence };
      }
      const kept = await sessions.keep(token, session, life);
      return { session: kept, evidence: asOf(kept, evidence) };
    },
    async keeps(token, { session, evidence, decision, signIn, person, caller }) {
      if (signIn === undefined || !evidence.some((piece) => piece.signIn === signIn)) return {};
      const { wishes, kept, endsAt } = session;
      const life = decision.rememberDevice;
      const isAsked = wishes?.remember === true && wishes.signIn === signIn;
      const device = await unlessSealed(async () => {
        if (!isAsked || life === undefined) return devices.renew(person, caller);
        const remembered = await devices.remember(person, caller, life);
        const { reference, remoteAddress } = caller;
        const detail = { until: new Date(clock.now() + life).toISOString() };
        audit.record({ event: 'device.remembered', reference, person: person.objectGUID, remoteAddress, detail });
        return remembered;
      });
      return { session: kept && { token, life: endsAt - clock.now() }, device };
    },
  };
}
