/** The one place where trouble becomes an answer: a refusal that we meant, or a fault. */
import type { NextFunction, Request as HttpRequest } from 'express';
import type { Audit } from '../audit/audit.ts';
import { paths } from '../config/published-urls.ts';
import { Refusal } from '../refusal.ts';
import type { Answer, Issuer } from '../signin/issue.ts';
import type { Receive } from '../signin/receive.ts';
import type { Exchange, Reply } from './exchange.ts';

const isClientError = (error: unknown): error is Error & { status: number } =>
  error instanceof Error && 'status' in error && typeof error.status === 'number' && error.status >= 400 && error.status < 500;

/** What Express and its body parser throw about a request, as refusals. */
function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (!isClientError(error)) return undefined;
  if (error.status === 413) return new Refusal('request-too-large');
  return new Refusal('form-malformed', { cause: error.message.slice(0, 100) });
}

/** An answer as the form of a page carries it (saml-bindings §3.5). */
function posted({ location, response, relayState }: Answer): {
  location: string;
  SAMLResponse: string;
  RelayState: string | undefined;
} {
  return { location, SAMLResponse: Buffer.from(response).toString('base64'), RelayState: relayState };
}

/** Shows the page that posts an answer to its service provider. */
export function showAnswer(exchange: Exchange, answer: Answer, serviceProvider: string): void {
  exchange.page(200, 'respond', { ...posted(answer), serviceProvider }, [answer.location]);
}

/** Shows the page that asks for the password. */
export function askPassword(exchange: Exchange, signIn: string, name: string, problem?: Refusal): void {
  const status = problem?.row.http ?? 200;
  const minutes = problem?.detail.minutes;
  exchange.page(status, 'password', {
    action: `${paths.signIn}/password`,
    signin: signIn,
    name,
    serviceProvider: exchange.request?.serviceProvider.name ?? '',
    ...(problem !== undefined && {
      problem: {
        words: problem.row.words,
        reference: exchange.reference,
        ...(typeof minutes === 'number' && { minutes }),
      },
    }),
  });
}

export function createAnswerRefusal(parts: {
  issuer: Issuer;
  receive: Receive;
  audit: Audit;
  directory: { readonly server: string };
}): (error: unknown, req: HttpRequest, res: Reply, next: NextFunction) => void {
  const { issuer, receive, audit, directory } = parts;

  function record(exchange: Exchange, refusal: Refusal): void {
    const { person, ...detail } = refusal.detail;
    audit.record({
      event: 'signin.refused',
      reference: exchange.reference,
      request: exchange.request?.id,
      serviceProvider: exchange.request?.serviceProvider.entityID,
      person: typeof person === 'string' ? person : undefined,
      name: exchange.name === '' ? undefined : exchange.name.slice(0, 256),
      remoteAddress: exchange.remoteAddress,
      server: directory.server,
      reason: refusal.reason,
      hint: refusal.row.hint,
      detail,
    });
  }

  async function answer(exchange: Exchange, refusal: Refusal, asked: boolean): Promise<void> {
    const { request, signIn, reference } = exchange;
    const { row } = refusal;
    if (request === undefined) {
      exchange.page(row.http, 'refusal', { words: row.words, reference });
      return;
    }
    const serviceProvider = request.serviceProvider.name;
    if (row.answer === 'again' && !request.isPassive && signIn !== undefined) {
      if (asked) {
        askPassword(exchange, signIn, exchange.name, refusal);
      } else {
        const tryAgainUrl = `${paths.signIn}?id=${signIn}`;
        exchange.page(row.http, 'refusal', { words: row.words, reference, serviceProvider, tryAgainUrl });
      }
      return;
    }
    if (signIn !== undefined) await receive.finish(signIn);
    // Nobody waits for an answer that was not asked for (saml-profiles §4.1.5).
    if (request.id === undefined) {
      exchange.page(row.http, 'refusal', { words: row.words, reference, serviceProvider });
      return;
    }
    const back = await issuer.refuse(request, refusal, reference);
    if (row.answer === 'post' || request.isPassive) showAnswer(exchange, back, serviceProvider);
    else
      exchange.page(row.http, 'refusal', { words: row.words, reference, serviceProvider, back: posted(back) }, [back.location]);
  }

  function fault(exchange: Exchange, error: unknown): void {
    const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
    audit.record({ event: 'fault', reference: exchange.reference, remoteAddress: exchange.remoteAddress, detail: { cause } });
    exchange.page(500, 'fault', { reference: exchange.reference });
  }

  return (error, req, res, next) => {
    const { exchange } = res.locals;
    if (res.headersSent) {
      next(error);
      return;
    }
    const refusal = refusalOf(error);
    if (refusal === undefined) {
      fault(exchange, error);
      return;
    }
    record(exchange, refusal);
    answer(exchange, refusal, req.method === 'POST' && req.path.startsWith(`${paths.signIn}/`)).catch((trouble: unknown) => {
      if (trouble instanceof Refusal)
        exchange.page(trouble.row.http, 'refusal', { words: trouble.row.words, reference: exchange.reference });
      else fault(exchange, trouble);
    });
  };
}
