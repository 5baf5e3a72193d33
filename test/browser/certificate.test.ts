/** Chromium with a person's certificate: it is asked for at the listener's host alone, and leads into the service provider. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { openCertificateHouse, type CertificateHouse } from '../fixtures/certificate-house.ts';
import { acs } from '../fixtures/house.ts';
import { upn, extensions, purposes, type Issued } from '../fixtures/people-authority.ts';
import { authnRequest, redirectQuery, statusOf, textOf, type RequestOptions } from '../fixtures/visitor.ts';
import type { DirectoryServer } from '../testbed/directory-server.ts';
import { samba } from '../testbed/samba.ts';
import { browserArguments } from './launch-browser.ts';

const run = promisify(execFile);
const alice = 'alice.liddell@example.com';
const folder = mkdtempSync(join(tmpdir(), 'passerelle-cards-'));
const policies = '/etc/chromium/policies/managed';
const policy = join(policies, `passerelle-certificate-${String(process.pid)}.json`);

let server: DirectoryServer;
/** One listener on another port of the host, one on a host of its own. */
let near: CertificateHouse;
let apart: CertificateHouse;

before(async () => {
  server = await samba();
  near = await openCertificateHouse({ directory: server });
  // Chromium takes every name below localhost for this machine.
  apart = await openCertificateHouse({ directory: server, authority: near.authority, listenerHost: 'cards.localhost' });
  // Without this it would show a window in which to choose.
  const chosen = [near, apart].map(({ origin }) => JSON.stringify({ pattern: origin, filter: {} }));
  mkdirSync(policies, { recursive: true });
  writeFileSync(policy, JSON.stringify({ AutoSelectCertificateForUrls: chosen }));
});
after(async () => {
  rmSync(policy, { force: true });
  await apart.close();
  await near.close();
  rmSync(folder, { recursive: true });
});

/** A home in which the browser finds that certificate. */
async function homeWith(certificate: Issued | undefined): Promise<string> {
  const home = mkdtempSync(join(folder, 'home-'));
  const database = join(home, '.pki', 'nssdb');
  mkdirSync(database, { recursive: true });
  await run('certutil', ['-N', '-d', `sql:${database}`, '--empty-password']);
  if (certificate === undefined) return home;
  const [cert, key, bundle] = ['cert.pem', 'key.pem', 'bundle.p12'].map((name) => join(home, name)) as [string, string, string];
  writeFileSync(cert, certificate.certificate);
  writeFileSync(key, certificate.key);
  await run('openssl', ['pkcs12', '-export', '-in', cert, '-inkey', key, '-out', bundle, '-passout', 'pass:x', '-name', 'card']);
  await run('pk12util', ['-i', bundle, '-d', `sql:${database}`, '-W', 'x']);
  return home;
}

interface Visit {
  readonly page: Page;
  /** Origin and path of every document. */
  readonly documents: readonly string[];
  readonly posted: readonly string[];
}

async function visit(certificate: Issued | undefined, act: (visit: Visit) => Promise<void>): Promise<void> {
  const home = await homeWith(certificate);
  const context: BrowserContext = await chromium.launchPersistentContext(join(home, 'profile'), {
    executablePath: '/usr/bin/chromium',
    args: browserArguments,
    ignoreHTTPSErrors: true,
    env: { ...(process.env.PATH !== undefined && { PATH: process.env.PATH }), HOME: home },
  });
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    const [documents, posted]: [string[], string[]] = [[], []];
    page.on('request', (request) => {
      const { origin, pathname } = new URL(request.url());
      if (request.isNavigationRequest()) documents.push(origin + pathname);
    });
    await context.route(acs, async (route) => {
      posted.push(route.request().postData() ?? '');
      await route.fulfill({ contentType: 'text/html', body: '<h1>Welcome</h1>' });
    });
    await act({ page, documents, posted });
  } finally {
    await context.close();
  }
}

const begin = ({ page }: Visit, at: CertificateHouse, options: RequestOptions = {}) =>
  page.goto(`${at.house.url}/saml/sso?${redirectQuery(authnRequest(options))}`);
const choose = ({ page }: Visit) => page.getByRole('link', { name: 'Sign in with a smart card or certificate' }).click();

async function assertWelcome({ page, posted }: Visit): Promise<void> {
  await page.getByRole('heading', { name: 'Welcome' }).waitFor();
  const xml = Buffer.from(new URLSearchParams(posted.at(-1)).get('SAMLResponse') ?? '', 'base64').toString();
  assert.deepEqual(statusOf(xml), ['Success']);
  assert.equal(textOf(xml, 'NameID'), alice);
  assert.equal(textOf(xml, 'AuthnContextClassRef'), 'urn:oasis:names:tc:SAML:2.0:ac:classes:TLSClient');
}

describe('Chromium', { timeout: 90_000 }, () => {
  for (const [where, stage] of [
    ['another port of the host', () => near],
    ['a host of its own', () => apart],
  ] as const) {
    it(`signs its person in by the certificate that it holds, at ${where}`, async () => {
      const at = stage();
      await visit(at.issue(alice), async (visitor) => {
        await begin(visitor, at);
        assert.equal(visitor.documents.filter((url) => url.startsWith(at.origin)).length, 0, 'nobody is asked unasked');
        await choose(visitor);
        await assertWelcome(visitor);
        assert.equal(visitor.documents.filter((url) => url.startsWith(at.origin)).length, 1);
        // From now on it is a session like any other.
        const before = visitor.documents.length;
        await begin(visitor, at);
        await assertWelcome(visitor);
        assert.equal(visitor.documents.slice(before).filter((url) => url.startsWith(at.origin)).length, 0);
      });
    });
  }

  it('shows its person why a certificate was not taken, and lets them use the password', async () => {
    const other = near.authority.person('CN=Alice', {
      extensions: [extensions.usage(0), extensions.purposes(purposes.clientAuth), extensions.names(upn(alice))],
    });
    await visit(other, async (visitor) => {
      await begin(visitor, near);
      await choose(visitor);
      await visitor.page.getByText('Your certificate could not be checked').first().waitFor();
      assert.equal(near.house.events.at(-1)?.reason, 'certificate-revocation-unknown');
      await visitor.page.getByLabel('Name', { exact: false }).first().fill('alice');
      await visitor.page.getByLabel('Password').fill('Passw0rd!');
      await visitor.page.keyboard.press('Enter');
      await visitor.page.getByRole('heading', { name: 'Welcome' }).waitFor();
    });
  });

  it('without a certificate says so', async () => {
    await visit(undefined, async (visitor) => {
      await begin(visitor, near);
      await choose(visitor);
      await visitor.page.getByText('No certificate was shown').first().waitFor();
    });
  });
});
