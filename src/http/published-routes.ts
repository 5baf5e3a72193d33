/** The pages and documents that anybody may read: metadata, certificate, an administrator's values, health. */
import { hash } from 'node:crypto';
import { Router } from 'express';
import type { Clock } from '../clock.ts';
import { paths, type PublishedUrls } from '../config/published-urls.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { googleValues } from '../service-providers/google-values.ts';
import type { RegisteredServiceProvider, Registry } from '../service-providers/registry.ts';
import type { AccountRoutesParts } from './account-routes-parts.ts';
import type { Reply } from './exchange.ts';

/** A metadata document and until when (milliseconds since the epoch) it is given out. */
export interface PublishedMetadata {
  readonly xml: string;
  readonly renewAt: number;
}

/** One thing that must work before a balancer sends people here. Throws where it does not. */
export type ReadinessCheck = readonly [name: string, check: () => Promise<unknown>];

const anHour = 3600;
/** Milliseconds for which an answer about readiness holds, so that asking often costs the directory nothing. */
const readinessLife = 1_000;

const locations = ({ assertionConsumerServices }: RegisteredServiceProvider): readonly string[] =>
  assertionConsumerServices.map(({ location }) => location);

export function createPublishedRoutes(parts: {
  urls: PublishedUrls;
  keys: KeyRing;
  registry: Registry;
  makeMetadata: () => Promise<PublishedMetadata>;
  readiness: readonly ReadinessCheck[];
  accountPage: AccountRoutesParts['accountPage'];
  clock: Clock;
}): Router {
  const { urls, keys, registry, makeMetadata, readiness, accountPage, clock } = parts;
  const router = Router({ caseSensitive: true, strict: true });
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
      metadata = await making;
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
    res.setHeader('Cache-Control', `public, max-age=${String(anHour)}`);
    res.setHeader('X-Content-Type-Options', 'nosniff');
    if (req.headers['if-none-match'] === etag) {
      res.status(304).end();
      return;
    }
    res.setHeader('Content-Type', 'application/samlmetadata+xml; charset=utf-8');
    res.setHeader('Content-Disposition', 'inline; filename="passerelle-metadata.xml"');
    res.end(xml);
  });

  router.get(paths.certificate, (_req, res: Reply) => {
    res.setHeader('Content-Type', 'application/x-pem-file');
    res.setHeader('Content-Disposition', 'attachment; filename="passerelle-certificate.pem"');
    res.setHeader('Cache-Control', `public, max-age=${String(anHour)}`);
    res.setHeader('X-Content-Type-Options', 'nosniff');
    res.end(certificate);
  });

  router.get('/saml', (_req, res: Reply) => {
    res.locals.exchange.page(200, 'saml', {
      values: googleValues(urls, certificate).map((value) => ({ ...value, multiline: value.label === 'certificate' })),
      metadataUrl: urls.metadata,
      certificateUrl: urls.certificate,
      certificates: keys.published.map((key) => ({
        name: key.name,
        notAfter: new Date(key.certificate.validTo).toISOString().slice(0, 10),
        sha256: key.certificate.fingerprint256,
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
    const ready = Object.values(states).every((state) => state === 'ok');
    res.setHeader('Cache-Control', 'no-store');
    res.status(ready ? 200 : 503).json({ status: ready ? 'ok' : 'failed', ...states });
  });
  return router;
}
