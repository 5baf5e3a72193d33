/** The routes by which people add, rename and remove what they set up, at their own page. */
import { Router, type Request as HttpRequest } from 'express';
import type { Enroller } from '../authenticators/authenticator.ts';
import { paths } from '../config/published-urls.ts';
import { Refusal } from '../refusal.ts';
import { parseParameters } from '../saml/parameters.ts';
import type { OwnFactor } from '../signin/account.ts';
import type { Enrolling } from '../signin/enrol.ts';
import { accountAfter } from './account-door.ts';
import type { AccountRoutesParts } from './account-routes-parts.ts';
import type { Exchange, Reply } from './exchange.ts';
import { rawQuery, readForm } from './incoming.ts';
import { problemOf } from './problem-of.ts';
import { showSetup } from './show-setup.ts';

type Way = Enroller['name'];

const add = `${paths.account}/add`;
const addUrl = (way: Way): string => `${add}/${way}`;

export function createAccountFactorRoutes(
  parts: Pick<AccountRoutesParts, 'enrollers' | 'enrol' | 'cookie' | 'audit' | 'record' | 'clock'> &
    Pick<NonNullable<AccountRoutesParts['accountPage']>, 'door' | 'account' | 'hasCodes'>,
): Router {
  const { enrollers, enrol, cookie, audit, record, clock, door, account, hasCodes } = parts;
  const router = Router({ caseSensitive: true, strict: true });

  /** @throws Refusal page-unknown */
  function wayIn(name: unknown): Way {
    const enroller = enrollers.find((each) => each.name === name);
    if (enroller === undefined) throw new Refusal('page-unknown');
    return enroller.name;
  }

  const factorIn = ({ way, id = '' }: Readonly<Record<string, string>>): Pick<OwnFactor, 'way' | 'id'> => ({
    // What was set up may be turned off by now, and is removed all the same.
    way: way === 'totp' ? 'totp' : 'webauthn',
    id,
  });

  /** Shows what is set up, or asks for the pass that it needs. @throws Refusal */
  async function showAdd(exchange: Exchange, entered: Enrolling, way: Way, refusal?: Refusal): Promise<void> {
    const status = refusal?.row.http ?? 200;
    const problem = refusal === undefined ? {} : { problem: problemOf(refusal, exchange.reference, clock.now()) };
    const admits = await enrol.admits(entered);
    const backUrl = paths.account;
    if (admits === 'never') {
      exchange.leave(backUrl);
    } else if (admits === 'with a pass') {
      const hidden = { name: 'way', value: way };
      exchange.page(status, 'enrol-pass', { action: `${paths.account}/pass`, hidden, serviceProvider: '', backUrl, ...problem });
    } else {
      showSetup(exchange, status, await enrol.begin(way, entered), {
        action: addUrl(way),
        serviceProvider: '',
        backUrl,
        ...problem,
      });
    }
  }

  /** Shows the page again, with what stood against the attempt. */
  async function orAgain(exchange: Exchange, entered: Enrolling, way: Way, attempt: () => Promise<void>): Promise<void> {
    try {
      await attempt();
    } catch (error) {
      // That one may set up nothing more does not change by trying again.
      if (!(error instanceof Refusal) || error.row.answer !== 'again' || error.reason === 'enrolment-full') throw error;
      record.refusal({ reference: exchange.reference, remoteAddress: exchange.remoteAddress }, error, 'account.refused');
      await showAdd(exchange, entered, way, error);
    }
  }

  router.get(`${add}/:way`, async (req: HttpRequest, res: Reply) => {
    const { exchange } = res.locals;
    const way = wayIn(req.params.way);
    const entered = await door.enter(exchange);
    if (entered !== undefined) await showAdd(exchange, entered, way);
  });

  router.post(`${add}/:way`, readForm, async (req: HttpRequest, res: Reply) => {
    const { exchange } = res.locals;
    const way = wayIn(req.params.way);
    const came = await door.enterByForm(req, exchange);
    if (came === undefined) return;
    const { entered, fields } = came;
    if ((await enrol.admits(entered)) !== 'now') {
      exchange.leave(addUrl(way));
      return;
    }
    await orAgain(exchange, entered, way, async () => {
      const { session, life, recoveryCodes } = await enrol.complete(way, entered, fields);
      res.setHeader('Set-Cookie', cookie.keep(session, life));
      if (recoveryCodes === undefined) exchange.leave(accountAfter('added'));
      else exchange.page(200, 'recovery-codes', { codes: recoveryCodes, nextUrl: accountAfter('added') });
    });
  });

  router.post(`${paths.account}/pass`, readForm, async (req, res: Reply) => {
    const { exchange } = res.locals;
    const came = await door.enterByForm(req, exchange);
    if (came === undefined) return;
    const { entered, fields } = came;
    const way = wayIn(fields.way);
    await orAgain(exchange, entered, way, async () => {
      if ((await enrol.admits(entered)) === 'with a pass') await enrol.redeem(entered, fields.pass ?? '');
      exchange.leave(addUrl(way));
    });
  });

  router.post(`${paths.account}/codes`, readForm, async (req, res: Reply) => {
    const { exchange } = res.locals;
    const came = await door.enterByForm(req, exchange);
    if (came === undefined) return;
    const { session } = came.entered;
    // Whoever has nothing sets up a first factor by its gate, and gets codes with it.
    const codes = hasCodes && (await account.factors(session)).hasAny ? await enrol.newRecoveryCodes(came.entered) : undefined;
    if (codes === undefined) exchange.leave(paths.account);
    else exchange.page(200, 'recovery-codes', { codes, nextUrl: paths.account });
  });

  router.post(`${paths.account}/rename`, readForm, async (req, res: Reply) => {
    const { exchange } = res.locals;
    const came = await door.enterByForm(req, exchange);
    if (came === undefined) return;
    const { fields, entered } = came;
    const isThere = await account.rename(entered.session, factorIn(fields), fields.label ?? '');
    exchange.leave(isThere ? accountAfter('renamed') : paths.account);
  });

  router.get(`${paths.account}/remove`, async (req, res: Reply) => {
    const { exchange } = res.locals;
    const entered = await door.enter(exchange);
    if (entered === undefined) return;
    const query = Object.fromEntries([...parseParameters(rawQuery(req))].map(([name, { value }]) => [name, value]));
    const { way, id } = factorIn(query);
    const { factors } = await account.factors(entered.session);
    const factor = factors.find((each) => each.way === way && each.id === id);
    if (factor === undefined) {
      exchange.leave(paths.account);
      return;
    }
    const isLast = factors.length === 1 ? (account.isAsked ? 'asked' : 'last') : undefined;
    exchange.page(200, 'account-remove', {
      action: `${paths.account}/remove`,
      way,
      id,
      name: factor.label,
      isLast,
      backUrl: paths.account,
    });
  });

  router.post(`${paths.account}/remove`, readForm, async (req, res: Reply) => {
    const { exchange } = res.locals;
    const came = await door.enterByForm(req, exchange);
    if (came === undefined) return;
    const { session, reference, remoteAddress } = came.entered;
    const removed = await account.remove(session, factorIn(came.fields));
    if (removed !== undefined) {
      const { way, label, id } = removed;
      const detail = { factor: way, label, id, by: 'its person' };
      audit.record({ event: 'factor.removed', reference, person: session.objectGUID, remoteAddress, detail });
    }
    exchange.leave(removed === undefined ? paths.account : accountAfter('removed'));
  });
  return router;
}
