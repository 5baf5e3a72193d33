/** The routes of the person's own page: what it shows, and the sessions and browsers that it ends. */
import { type NextFunction, Router, type Request as HttpRequest } from 'express';
import { paths } from '../config/published-urls.ts';
import { Refusal } from '../refusal.ts';
import { parseParameters } from '../saml/parameters.ts';
import type { Enrolling } from '../signin/enrol.ts';
import { accountAfter, deeds } from './account-door.ts';
import type { AccountRoutesParts } from './account-routes-parts.ts';
import { createAccountFactorRoutes } from './account-factor-routes.ts';
import type { Exchange, Reply } from './exchange.ts';
import { rawQuery, readForm } from './incoming.ts';
import type { PageData } from './page-contents.ts';
import { untilOf } from './problem-of.ts';
import { refusalOf } from './refusal-of.ts';
import { nameBrowser } from './say-browser.ts';

const nameOf = ({ session: { person } }: Enrolling): string =>
  person.displayName ?? person.userPrincipalName ?? person.mail ?? person.sAMAccountName ?? '';

export function createAccountRoutes(parts: AccountRoutesParts): Router {
  const { accountPage, enrollers, enrol, audit, record, clock } = parts;
  const router = Router({ caseSensitive: true, strict: true });
  if (accountPage === undefined) return router;
  const { door, account, history, kept, hasCodes } = accountPage;

  async function show(exchange: Exchange, entered: Enrolling, query: string): Promise<void> {
    const { objectGUID } = entered.session;
    const [own, sessions, devices, signIns, admits] = await Promise.all([
      account.factors(entered.session),
      kept.listSessions(objectGUID, entered.token),
      kept.listDevices(objectGUID, exchange.device),
      history.of(objectGUID),
      enrol.admits(entered),
    ]);
    const done = parseParameters(query).get('done')?.value;
    const isClosed = !own.hasAny && admits === 'never';
    const page: PageData['account'] = {
      name: nameOf(entered),
      done: deeds.find((deed) => deed === done),
      factors: own.factors.map(({ label, ...factor }) => ({
        ...factor,
        name: label,
        removeUrl: `${paths.account}/remove?${new URLSearchParams({ way: factor.way, id: factor.id }).toString()}`,
      })),
      elsewhere: own.elsewhere,
      adds: isClosed ? [] : enrollers.map(({ name }) => ({ way: name, url: `${paths.account}/add/${name}` })),
      isClosed,
      codes: hasCodes && own.hasAny ? { left: own.codesLeft } : undefined,
      sessions: sessions.map(({ userAgent, ...session }) => ({ ...session, ...nameBrowser(userAgent) })),
      devices: devices.map(({ userAgent, ...device }) => ({ ...device, ...nameBrowser(userAgent) })),
      signIns: signIns.map(({ at, name, place, by }) => ({ at, place, by, name })),
    };
    exchange.page(200, 'account', page);
  }

  function tellEnded({ session, reference, remoteAddress }: Enrolling, detail: Readonly<Record<string, unknown>>): void {
    audit.record({ event: 'session.ended', reference, person: session.objectGUID, remoteAddress, detail });
  }

  router.head([paths.account, `${paths.account}/*path`], () => {
    throw new Refusal('method-unknown');
  });

  router.get(paths.account, async (req, res: Reply) => {
    const { exchange } = res.locals;
    const entered = await door.enter(exchange);
    if (entered !== undefined) await show(exchange, entered, rawQuery(req));
  });

  router.post(`${paths.account}/end-session`, readForm, async (req, res: Reply) => {
    const { exchange } = res.locals;
    const came = await door.enterByForm(req, exchange);
    if (came === undefined) return;
    const { entered, fields } = came;
    const { id = '' } = fields;
    if (id === entered.session.id) {
      exchange.leave(paths.signOut);
      return;
    }
    if (await kept.endSession(entered.session.objectGUID, id)) tellEnded(entered, { session: id, why: 'ended by its person' });
    exchange.leave(accountAfter('ended'));
  });

  router.post(`${paths.account}/end-all`, readForm, async (req, res: Reply) => {
    const { exchange } = res.locals;
    const came = await door.enterByForm(req, exchange);
    if (came === undefined) return;
    const { session } = came.entered;
    const number = await kept.endAll(session.objectGUID, session.id);
    tellEnded(came.entered, { number, why: 'its person signed out everywhere' });
    // This one ends as every sign-out does, with the service providers that take part in it.
    exchange.leave(paths.signOut);
  });

  router.post(`${paths.account}/forget-device`, readForm, async (req, res: Reply) => {
    const { exchange } = res.locals;
    const came = await door.enterByForm(req, exchange);
    if (came === undefined) return;
    const { session, reference, remoteAddress } = came.entered;
    const { id = '' } = came.fields;
    if (await kept.forgetDevice(session.objectGUID, id)) {
      audit.record({
        event: 'device.forgotten',
        reference,
        person: session.objectGUID,
        remoteAddress,
        detail: { device: id, why: 'by its person' },
      });
    }
    exchange.leave(accountAfter('forgotten'));
  });

  router.use(createAccountFactorRoutes({ ...parts, ...accountPage }));

  router.use([paths.account, `${paths.account}/*path`], (error: unknown, _req: HttpRequest, res: Reply, next: NextFunction) => {
    const refusal = refusalOf(error);
    if (refusal === undefined || res.headersSent) {
      next(error);
      return;
    }
    const { exchange } = res.locals;
    record.refusal({ reference: exchange.reference, remoteAddress: exchange.remoteAddress }, refusal, 'account.refused');
    const { words, http } = refusal.row;
    const { reference } = exchange;
    exchange.page(http, 'refusal', { words, reference, ...untilOf(refusal, clock.now()), tryAgainUrl: paths.account });
  });
  return router;
}
