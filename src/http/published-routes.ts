/** The pages and documents that anybody may read: metadata, certificate, an administrator's values, health. */
import { hash } from 'node:crypto';
import { Router, type Request as HttpRequest } from 'express';
import type { Clock } from '../clock.ts';
import { paths, type PublishedUrls } from '../config/published-urls.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { Refusal } from '../refusal.ts';
import { googleValues } from '../service-providers/google-values.ts';
import type { RegisteredServiceProvider, Registry } from '../service-providers/registry.ts';
import type { AccountRoutesParts } from './account-routes-parts.ts';
import type { MetadataFetches } from '../signin/metadata-fetches.ts';
import type { Reply } from './exchange.ts';
import { rawQuery } from './incoming.ts';

/** A metadata document, from when on it is made anew, and until when it is given out where that fails (milliseconds since the epoch). */
export interface PublishedMetadata {
  readonly xml: string;
  readonly renewAt: number;
  /** What its validUntil says. */
  readonly validUntil: number;
}

/** One thing that must work before a balancer sends people here. Throws where it does not. */
export type ReadinessCheck = readonly [name: string, check: () => Promise<unknown>];

const anHour = 3600;
/** Milliseconds for which an answer about readiness holds, so that asking often costs the directory nothing. */
const readinessLife = 1_000;

/** Undefined where the query has none of that name, and nothing where it has several. */
function parameterOf(req: HttpRequest, name: string): string | undefined {
  const [value, another] = new URLSearchParams(rawQuery(req)).getAll(name);
  return another === undefined ? value : '';
}

const locations = ({ assertionConsumerServices }: RegisteredServiceProvider): readonly string[] =>
  assertionConsumerServices.map(({ location }) => location);

export function createPublishedRoutes(parts: {
  urls: PublishedUrls;
  keys: KeyRing;
  registry: Registry;
  makeMetadata: () => Promise<PublishedMetadata>;
  metadataFetches: MetadataFetches;
  readiness: readonly ReadinessCheck[];
  accountPage: AccountRoutesParts['accountPage'];
  clock: Clock;
}): Router {
  const { urls, keys, registry, makeMetadata, metadataFetches, readiness, accountPage, clock } = parts;
  const router = Router({ caseSensitive: true, strict: true });
  const inMetadata = [...keys.published, ...keys.forServiceProviders];
  const certificates = new Map(inMetadata.map(({ name, certificate }) => [name, certificate.toString()]));
  const certificate = keys.active.certificate.toString();
  let metadata: PublishedMetadata | undefined;
  let making: Promise<PublishedMetadata> | undefined;
  let tried: { readonly at: number; readonly states: Readonly<Record<string, 'ok' | 'failed'>> } | undefined;
  let trying: Promise<NonNullable<typeof tried>> | undefined;
  /** A service provider under two entity IDs is one to a person; its first stands for both. */
  function linked(): readonly RegisteredServiceProvider[] {
    const { list } = registry;
    return list.filter(
      (one, index) =>
        list.findIndex(
          (other) => other.name === one.name && locations(other).some((location) => locations(one).includes(location)),
        ) === index,
    );
  }

  async function currentMetadata(): Promise<PublishedMetadata> {
    if (metadata === undefined || clock.now() >= metadata.renewAt) {
      making ??= makeMetadata().finally(() => {
        making = undefined;
      });
      try {
        metadata = await making;
      } catch (error) {
        // The one at hand is still as good as its validUntil says.
        if (!(error instanceof Refusal) || metadata === undefined || clock.now() >= metadata.validUntil) throw error;
      }
    }
    return metadata;
  }

  async function tryParts(): Promise<NonNullable<typeof tried>> {
    const results = await Promise.allSettled(readiness.map(([, check]) => check()));
    const states = readiness.map(([name], index) => [name, results[index]?.status === 'fulfilled' ? 'ok' : 'failed'] as const);
    return { at: clock.now(), states: Object.fromEntries(states) };
  }

  async function currentStates(): Promise<Readonly<Record<string, 'ok' | 'failed'>>> {
    const age = tried === undefined ? Infinity : clock.now() - tried.at;
    if (tried === undefined || age < 0 || age >= readinessLife) {
      trying ??= tryParts().finally(() => {
        trying = undefined;
      });
      tried = await trying;
    }
    return tried.states;
  }

  router.get(paths.metadata, async (req, res: Reply) => {
    const { xml } = await currentMetadata();
    const etag = `"${hash('sha256', xml, 'base64url').slice(0, 22)}"`;
    res.setHeader('ETag', etag);
    const token = parameterOf(req, 'for');
    // By a URL of one's own, each look comes here, so that it is seen who has what; whether the token is anybody's does not show.
    res.setHeader('Cache-Control', token === undefined ? `public, max-age=${String(anHour)}` : 'private, no-cache');
    res.setHeader('X-Content-Type-Options', 'nosniff');
    // Whoever asks by HEAD has not got it.
    if (token !== undefined && req.method === 'GET') {
      const { reference, remoteAddress } = res.locals.exchange;
      res.once('finish', () => void metadataFetches.fetched(token, inMetadata, { reference, remoteAddress }));
    }
    if (req.headers['if-none-match'] === etag) {
      res.status(304).end();
      return;
    }
    res.setHeader('Content-Type', 'application/samlmetadata+xml; charset=utf-8');
    res.setHeader('Content-Disposition', 'inline; filename="passerelle-metadata.xml"');
    res.end(xml);
  });

  router.get(paths.certificate, (req, res: Reply) => {
    const key = parameterOf(req, 'key');
    const wanted = key === undefined ? certificate : certificates.get(key);
    if (wanted === undefined) throw new Refusal('page-unknown');
    res.setHeader('Content-Type', 'application/x-pem-file');
    res.setHeader('Content-Disposition', 'attachment; filename="passerelle-certificate.pem"');
    res.setHeader('Cache-Control', `public, max-age=${String(anHour)}`);
    res.setHeader('X-Content-Type-Options', 'nosniff');
    res.end(wanted);
  });

  router.get('/saml', (_req, res: Reply) => {
    res.locals.exchange.page(200, 'saml', {
      values: googleValues(urls, keys, registry.list).map((value) => ({ ...value, multiline: value.label === 'certificate' })),
      metadataUrl: urls.metadata,
      certificateUrl: urls.certificate,
      certificates: keys.published.map((key) => ({
        name: key.name,
        notAfter: new Date(key.certificate.validTo).toISOString().slice(0, 10),
        sha256: key.certificate.fingerprint256,
        url: `${urls.certificate}?key=${key.name}`,
      })),
    });
  });

  router.get('/', (_req, res: Reply) => {
    const signInLinks = linked().map(({ name, entityID }) => ({
      name,
      url: `${paths.idpInitiated}?sp=${encodeURIComponent(entityID)}`,
    }));
    res.locals.exchange.page(200, 'home', { signInLinks, ...(accountPage !== undefined && { accountUrl: paths.account }) });
  });

  router.get('/healthz', (_req, res: Reply) => {
    res.setHeader('Cache-Control', 'no-store');
    res.status(200).json({ status: 'ok' });
  });

  router.get('/readyz', async (_req, res: Reply) => {
    const states = await currentStates();
    // Machines ask every few seconds, and nobody asks why.
    res.locals.exchange.steps.length = 0;
    const ready = Object.values(states).every((state) => state === 'ok');
    res.setHeader('Cache-Control', 'no-store');
    res.status(ready ? 200 : 503).json({ status: ready ? 'ok' : 'failed', ...states });
  });
  return router;
}
