/** The demo service provider: Google's two kinds in one small server on an origin of its own. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Audit } from '../audit/audit.ts';
import type { Clock, Random } from '../clock.ts';
import { paths } from '../config/published-urls.ts';
import { readIdentityProviderMetadata, type IdentityProviderMetadata } from '../saml/read-identity-provider-metadata.ts';
import { legacyRequest, profileRequest, redirectUrl } from './google-request.ts';
import { Memory } from './memory.ts';
import { plainPage, refusedPage, startPage, style, welcomePage } from './pages.ts';
import { demoParties, shapes, type Party, type Shape } from './parties.ts';
import { receiveResponse, type Outcome, type Pending } from './receive-response.ts';

export interface DemoServiceProviderParts {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Where browsers reach it, without a path; by default http on that host and port. */
  readonly publicUrl?: string | undefined;
  /** Domain of the legacy profile. */
  readonly domain: string;
  /** Addresses of the people who are provisioned; letter case counts. */
  readonly people: readonly string[];
  /** The identity provider's metadata as it is now. It is read for each sign-in, so that a change of keys is noticed. */
  readMetadata(): Promise<string>;
  /** Where people are sent to sign out; by default at the origin of the identity provider. */
  readonly signOutUrl?: string | undefined;
  readonly audit: Pick<Audit, 'note'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Random;
}

export interface DemoServiceProvider {
  /** Where browsers reach it, without a path. */
  readonly url: string;
  readonly parties: Readonly<Record<Shape, Party>>;
  close(): Promise<void>;
}

const requestLife = 600_000;
const resultLife = 3_600_000;
const mostBodyBytes = 262_144;
const formType = /^application\/x-www-form-urlencoded(?:;|$)/i;

/** What is answered in place of a page that was asked for. */
class Answered extends Error {
  readonly status: number;
  readonly words: string;

  constructor(status: number, title: string, words: string) {
    super(title);
    this.status = status;
    this.words = words;
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBodyBytes) throw new Answered(413, 'Too large', 'The form exceeds 256 kB.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the server listens on no port'));
      else resolve(address);
    });
  });
}

/** Listens and serves until it is closed. */
export async function createDemoServiceProvider(parts: DemoServiceProviderParts): Promise<DemoServiceProvider> {
  const { domain, people, audit, clock, random } = parts;
  const pending = new Memory<Pending>(1_000);
  const used = new Memory<true>(10_000);
  const results = new Memory<Outcome>(100);

  async function readIdentityProvider(): Promise<IdentityProviderMetadata> {
    try {
      return readIdentityProviderMetadata(await parts.readMetadata());
    } catch (error) {
      const because = error instanceof Error ? error.message : 'no reason given';
      throw new Answered(502, 'The identity provider cannot be reached', `Its metadata could not be read: ${because}`);
    }
  }

  async function start(): Promise<string> {
    const { singleSignOnService } = await readIdentityProvider();
    const idpInitiated = shapes.map((shape) => {
      const url = new URL(paths.idpInitiated, singleSignOnService);
      url.searchParams.set('sp', parties[shape].entityID);
      return { title: `To the ${parties[shape].title}`, url: url.href };
    });
    return startPage(
      shapes.map((shape) => parties[shape]),
      idpInitiated,
    );
  }

  async function signIn(shape: Shape, loginHint: string | null): Promise<string> {
    const { singleSignOnService } = await readIdentityProvider();
    const now = clock.now();
    const party = parties[shape];
    const request = shape === 'legacy' ? legacyRequest(party, now, random) : profileRequest(party, now, random);
    pending.set(request.id, { party, relayState: request.relayState }, now + requestLife, now);
    return redirectUrl(request, singleSignOnService, loginHint ?? undefined);
  }

  async function signOutUrl(): Promise<string> {
    if (parts.signOutUrl !== undefined) return parts.signOutUrl;
    const { singleSignOnService } = await readIdentityProvider();
    return new URL(paths.signOut, singleSignOnService).href;
  }

  async function receive(party: Party, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!formType.test(request.headers['content-type'] ?? '')) {
      throw new Answered(415, 'Not a form', 'An ACS takes application/x-www-form-urlencoded alone.');
    }
    const body = await readBody(request);
    const identityProvider = await readIdentityProvider();
    const now = clock.now();
    const outcome = receiveResponse(body, { party, identityProvider, people, pending, used, now });
    if (!outcome.accepted) {
      const failed = outcome.checks.filter(({ passed }) => !passed).map(({ name }) => name);
      audit.note('warn', 'demo service provider refused a Response', { failed: failed.join(' ') });
      send(response, 403, refusedPage(outcome));
      return;
    }
    const result = random(16).toString('base64url');
    results.set(result, outcome, now + resultLife, now);
    redirect(response, 303, `/welcome?result=${result}`);
  }

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search, searchParams } = new URL(`http://demo.invalid${request.url ?? '/'}`);
    const party = Object.values(parties).find(({ acsPath }) => acsPath === pathname + search);
    if (party !== undefined) {
      if (request.method !== 'POST') throw new Answered(405, 'Method not allowed', 'An ACS takes POST alone.');
      return receive(party, request, response);
    }
    if (request.method !== 'GET' && request.method !== 'HEAD')
      throw new Answered(405, 'Method not allowed', 'This page is only read.');
    const shape = shapes.find((each) => pathname === `/signin/${each}`);
    if (shape !== undefined) {
      redirect(response, 302, await signIn(shape, searchParams.get('login_hint')));
    } else if (pathname === '/') {
      send(response, 200, await start());
    } else if (pathname === '/style.css') {
      send(response, 200, style, 'text/css; charset=utf-8');
    } else if (pathname === '/signout') {
      redirect(response, 302, await signOutUrl());
    } else if (pathname === '/healthz') {
      send(response, 200, 'ok\n', 'text/plain; charset=utf-8');
    } else {
      const outcome = pathname === '/welcome' ? results.get(searchParams.get('result') ?? '', clock.now()) : undefined;
      if (outcome === undefined) throw new Answered(404, 'No such page', 'It never was here, or it has expired.');
      send(response, 200, welcomePage(outcome));
    }
  }

  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    route(request, response).catch((error: unknown) => {
      if (error instanceof Answered) {
        if (error.status === 413) response.setHeader('Connection', 'close');
        send(response, error.status, plainPage(error.message, error.words));
      } else if (!request.destroyed || !response.writableEnded) {
        audit.note('error', 'demo service provider failed', { error: error instanceof Error ? error.message : 'unknown' });
        if (!response.headersSent) send(response, 500, plainPage('Something broke', 'The demo failed; see its log.'));
      }
    });
  });
  const address = await listen(server, parts.port, parts.host);
  const url =
    parts.publicUrl === undefined
      ? `http://${parts.host.includes(':') ? `[${parts.host}]` : parts.host}:${String(address.port)}`
      : new URL(parts.publicUrl).origin;
  const parties = demoParties(url, domain);

  return {
    url,
    parties,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => {
          if (error === undefined) resolve();
          else reject(error);
        });
        server.closeAllConnections();
      }),
  };
}

function setHeaders(response: ServerResponse): void {
  response.setHeader(
    'Content-Security-Policy',
    "default-src 'none'; style-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
  );
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Cache-Control', 'no-store');
}

function send(response: ServerResponse, status: number, body: string, type = 'text/html; charset=utf-8'): void {
  setHeaders(response);
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

function redirect(response: ServerResponse, status: 302 | 303, location: string): void {
  setHeaders(response);
  response.writeHead(status, { Location: location, 'Content-Length': 0 });
  response.end();
}
