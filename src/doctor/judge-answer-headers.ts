/** Judges whether the security headers that we set arrive as we set them. */
import type { IncomingHttpHeaders } from 'node:http';
import { securityHeaders } from '../http/security-headers.ts';
import type { Finding, Tell } from './check.ts';

/** A header that came twice is one of both, with a comma between. */
const withoutNonce = (text: string): string => text.replace(/'nonce-[^']*'/g, "'nonce'");

/** @param headers of the page `/` */
export function judgeAnswerHeaders(check: Tell, headers: IncomingHttpHeaders, https: boolean): Finding {
  const ours = Object.entries(securityHeaders({ page: 'home', nonce: '', formAction: [], https }));
  const wrong = ours.flatMap(([name, value]) => {
    const came = headers[name.toLowerCase()]?.toString();
    if (came === undefined) return [`${name} was taken away`];
    return withoutNonce(came) === withoutNonce(value) ? [] : [`${name} was changed`];
  });
  const words = wrong.join(', ');
  if (wrong.length > 0) return check.warning(words);
  return check.ok(
    `${String(ours.length)} security headers arrive unchanged${https ? ', Strict-Transport-Security among them' : ''}`,
  );
}
