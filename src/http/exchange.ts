/** One HTTP request and its answer: what every route knows of it, and how it shows a page. */
import type { Request as HttpRequest, Response as HttpResponse } from 'express';
import type { Random } from '../clock.ts';
import { newReference } from '../audit/reference.ts';
import type { Step } from '../audit/trail.ts';
import type { AuthenticatorName } from '../authenticators/authenticator.ts';
import type { Wishes } from '../signin/session.ts';
import type { Request, ReturnAddress } from '../signin/verify-requested.ts';
import type { DeviceCookie } from './device-cookie.ts';
import type { Locale } from './locale.ts';
import type { PageData, PageName, Pages } from './pages.ts';
import { securityHeaders } from './security-headers.ts';
import type { SessionCookie } from './session-cookie.ts';

export interface Exchange {
  /** What the page, the Response and the log bear alike: that of the sign-in, once it is recalled. */
  reference: string;
  /** What was looked at and done so far. */
  readonly steps: Step[];
  readonly remoteAddress: string;
  readonly locale: Locale;
  /** Token of the session cookie. */
  readonly session: string | undefined;
  /** By what the browser is remembered, sealed, if it brings that. */
  readonly device: string | undefined;
  /** As the browser calls itself. */
  readonly userAgent: string | undefined;
  /** Where refusals of a request go that is not verified as a whole yet, once that is certain. */
  returnAddress: ReturnAddress | undefined;
  /** The verified request, once there is one. */
  request: Request | undefined;
  /** The sign-in that remembers it. */
  signIn: string | undefined;
  /** The name as typed, for the page that asks again. */
  name: string;
  /** By what the person is asked to prove who they are now: any of it. */
  ways: readonly AuthenticatorName[];
  /** What the policy offers beside, in milliseconds: to stay signed in, and to have the browser remembered. */
  offers: { readonly keep?: number | undefined; readonly remember?: number | undefined };
  /** What of it the person asked for. */
  wishes: Wishes;
  /** Sends the browser on to that URL. */
  leave(url: string): void;
  /** `formAction`: where the page's form may go beside our own origin. `onward`: where the page leads by itself, after so many seconds. */
  page<Name extends PageName>(
    status: number,
    name: Name,
    data: PageData[Name],
    formAction?: readonly string[],
    onward?: { readonly url: string; readonly seconds: number },
  ): void;
}

export type Reply = HttpResponse<unknown, { exchange: Exchange }>;

/** Begins exchanges for one application. */
export function createBeginExchange(parts: {
  pages: Pages;
  cookie: SessionCookie;
  deviceCookie: DeviceCookie;
  https: boolean;
  random: Random;
}): (req: HttpRequest, res: Reply) => void {
  const { pages, cookie, deviceCookie, https, random } = parts;
  return (req, res) => {
    const locale = pages.locale(req.headers['accept-language']);
    res.locals.exchange = {
      reference: newReference(random),
      steps: [],
      remoteAddress: req.ip ?? 'unknown',
      locale,
      session: cookie.read(req.headers.cookie),
      device: deviceCookie.read(req.headers.cookie),
      userAgent: req.headers['user-agent'],
      returnAddress: undefined,
      request: undefined,
      signIn: undefined,
      name: '',
      ways: [],
      offers: {},
      wishes: {},
      leave(url) {
        res.writeHead(303, { Location: url, 'Cache-Control': 'no-store', 'Content-Length': 0 }).end();
      },
      page(status, name, data, formAction = [], onward) {
        const nonce = random(16).toString('base64');
        const html = pages.render(name, data, { locale, nonce });
        const bytes = Buffer.byteLength(html);
        res.writeHead(status, {
          ...securityHeaders({ page: name, nonce, formAction, https }),
          'Content-Type': 'text/html; charset=utf-8',
          'Content-Length': bytes,
          // A header, which needs no script; in the page it would be what WCAG 2.2.1 has tools complain of.
          ...(onward !== undefined && { Refresh: `${String(onward.seconds)}; url=${onward.url}` }),
        });
        // ASCII is the same in both; said to be Latin-1, it is sent without room for the three bytes that a character may take.
        res.end(html, bytes === html.length ? 'latin1' : 'utf8');
      },
    };
  };
}
