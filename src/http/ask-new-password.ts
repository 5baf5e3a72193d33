/** Shows the page that changes the password, within a sign-in or by itself, with what the policy demands. */
import type { Clock } from '../clock.ts';
import { paths } from '../config/published-urls.ts';
import type { Directory, Person } from '../directory/directory.ts';
import { Refusal } from '../refusal.ts';
import type { Sessions } from '../signin/session.ts';
import type { Exchange } from './exchange.ts';
import { passwordRules } from './password-rules.ts';
import { problemOf } from './problem-of.ts';

export interface AskedForNew {
  /** The sign-in that it belongs to; undefined: none. */
  readonly signIn?: string | undefined;
  /** What stood against the last attempt; the name is then as typed, else that of the session's person. */
  readonly refusal?: Refusal | undefined;
  /** Where the person goes on without a change. */
  readonly laterUrl?: string | undefined;
}

/** Whoever has proven to be themselves is shown their own policy, others the first domain's. */
export type AskNewPassword = (exchange: Exchange, asked: AskedForNew) => Promise<void>;

export function createAskNewPassword(parts: {
  directory: Pick<Directory, 'find' | 'passwordPolicy'>;
  sessions: Pick<Sessions, 'read'>;
  clock: Pick<Clock, 'now'>;
}): AskNewPassword {
  const { directory, sessions, clock } = parts;

  /** Without a directory there is nothing to show, and nothing to refuse yet. */
  async function unlessRefused<Value>(read: () => Promise<Value>): Promise<Value | undefined> {
    try {
      return await read();
    } catch (error) {
      if (error instanceof Refusal) return undefined;
      throw error;
    }
  }

  async function provenBy({ session, name }: Exchange, refusal: Refusal | undefined): Promise<Person | undefined> {
    if (refusal === undefined) return (await sessions.read(session))?.person;
    // Of a row that lets choose again the password was right.
    return refusal.row.answer === 'change' ? unlessRefused(() => directory.find(name)) : undefined;
  }

  return async (exchange, { signIn, refusal, laterUrl }) => {
    const person = await provenBy(exchange, refusal);
    exchange.page(refusal?.row.http ?? 200, 'change-password', {
      action: signIn === undefined ? paths.changePassword : paths.newPassword,
      signin: signIn,
      name: refusal === undefined ? (person?.userPrincipalName ?? person?.sAMAccountName ?? '') : exchange.name,
      serviceProvider: exchange.request?.serviceProvider.name ?? '',
      rules: passwordRules(await unlessRefused(() => directory.passwordPolicy(person)), refusal),
      laterUrl,
      ...(refusal !== undefined && { problem: problemOf(refusal, exchange.reference, clock.now()) }),
    });
  };
}
