/** Whether a browser is asked for a Kerberos ticket: only where it can have one, and where it would be of use. */
import type { Request as HttpRequest } from 'express';
import type { KerberosConfig } from '../config/kerberos-schema.ts';
import { matchPattern } from '../config/match-pattern.ts';
import { createNetworkList } from '../config/network-list.ts';
import { parsePattern } from '../config/pattern.ts';
import type { Recalled } from '../signin/receive.ts';
import type { Exchange } from './exchange.ts';
import type { SignedOutCookie } from './signed-out-cookie.ts';

/** `at once`: without a question; `on demand`: once the person asks for it; undefined: not at all. */
export type KerberosOffer = (
  req: HttpRequest,
  visit: Pick<Exchange, 'remoteAddress' | 'ways'>,
  recalled: Recalled,
) => 'at once' | 'on demand' | undefined;

export function createKerberosOffer(parts: {
  config: Pick<KerberosConfig, 'networks' | 'userAgents'>;
  signedOut: Pick<SignedOutCookie, 'read'>;
}): KerberosOffer {
  const { config, signedOut } = parts;
  const isNear = createNetworkList(config.networks);
  const patterns = config.userAgents.map(parsePattern);

  const fits = (userAgent = ''): boolean =>
    patterns.length === 0 || patterns.some((pattern) => matchPattern(pattern, userAgent) !== undefined);

  return (req, { remoteAddress, ways }, { request, ticketJudged }) => {
    // One ticket a sign-in: no redirect leads in a circle. And what a computer remembers is no new proof (saml-core §3.4.1).
    if (ticketJudged || request.forceAuthn || request.isPassive) return undefined;
    // Only a page that the person sees: no other site has an image or a frame sign them in.
    if ((req.headers['sec-fetch-dest'] ?? 'document') !== 'document') return undefined;
    if (!isNear(remoteAddress) || !fits(req.headers['user-agent']) || !ways.includes('kerberos')) return undefined;
    return signedOut.read(req.headers.cookie) ? 'on demand' : 'at once';
  };
}
