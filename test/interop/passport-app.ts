/** A service provider in Express, by @node-saml/passport-saml, which finds our keys and endpoints in our metadata. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Strategy, type Profile } from '@node-saml/passport-saml';
import { DOMParser } from '@xmldom/xmldom';
import express, { type NextFunction, type Request, type Response } from 'express';
import { Passport, type Strategy as PassportStrategy } from 'passport';
import xpath from 'xpath';
import { makeCredential, type Credential } from '../fixtures/foreign-service-provider.ts';

interface Kept {
  user?: Profile;
}

export interface PassportApp {
  readonly site: string;
  readonly entityID: string;
  readonly metadataUrl: string;
  /** Uses another key from now on, and says so in its metadata. */
  readonly rekey: () => Promise<void>;
  /** What went wrong in it, for a test that fails. */
  readonly troubles: string[];
  readonly close: () => Promise<void>;
}

const find = xpath.useNamespaces({
  md: 'urn:oasis:names:tc:SAML:2.0:metadata',
  ds: 'http://www.w3.org/2000/09/xmldsig#',
});

const strings = (path: string, tree: Node): string[] =>
  (find(path, tree) as Node[]).map((node) => (node.nodeValue ?? node.textContent ?? '').replace(/\s/g, ''));

/** Opens it on a free port. `identityProvider` is the URL of our metadata, which is asked for when somebody signs in. */
export async function openPassportApp(identityProvider: string): Promise<PassportApp> {
  const app = express();
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const site = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const entityID = `${site}/metadata`;
  const sessions = new Map<string, Kept>();
  const troubles: string[] = [];
  let credential = await makeCredential('express.example.net');

  async function askMetadata(path: string): Promise<string[]> {
    const text = await (await fetch(identityProvider)).text();
    return strings(path, new DOMParser().parseFromString(text, 'text/xml'));
  }
  async function endpoint(name: string): Promise<string> {
    const [location] = await askMetadata(`//md:${name}[contains(@Binding, 'HTTP-Redirect')]/@Location`);
    if (location === undefined) throw new Error(`the metadata names no ${name}`);
    return location;
  }
  const certificates = (): Promise<string[]> =>
    askMetadata("//md:IDPSSODescriptor/md:KeyDescriptor[not(@use='encryption')]//ds:X509Certificate");

  interface Known {
    readonly entryPoint: string;
    readonly logoutUrl: string;
    readonly idpCert: string[];
  }

  /** Asked for with each request, since endpoints and keys may have changed. */
  async function askKnown(): Promise<Known> {
    return {
      entryPoint: await endpoint('SingleSignOnService'),
      logoutUrl: await endpoint('SingleLogoutService'),
      idpCert: await certificates(),
    };
  }

  function strategyFor({ privateKey, certificate }: Credential, known: Known, authnRequestBinding?: string): Strategy {
    const options = {
      ...known,
      issuer: entityID,
      callbackUrl: `${site}/acs`,
      logoutCallbackUrl: `${site}/slo`,
      privateKey,
      publicCert: certificate,
      decryptionPvk: privateKey,
      signatureAlgorithm: 'sha256' as const,
      digestAlgorithm: 'sha256' as const,
      wantAssertionsSigned: true,
      wantAuthnResponseSigned: true,
      disableRequestedAuthnContext: true,
      // It would deflate what HTTP-POST carries, which saml-bindings §3.5.4 does not know.
      ...(authnRequestBinding !== undefined && { authnRequestBinding, skipRequestCompression: true }),
    };
    const verifySignOn = (profile: Profile | null, done: (error: Error | null, user?: Record<string, unknown>) => void): void => {
      done(null, { ...profile });
    };
    return new Strategy({ ...options, passReqToCallback: false }, verifySignOn, (profile, done) => {
      const user = [...sessions.values()].find(
        (one) => one.user?.nameID === profile?.nameID && one.user?.sessionIndex === profile?.sessionIndex,
      )?.user;
      done(null, user && { ...user });
    });
  }

  /** A session as passport wants it, behind a cookie. */
  app.use((req: Request & { session?: object }, res, next) => {
    const known = /(?:^|; )app=([\w-]+)/.exec(req.headers.cookie ?? '')?.[1];
    let id = known !== undefined && sessions.has(known) ? known : undefined;
    req.session = {
      regenerate(done: () => void) {
        if (id !== undefined) sessions.delete(id);
        id = randomBytes(16).toString('hex');
        sessions.set(id, {});
        res.setHeader('Set-Cookie', `app=${id}; Path=/; HttpOnly`);
        done();
      },
      save: (done: () => void) => {
        done();
      },
    };
    const user = id === undefined ? undefined : sessions.get(id)?.user;
    // Two objects, since passport compares what they hold.
    if (user !== undefined) req.user = { ...user };
    res.locals.keep = (profile: Profile) => {
      if (id !== undefined) sessions.set(id, { user: profile });
    };
    next();
  });
  const through =
    (handle: (req: Request, res: Response, next: NextFunction) => Promise<void>) =>
    (req: Request, res: Response, next: NextFunction): void => {
      handle(req, res, next).catch(next);
    };
  const authenticate = (binding?: string, samlFallback = 'login-request') =>
    through(async (req, res, next) => {
      const passport = new Passport();
      passport.serializeUser((user, done) => {
        done(null, user);
      });
      // Its types are those of Express 4.
      passport.use('saml', strategyFor(credential, await askKnown(), binding) as object as PassportStrategy);
      const options: object = { samlFallback };
      (passport.authenticate('saml', options) as (req: Request, res: Response, next: NextFunction) => void)(req, res, next);
    });
  const signedIn = (req: Request, res: Response): void => {
    (res.locals.keep as (profile: Profile) => void)(req.user as Profile);
    res.redirect(303, '/secret/');
  };

  app.get('/', (_req, res) => {
    res.send('public');
  });
  app.get('/metadata', (_req, res) => {
    const strategy = strategyFor(credential, { entryPoint: identityProvider, logoutUrl: identityProvider, idpCert: ['unused'] });
    res.type('xml').send(strategy.generateServiceProviderMetadata(credential.certificate, credential.certificate));
  });
  app.get('/secret/', (req, res) => {
    if (req.user === undefined) res.redirect(303, '/login');
    else res.json(req.user);
  });
  app.get('/login', authenticate());
  app.get('/login/post', authenticate('HTTP-POST'));
  app.post('/acs', express.urlencoded({ extended: false, limit: '1mb' }), authenticate(), signedIn);
  app.get(
    '/logout',
    through(async (req, res) => {
      const strategy = strategyFor(credential, await askKnown());
      const url = await new Promise<string>((resolve, reject) => {
        strategy.logout(req as object as Parameters<Strategy['logout']>[0], (error, found) => {
          if (error !== null || !found) reject(error ?? new Error('no URL'));
          else resolve(found);
        });
      });
      // Its own session ends first, whatever becomes of the others.
      const { session } = req as Request & { session: { regenerate(done: () => void): void } };
      session.regenerate(() => {
        res.redirect(303, url);
      });
    }),
  );
  const signedOut = (_req: Request, res: Response): void => {
    res.send('signed out');
  };
  app.get('/slo', authenticate(undefined, 'logout-request'), signedOut);
  app.post('/slo', express.urlencoded({ extended: false }), authenticate(undefined, 'logout-request'), signedOut);
  app.use((error: Error, _req: Request, res: Response, next: NextFunction) => {
    troubles.push(error.stack ?? error.message);
    if (res.headersSent) next(error);
    else res.status(500).send(`trouble: ${error.message}`);
  });

  return {
    site,
    entityID,
    metadataUrl: `${site}/metadata`,
    troubles,
    async rekey() {
      credential = await makeCredential('express.example.net');
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
