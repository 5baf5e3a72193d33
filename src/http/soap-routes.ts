/** The endpoints that answer by SOAP: enhanced clients, which bring a person's password, and artifact resolution. */
import { raw, Router, type NextFunction, type Request as HttpRequest } from 'express';
import type { Steps } from '../audit/steps.ts';
import { paths } from '../config/published-urls.ts';
import { Refusal } from '../refusal.ts';
import { writeSoapFault, type FaultCode } from '../saml/soap-envelope.ts';
import type { Artifacts, ProvenResolver } from '../signin/artifacts.ts';
import type { Ecp, EcpAddress } from '../signin/ecp.ts';
import { basicChallenge, readBasicCredentials } from './basic-credentials.ts';
import type { Reply } from './exchange.ts';
import type { RecordTrouble } from './record-trouble.ts';
import { refusalOf } from './refusal-of.ts';

const mostBytes = 160 * 1024;
/**
 * SOAP 1.1 §6.1 has text/xml. No page of another site can have a browser post either type unasked, so that none signs in with the
 * credentials that a browser keeps for HTTP Basic.
 */
const types = ['text/xml', 'application/xml'];

/** Whose trouble it is, as SOAP 1.1 §4.4.1 names it. */
const faultCodeOf = ({ reason }: Refusal): FaultCode => {
  if (reason === 'soap-version-mismatch') return 'VersionMismatch';
  if (reason === 'soap-header-not-understood') return 'MustUnderstand';
  return reason === 'signing-unavailable' ? 'Server' : 'Client';
};

/** The body, which is an envelope by its type. @throws Refusal soap-malformed */
const envelopeOf = (req: HttpRequest): Buffer => {
  const body: unknown = req.body;
  if (!Buffer.isBuffer(body)) throw new Refusal('soap-malformed', { why: 'no body of type text/xml' });
  return body;
};

export function createSoapRoutes(parts: {
  /** Undefined where enhanced clients are not let in. */
  ecp: Ecp | undefined;
  artifacts: Artifacts;
  record: RecordTrouble;
  steps: Pick<Steps, 'tell'>;
  origin: string;
  https: boolean;
}): Router {
  const { ecp, artifacts, record, steps, origin, https } = parts;
  const router = Router({ caseSensitive: true, strict: true });
  const readEnvelope = raw({ type: types, limit: mostBytes, inflate: false });

  function send(res: Reply, status: number, content: string, headers: Readonly<Record<string, string>> = {}): void {
    res.writeHead(status, {
      'Content-Type': 'text/xml; charset=utf-8',
      'Content-Length': Buffer.byteLength(content),
      // saml-bindings §3.2.3.2
      'Cache-Control': 'no-cache, no-store, must-revalidate, private',
      Pragma: 'no-cache',
      'X-Content-Type-Options': 'nosniff',
      ...(https && { 'Strict-Transport-Security': 'max-age=31536000' }),
      ...headers,
    });
    res.end(content);
  }

  /** RFC 7235 §3.1: what the client presented, if anything, does not do. */
  function challenge(res: Reply, text: string): void {
    send(res, 401, text, { 'Content-Type': 'text/plain; charset=utf-8', 'WWW-Authenticate': basicChallenge(origin) });
  }

  const tell = (refusal: Refusal, reference: string): string => `${refusal.reason}, reference ${reference}`;

  function fault(error: unknown, res: Reply): void {
    const { exchange } = res.locals;
    record.fault(exchange, error);
    send(res, 500, writeSoapFault('Server', `fault, reference ${exchange.reference}`));
  }

  /** What goes wrong before anybody is proven to ask is told by a SOAP fault. */
  function refuseUnproven(refusal: Refusal, res: Reply, status = 500): void {
    send(res, status, writeSoapFault(faultCodeOf(refusal), tell(refusal, res.locals.exchange.reference)));
  }

  async function answerClient(answering: Ecp, req: HttpRequest, res: Reply): Promise<void> {
    const { exchange } = res.locals;
    const { remoteAddress } = exchange;
    const credentials = readBasicCredentials(req.headers.authorization);
    const visit = { credentials, reference: exchange.reference, remoteAddress };
    let address: EcpAddress | undefined;
    try {
      const envelope = await answering.answer(envelopeOf(req), visit, (known) => {
        address = known;
        exchange.reference = visit.reference;
      });
      const { reference } = exchange;
      if (envelope === undefined) steps.tell('next-step', { step: 'ask', ways: ['password'], how: 'HTTP Basic' });
      if (envelope === undefined) challenge(res, `a name and password are needed, reference ${reference}`);
      else send(res, 200, envelope);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const to = address?.to;
      const { reference } = exchange;
      const known = { reference, remoteAddress, name: credentials?.name };
      record.refusal({ ...known, request: to?.id, serviceProvider: to?.serviceProvider.entityID }, error);
      if (address === undefined) refuseUnproven(error, res);
      // Words and status are those of the form: nobody learns here what is not told there.
      else if (error.row.http === 401) challenge(res, `${error.row.words}, reference ${reference}`);
      else {
        const { minutes } = error.detail;
        const headers = error.row.http === 429 && typeof minutes === 'number' ? { 'Retry-After': String(minutes * 60) } : {};
        send(res, 200, await answering.refuse(address, error, reference), headers);
      }
    }
  }

  async function resolveArtifact(req: HttpRequest, res: Reply): Promise<void> {
    const { exchange } = res.locals;
    let resolver: ProvenResolver | undefined;
    try {
      const envelope = await artifacts.resolve(envelopeOf(req), exchange, (proven) => {
        resolver = proven;
      });
      send(res, 200, envelope);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const serviceProvider = resolver?.serviceProvider.entityID;
      const { reference, remoteAddress } = exchange;
      record.refusal({ reference, remoteAddress, request: resolver?.id, serviceProvider }, error, 'artifact.refused');
      if (resolver !== undefined) send(res, 200, await artifacts.refuse(resolver, error));
      // saml-bindings §3.2.3.3: who refuses to deal with somebody says so by 403; SOAP's own trouble is a fault by 500.
      else refuseUnproven(error, res, error.row.words === 'request-unreadable' ? 500 : 403);
    }
  }

  if (ecp !== undefined) router.post(paths.enhancedClient, readEnvelope, (req, res: Reply) => answerClient(ecp, req, res));
  router.post(paths.artifactResolution, readEnvelope, (req, res: Reply) => resolveArtifact(req, res));
  router.all([...(ecp === undefined ? [] : [paths.enhancedClient]), paths.artifactResolution], () => {
    throw new Refusal('method-unknown');
  });
  router.use((error: unknown, req: HttpRequest, res: Reply, next: NextFunction) => {
    const refusal = refusalOf(error);
    if (res.headersSent || req.method !== 'POST') next(error);
    else if (refusal === undefined) fault(error, res);
    else {
      const { reference, remoteAddress } = res.locals.exchange;
      record.refusal({ reference, remoteAddress }, refusal);
      refuseUnproven(refusal, res);
    }
  });
  return router;
}
