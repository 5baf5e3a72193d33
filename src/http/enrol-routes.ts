/** The routes by which a person sets up, within a sign-in, what the policy asks for and they lack. */
import { type NextFunction, Router, type Request as HttpRequest } from 'express';
import type { Enroller } from '../authenticators/authenticator.ts';
import type { Clock } from '../clock.ts';
import { paths } from '../config/published-urls.ts';
import { Refusal } from '../refusal.ts';
import { parseParameters } from '../saml/parameters.ts';
import type { Enrol, Enrolling } from '../signin/enrol.ts';
import type { Next, Proceed } from '../signin/proceed.ts';
import type { Receive } from '../signin/receive.ts';
import { pageOf } from './ask-factor.ts';
import type { Exchange, Reply } from './exchange.ts';
import { rawQuery, readForm } from './incoming.ts';
import { problemOf, untilOf } from './problem-of.ts';
import { readPresented } from './read-presented.ts';
import { recallNext } from './recall.ts';
import type { RecordTrouble } from './record-trouble.ts';
import { refusalOf } from './refusal-of.ts';
import type { SessionCookie } from './session-cookie.ts';
import { showSetup } from './show-setup.ts';

type Way = Enroller['name'];

/** A sign-in in which something may be set up now. */
interface Entered {
  readonly ways: readonly Way[];
  readonly enrolling: Enrolling;
}

const enrolUrl = (signIn: string): string => `${paths.enrol}?id=${signIn}`;
const wayUrl = (signIn: string, way: string): string => `${paths.enrol}/${way}?id=${signIn}`;

export function createEnrolRoutes(parts: {
  /** What people set up by themselves. */
  enrollers: readonly Enroller[];
  enrol: Enrol;
  receive: Receive;
  proceed: Proceed;
  cookie: SessionCookie;
  record: RecordTrouble;
  origin: string;
  clock: Pick<Clock, 'now'>;
}): Router {
  const { enrollers, enrol, cookie, record, clock } = parts;
  const router = Router({ caseSensitive: true, strict: true });
  const wayPath = `${paths.enrol}/:way`;

  function enter(exchange: Exchange, next: Next): Entered | undefined {
    const { signIn = '', session: token, remoteAddress, userAgent, reference, request } = exchange;
    if (next.step !== 'enrol' || next.session === undefined || token === undefined) return undefined;
    const serviceProvider = request?.serviceProvider.entityID;
    const enrolling = { within: signIn, session: next.session, token, remoteAddress, userAgent, reference, serviceProvider };
    return { ways: enrollers.map(({ name }) => name).filter((name) => next.ways.includes(name)), enrolling };
  }

  const wayOf = ({ ways }: Entered, { params }: HttpRequest): Way | undefined => ways.find((way) => way === params.way);

  const commonOf = ({ signIn = '', request }: Exchange, { ways }: Entered, way: Way) => ({
    action: `${paths.enrol}/${way}`,
    signin: signIn,
    serviceProvider: request?.serviceProvider.name ?? '',
    ...(ways.length > 1 && { otherUrl: enrolUrl(signIn) }),
  });

  const problemIn = ({ reference }: Exchange, refusal: Refusal | undefined) =>
    refusal === undefined ? {} : { problem: problemOf(refusal, reference, clock.now()) };

  /** Begins with the pass where one is needed; else with the choice, where there is one. @throws Refusal */
  async function showFirst(exchange: Exchange, entered: Entered, refusal?: Refusal): Promise<void> {
    const { signIn = '', request } = exchange;
    const status = refusal?.row.http ?? 200;
    const serviceProvider = request?.serviceProvider.name ?? '';
    const admits = await enrol.admits(entered.enrolling);
    if (admits === 'never') throw new Refusal('no-way-left', { person: entered.enrolling.session.objectGUID });
    const [only, ...others] = entered.ways;
    if (admits === 'with a pass') {
      const problem = problemIn(exchange, refusal);
      exchange.page(status, 'enrol-pass', {
        action: paths.enrol,
        hidden: { name: 'signin', value: signIn },
        serviceProvider,
        ...problem,
      });
    } else if (only !== undefined && others.length === 0) {
      exchange.leave(wayUrl(signIn, only));
    } else {
      const ways = entered.ways.map((way) => ({ way, url: wayUrl(signIn, way) }));
      exchange.page(status, 'enrol', { ways, serviceProvider });
    }
  }

  async function showWay(exchange: Exchange, entered: Entered, way: Way, refusal?: Refusal): Promise<void> {
    if ((await enrol.admits(entered.enrolling)) !== 'now') {
      await showFirst(exchange, entered, refusal);
      return;
    }
    const setup = await enrol.begin(way, entered.enrolling);
    showSetup(exchange, refusal?.row.http ?? 200, setup, {
      ...commonOf(exchange, entered, way),
      ...problemIn(exchange, refusal),
    });
  }

  router.head([paths.enrol, wayPath], () => {
    throw new Refusal('method-unknown');
  });

  router.get([paths.enrol, wayPath], async (req, res: Reply) => {
    const { exchange } = res.locals;
    const signIn = parseParameters(rawQuery(req)).get('id')?.value ?? '';
    const entered = enter(exchange, (await recallNext(parts, exchange, signIn)).next);
    const way = entered && wayOf(entered, req);
    if (entered === undefined) exchange.leave(pageOf(signIn));
    else if (way === undefined) await showFirst(exchange, entered);
    else await showWay(exchange, entered, way);
  });

  router.post(paths.enrol, readForm, async (req: HttpRequest, res: Reply) => {
    const { exchange } = res.locals;
    const { next, signIn, fields } = await readPresented(parts, req, exchange);
    const entered = enter(exchange, next);
    if (entered !== undefined && (await enrol.admits(entered.enrolling)) === 'with a pass') {
      await enrol.redeem(entered.enrolling, fields.pass ?? '');
    }
    exchange.leave(entered === undefined ? pageOf(signIn) : enrolUrl(signIn));
  });

  router.post(wayPath, readForm, async (req: HttpRequest, res: Reply) => {
    const { exchange } = res.locals;
    const { next, signIn, fields } = await readPresented(parts, req, exchange);
    const entered = enter(exchange, next);
    const way = entered && wayOf(entered, req);
    if (entered === undefined || way === undefined) {
      exchange.leave(pageOf(signIn));
      return;
    }
    if ((await enrol.admits(entered.enrolling)) !== 'now') {
      exchange.leave(enrolUrl(signIn));
      return;
    }
    const { signin: _, name: _name, ...presented } = fields;
    const { session, life, recoveryCodes } = await enrol.complete(way, entered.enrolling, presented);
    res.setHeader('Set-Cookie', cookie.keep(session, life));
    if (recoveryCodes === undefined) exchange.leave(pageOf(signIn));
    else exchange.page(200, 'recovery-codes', { codes: recoveryCodes, nextUrl: pageOf(signIn) });
  });

  /** Shows again what was asked, with what stood against it. */
  async function askAgain(req: HttpRequest, exchange: Exchange, refusal: Refusal): Promise<void> {
    const { signIn = '', reference } = exchange;
    try {
      const entered = enter(exchange, (await recallNext(parts, exchange, signIn)).next);
      const way = entered && wayOf(entered, req);
      if (entered === undefined) exchange.leave(pageOf(signIn));
      else if (way === undefined) await showFirst(exchange, entered, refusal);
      else await showWay(exchange, entered, way, refusal);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { row } = refusal;
      const told = { words: row.words, reference, ...untilOf(refusal, clock.now()) };
      exchange.page(row.http, 'refusal', { ...told, tryAgainUrl: enrolUrl(signIn) });
    }
  }

  // The longer path first, which knows the way.
  router.use([wayPath, paths.enrol], (error: unknown, req: HttpRequest, res: Reply, next: NextFunction) => {
    const { exchange } = res.locals;
    const refusal = refusalOf(error);
    const { request, signIn } = exchange;
    if (
      refusal?.row.answer !== 'again' ||
      request === undefined ||
      signIn === undefined ||
      request.isPassive ||
      res.headersSent
    ) {
      next(error);
      return;
    }
    const { serviceProvider, id } = request;
    record.refusal({ ...exchange, request: id, serviceProvider: serviceProvider.entityID }, refusal);
    askAgain(req, exchange, refusal).catch(next);
  });
  return router;
}
