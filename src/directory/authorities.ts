/** The authorities that vouch for the servers: read anew for each connection, so that a file may be replaced at any time. */
import { X509Certificate } from 'node:crypto';
import { type SecureContext, createSecureContext } from 'node:tls';

const certificates = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g;

/** Whether every certificate that is begun can be read, and there is one: a file may be seen while it is being written. */
function isWhole(pem: string): boolean {
  const blocks = pem.match(certificates) ?? [];
  if (blocks.length === 0 || blocks.length !== pem.split('-----BEGIN CERTIFICATE-----').length - 1) return false;
  try {
    return blocks.every((block) => new X509Certificate(block).subject !== '\0');
  } catch {
    return false;
  }
}

/**
 * What servers are verified by, of TLS 1.2 at least. The same context serves as long as the text stays the same; the last good one
 * as long as the text is missing or unusable.
 * @param read the certificates (PEM); undefined for the well-known authorities
 * @returns a function that throws Error, its message fit for the log, where there never was a good one
 */
export function createAuthorities(read: (() => string) | undefined): () => SecureContext {
  let known: { readonly text: string | undefined; readonly context: SecureContext } | undefined;

  function renew(text: string | undefined): SecureContext {
    if (known !== undefined && known.text === text) return known.context;
    // An empty text would mean the well-known authorities.
    if (text !== undefined && !isWhole(text)) throw new Error('caFile holds no certificates (PEM), or not whole ones');
    const context = createSecureContext({ minVersion: 'TLSv1.2', ...(text !== undefined && { ca: text }) });
    known = { text, context };
    return context;
  }

  return () => {
    try {
      return renew(read?.());
    } catch (error) {
      if (known !== undefined) return known.context;
      throw error;
    }
  };
}
