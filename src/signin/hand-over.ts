/**
 * Brings what a browser presented at the certificate's host back to this one. A ticket, known to that browser alone, lets it present
 * there; a code, given out there, lets it come back; each is used once, and the way back ends only in the browser in which it began.
 */
import { hash } from 'node:crypto';
import type { Clock, Random } from '../clock.ts';
import { Refusal, type RefusalDetail } from '../refusal.ts';
import type { Store } from '../store/store.ts';
import type { WaitingRoom } from './waiting-room.ts';

export interface Shown {
  /** DER in base64, the person's own first, a space between them; empty where none was presented. */
  readonly certificates: string;
  /** An OCSP response that came along, DER in base64; empty where none did. */
  readonly ocsp: string;
}

export interface Disbelieved {
  readonly reason: 'certificate-header-unsealed' | 'certificate-untrusted';
  readonly detail: RefusalDetail;
}

export interface HandOver {
  /** Answers the ticket with which that browser, and no other, may present something for the sign-in. @throws Refusal address-room-exhausted */
  begin(signIn: string, browser: string, remoteAddress: string): Promise<string>;
  /**
   * Keeps what was presented with a ticket, or that it came in a way that is not believed, and answers the code for the way back.
   * @throws Refusal certificate-return-unknown, address-room-exhausted
   */
  present(signIn: string, ticket: string, shown: Shown | Disbelieved, remoteAddress: string): Promise<string>;
  /** What was presented, for the first and only time. @throws Refusal certificate-return-unknown, and whatever was kept in its place */
  take(signIn: string, code: string, browser: string | undefined): Promise<Shown>;
}

interface Kept extends Partial<Shown>, Partial<Disbelieved> {
  readonly signIn: string;
  readonly browser: string;
}

/** Milliseconds for the redirect that leads back. */
const codeLife = 60_000;
/** Characters: a chain of eight, of the size that cards hold. */
const mostShown = 64 * 1024;
const recordBytes = 256;
const secret = /^[A-Za-z0-9_-]{43}$/;

const digest = (text: string): string => hash('sha256', text, 'base64url');

/** @param parts `patience`: milliseconds that a person has to choose a certificate and type its PIN */
export function createHandOver(parts: {
  store: Store;
  waitingRoom: WaitingRoom;
  patience: number;
  clock: Clock;
  random: Random;
}): HandOver {
  const { store, waitingRoom, patience, clock, random } = parts;

  /** Reads a record and ends it, whatever it is then good for. */
  async function once(key: string): Promise<unknown> {
    const value = await store.get('hand-over', key);
    return value !== undefined && (await store.delete('hand-over', key)) ? value : undefined;
  }

  async function keep(kind: 'ticket' | 'code', value: Kept, life: number): Promise<string> {
    const text = random(32).toString('base64url');
    if (!(await store.create('hand-over', `${kind} ${digest(text)}`, value, clock.now() + life)))
      throw new Error('a secret occurred twice');
    return text;
  }

  async function open(kind: 'ticket' | 'code', text: string, signIn: string): Promise<Kept> {
    // The store holds only what `keep` wrote.
    const found = secret.test(text) ? ((await once(`${kind} ${digest(text)}`)) as Kept | undefined) : undefined;
    if (found === undefined) throw new Refusal('certificate-return-unknown', { cause: `no such ${kind}` });
    if (found.signIn !== signIn) throw new Refusal('certificate-return-unknown', { cause: `a ${kind} of another sign-in` });
    return found;
  }

  return {
    async begin(signIn, browser, remoteAddress) {
      await waitingRoom.enter(recordBytes, remoteAddress);
      return keep('ticket', { signIn, browser: digest(browser) }, patience);
    },
    async present(signIn, ticket, shown, remoteAddress) {
      const { browser } = await open('ticket', ticket, signIn);
      const bytes = JSON.stringify(shown).length;
      if (bytes > mostShown) throw new Refusal('certificate-return-unknown', { cause: 'more was presented than is kept', bytes });
      await waitingRoom.enter(bytes + recordBytes, remoteAddress);
      return keep('code', { ...shown, signIn, browser }, codeLife);
    },
    async take(signIn, code, browser) {
      const { browser: begun, certificates = '', ocsp = '', reason, detail } = await open('code', code, signIn);
      if (browser === undefined || digest(browser) !== begun)
        throw new Refusal('certificate-return-unknown', { cause: 'it began in another browser' });
      if (reason !== undefined) throw new Refusal(reason, detail);
      return { certificates, ocsp };
    },
  };
}
