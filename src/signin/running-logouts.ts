/** Sign-outs on their way through the browser, as the store holds them: each for one browser alone, and found again by it. */
import { Refusal } from '../refusal.ts';
import type { Store } from '../store/store.ts';
import type { Asker } from './logout-messages.ts';
import { givenUp, type Hop } from './propagation.ts';
import { sessionKey } from './session.ts';

export interface RunningLogout {
  /** `sessionKey` of each session that it ended: the browser that holds the cookie of one of them goes round. */
  readonly sessions: readonly string[];
  /** The one of them that came, `nobody` where none of them did; undefined until a browser comes. */
  readonly browser: string | undefined;
  /** Handle of the last that `continues` it. */
  readonly continuedBy?: string;
  /** The sign-out that goes on in its stead once the browser has shown its cookie, and who asked for it again. */
  readonly continues?: { readonly handle: string; readonly serviceProvider: string };
  /** Under which it began; undefined where an earlier version of Passerelle began it. */
  readonly reference?: string | undefined;
  /** objectGUID; undefined where the session had idled out before. */
  readonly person: string | undefined;
  /** Undefined where nobody waits for an answer. */
  readonly asker: Asker | undefined;
  readonly hops: readonly Hop[];
  /** Of the sessions that it ends, whichever service provider they were given to. */
  readonly sessionIndexes: readonly string[];
  /** Whether the audit was told of its end. */
  readonly told: boolean;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** How a sign-out is found again: by the token of its browser, or by a principal (`Participants.identity`) that it is about. */
export type FoundBy = { readonly browser: string } | { readonly principal: string };

export interface FoundLogout {
  readonly handle: string;
  readonly value: RunningLogout;
}

export interface RunningLogouts {
  create(handle: string, value: RunningLogout, principals: readonly string[]): Promise<void>;
  /** As `create`, for one that `continues` another: there is one such at a time. @throws Refusal logout-unknown */
  createAfter(before: string, handle: string, value: RunningLogout): Promise<void>;
  /** For the browser that it runs in, by the token of its cookie. @throws Refusal logout-unknown for any other */
  read(handle: string, browser: string | undefined): Promise<RunningLogout>;
  /**
   * For the browser that comes: from the first time on it runs in that one. One that held no cookie of the sessions that ended
   * goes nowhere: all is given up, and told this once. @throws Refusal logout-unknown for any other than the first
   */
  open(handle: string, browser: string | undefined): Promise<RunningLogout>;
  /** Atomic; `alter` is pure and gives back undefined to change nothing. @throws Refusal logout-unknown */
  change(handle: string, alter: (before: RunningLogout) => RunningLogout | undefined): Promise<RunningLogout>;
  find(by: FoundBy): Promise<FoundLogout | undefined>;
}

/** In place of a `browser`; no hash is empty. */
export const nobody = '';

const handlePattern = /^[0-9a-f]{32}$/;

/** Whether it could be the handle of a sign-out. */
export const isHandle = (text: string): boolean => handlePattern.test(text);

// The store holds only what this file wrote.
const stored = (value: unknown): RunningLogout | undefined => value as RunningLogout | undefined;
const keyOf = (by: FoundBy): string => ('browser' in by ? `browser ${sessionKey(by.browser)}` : `principal ${by.principal}`);

export function createRunningLogouts({ store }: { store: Store }): RunningLogouts {
  async function change(handle: string, alter: (before: RunningLogout) => RunningLogout | undefined): Promise<RunningLogout> {
    if (!isHandle(handle)) throw new Refusal('logout-unknown');
    const kept = await store.update('logout', handle, (record) => {
      const before = stored(record?.value);
      const value = before && alter(before);
      return value === undefined ? record : { value, expiresAt: value.expiresAt };
    });
    const value = stored(kept?.value);
    if (value === undefined) throw new Refusal('logout-unknown');
    return value;
  }

  const note = (by: FoundBy, handle: string, expiresAt: number) =>
    store.update('logout', keyOf(by), () => ({ value: handle, expiresAt }));

  return {
    async create(handle, value, principals) {
      await store.create('logout', handle, value, value.expiresAt);
      for (const principal of new Set(principals)) await note({ principal }, handle, value.expiresAt);
    },
    async createAfter(before, handle, value) {
      let superseded: string | undefined;
      await change(before, (old) => {
        superseded = old.continuedBy;
        return { ...old, continuedBy: handle };
      });
      if (superseded !== undefined) await store.delete('logout', superseded);
      await store.create('logout', handle, value, value.expiresAt);
    },
    async read(handle, browser) {
      const value = isHandle(handle) ? stored(await store.get('logout', handle)) : undefined;
      if (value?.browser === undefined || browser === undefined || value.browser !== sessionKey(browser)) {
        throw new Refusal('logout-unknown');
      }
      return value;
    },
    async open(handle, browser) {
      const key = browser === undefined ? undefined : sessionKey(browser);
      const outcome = { first: false };
      const opened = await change(handle, (before) => {
        outcome.first = before.browser === undefined;
        if (!outcome.first) return undefined;
        return key !== undefined && before.sessions.includes(key)
          ? { ...before, browser: key }
          : { ...before, browser: nobody, hops: givenUp(before.hops, 'the browser was not the one that was signed in') };
      });
      if (opened.browser !== key && !outcome.first) throw new Refusal('logout-unknown');
      if (browser !== undefined && opened.browser === key && outcome.first) await note({ browser }, handle, opened.expiresAt);
      return opened;
    },
    change,
    async find(by) {
      const handle = await store.get('logout', keyOf(by));
      if (typeof handle !== 'string') return undefined;
      const value = stored(await store.get('logout', handle));
      return value === undefined ? undefined : { handle, value };
    },
  };
}
