/** What a request brings, still encoded, and whether it comes from a page of ours. */
import { raw, type Request as HttpRequest } from 'express';
import { Refusal } from '../refusal.ts';

/** Three times 64 KiB of RelayState in percent-encoding, and the message. */
const mostBytes = 320 * 1024;
const formType = 'application/x-www-form-urlencoded';

/** Reads the body of a form for `rawForm`. */
export const readForm = raw({ type: formType, limit: mostBytes, inflate: false });

/** Without its question mark. */
export const rawQuery = (req: HttpRequest): string => {
  const start = req.originalUrl.indexOf('?');
  return start === -1 ? '' : req.originalUrl.slice(start + 1);
};

/** The body as text; a body of another type is no form. @throws Refusal form-malformed */
export const rawForm = (req: HttpRequest): string => {
  const body: unknown = req.body;
  if (!Buffer.isBuffer(body)) throw new Refusal('form-malformed', { cause: 'no form in the body' });
  return body.toString('latin1');
};

/** A form of ours can only be posted from a page of ours: no other site acts in a person's name. @throws Refusal form-malformed */
export function verifySameOrigin(req: HttpRequest, origin: string): void {
  const { origin: from, 'sec-fetch-site': site } = req.headers;
  // Browsers send one of them or both; what is sent must agree.
  const same = (from ?? origin) === origin && (site ?? 'same-origin') === 'same-origin';
  if (!same || (from === undefined && site === undefined))
    throw new Refusal('form-malformed', { cause: 'posted from another site' });
}
