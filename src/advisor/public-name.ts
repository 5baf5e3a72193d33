/** Whether a domain name is one that an organisation can register, prove to Google and get mail in, and why not. */
import { domainToASCII } from 'node:url';
import { parse } from 'tldts';
import { isMailDomain, readDomain } from '../mapping/domain.ts';
import type { DomainKind } from './advice.ts';
import { isConsumerDomain } from './consumer-domains.ts';

export interface PublicName {
  /** Lower-case ASCII; as it was found, at most 253 characters, where it is no domain name at all. */
  readonly name: string;
  readonly unicode: string;
  readonly kind: DomainKind;
  readonly because: string;
  readonly registrable: string | null;
}

/** Longer ones are cut: no domain name has more characters (RFC 1035 §2.3.4). */
const longest = 253;

/** The registry of special-use domain names (RFC 6761 §6 and those after it), and the one that ICANN has set aside. */
const reserved: ReadonlyMap<string, string> = new Map([
  ['local', 'names below local are for multicast DNS on one link (RFC 6762)'],
  ['test', 'test is kept for trials (RFC 6761)'],
  ['example', 'example is kept for documentation (RFC 6761)'],
  ['invalid', 'invalid is kept for names that are none (RFC 6761)'],
  ['localhost', 'localhost is this machine (RFC 6761)'],
  ['onion', 'onion belongs to Tor, not to DNS (RFC 7686)'],
  ['alt', 'alt is kept for names outside DNS (RFC 9476)'],
  ['internal', 'ICANN has set internal aside for private networks'],
  ['home.arpa', 'home.arpa is for networks at home (RFC 8375)'],
  ['arpa', 'arpa is for the working of the internet itself (RFC 3172)'],
]);

/** Top-level domains that nobody has, but many use within their walls; ICANN will hand out none of them soon. */
const customary: ReadonlySet<string> = new Set([
  'lan',
  'corp',
  'home',
  'mail',
  'intranet',
  'private',
  'intern',
  'localdomain',
  'domain',
  'ad',
]);

/** Domains of a provider who alone can set records below them. */
const lent: ReadonlyMap<string, string> = new Map([
  ['onmicrosoft.com', 'Microsoft lends names below onmicrosoft.com, and keeps them'],
]);
/** RFC 2606 §3. Judged as any other, since trials of the whole are made with them. */
const documentation: ReadonlySet<string> = new Set(['example.com', 'example.net', 'example.org']);

function specialUse(name: string): string | undefined {
  const labels = name.split('.');
  return reserved.get(labels.slice(-2).join('.')) ?? reserved.get(labels.at(-1) ?? '');
}

function judgeSuffix(name: string): Pick<PublicName, 'kind' | 'because' | 'registrable'> {
  const unregistrable = (because: string) => ({ kind: 'unregistrable', because, registrable: null }) as const;
  const listed = parse(name, { extractHostname: false, validateHostname: false, allowPrivateDomains: true });
  if (listed.isIp === true) return { kind: 'invalid', because: 'an IP address, not a domain name', registrable: null };
  const top = name.slice(name.lastIndexOf('.') + 1);
  const suffix = listed.publicSuffix ?? top;
  if (listed.isIcann !== true && listed.isPrivate !== true) {
    return unregistrable(
      customary.has(top)
        ? `nobody can register names below ${top}, which many use within their own walls`
        : `there is no top-level domain ${top}`,
    );
  }
  const because = `below the public suffix ${suffix}`;
  if (listed.isPrivate === true) {
    // A suffix such as github.io is itself somebody's domain below io.
    const registrable = listed.domain ?? parse(name, { extractHostname: false, validateHostname: false }).domain;
    return {
      kind: 'public',
      because:
        listed.domain === null
          ? 'a name below which its owner lends names to others'
          : `below ${suffix}, whose owner lends it: can be proven where they let you set DNS records`,
      registrable,
    };
  }
  if (listed.domain === null) return unregistrable('a public suffix itself: names are registered below it');
  const lender = lent.get(listed.domain);
  if (lender !== undefined) return unregistrable(lender);
  if (isConsumerDomain(name) || isConsumerDomain(listed.domain)) {
    return { kind: 'consumer', because: 'its provider gives anybody a mailbox there', registrable: listed.domain };
  }
  const kept = documentation.has(listed.domain) ? ', kept for documentation (RFC 2606)' : '';
  return { kind: 'public', because: because + kept, registrable: listed.domain };
}

/** @param text what follows the last @, as it was found */
export function publicName(text: string): PublicName {
  const domain = text.length > longest ? undefined : readDomain(text);
  if (domain === undefined) {
    const name = text.slice(0, longest);
    return { name, unicode: name, kind: 'invalid', because: 'not a domain name', registrable: null };
  }
  const { ascii: name, unicode } = domain;
  const told = { name, unicode };
  if (!name.includes('.'))
    return { ...told, kind: 'single label', because: 'a single label, which DNS does not hold', registrable: null };
  const special = specialUse(name);
  if (special !== undefined) return { ...told, kind: 'reserved', because: special, registrable: null };
  if (!isMailDomain(domain) || domainToASCII(name) !== name) {
    const because = name.includes('_') ? 'a mail domain has no underscore' : 'a label of it may not stand in a mail address';
    return { ...told, kind: 'invalid', because, registrable: null };
  }
  return { ...told, ...judgeSuffix(name) };
}
