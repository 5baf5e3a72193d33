/** The Express application: which routes there are, in which order, and what surrounds each request. */
import type { RequestListener } from 'node:http';
import express from 'express';
import type { Steps } from '../audit/steps.ts';
import type { Trail } from '../audit/trail.ts';
import type { Clock } from '../clock.ts';
import { Refusal } from '../refusal.ts';
import { createAnswerRefusal } from './answer-refusal.ts';
import { createBeginExchange, type Reply } from './exchange.ts';
import type { Logo } from './logo.ts';
import { createAccountRoutes } from './account-routes.ts';
import { createCertificateRoutes } from './certificate-routes.ts';
import { createDoctorRoutes } from './doctor-routes.ts';
import { createEnrolRoutes } from './enrol-routes.ts';
import { createFactorRoutes } from './factor-routes.ts';
import { createKerberosRoutes } from './kerberos-routes.ts';
import { createLogoutRoutes } from './logout-routes.ts';
import { createPasskeyRoutes } from './passkey-routes.ts';
import { createPasswordRoutes } from './password-routes.ts';
import { createPublishedRoutes } from './published-routes.ts';
import { routeOf } from './route-of.ts';
import { createScriptRoutes } from './script-routes.ts';
import { createSignInRoutes } from './sign-in-routes.ts';
import { createSoapRoutes } from './soap-routes.ts';

export type AppParts = Parameters<typeof createBeginExchange>[0] &
  Parameters<typeof createSignInRoutes>[0] &
  Parameters<typeof createPasswordRoutes>[0] &
  Parameters<typeof createKerberosRoutes>[0] &
  Parameters<typeof createFactorRoutes>[0] &
  Parameters<typeof createPasskeyRoutes>[0] &
  Parameters<typeof createEnrolRoutes>[0] &
  Parameters<typeof createAccountRoutes>[0] &
  Parameters<typeof createCertificateRoutes>[0] &
  Parameters<typeof createLogoutRoutes>[0] &
  Parameters<typeof createPublishedRoutes>[0] &
  Parameters<typeof createDoctorRoutes>[0] &
  Parameters<typeof createSoapRoutes>[0] &
  Parameters<typeof createAnswerRefusal>[0] & {
    /** Proxies whose X-Forwarded-For is believed: addresses and networks. */
    readonly trustProxy: readonly string[];
    /** At /branding/logo, which every page names. */
    readonly logo: Logo;
    readonly steps: Steps;
    /** Told of each exchange in which anything was looked at, once it is over. */
    readonly keepTrail: (trail: Trail) => void;
    readonly clock: Pick<Clock, 'now'>;
  };

const answered: readonly string[] = ['GET', 'HEAD', 'POST'];

export function createApp(parts: AppParts): RequestListener {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // The query is parsed once, by the room that knows what may be in it.
  app.set('query parser', false);
  app.set('trust proxy', parts.trustProxy.length === 0 ? false : [...parts.trustProxy]);
  const begin = createBeginExchange(parts);
  app.use((req, res: Reply, next) => {
    begin(req, res);
    // Before any route, since Express answers OPTIONS by itself.
    if (!answered.includes(req.method)) throw new Refusal('method-unknown');
    const begun = res.locals.exchange;
    const begunAt = parts.clock.now();
    parts.steps.within(begun.steps, (end) => {
      res.once('close', () => {
        const { reference, remoteAddress, steps } = begun;
        const status = res.headersSent ? res.statusCode : undefined;
        const route = routeOf(req);
        end({ method: req.method, route, status });
        // Never the path as it came, which may be anything, a password as well.
        const exchange = `${req.method} ${route ?? '…'}`;
        if (steps.length > 0) parts.keepTrail({ reference, begunAt, exchange, remoteAddress, status, steps });
      });
      next();
    });
  });
  // Before the sign-in, which takes every other form below its path.
  app.use(createFactorRoutes(parts));
  app.use(createPasskeyRoutes(parts));
  app.use(createEnrolRoutes(parts));
  app.use(createSignInRoutes(parts));
  app.use(createKerberosRoutes(parts));
  app.use(createCertificateRoutes(parts));
  app.use(createPasswordRoutes(parts));
  app.use(createLogoutRoutes(parts));
  app.use(createAccountRoutes(parts));
  app.use(createSoapRoutes(parts));
  app.use(createPublishedRoutes(parts));
  app.use(createDoctorRoutes(parts));
  app.use(createScriptRoutes(parts));
  app.get('/branding/logo', (_req, res) => {
    res.setHeader('Content-Type', parts.logo.type);
    res.setHeader('Cache-Control', 'public, max-age=3600');
    // An SVG opened by itself runs nothing.
    res.setHeader('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox");
    res.setHeader('X-Content-Type-Options', 'nosniff');
    res.end(parts.logo.content);
  });
  app.use(() => {
    throw new Refusal('page-unknown');
  });
  app.use(createAnswerRefusal(parts));
  return (req, res) => {
    // RFC 9112 §3.2.2: the absolute form is for proxies. Of what it cannot parse Express would make a page of its own.
    if (req.url?.startsWith('/') !== true) req.url = '/*';
    app(req, res);
  };
}
