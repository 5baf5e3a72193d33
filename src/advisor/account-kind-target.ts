/** Whether the mail of an account goes to another organisation, as that of a mail-enabled guest does. */
import { readDomain } from '../mapping/domain.ts';
import { isConsumerDomain } from './consumer-domains.ts';
import type { Survey } from '../directory/survey/survey.ts';

/** Where Microsoft and Google deliver mail of people of the organisation while their mailboxes are moved. */
const relays = ['.onmicrosoft.com', '.test-google-a.com'] as const;
/** A domain is the organisation’s where that many of its accounts, and at least that share of them, have their mail in it. */
const shared = { accounts: 3, share: 0.01 } as const;

const domainOf = (address: string | undefined): string | undefined => {
  const at = address?.lastIndexOf('@') ?? -1;
  return address === undefined || at < 0 ? undefined : readDomain(address.slice(at + 1))?.ascii;
};

/** Domains of the forests, and those in which many accounts have their mail that is delivered here. */
export function ownDomains({ forests, people }: Pick<Survey, 'forests' | 'people'>): ReadonlySet<string> {
  const own = new Set(
    forests.flatMap(({ name, suffixes, domains }) => [name ?? '', ...suffixes, ...domains.map(({ dnsDomain }) => dnsDomain)]),
  );
  const counts = new Map<string, number>();
  let delivered = 0;
  for (const { mail, targetAddress } of people) {
    const domain = targetAddress === undefined ? domainOf(mail) : undefined;
    if (domain === undefined) continue;
    delivered += 1;
    counts.set(domain, (counts.get(domain) ?? 0) + 1);
  }
  for (const [domain, count] of counts)
    if (!isConsumerDomain(domain) && count >= shared.accounts && count >= delivered * shared.share) own.add(domain);
  own.delete('');
  return own;
}

/** @param targetAddress such as `SMTP:somebody@example.com`; what is no mail address leads nowhere */
export function isOutside(targetAddress: string, own: ReadonlySet<string>): boolean {
  const domain = /^smtp:/i.test(targetAddress) || !targetAddress.includes(':') ? domainOf(targetAddress) : undefined;
  if (domain === undefined || relays.some((relay) => domain.endsWith(relay))) return false;
  for (let name = domain; name !== ''; name = name.includes('.') ? name.slice(name.indexOf('.') + 1) : '') {
    if (own.has(name)) return false;
  }
  return true;
}
