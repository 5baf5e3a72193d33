/** Lets a person in to their own page: whoever lacks some proof is led through a sign-in that ends there. */
import type { Clock } from '../clock.ts';
import { paths } from '../config/published-urls.ts';
import { parseParameters } from '../saml/parameters.ts';
import type { Enrolling } from '../signin/enrol.ts';
import type { OwnPage } from '../signin/own-page.ts';
import type { Proceed } from '../signin/proceed.ts';
import type { Receive } from '../signin/receive.ts';
import { pageOf } from './ask-factor.ts';
import type { Exchange } from './exchange.ts';
import { rawForm, verifySameOrigin } from './incoming.ts';
import type { Request as HttpRequest } from 'express';

export interface AccountDoor {
  /** Whose page it is; undefined where the browser was led elsewhere. @throws Refusal */
  enter(exchange: Exchange): Promise<Enrolling | undefined>;
  /** The same for a form, and its fields; a form that was led elsewhere changed nothing. @throws Refusal */
  enterByForm(
    req: HttpRequest,
    exchange: Exchange,
  ): Promise<{ readonly entered: Enrolling; readonly fields: Readonly<Record<string, string>> } | undefined>;
}

/** What is begun at the page is begun in no sign-in. */
const within = 'account';

export function createAccountDoor(parts: {
  page: OwnPage;
  receive: Pick<Receive, 'remember'>;
  proceed: Pick<Proceed, 'next'>;
  origin: string;
  clock: Pick<Clock, 'now'>;
}): AccountDoor {
  const { page, receive, proceed, origin, clock } = parts;

  async function enter(exchange: Exchange): Promise<Enrolling | undefined> {
    const { session: token, remoteAddress, userAgent, reference } = exchange;
    const receivedAt = clock.now();
    const request = page.request(receivedAt);
    const next = await proceed.next(request, undefined, exchange);
    if (next.step === 'issue' && next.session !== undefined && token !== undefined) {
      const serviceProvider = request.serviceProvider.entityID;
      return { within, session: next.session, token, remoteAddress, userAgent, reference, serviceProvider };
    }
    exchange.leave(
      pageOf(await receive.remember({ message: { binding: 'account' }, receivedAt, request }, { remoteAddress, reference })),
    );
    return undefined;
  }

  return {
    enter,
    async enterByForm(req, exchange) {
      verifySameOrigin(req, origin);
      const fields = Object.fromEntries([...parseParameters(rawForm(req))].map(([name, { value }]) => [name, value]));
      const entered = await enter(exchange);
      return entered && { entered, fields };
    },
  };
}

/** What was done, for the page to say; anything else in its query is nothing. */
export const deeds = ['added', 'renamed', 'removed', 'ended', 'forgotten'] as const;
export type Deed = (typeof deeds)[number];

export const accountAfter = (deed: Deed): string => `${paths.account}?done=${deed}`;
