/** Judges what became of the headers, cookies and lengths of our requests on their way. */
import type { Finding, Tell } from './check.ts';

/** What was sent and what came of it; null where it did not come. */
export interface Headers {
  readonly host: string | null;
  readonly origin: string | null;
  readonly fetchSite: string | null;
  readonly cookie: string | null;
  /** Characters. */
  readonly authorization: number;
}

/** @param needsAuthorization where Kerberos or clients without a browser bring one */
export function judgeHeaders(check: Tell, sent: Headers, came: Headers, needsAuthorization: boolean): Finding {
  const lost: string[] = [];
  if (came.origin !== sent.origin) lost.push('Origin');
  if (came.cookie?.includes(sent.cookie ?? '') !== true) lost.push('Cookie');
  if (needsAuthorization && came.authorization !== sent.authorization) lost.push('Authorization');
  if (lost.length > 0) return check.problem(`${lost.join(', ')} did not arrive as sent`);
  const changed = [
    ...(came.host === sent.host ? [] : [`Host arrives as ${came.host?.slice(0, 100) ?? 'nothing'}`]),
    ...(came.fetchSite === sent.fetchSite ? [] : ['Sec-Fetch-Site does not arrive']),
    ...(came.authorization === sent.authorization ? [] : ['Authorization does not arrive, which nothing here needs']),
  ];
  return changed.length === 0
    ? check.ok('Host, Origin, Cookie, Sec-Fetch-Site and Authorization arrive as sent')
    : check.warning(changed.join('; '));
}

const partsOf = (cookie: string): readonly string[] => cookie.split(';').map((part) => part.trim().toLowerCase());

/** @param sent Set-Cookie as the house writes it */
export function judgeCookies(check: Tell, sent: string, came: readonly string[] | undefined): Finding {
  const [name = ''] = sent.split('=', 1);
  const cookie = came?.find((one) => one.startsWith(`${name}=`));
  if (cookie === undefined) return check.problem('a cookie that Passerelle sets does not arrive');
  const [ours, theirs] = [partsOf(sent), partsOf(cookie)];
  const lost = ours.filter((part) => !theirs.includes(part));
  const added = theirs.filter((part) => !ours.includes(part));
  if (lost.length + added.length > 0)
    return check.problem(
      `cookies arrive ${[...(lost.length > 0 ? [`without ${lost.join(', ')}`] : []), ...(added.length > 0 ? [`with ${added.join(', ')}`] : [])].join(' and ')}`,
    );
  return check.ok('cookies arrive with Secure, HttpOnly, SameSite and their path');
}

/** A request of some length, and what became of it. */
export interface Tried {
  readonly what: string;
  /** Whether sign-ins fail without it, or only some of some service providers. */
  readonly needed: boolean;
  /** Undefined where it arrived whole; else how it was answered, in words. */
  readonly trouble: string | undefined;
}

export function judgeSizes(check: Tell, tried: readonly Tried[]): Finding {
  const failed = tried.filter(({ trouble }) => trouble !== undefined);
  if (failed.length === 0) return check.ok(`${tried.map(({ what }) => what).join(', ')} pass`);
  const words = failed.map(({ what, trouble }) => `${what} does not pass (${trouble ?? ''})`).join(', ');
  return failed.some(({ needed }) => needed) ? check.problem(words) : check.warning(words);
}
