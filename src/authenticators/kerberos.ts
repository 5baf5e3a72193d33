/** Windows integrated authentication: a Kerberos ticket, which the browser of a computer in the domain brings unasked. */
import { hash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { readKeytab, largestKeytab, usableKeys, type KeytabEntry } from '../config/keytab.ts';
import type { KerberosConfig } from '../config/kerberos-schema.ts';
import type { ReadFile } from '../config/read-bounded.ts';
import type { Directory } from '../directory/directory.ts';
import { dnsDomainOf } from '../directory/distinguished-name.ts';
import { Refusal } from '../refusal.ts';
import type { Store } from '../store/store.ts';
import type { Recogniser } from './authenticator.ts';
import type { Accept } from './kerberos/acceptor.ts';
import { readApRequest, type ApRequest } from './kerberos/ap-request.ts';
import { DerMistake } from './kerberos/der.ts';
import { endpointBindings } from './kerberos/endpoint-bindings.ts';
import { createFindPrincipal, principalText } from './kerberos/find-principal.ts';
import { readNegotiateToken } from './kerberos/negotiate-token.ts';
import { readAuthenticator, readTicket, type Authenticator, type Ticket } from './kerberos/ticket.ts';
import { unseal, usages } from './kerberos/unseal.ts';

export interface Kerberos {
  /** Recognises the `token` of one request, in base64; `reply` learns what goes back to a browser that wants proof of us. */
  recogniser(reply: (token: string) => void): Recogniser;
}

/** RFC 4120 §7.5.9 has five minutes, which is also what libraries allow. */
const clockSkew = 5 * 60_000;

/** Realms with the DNS names of their domains: those configured, else each domain's own name in capitals. */
function realmsOf(
  configured: KerberosConfig['realms'],
  domains: readonly { readonly baseDn: string }[],
): ReadonlyMap<string, string> {
  const written = Object.entries(configured);
  if (written.length > 0) return new Map(written.map(([realm, domain]) => [realm, domain.toLowerCase()]));
  const names = domains.flatMap(({ baseDn }) => dnsDomainOf(baseDn) ?? []);
  return new Map(names.map((name) => [name.toUpperCase(), name]));
}

interface Opened {
  readonly ticket: Ticket;
  readonly authenticator: Authenticator;
}

/** What the request seals, by one of the keys. @throws DerMistake */
function openRequest(request: ApRequest, keys: readonly KeytabEntry[]): Opened | undefined {
  for (const { enctype, key } of keys) {
    if (enctype !== request.ticket.enctype) continue;
    const plain = unseal(enctype, key, usages.ticket, request.ticket.cipher);
    if (plain === undefined) continue;
    const ticket = readTicket(plain, { enctype, key });
    const { sessionKey } = ticket;
    if (sessionKey.enctype !== request.authenticator.enctype) return undefined;
    const inner = unseal(sessionKey.enctype, sessionKey.key, usages.authenticator, request.authenticator.cipher);
    return inner && { ticket, authenticator: readAuthenticator(inner) };
  }
  return undefined;
}

/** Why the library did not take it, as far as the ticket itself tells. */
function explain(refusal: Refusal, { ticket, authenticator }: Opened, now: number): Refusal {
  if (refusal.reason !== 'kerberos-refused') return refusal;
  const { cause } = refusal.detail;
  if (typeof cause === 'string' && /replay/i.test(cause)) return new Refusal('kerberos-replayed', { cause });
  const skew = Math.round((authenticator.at - now) / 1_000);
  const untimely =
    Math.abs(authenticator.at - now) > clockSkew || now > ticket.until + clockSkew || now < ticket.from - clockSkew;
  if (!untimely) return refusal;
  return new Refusal('kerberos-untimely', { cause, skewSeconds: skew, ended: new Date(ticket.until).toISOString() });
}

/**
 * @param parts `accept` judges tokens by the keys of the same keytab; `certificates` (PEM) are read anew each time, since they change
 */
export function createKerberos(parts: {
  config: Pick<KerberosConfig, 'keytab' | 'principals' | 'realms' | 'channelBinding'>;
  domains: readonly { readonly baseDn: string }[];
  directory: Pick<Directory, 'find' | 'readFurther'>;
  accept: Accept;
  readFile: ReadFile;
  certificates: () => Promise<readonly string[]>;
  /** Where the store is shared with other machines: the library's own replay cache knows this one alone. */
  shared: Pick<Store, 'create'> | undefined;
  clock: Clock;
}): Kerberos {
  const { config, domains, directory, accept, readFile, certificates, shared, clock } = parts;
  const findPrincipal = createFindPrincipal({ directory, realms: realmsOf(config.realms, domains) });
  const services = new Set(config.principals.map((principal) => principal.toLowerCase()));

  async function keysNow(): Promise<readonly KeytabEntry[]> {
    const reading = await readFile(config.keytab, largestKeytab);
    if ('trouble' in reading) throw new Refusal('kerberos-key-unknown', { cause: `the keytab ${reading.trouble}` });
    const entries = readKeytab(reading.bytes);
    if (entries === undefined) throw new Refusal('kerberos-key-unknown', { cause: 'the keytab is none' });
    return usableKeys(entries, config.principals);
  }

  async function open(request: ApRequest): Promise<Opened> {
    const keys = await keysNow();
    const { enctype, kvno } = request.ticket;
    let opened: Opened | undefined;
    try {
      opened = openRequest(request, keys);
    } catch (error) {
      if (!(error instanceof DerMistake)) throw error;
    }
    if (opened !== undefined) return opened;
    const held = [...new Set(keys.filter((key) => key.enctype === enctype).map((key) => key.kvno))].join(' ');
    throw new Refusal('kerberos-key-unknown', { service: request.service.slice(0, 256), enctype, kvno, held });
  }

  /** RFC 5929 §4, as far as the browser takes part and there is a certificate to compare. */
  async function verifyBindings({ bindings }: Authenticator): Promise<void> {
    if (config.channelBinding === 'none') return;
    const known = (await certificates()).flatMap((pem) => endpointBindings(pem) ?? []);
    if (known.length === 0 && config.channelBinding === 'offered') return;
    if (bindings === undefined) {
      if (config.channelBinding === 'required') throw new Refusal('kerberos-channel-binding', { cause: 'none given' });
    } else if (!known.some((one) => one.equals(bindings))) {
      throw new Refusal('kerberos-channel-binding', { cause: 'of another TLS connection' });
    }
  }

  /** RFC 4120 §3.2.3: an authenticator counts once, at whichever node, for as long as its time would let it. */
  async function verifyFirst(request: ApRequest, { authenticator }: Opened): Promise<void> {
    const mark = hash('sha256', request.authenticator.cipher, 'base64url');
    const until = Math.max(authenticator.at, clock.now()) + 2 * clockSkew;
    if (shared !== undefined && !(await shared.create('ticket', mark, true, until))) {
      throw new Refusal('kerberos-replayed', { cause: 'at another node' });
    }
  }

  return {
    recogniser: (reply) => ({
      name: 'kerberos',
      async recognise({ token = '' }, { forceAuthn }) {
        // What the computer remembers is no new proof of the person.
        if (forceAuthn) throw new Refusal('kerberos-refused', { cause: 'ForceAuthn' });
        const request = readApRequest(readNegotiateToken(token));
        if (!services.has(request.service.toLowerCase())) {
          throw new Refusal('kerberos-service-unknown', { service: request.service.slice(0, 256) });
        }
        const opened = await open(request);
        const { ticket } = opened;
        if (ticket.pac?.isDelegated === true)
          throw new Refusal('kerberos-delegated', { principal: principalText(ticket).slice(0, 256) });
        await verifyBindings(opened.authenticator);
        const accepted = await accept(token).catch((error: unknown) => {
          throw error instanceof Refusal ? explain(error, opened, clock.now()) : error;
        });
        // The library read the same bytes by its own means.
        if (accepted.principal !== principalText(ticket)) throw new Refusal('kerberos-refused', { cause: 'read in two ways' });
        await verifyFirst(request, opened);
        const person = await findPrincipal({ ...ticket, sid: ticket.pac?.sid });
        if (accepted.reply !== undefined) reply(accepted.reply);
        return person;
      },
    }),
  };
}
