/** Whether a person is to be told that the password expires, before the sign-in goes on. */
import type { Evidence } from '../authenticators/authenticator.ts';
import type { Config } from '../config/schema.ts';
import type { Session } from './session.ts';

/**
 * When the password expires (milliseconds since the epoch) that was typed in this very sign-in, where that is soon; undefined for
 * single sign-on and for whatever else proved the person, so that it is told once.
 */
export type ExpiresSoon = (
  session: Pick<Session, 'person'>,
  evidence: readonly Evidence[],
  signIn: string | undefined,
  now: number,
) => number | undefined;

/** Pure. */
export function createExpiresSoon({ warn, warnBefore }: Pick<Config['password'], 'warn' | 'warnBefore'>): ExpiresSoon {
  return ({ person }, evidence, signIn, now) => {
    const expiresAt = person.account?.passwordExpiresAt;
    if (!warn || signIn === undefined || expiresAt === undefined) return undefined;
    const typed = evidence.some((each) => each.authenticator === 'password' && each.signIn === signIn);
    return typed && expiresAt - warnBefore <= now && now < expiresAt ? expiresAt : undefined;
  };
}
