/** The headers that surround every page: what it may load, where its form may go, who may frame, keep or list it. */
import type { PageName } from './page-contents.ts';

/** Only these pages carry a script. The page that takes the password does not. */
const scripted: readonly PageName[] = ['factor-webauthn', 'respond', 'logout', 'saml', 'enrol-webauthn', 'recovery-codes'];
/** Pages with a form that comes back to us. */
const posting: readonly PageName[] = [
  'password',
  'factor-name',
  'factor-code',
  'factor-webauthn',
  'factor-wait',
  'logout',
  'change-password',
  'enrol-pass',
  'enrol-totp',
  'enrol-webauthn',
  'account',
  'account-remove',
];
/** Pages that no service provider's window waits for. */
const apart: readonly PageName[] = ['saml', 'signed-out', 'home', 'password-changed', 'change-password-elsewhere'];

/**
 * @param page whose headers these are
 * @param nonce base64, new with every answer
 * @param formAction URLs that the page's form posts to beside our own origin: the AssertionConsumerService of `respond`, or of a
 *   `refusal` that leads back, or the SingleLogoutService of `logout`
 * @param https whether publicUrl is https
 */
export function securityHeaders({
  page,
  nonce,
  formAction,
  https,
}: {
  readonly page: PageName;
  readonly nonce: string;
  readonly formAction: readonly string[];
  readonly https: boolean;
}): Record<string, string> {
  const policy = [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    ...(scripted.includes(page) ? [`script-src 'nonce-${nonce}'`] : []),
    "img-src 'self'",
    `form-action ${formTargets(page, formAction)}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ];
  return {
    'Content-Security-Policy': policy.join('; '),
    'Cache-Control': 'no-store',
    'X-Robots-Tag': 'noindex, nofollow',
    // Origin, and nothing of the path: with less, our own form and the service provider's would see `Origin: null`.
    'Referrer-Policy': 'strict-origin',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    // A service provider may run the sign-in in a window that it opened; any other value would take that window from it for good.
    'Cross-Origin-Opener-Policy': apart.includes(page) ? 'same-origin' : 'unsafe-none',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
    ...(https && { 'Strict-Transport-Security': 'max-age=31536000' }),
  };
}

/**
 * Chromium holds form-action against every redirect that follows the post, too (CSP3 §4.2.4), and stays on our page where one
 * is not listed. An AssertionConsumerService redirects to wherever the person was going, at hosts that nobody can list
 * beforehand: hence `https:` on the pages that post to one, and there alone.
 */
function formTargets(page: PageName, formAction: readonly string[]): string {
  const own = posting.includes(page) ? ["'self'"] : [];
  const targets = formAction.length > 0 ? [...own, ...formAction.map(source), 'https:'] : own;
  return targets.length > 0 ? targets.join(' ') : "'none'";
}

/** A URL as a source expression, which has no query and holds no delimiter of the policy (CSP3 §2.3.1). */
function source(location: string): string {
  const { protocol, origin, pathname } = new URL(location);
  if (protocol !== 'https:' && protocol !== 'http:') throw new Error('a form posts to http or https only');
  return origin + pathname.replaceAll(/[;,']/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
