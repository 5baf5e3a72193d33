/** The session cookie: its name, its attributes, and nothing of what it stands for. */

export interface SessionCookie {
  /** The token in a Cookie header. */
  read(header: string | undefined): string | undefined;
  /** A Set-Cookie value that keeps the token until the browser is closed, or for that long (milliseconds). */
  keep(token: string, life?: number): string;
  /** A Set-Cookie value that makes the browser forget it. */
  forget(): string;
}

// RFC 6265bis §4.1.3.2: with this prefix no sibling host and no insecure page can set it.
const name = '__Host-passerelle';
const attributes = 'Path=/; Secure; HttpOnly; SameSite=Lax';
const pattern = new RegExp(`(?:^|;) ?${name}=([A-Za-z0-9_-]{43})(?:;|$)`);

export function createSessionCookie(): SessionCookie {
  return {
    read: (header) => (header === undefined ? undefined : pattern.exec(header)?.[1]),
    keep: (token, life) =>
      `${name}=${token}; ${attributes}${life === undefined ? '' : `; Max-Age=${String(Math.floor(life / 1_000))}`}`,
    forget: () => `${name}=; ${attributes}; Max-Age=0`,
  };
}
