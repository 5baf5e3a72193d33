/** What Node.js has against a connection, in words. */

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'its name has no address',
  EAI_AGAIN: 'its name could not be looked up',
  ECONNRESET: 'the connection was broken off',
  EPIPE: 'the connection was broken off',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ETIMEDOUT: 'it does not answer in time',
};

/** What Node has against it, in words and by its code. */
export function describeNetworkTrouble(error: unknown): string {
  return describeNetworkCode(error instanceof Error && 'code' in error ? String(error.code) : '');
}

/** @param code such as ECONNREFUSED; empty where there is none */
export function describeNetworkCode(code: string): string {
  const known = words[code];
  if (known !== undefined) return `${known} (${code})`;
  return code === '' ? 'it does not answer' : `it does not answer as it should (${code})`;
}
