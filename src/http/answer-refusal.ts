/** The one place where trouble becomes an answer: a refusal that we meant, or a fault. */
import type { NextFunction, Request as HttpRequest } from 'express';
import type { Clock } from '../clock.ts';
import { paths } from '../config/published-urls.ts';
import { Refusal } from '../refusal.ts';
import type { Issuer } from '../signin/issue.ts';
import type { Receive } from '../signin/receive.ts';
import type { AskNewPassword } from './ask-new-password.ts';
import type { Exchange, Reply } from './exchange.ts';
import { problemOf, untilOf } from './problem-of.ts';
import type { RecordTrouble } from './record-trouble.ts';
import { refusalOf } from './refusal-of.ts';
import type { ShowAnswer } from './show-answer.ts';

/** Shows the page that asks for the password; with what stood against the last attempt, `now` in milliseconds since the epoch. */
export function askPassword(
  exchange: Exchange,
  signIn: string,
  name: string,
  problem?: { readonly refusal: Refusal; readonly now: number },
  {
    status = problem?.refusal.row.http ?? 200,
    kerberosUrl,
  }: { readonly status?: number; readonly kerberosUrl?: string | undefined } = {},
): void {
  const ways = exchange.ways();
  const shown = {
    serviceProvider: exchange.request?.serviceProvider.name ?? '',
    ...(problem !== undefined && { problem: problemOf(problem.refusal, exchange.reference, problem.now) }),
  };
  const certificateUrl = `${paths.withCertificate}?id=${signIn}`;
  if (ways.certificate && !ways.password) {
    exchange.page(status, 'certificate', { ...shown, certificateUrl });
    return;
  }
  exchange.page(status, 'password', {
    action: `${paths.signIn}/password`,
    signin: signIn,
    name,
    ...shown,
    ...(kerberosUrl !== undefined && { kerberosUrl }),
    ...(ways.certificate && { certificateUrl }),
  });
}

/** By which form the person was asked, if by any. */
type Asked = 'password' | 'new-password' | undefined;

function askedBy(path: string): Asked {
  if (path === paths.newPassword) return 'new-password';
  return path.startsWith(`${paths.signIn}/`) ? 'password' : undefined;
}

export function createAnswerRefusal(parts: {
  issuer: Issuer;
  receive: Receive;
  record: RecordTrouble;
  showAnswer: ShowAnswer;
  /** Undefined where passwords are not changed here. */
  askNewPassword: AskNewPassword | undefined;
  clock: Clock;
}): (error: unknown, req: HttpRequest, res: Reply, next: NextFunction) => void {
  const { issuer, receive, record, showAnswer, askNewPassword, clock } = parts;

  /** Whether the person may choose a new password: what was typed on the page for it was refused, or it was right and has ended. */
  const mayChoose = ({ row, reason }: Refusal, asked: Asked): boolean =>
    (asked !== undefined && row.answer === 'change') ||
    (asked === 'new-password' && row.answer === 'again' && reason !== 'password-change-uncertain');

  async function answer(exchange: Exchange, refusal: Refusal, asked: Asked): Promise<void> {
    const { request, returnAddress, signIn, reference } = exchange;
    const { row } = refusal;
    const to = request ?? returnAddress;
    const told = { words: row.words, reference, ...untilOf(refusal, clock.now()) };
    if (to === undefined) {
      exchange.page(row.http, 'refusal', told);
      return;
    }
    const serviceProvider = to.serviceProvider.name;
    if (askNewPassword !== undefined && signIn !== undefined && mayChoose(refusal, asked) && !to.isPassive) {
      await askNewPassword(exchange, { signIn, refusal });
      return;
    }
    if (row.answer === 'again' && !to.isPassive && signIn !== undefined) {
      if (asked !== undefined) {
        askPassword(exchange, signIn, exchange.name, { refusal, now: clock.now() });
      } else {
        const tryAgainUrl = `${paths.signIn}?id=${signIn}`;
        exchange.page(row.http, 'refusal', { ...told, serviceProvider, tryAgainUrl });
      }
      return;
    }
    if (signIn !== undefined) await receive.finish(signIn);
    // Nobody waits for an answer that was not asked for (saml-profiles §4.1.5).
    if (request !== undefined && request.id === undefined) {
      exchange.page(row.http, 'refusal', { ...told, serviceProvider });
      return;
    }
    const back = await issuer.refuse(to, refusal, reference);
    if (row.answer === 'post' || to.isPassive) {
      await showAnswer.show(exchange, back, to.serviceProvider);
      return;
    }
    const posted = await showAnswer.post(exchange, back, to.serviceProvider);
    exchange.page(row.http, 'refusal', { ...told, serviceProvider, back: posted }, [back.location]);
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
    answer(
      exchange,
      refusal,
      req.method === 'POST' || req.path === paths.certificateReturn ? askedBy(req.path) : undefined,
    ).catch((trouble: unknown) => {
      if (trouble instanceof Refusal)
        exchange.page(trouble.row.http, 'refusal', { words: trouble.row.words, reference: exchange.reference });
      else fault(exchange, trouble);
    });
  };
}
