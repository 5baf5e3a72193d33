/** The cookie that remembers that somebody signed out in this browser, so that nobody is signed in again unasked. */

export interface SignedOutCookie {
  /** Whether it is in a Cookie header. */
  read(header: string | undefined): boolean;
  /** A Set-Cookie value that begins the time. */
  keep(): string;
  /** A Set-Cookie value that ends it. */
  forget(): string;
}

const name = '__Host-passerelle-signed-out';
const attributes = 'Path=/; Secure; HttpOnly; SameSite=Lax';
const pattern = new RegExp(`(?:^|;) ?${name}=1(?:;|$)`);

/** @param lifetime milliseconds */
export function createSignedOutCookie(lifetime: number): SignedOutCookie {
  const seconds = Math.ceil(lifetime / 1_000);
  return {
    read: (header) => header !== undefined && pattern.test(header),
    keep: () => `${name}=1; ${attributes}; Max-Age=${String(seconds)}`,
    forget: () => `${name}=; ${attributes}; Max-Age=0`,
  };
}
