/** HTTP Basic (RFC 7617) in UTF-8: what a client without a browser presents. */
import { isUtf8 } from 'node:buffer';
import type { Credentials } from '../signin/ecp.ts';

/** Of an Authorization header; undefined where it holds no such credentials. Name and password part at the first colon. */
export function readBasicCredentials(authorization: string | undefined): Credentials | undefined {
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  const colon = bytes.indexOf(0x3a);
  // Text in another charset would count as a wrong password for somebody else's name.
  if (colon < 0 || !isUtf8(bytes)) return undefined;
  return { name: bytes.toString('utf8', 0, colon), password: bytes.toString('utf8', colon + 1) };
}

/** The challenge; a realm of ASCII without quotation marks. */
export const basicChallenge = (realm: string): string => `Basic realm="${realm}", charset="UTF-8"`;
