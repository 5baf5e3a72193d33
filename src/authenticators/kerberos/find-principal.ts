/** The person of a Kerberos principal: looked for in the domain of its realm alone, and known by the SID that the KDC vouches for. */
import type { Directory, Person } from '../../directory/directory.ts';
import { dnsDomainOf } from '../../directory/distinguished-name.ts';
import { Refusal } from '../../refusal.ts';
import type { Pac } from './pac.ts';
import type { Ticket } from './ticket.ts';

type Principal = Pick<Ticket, 'realm' | 'name'> & Partial<Pick<Pac, 'sid'>>;

const lower = (text: string | undefined): string | undefined => text?.toLowerCase();

/** As krb5_unparse_name writes it: what has a meaning is escaped. */
export function principalText({ realm, name }: Pick<Ticket, 'realm' | 'name'>): string {
  const escapes: Readonly<Record<string, string>> = { '\t': 't', '\n': 'n', '\b': 'b', '\0': '0' };
  const escape = (text: string, special: RegExp): string =>
    text.replace(special, (character) => `\\${escapes[character] ?? character}`);
  const components = name.map((component) => escape(component, /[/@\\\t\n\b\0]/g));
  return `${components.join('/')}@${escape(realm, /[@\\\t\n\b\0]/g)}`;
}

export function createFindPrincipal(parts: {
  directory: Pick<Directory, 'find' | 'readFurther'>;
  /** DNS names of domains by their realm. */
  realms: ReadonlyMap<string, string>;
}): (principal: Principal) => Promise<Person> {
  const { directory, realms } = parts;

  /** Undefined where that name is nobody's in the domain; a mail address that looks like it does not count. */
  async function find(typed: string, name: string, domain: string): Promise<Person | undefined> {
    let person: Person;
    try {
      person = await directory.find(typed);
    } catch (error) {
      if (error instanceof Refusal && (error.reason === 'person-unknown' || error.reason === 'person-ambiguous'))
        return undefined;
      throw error;
    }
    const { sAMAccountName, userPrincipalName } = person;
    // What trusts hang on, and computers: their keys are a machine's, no person's.
    if (sAMAccountName?.endsWith('$') === true) return undefined;
    const named = lower(sAMAccountName) === lower(name) || lower(userPrincipalName) === lower(typed);
    return named && lower(person.domain ?? dnsDomainOf(person.distinguishedName)) === domain ? person : undefined;
  }

  /** Whether the account is the one that the ticket was issued to; a KDC and a directory without SIDs have names alone. */
  async function isOwner(person: Person, sid: Buffer | undefined): Promise<boolean> {
    const { bytes } = await directory.readFurther(person, { bytes: ['objectSid'], groups: undefined });
    const [held] = bytes.objectsid ?? [];
    return held === undefined ? sid === undefined : sid?.equals(Buffer.from(held, 'base64')) === true;
  }

  return async (principal) => {
    const { realm, name, sid } = principal;
    const shown = principalText(principal).slice(0, 256);
    const domain = realms.get(realm);
    if (domain === undefined) throw new Refusal('kerberos-realm-unknown', { principal: shown });
    const [account, ...more] = name;
    if (account === undefined || more.length > 0) throw new Refusal('kerberos-person-unknown', { principal: shown });
    // An enterprise name (RFC 6806 §5) is a user principal name. Any other is an account's or the first part of one: KDCs take both.
    const typed = account.includes('@') ? [account] : [`${domain}\\${account}`, `${account}@${domain}`];
    let stranger: Person | undefined;
    for (const text of typed) {
      const person = await find(text, account, domain);
      if (person === undefined) continue;
      if (await isOwner(person, sid)) return person;
      stranger = person;
    }
    if (stranger === undefined) throw new Refusal('kerberos-person-unknown', { principal: shown });
    throw new Refusal('kerberos-person-mismatch', { principal: shown, pac: sid !== undefined }).about(stranger.objectGUID);
  };
}
