/** What went wrong with the database, in words that hold no value and no password. */
import { StoreUnavailable } from './store-unavailable.ts';

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && /^[A-Z0-9_]{3,64}$/.test(error.code)
    ? error.code
    : undefined;

/** By SQLSTATE (PostgreSQL, appendix A) or the code of Node.js. */
const meanings: Readonly<Record<string, string>> = {
  '25006': 'it takes no writes: it is read-only, or a standby',
  '28000': 'it does not let us in: look at its pg_hba.conf',
  '28P01': 'it does not take the password',
  '3D000': 'there is no such database',
  '42501': 'the role may not do that: it must own the database, or be granted its schema',
  '53100': 'its disk is full',
  '53300': 'it has too many connections',
  '57014': 'a statement took too long',
  '57P01': 'it is being stopped',
  '57P02': 'it is being stopped',
  '57P03': 'it is starting or stopping',
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection broke',
  ENOENT: 'there is no such socket or file',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name of the host could not be looked up',
  ETIMEDOUT: 'it does not answer in time',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is from nobody that is trusted; see store.caFile',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is from nobody that is trusted; see store.caFile',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is from nobody that is trusted; see store.caFile',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is from nobody that is trusted; see store.caFile',
};

/** Such as `the connection broke (ECONNRESET)`. */
export function describeTrouble(error: unknown): string {
  const code = codeOf(error);
  if (code !== undefined) return `${meanings[code] ?? 'it refused'} (${code})`;
  if (!(error instanceof Error)) return 'it does not answer';
  if (error.message.includes('does not support SSL')) return 'it speaks no TLS';
  if (/SASL|password/i.test(error.message)) return 'it asks for a password, and none that it could take is given';
  return /time/i.test(error.message) ? 'it does not answer in time' : 'the connection broke';
}

export const unavailable = (error: unknown): StoreUnavailable =>
  error instanceof StoreUnavailable
    ? error
    : new StoreUnavailable(`the database does not serve: ${describeTrouble(error)}`, error);
