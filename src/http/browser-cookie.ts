/** The cookie by which a browser is known again that left for the certificate's host. */

export interface BrowserCookie {
  /** The token in a Cookie header. */
  read(header: string | undefined): string | undefined;
  /** A Set-Cookie value that keeps the token until the browser is closed. */
  keep(token: string): string;
}

// Apart from the session: it says of nobody that they are signed in.
const name = '__Host-passerelle-browser';
const pattern = new RegExp(`(?:^|;) ?${name}=([A-Za-z0-9_-]{43})(?:;|$)`);

export function createBrowserCookie(): BrowserCookie {
  return {
    read: (header) => (header === undefined ? undefined : pattern.exec(header)?.[1]),
    keep: (token) => `${name}=${token}; Path=/; Secure; HttpOnly; SameSite=Lax`,
  };
}
