/** A person's browser as far as a sign-in needs one: follows the redirects, fills in the form, keeps the cookie. */
import { randomBytes } from 'node:crypto';
import { profileRequest } from '../src/demo/google-request.ts';
import { demoParties } from '../src/demo/parties.ts';
import { deflateRawSync } from 'node:zlib';
import { createConnection, type Reply } from './connection.ts';
import type { Account } from './people.ts';
import { domain, serviceProviderUrl } from './server.ts';

export interface Browser {
  /** From the service provider's request, without a session, to the page that posts the Response, which is given back. */
  signIn(): Promise<string>;
  /** The same with the session of the last sign-in. */
  answer(): Promise<string>;
  /** The page that asks for the password, for one remembered request again and again. */
  readonly page: () => Promise<string>;
  close(): void;
}

const { profile: party } = demoParties(serviceProviderUrl, domain);
// What Chromium sends; a server reads headers of this size with every request.
const usual =
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\n' +
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n' +
  'Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-GB,en;q=0.9\r\nUpgrade-Insecure-Requests: 1\r\n' +
  'Sec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-User: ?1\r\n';

function newRequest(): string {
  const { xml, relayState } = profileRequest(party, Date.now(), randomBytes);
  // A low level: what the generator spends is taken from the machine that it measures.
  const message = deflateRawSync(xml, { level: 1 }).toString('base64');
  return `/saml/sso?SAMLRequest=${encodeURIComponent(message)}&RelayState=${encodeURIComponent(relayState)}`;
}

function expect(reply: Reply, status: number, pattern: RegExp): string {
  const found = pattern.exec(status === 303 ? reply.head : reply.body)?.[1];
  if (reply.status === status && found !== undefined) return found;
  throw new Error(
    `expected ${String(status)} and ${String(pattern)}:\n${reply.head}\n\n${reply.body.replace(/<style[^]*<\/style>/, '').slice(0, 2_000)}`,
  );
}

const location = /^location: (\/signin\?id=[\w-]+)$/im;
const token = /^set-cookie: (__Host-passerelle=[\w-]{43});/im;
const response = /name="SAMLResponse" value="([^"]+)"/;
const form = /<form method="post" action="\/signin\/password">\s*<input type="hidden" name="signin" value="([\w-]+)">/;

export function createBrowser(url: string, account: Account): Browser {
  const { hostname, port } = new URL(url);
  const connection = createConnection(hostname, Number(port));
  const fields = `name=${encodeURIComponent(account.name)}&password=${encodeURIComponent(account.password)}`;
  const fromElsewhere = `${usual}Sec-Fetch-Site: cross-site\r\n`;
  const fromHere = `${usual}Sec-Fetch-Site: same-origin\r\n`;
  const posting = `${fromHere}Content-Type: application/x-www-form-urlencoded\r\nOrigin: http://localhost:${port}\r\n`;
  let cookie = '';
  let signInPage: string | undefined;

  const begin = async (): Promise<string> => expect(await connection.ask('GET', newRequest(), fromElsewhere), 303, location);

  return {
    async signIn() {
      const page = await begin();
      const signIn = expect(await connection.ask('GET', page, fromElsewhere), 200, form);
      const accepted = await connection.ask('POST', '/signin/password', posting, `signin=${signIn}&${fields}`);
      const next = expect(accepted, 303, location);
      cookie = `Cookie: ${expect(accepted, 303, token)}\r\n`;
      return expect(await connection.ask('GET', next, fromHere + cookie), 200, response);
    },
    async answer() {
      return expect(await connection.ask('GET', newRequest(), fromElsewhere + cookie), 200, response);
    },
    async page() {
      signInPage ??= await begin();
      return expect(await connection.ask('GET', signInPage, fromElsewhere), 200, form);
    },
    close: () => connection.close(),
  };
}
