/** The cookie by which a browser is remembered: its name, its attributes, and nothing of what is sealed in it. */

export interface DeviceCookie {
  /** The sealed text in a Cookie header. */
  read(header: string | undefined): string | undefined;
  /** A Set-Cookie value that keeps the text for that long (milliseconds). */
  keep(text: string, life: number): string;
}

const name = '__Host-passerelle-device';
const pattern = new RegExp(`(?:^|;) ?${name}=([0-9a-f]{8}\\.[A-Za-z0-9_-]{1,4000})(?:;|$)`);

export function createDeviceCookie(): DeviceCookie {
  return {
    read: (header) => (header === undefined ? undefined : pattern.exec(header)?.[1]),
    keep: (text, life) => `${name}=${text}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${String(Math.floor(life / 1_000))}`,
  };
}
