/** What the picture holds that an authenticator app takes: the Key Uri Format. */
import type { Person } from '../directory/directory.ts';

/** Code points: with an issuer as long as may be, the picture can still be drawn. */
const longestAccount = 64;

const accountOf = ({ userPrincipalName, mail, sAMAccountName, objectGUID }: Person): string =>
  userPrincipalName ?? mail ?? sAMAccountName ?? objectGUID;

/** Key Uri Format, "Label": the colon parts issuer and account, so that neither may hold one. */
const part = (text: string): string =>
  encodeURIComponent(
    text
      .toWellFormed()
      .replaceAll(/[:\p{Cc}]/gu, ' ')
      .trim(),
  );

/** @param key in base32 */
export function otpauthUri(person: Person, issuer: string, key: string): string {
  const account = [...accountOf(person)].slice(0, longestAccount).join('');
  const parameters = `secret=${key}&issuer=${part(issuer)}&algorithm=SHA1&digits=6&period=30`;
  return `otpauth://totp/${part(issuer)}:${part(account)}?${parameters}`;
}
