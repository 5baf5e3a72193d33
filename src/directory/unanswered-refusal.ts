/** What is refused where no controller answered. */
import { Refusal } from '../refusal.ts';
import { NotLetIn, type Unanswered, Untrusted } from './unanswered.ts';

const LONGEST = 500;

/**
 * The refusal names the one that says most: the service account turned away, then a certificate, then the one asked first.
 * @param server that is blamed where none was asked
 */
export function refusalFor(troubles: readonly Unanswered[], server: string): Refusal {
  const notLetIn = troubles.find((trouble) => trouble instanceof NotLetIn);
  const untrusted = troubles.find((trouble) => trouble instanceof Untrusted);
  const told: Unanswered | undefined = notLetIn ?? untrusted ?? troubles[0];
  if (told === undefined) return new Refusal('directory-unavailable', { server, cause: 'no such controller' });
  const others = troubles.filter((trouble) => trouble !== told).map((trouble) => `${trouble.server}: ${trouble.message}`);
  const detail = others.length === 0 ? {} : { others: others.join('; ').slice(0, LONGEST) };
  if (notLetIn !== undefined) return new Refusal('directory-refused', { ...notLetIn.refusal.detail, ...detail });
  const reason = untrusted === undefined ? 'directory-unavailable' : 'directory-untrusted';
  return new Refusal(reason, { server: told.server, cause: told.message, ...detail });
}

/** Whether nobody answered, so that somebody else may be asked instead. */
export const meansUnanswered = (error: unknown): boolean =>
  error instanceof Refusal && (error.reason === 'directory-unavailable' || error.reason === 'directory-untrusted');
