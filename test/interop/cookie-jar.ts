/** The cookies of a browser (RFC 6265bis §5.6 to §5.8), as far as a host or an address of loopback has them. */

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly host: string;
  readonly path: string;
  readonly expires: number;
  readonly sameSite: string;
}

/** RFC 6265bis §5.1.4 */
const isUnder = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);

export class CookieJar {
  readonly #now: () => number;
  #cookies: readonly Cookie[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes in the Set-Cookie headers of an answer. */
  keep(url: string, lines: readonly string[]): void {
    const { hostname, pathname } = new URL(url);
    for (const line of lines) {
      const [pair = '', ...rest] = line.split(';').map((part) => part.trim());
      const attributes = new Map(rest.map((part) => [part.replace(/=.*/s, '').toLowerCase(), part.replace(/^[^=]*=?/, '')]));
      const domain = attributes.get('domain')?.replace(/^\./, '');
      // No host here has a parent that it may set cookies for.
      if (domain !== undefined && domain !== '' && domain !== hostname) continue;
      const asked = attributes.get('path') ?? '';
      const path = asked.startsWith('/') ? asked : pathname.replace(/\/[^/]*$/, '') || '/';
      const name = pair.replace(/=.*/s, '');
      const maxAge = attributes.get('max-age');
      const expires =
        maxAge === undefined ? Date.parse(attributes.get('expires') ?? '') || Infinity : this.#now() + Number(maxAge) * 1000;
      const sameSite = (attributes.get('samesite') ?? '').toLowerCase();
      const others = this.#cookies.filter((one) => !(one.name === name && one.host === hostname && one.path === path));
      this.#cookies = [...others, { name, value: pair.slice(name.length + 1), host: hostname, path, expires, sameSite }];
    }
  }

  /** The Cookie header. `crossSitePost`: a form of another site is posted here, which brings no Lax or Strict cookie along. */
  cookiesFor(url: string, crossSitePost: boolean): string {
    const { hostname, pathname } = new URL(url);
    this.#cookies = this.#cookies.filter(({ expires }) => expires > this.#now());
    return this.#cookies
      .filter(({ host, path }) => host === hostname && isUnder(pathname, path))
      .filter(({ sameSite }) => !crossSitePost || !['lax', 'strict'].includes(sameSite))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }

  /** Loses all cookies of that URL's host. */
  forget(url: string): void {
    const { hostname } = new URL(url);
    this.#cookies = this.#cookies.filter(({ host }) => host !== hostname);
  }
}
