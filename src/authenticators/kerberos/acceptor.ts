/** The optional package `kerberos`, through which the machine's own Kerberos library judges tickets. */
import { fileURLToPath } from 'node:url';
import type { Kerberos } from 'kerberos';
import { Refusal } from '../../refusal.ts';

/** Judges a token; answers whose it is, and the token that goes back. */
export type Accept = (token: string) => Promise<Accepted>;

export interface Accepted {
  /** The principal as the library writes it. */
  readonly principal: string;
  /** In base64; undefined where the client did not ask for one. */
  readonly reply: string | undefined;
}

/** Kerberos is configured and cannot be had; says in one line how it can. */
export class KerberosUnavailable extends Error {
  override readonly name = 'KerberosUnavailable';
}

const version = '7.0.0';
const script = fileURLToPath(new URL('../../../scripts/kerberos.js', import.meta.url));
/** Each takes a thread of the few that files and names share. */
const mostAtOnce = 2;
const mostWaiting = 200;

async function load(): Promise<Kerberos> {
  const missing = (why: string): KerberosUnavailable =>
    new KerberosUnavailable(`kerberos needs the optional package kerberos ${version}, ${why}. Install it: node ${script}`);
  try {
    const { default: library } = await import('kerberos');
    if (library.version !== version) throw missing(`and there is ${library.version}`);
    return library;
  } catch (error) {
    if (!(error instanceof Error) || error instanceof KerberosUnavailable) throw error;
    // A library of the system that is missing says so itself.
    if (error.message.includes('Opening library')) {
      throw new KerberosUnavailable(`kerberos needs libgssapi-krb5-2 of the system: ${error.message.slice(0, 200)}`);
    }
    throw missing('which is not installed');
  }
}

/** @throws KerberosUnavailable */
export async function verifyKerberosPackage(): Promise<void> {
  await load();
}

/**
 * Judges at most two tokens at once; a token is judged once, by the replay cache of the library.
 * `Accept` throws Refusal kerberos-refused with the library's words.
 * @throws KerberosUnavailable
 */
export async function openAcceptor(): Promise<Accept> {
  const library = await load();
  const waiting: (() => void)[] = [];
  let running = 0;

  async function judge(token: string): Promise<Accepted> {
    // A context for each token: there is no second round.
    const server = await library.initializeServer('');
    let reply: string | null;
    try {
      reply = await server.step(token);
    } catch (error) {
      const cause = error instanceof Error ? error.message : 'unknown';
      // The first sentence is the same for everything.
      throw new Refusal('kerberos-refused', { cause: cause.replace(/^Unspecified GSS failure\.[^:]*: /, '').slice(0, 300) });
    }
    if (!server.contextComplete || server.username === null) throw new Refusal('kerberos-refused', { cause: 'not complete' });
    return { principal: server.username, reply: reply ?? undefined };
  }

  return async (token) => {
    if (running < mostAtOnce) running += 1;
    else if (waiting.length < mostWaiting) await new Promise<void>((resolve) => waiting.push(resolve));
    else throw new Refusal('kerberos-refused', { cause: 'too many at once' });
    try {
      return await judge(token);
    } finally {
      // Whoever waits longest takes the place over.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
