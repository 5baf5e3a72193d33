/** Shows the page of a factor: what it asks now, and what stood against the last attempt. */
import type { AuthenticatorName, Challenge, Factor } from '../authenticators/authenticator.ts';
import type { Clock } from '../clock.ts';
import { paths } from '../config/published-urls.ts';
import { Refusal } from '../refusal.ts';
import type { Confirm, Confirming } from '../signin/confirm.ts';
import type { PasskeyChallenges } from '../signin/passkey-challenges.ts';
import type { Sessions } from '../signin/session.ts';
import type { Exchange } from './exchange.ts';
import type { FactorPage, OtherWay } from './page-contents.ts';
import { problemOf, untilOf } from './problem-of.ts';

export interface AskFactor {
  /** Asks; `refusal` is what stood against the last attempt. @throws Refusal */
  ask(exchange: Exchange, factor: Factor, refusal?: Refusal): Promise<void>;
  /** Shows what was asked. */
  show(exchange: Exchange, factor: Factor, challenge: Challenge, refusal?: Refusal): void;
  confirming(exchange: Exchange, factor: Factor): Confirming;
  /** @throws Refusal */
  askPasskey(exchange: Exchange, refusal?: Refusal): Promise<void>;
  /** What asks by the factor of that name, if it is one. */
  named(name: string): ((exchange: Exchange, refusal: Refusal) => Promise<void>) | undefined;
}

export const pageOf = (signIn: string): string => `${paths.signIn}?id=${signIn}`;
export const factorUrl = (signIn: string, name: string): string => `${paths.signIn}/${name}?id=${signIn}`;

/** Asked on the first page of the sign-in. */
const typed: ReadonlySet<AuthenticatorName> = new Set<AuthenticatorName>(['password', 'kerberos', 'certificate']);

/** Where each of the other ways is asked for. */
export function otherWays({ ways, signIn = '' }: Pick<Exchange, 'ways' | 'signIn'>, but?: string): OtherWay[] {
  const urlOf = (way: AuthenticatorName): string => (typed.has(way) ? `${pageOf(signIn)}&way=${way}` : factorUrl(signIn, way));
  return ways.filter((way) => way !== but).map((way) => ({ way, url: urlOf(way) }));
}

export function createAskFactor(parts: {
  factors: readonly Factor[];
  confirm: Confirm;
  /** Undefined where there are none to be had. */
  passkeys: Pick<PasskeyChallenges, 'begin'> | undefined;
  sessions: Pick<Sessions, 'read'>;
  origin: string;
  clock: Pick<Clock, 'now'>;
}): AskFactor {
  const { factors, confirm, passkeys, sessions, origin, clock } = parts;

  function confirming(exchange: Exchange, { name: factor }: Factor): Confirming {
    const { signIn = '', name, session, remoteAddress, reference, request, locale, userAgent, wishes } = exchange;
    return {
      signIn,
      name,
      session,
      remoteAddress,
      reference,
      serviceProvider: { entityID: request?.serviceProvider.entityID ?? '', name: request?.serviceProvider.name ?? '' },
      forceAuthn: request?.forceAuthn ?? true,
      locale,
      returnUrl: `${origin}${paths.signIn}/${factor}/return`,
      userAgent,
      wishes: { remember: wishes.remember },
    };
  }

  function pageFor(
    exchange: Exchange,
    asked: Pick<Factor, 'title'> & { readonly name: AuthenticatorName },
    refusal: Refusal | undefined,
  ): FactorPage {
    const { signIn = '', name, request, reference, locale, offers, wishes } = exchange;
    const { name: way } = asked;
    const title = asked.title?.(locale);
    return {
      way,
      ...(title !== undefined && { title }),
      action: `${paths.signIn}/${way}`,
      signin: signIn,
      ...(name !== '' && { name }),
      serviceProvider: request?.serviceProvider.name ?? '',
      others: otherWays(exchange, way),
      // A passkey comes first, when it is not certain yet whose rule will hold.
      ...(offers.remember !== undefined &&
        way !== 'passkey' && { remember: { life: offers.remember, asked: wishes.remember === true } }),
      ...(refusal !== undefined && { problem: problemOf(refusal, reference, clock.now()) }),
    };
  }

  function show(exchange: Exchange, factor: Factor, challenge: Challenge, refusal?: Refusal): void {
    const page = pageFor(exchange, factor, refusal);
    const status = refusal?.row.http ?? 200;
    switch (challenge.kind) {
      case 'code': {
        const { message, hidden = false } = challenge;
        exchange.page(status, 'factor-code', { ...page, hidden, ...(message !== undefined && { message }) });
        return;
      }
      case 'wait': {
        const { message, number, pollAfter } = challenge;
        const url = `${factorUrl(page.signin, factor.name)}&poll=1${page.remember?.asked === true ? '&remember=1' : ''}`;
        const told = { ...page, ...(message !== undefined && { message }), ...(number !== undefined && { number }) };
        exchange.page(status, 'factor-wait', told, [], { url, seconds: Math.max(1, Math.round(pollAfter / 1_000)) });
        return;
      }
      case 'redirect': {
        const { action: _action, signin: _signin, name: _name, ...shown } = page;
        const { href: url } = new URL(challenge.url);
        // Whoever comes back from there without success reads why, before going there again.
        exchange.page(status, 'factor-redirect', { ...shown, url }, [], refusal === undefined ? { url, seconds: 0 } : undefined);
        return;
      }
      case 'webauthn':
        exchange.page(status, 'factor-webauthn', { ...page, options: JSON.stringify(challenge.options) });
        return;
    }
  }

  async function ask(exchange: Exchange, factor: Factor, refusal?: Refusal): Promise<void> {
    const known = (await sessions.read(exchange.session))?.evidence.some(({ endsAt }) => clock.now() < endsAt) === true;
    if (!known && exchange.name === '') {
      exchange.page(refusal?.row.http ?? 200, 'factor-name', pageFor(exchange, factor, refusal));
      return;
    }
    try {
      show(exchange, factor, await confirm.ask(factor, confirming(exchange, factor)), refusal);
    } catch (error) {
      if (!(error instanceof Refusal) || refusal === undefined) throw error;
      const { reference, signIn = '', request } = exchange;
      exchange.page(refusal.row.http, 'refusal', {
        words: refusal.row.words,
        reference,
        ...untilOf(refusal, clock.now()),
        serviceProvider: request?.serviceProvider.name ?? '',
        tryAgainUrl: factorUrl(signIn, factor.name),
        others: otherWays(exchange, factor.name),
      });
    }
  }

  async function askPasskey(exchange: Exchange, refusal?: Refusal): Promise<void> {
    if (passkeys === undefined) throw new Error('there are no passkeys');
    const options = JSON.stringify(await passkeys.begin(exchange.signIn ?? ''));
    const page = pageFor(exchange, { name: 'passkey' }, refusal);
    exchange.page(refusal?.row.http ?? 200, 'factor-webauthn', { ...page, options });
  }

  return {
    confirming,
    show,
    askPasskey,
    named(name) {
      if (name === 'passkey' && passkeys !== undefined) return askPasskey;
      const factor = factors.find((each) => each.name === name);
      return factor && ((exchange, refusal) => ask(exchange, factor, refusal));
    },
    ask,
  };
}
