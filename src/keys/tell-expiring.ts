/** Tells of certificates that are about to end: 60, 30 and 7 days ahead, and once they have. */
import type { Audit } from '../audit/audit.ts';
import { newReference } from '../audit/reference.ts';
import type { Clock, Random } from '../clock.ts';
import { daysLeft, warningOf, type Expiry, type Warning } from './expiry.ts';

/** Milliseconds between two looks. */
const lookEvery = 24 * 3_600_000;

const remedies: Readonly<Record<Expiry['what'], string>> = {
  signing: 'passerelle keys new, then keys list shows who must know it before keys activate',
  'service-provider': 'passerelle keys new --use service-provider, then name it in signature: { key }',
  encryption: 'passerelle keys new --use encryption',
  tls: 'renew it where it was issued, then passerelle reload',
};

/**
 * Gives back one look: it tells of each certificate that has reached a threshold, and of none twice at the same one. To be called at
 * a start, after a reload and once a day.
 */
export function createTellExpiring(parts: {
  expiries: readonly Expiry[];
  audit: Pick<Audit, 'note' | 'record'>;
  clock: Pick<Clock, 'now'>;
  random: Random;
}): () => void {
  const { expiries, audit, clock, random } = parts;
  const told = new Map<string, Warning>();
  return () => {
    const now = clock.now();
    for (const expiry of expiries) {
      const warning = warningOf(expiry, now);
      const { what, name } = expiry;
      const id = `${what} ${name}`;
      if (warning === undefined || told.get(id) === warning) continue;
      told.set(id, warning);
      const days = daysLeft(expiry, now);
      const notAfter = new Date(expiry.notAfter).toISOString();
      const message = warning === 0 ? 'a certificate has ended' : 'a certificate is about to end';
      audit.note('warn', message, { what, name, days, notAfter, remedy: remedies[what] });
      audit.record({ event: 'key.expiring', reference: newReference(random), detail: { what, name, days, notAfter } });
    }
  };
}

/** Looks now and once a day; gives back what ends it. */
export function tellDaily(look: () => void): () => void {
  look();
  const timer = setInterval(look, lookEvery);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}
