/** The one place where trouble becomes an answer: a refusal that we meant, or a fault. */
import type { NextFunction, Request as HttpRequest } from 'express';
import type { Clock } from '../clock.ts';
import { paths } from '../config/published-urls.ts';
import { Refusal } from '../refusal.ts';
import type { Issuer } from '../signin/issue.ts';
import type { Receive } from '../signin/receive.ts';
import { otherWays, type AskFactor } from './ask-factor.ts';
import type { AskNewPassword } from './ask-new-password.ts';
import type { Exchange, Reply } from './exchange.ts';
import type { OtherWay } from './page-contents.ts';
import { problemOf, untilOf } from './problem-of.ts';
import type { RecordTrouble } from './record-trouble.ts';
import { refusalOf } from './refusal-of.ts';
import type { ShowAnswer } from './show-answer.ts';

/** Ways to which the page has links of its own. */
const drawn: ReadonlySet<string> = new Set(['password', 'kerberos', 'certificate']);

/** Shows the page that asks for the password; with what stood against the last attempt, `now` in milliseconds since the epoch. */
export function askPassword(
  exchange: Exchange,
  signIn: string,
  name: string,
  problem?: { readonly refusal: Refusal; readonly now: number },
  {
    status = problem?.refusal.row.http ?? 200,
    kerberosUrl,
    others = otherWays(exchange).filter(({ way }) => !drawn.has(way)),
  }: { readonly status?: number; readonly kerberosUrl?: string | undefined; readonly others?: readonly OtherWay[] } = {},
): void {
  const { ways, offers, wishes } = exchange;
  const shown = {
    serviceProvider: exchange.request?.serviceProvider.name ?? '',
    ...(problem !== undefined && { problem: problemOf(problem.refusal, exchange.reference, problem.now) }),
  };
  const certificateUrl = `${paths.withCertificate}?id=${signIn}`;
  const certificate = ways.includes('certificate');
  if (certificate && !ways.includes('password')) {
    exchange.page(status, 'certificate', { ...shown, certificateUrl });
    return;
  }
  exchange.page(status, 'password', {
    action: `${paths.signIn}/password`,
    signin: signIn,
    name,
    ...shown,
    ...(kerberosUrl !== undefined && { kerberosUrl }),
    ...(certificate && { certificateUrl }),
    others,
    ...(offers.keep !== undefined && { keep: { life: offers.keep, asked: wishes.keep === true } }),
  });
}

/** By which form the person was asked, if by any. */
type Asked = 'password' | 'new-password' | NonNullable<ReturnType<AskFactor['named']>> | undefined;

export function createAnswerRefusal(parts: {
  issuer: Issuer;
  receive: Receive;
  record: RecordTrouble;
  showAnswer: ShowAnswer;
  /** Undefined where passwords are not changed here. */
  askNewPassword: AskNewPassword | undefined;
  askFactor: AskFactor;
  clock: Clock;
}): (error: unknown, req: HttpRequest, res: Reply, next: NextFunction) => void {
  const { issuer, receive, record, showAnswer, askNewPassword, askFactor, clock } = parts;

  /** By which form the person was asked, if by any. */
  function askedBy({ method, path }: HttpRequest, { ways }: Pick<Exchange, 'ways'>): Asked {
    if (path === paths.newPassword) return method === 'POST' ? 'new-password' : undefined;
    const [, name = '', returned] = path.startsWith(`${paths.signIn}/`) ? path.slice(1).split('/') : [];
    const factor = askFactor.named(name);
    // Whoever was sent elsewhere comes back by GET, and whoever waits asks by it. What is not asked for is not begun.
    if (factor !== undefined) return ways.some((way) => way === name) ? factor : undefined;
    if (method !== 'POST' && path !== paths.certificateReturn) return undefined;
    return name === '' || returned === 'present' ? undefined : 'password';
  }

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
      if (typeof asked === 'function') {
        await asked(exchange, refusal);
      } else if (asked !== undefined) {
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
    answer(exchange, refusal, askedBy(req, exchange)).catch((trouble: unknown) => {
      if (trouble instanceof Refusal)
        exchange.page(trouble.row.http, 'refusal', { words: trouble.row.words, reference: exchange.reference });
      else fault(exchange, trouble);
    });
  };
}
