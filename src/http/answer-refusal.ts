/** The one place where trouble becomes an answer: a refusal that we meant, or a fault. */
import type { NextFunction, Request as HttpRequest } from 'express';
import { paths } from '../config/published-urls.ts';
import { Refusal } from '../refusal.ts';
import type { Issuer } from '../signin/issue.ts';
import type { Receive } from '../signin/receive.ts';
import type { Exchange, Reply } from './exchange.ts';
import type { RecordTrouble } from './record-trouble.ts';
import { refusalOf } from './refusal-of.ts';
import type { ShowAnswer } from './show-answer.ts';

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
  record: RecordTrouble;
  showAnswer: ShowAnswer;
}): (error: unknown, req: HttpRequest, res: Reply, next: NextFunction) => void {
  const { issuer, receive, record, showAnswer } = parts;

  async function answer(exchange: Exchange, refusal: Refusal, asked: boolean): Promise<void> {
    const { request, returnAddress, signIn, reference } = exchange;
    const { row } = refusal;
    const to = request ?? returnAddress;
    if (to === undefined) {
      exchange.page(row.http, 'refusal', { words: row.words, reference });
      return;
    }
    const serviceProvider = to.serviceProvider.name;
    if (row.answer === 'again' && !to.isPassive && signIn !== undefined) {
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
    if (request !== undefined && request.id === undefined) {
      exchange.page(row.http, 'refusal', { words: row.words, reference, serviceProvider });
      return;
    }
    const back = await issuer.refuse(to, refusal, reference);
    if (row.answer === 'post' || to.isPassive) {
      await showAnswer.show(exchange, back, to.serviceProvider);
      return;
    }
    const posted = await showAnswer.post(exchange, back, to.serviceProvider);
    exchange.page(row.http, 'refusal', { words: row.words, reference, serviceProvider, back: posted }, [back.location]);
  }

  function fault(exchange: Exchange, error: unknown): void {
    record.fault(exchange, error);
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
    const { request, returnAddress, ...known } = exchange;
    const to = request ?? returnAddress;
    record.refusal({ ...known, request: to?.id, serviceProvider: to?.serviceProvider.entityID }, refusal);
    answer(exchange, refusal, req.method === 'POST' && req.path.startsWith(`${paths.signIn}/`)).catch((trouble: unknown) => {
      if (trouble instanceof Refusal)
        exchange.page(trouble.row.http, 'refusal', { words: trouble.row.words, reference: exchange.reference });
      else fault(exchange, trouble);
    });
  };
}
