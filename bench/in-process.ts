/** What is measured without a server: building and signing one Response, and rendering the sign-in page. */
import { createPrivateKey, sign, X509Certificate } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { schema } from '../src/config/schema.ts';
import { createPages } from '../src/http/pages.ts';
import { inMemory } from '../src/keys/in-memory.ts';
import { createKeySigner } from '../src/keys/key-signer.ts';
import { authnContextClasses, nameIDFormats } from '../src/saml/names.ts';
import { buildSuccess, type Success } from '../src/saml/response.ts';
import { makeKey } from '../src/keys/make-key.ts';
import { median } from './statistics.ts';

export interface InProcess {
  /** Building and signing one Response, by the CPU of its two signatures. */
  readonly build: number;
  /** Milliseconds of CPU for the sign-in page. */
  readonly page: number;
}

const atOnce = 4;
const each = 200;

/** Milliseconds of CPU, all threads, for one `deed`. */
async function cpuOfOne(times: number, deed: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  let left = times;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left > 0) {
        left -= 1;
        await deed();
      }
    }),
  );
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / times;
}

async function measureBuild(rounds: number): Promise<number> {
  const pem = await makeKey({ commonName: 'localhost', now: Date.now(), serialNumber: Buffer.alloc(16, 1) });
  const privateKey = createPrivateKey(pem.privateKey);
  const privatePart = inMemory(privateKey);
  const signer = createKeySigner({ name: 'bench', privatePart, certificate: new X509Certificate(pem.certificate) });
  const now = Date.now();
  const success: Success = {
    id: `_${'1'.repeat(40)}`,
    assertionID: `_${'2'.repeat(40)}`,
    issuer: 'https://passerelle.example.com/saml/metadata',
    issueInstant: now,
    destination: 'https://accounts.google.com/samlrp/03demo7x2y9/acs',
    inResponseTo: `_${'3'.repeat(32)}`,
    audience: 'https://accounts.google.com/samlrp/03demo7x2y9',
    nameID: { format: nameIDFormats.emailAddress, value: 'ada@example.com' },
    notBefore: now,
    notOnOrAfter: now,
    authnInstant: now,
    authnContextClassRef: authnContextClasses.passwordProtectedTransport,
    sessionIndex: `_${'4'.repeat(40)}`,
    sessionNotOnOrAfter: now,
    attributes: [
      { name: 'displayName', nameFormat: 'urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified', values: ['Ada Lovelace'] },
      { name: 'department', nameFormat: 'urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified', values: ['Engineering'] },
    ],
    sign: { response: true, assertion: true },
  };
  const signedText = Buffer.alloc(600, 'x');
  const signTwice = async (): Promise<void> => {
    for (let left = 2; left > 0; left -= 1) {
      await new Promise<void>((resolve, reject) => {
        sign('sha256', signedText, privateKey, (error) => {
          if (error === null) resolve();
          else reject(error);
        });
      });
    }
  };
  const ratios: number[] = [];
  const build = (): Promise<string> => buildSuccess(success, signer);
  await cpuOfOne(5 * each, build);
  for (let round = 0; round < rounds; round += 1) {
    // In turns, so that whatever else the machine does falls on both.
    const raw = await cpuOfOne(each, signTwice);
    const built = await cpuOfOne(each, build);
    const rawAgain = await cpuOfOne(each, signTwice);
    ratios.push((2 * built) / (raw + rawAgain));
  }
  return median(ratios);
}

async function measurePage(rounds: number): Promise<number> {
  const branding = schema.shape.branding.parse({});
  const pages = createPages({ branding, views: fileURLToPath(new URL('../views', import.meta.url)), overrides: undefined });
  const render = async (): Promise<string> =>
    pages.render(
      'password',
      { action: '/signin/password', signin: 'A'.repeat(22), name: 'ada@example.com', serviceProvider: 'Google' },
      { locale: 'en', nonce: 'AAAAAAAAAAAAAAAAAAAAAA==' },
    );
  await cpuOfOne(5 * each, render);
  const found: number[] = [];
  for (let round = 0; round < rounds; round += 1) found.push(await cpuOfOne(5 * each, render));
  return median(found);
}

process.once('message', ({ rounds }: { rounds: number }) => {
  const measure = async (): Promise<InProcess> => ({ build: await measureBuild(rounds), page: await measurePage(rounds) });
  measure().then(
    (measured) => process.send?.(measured, () => process.disconnect()),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exit(1);
    },
  );
});
