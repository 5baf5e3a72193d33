/** The page that changes a password outside any sign-in: the change-password URL of Google and of browsers. */
import { Router, type Request as HttpRequest } from 'express';
import type { Authenticator } from '../authenticators/authenticator.ts';
import { paths } from '../config/published-urls.ts';
import { Refusal } from '../refusal.ts';
import { parseParameters } from '../saml/parameters.ts';
import type { Identify } from '../signin/identify.ts';
import type { Sessions } from '../signin/session.ts';
import type { AskNewPassword } from './ask-new-password.ts';
import type { Exchange, Reply } from './exchange.ts';
import { rawForm, readForm, verifySameOrigin } from './incoming.ts';
import type { RecordTrouble } from './record-trouble.ts';

export function createPasswordRoutes(parts: {
  /** Undefined where passwords are not changed here. */
  newPassword: Authenticator | undefined;
  identify: Identify;
  sessions: Pick<Sessions, 'end' | 'spare'>;
  askNewPassword: AskNewPassword | undefined;
  record: RecordTrouble;
  /** Where passwords are changed instead. */
  changePasswordUrl: string | undefined;
  origin: string;
}): Router {
  const { newPassword, identify, sessions, askNewPassword, record, changePasswordUrl, origin } = parts;
  const router = Router({ caseSensitive: true, strict: true });

  // W3C, A Well-Known URL for Changing Passwords: where browsers and password managers look.
  router.get('/.well-known/change-password', (_req, res: Reply) => {
    res.locals.exchange.leave(paths.changePassword);
  });

  if (newPassword === undefined || askNewPassword === undefined || changePasswordUrl !== undefined) {
    router.get(paths.changePassword, (_req, res: Reply) => {
      res.locals.exchange.page(200, 'change-password-elsewhere', { url: changePasswordUrl });
    });
    return router;
  }

  async function change(
    exchange: Exchange,
    authenticator: Authenticator,
    form: ReturnType<typeof parseParameters>,
  ): Promise<void> {
    const token = await identify(authenticator, {
      signIn: '',
      name: exchange.name,
      fields: Object.fromEntries(authenticator.fields.map((field) => [field, form.get(field)?.value ?? ''])),
      remoteAddress: exchange.remoteAddress,
      userAgent: exchange.userAgent,
      session: undefined,
      reference: exchange.reference,
      serviceProvider: undefined,
      forceAuthn: true,
    });
    // Nobody asked to be signed in; whoever is stays so.
    await sessions.spare(exchange.session, token);
    await sessions.end(token);
  }

  router.get(paths.changePassword, async (_req, res: Reply) => {
    await askNewPassword(res.locals.exchange, {});
  });

  router.post(paths.changePassword, readForm, async (req: HttpRequest, res: Reply) => {
    const { exchange } = res.locals;
    try {
      verifySameOrigin(req, origin);
      const form = parseParameters(rawForm(req));
      exchange.name = form.get('name')?.value ?? '';
      await change(exchange, newPassword, form);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      const { reference, remoteAddress, name } = exchange;
      record.refusal({ reference, remoteAddress, name }, refusal, 'password.refused');
      const { row } = refusal;
      if (row.answer === 'again' || row.answer === 'change') await askNewPassword(exchange, { refusal });
      else exchange.page(row.http, 'refusal', { words: row.words, reference });
      return;
    }
    exchange.page(200, 'password-changed', { homeUrl: '/' });
  });
  return router;
}
