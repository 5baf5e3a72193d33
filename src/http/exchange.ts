/** One HTTP request and its answer: what every route knows of it, and how it shows a page. */
import type { Request as HttpRequest, Response as HttpResponse } from 'express';
import type { Random } from '../clock.ts';
import { newReference } from '../audit/reference.ts';
import type { Request, ReturnAddress } from '../signin/verify-requested.ts';
import type { CertificateDoor } from './certificate-door.ts';
import type { Locale } from './locale.ts';
import type { PageData, PageName, Pages } from './pages.ts';
import { securityHeaders } from './security-headers.ts';
import type { SessionCookie } from './session-cookie.ts';

export interface Exchange {
  /** What the page, the Response and the log bear alike. */
  readonly reference: string;
  readonly remoteAddress: string;
  readonly locale: Locale;
  /** Token of the session cookie. */
  readonly session: string | undefined;
  /** Where refusals of a request go that is not verified as a whole yet, once that is certain. */
  returnAddress: ReturnAddress | undefined;
  /** The verified request, once there is one. */
  request: Request | undefined;
  /** The sign-in that remembers it. */
  signIn: string | undefined;
  /** The name as typed, for the page that asks again. */
  name: string;
  /** By which of these the request, once there is one, lets the person prove who they are. */
  ways(): { readonly password: boolean; readonly certificate: boolean };
  /** Sends the browser on to that URL. */
  leave(url: string): void;
  /** `formAction`: where the page's form may go beside our own origin. */
  page<Name extends PageName>(status: number, name: Name, data: PageData[Name], formAction?: readonly string[]): void;
}

export type Reply = HttpResponse<unknown, { exchange: Exchange }>;

/** Begins exchanges for one application. */
export function createBeginExchange(parts: {
  pages: Pages;
  cookie: SessionCookie;
  https: boolean;
  /** Undefined where it is not configured. */
  certificate: CertificateDoor | undefined;
  random: Random;
}): (req: HttpRequest, res: Reply) => void {
  const { pages, cookie, https, certificate, random } = parts;
  return (req, res) => {
    const locale = pages.locale(req.headers['accept-language']);
    res.locals.exchange = {
      reference: newReference(random),
      remoteAddress: req.ip ?? 'unknown',
      locale,
      session: cookie.read(req.headers.cookie),
      returnAddress: undefined,
      request: undefined,
      signIn: undefined,
      name: '',
      ways() {
        const { request } = this;
        if (request === undefined || certificate === undefined) return { password: true, certificate: false };
        return { password: certificate.allowsPassword(request), certificate: certificate.allows(request) };
      },
      leave(url) {
        res.writeHead(303, { Location: url, 'Cache-Control': 'no-store', 'Content-Length': 0 }).end();
      },
      page(status, name, data, formAction = []) {
        const nonce = random(16).toString('base64');
        const html = pages.render(name, data, { locale, nonce });
        const bytes = Buffer.byteLength(html);
        res.writeHead(status, {
          ...securityHeaders({ page: name, nonce, formAction, https }),
          'Content-Type': 'text/html; charset=utf-8',
          'Content-Length': bytes,
        });
        // ASCII is the same in both; said to be Latin-1, it is sent without room for the three bytes that a character may take.
        res.end(html, bytes === html.length ? 'latin1' : 'utf8');
      },
    };
  };
}
