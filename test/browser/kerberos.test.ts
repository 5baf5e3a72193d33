/** Chromium at a computer of the domain: signed in without a question by its ticket, and never asked by a box of its own. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { chromium, type Page } from 'playwright-core';
import { acs, openHouse, type House } from '../fixtures/house.ts';
import { provideKerberos } from '../fixtures/kerberos-package.ts';
import { authnRequest, redirectQuery, statusOf, textOf } from '../fixtures/visitor.ts';
import type { DirectoryServer } from '../testbed/directory-server.ts';
import { kdc, type Desk, type Kdc } from '../testbed/kerberos.ts';
import { samba } from '../testbed/samba.ts';
import { browserArguments } from './launch-browser.ts';

const folder = mkdtempSync(join(tmpdir(), 'passerelle-desk-browser-'));
const keytab = join(folder, 'keytab');
/** Chromium takes every name below localhost for this machine. */
const [host, unknown] = [0, 1].map(() => `http-${randomBytes(3).toString('hex')}.localhost`) as [string, string];
const aes = 24;

let server: DirectoryServer;
let realm: Kdc;
let house: House;
let desk: Desk;
const accounts: string[] = [];

before(async () => {
  await provideKerberos();
  server = await samba();
  realm = await kdc(server);
  for (const name of [host, unknown]) accounts.push(await realm.makeService(`HTTP/${name}`, aes));
  await realm.exportKeytab(`HTTP/${host}`, keytab);
  house = await openHouse({
    directory: server,
    config: {
      kerberos: {
        keytab,
        principals: [host, unknown].map((name) => `HTTP/${name}@${realm.realm}`),
        networks: ['127.0.0.0/8'],
      },
    },
  });
  desk = realm.sitDown();
  await desk.kinit('alice');
});
after(async () => {
  await house.close();
  desk.leave();
  for (const name of accounts) await realm.tool('user', 'delete', name);
  rmSync(folder, { recursive: true });
});

interface Visit {
  readonly page: Page;
  /** Status and path of every document. */
  readonly documents: readonly string[];
  /** How often the browser would have shown a box for a name and password. */
  readonly boxes: readonly string[];
  /** What the service provider was posted. */
  readonly posted: readonly string[];
}

/** A browser in a profile that has seen Negotiate before: to its very first challenge a new one does not answer. */
async function visit(tickets: NodeJS.ProcessEnv, act: (visit: Visit) => Promise<void>): Promise<void> {
  const profile = mkdtempSync(join(folder, 'profile-'));
  writeFileSync(join(profile, 'Local State'), JSON.stringify({ net: { received_http_auth_negotiate_headers: true } }));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium',
    args: [...browserArguments, '--auth-server-allowlist=*.localhost'],
    env: Object.fromEntries(Object.entries(tickets).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
  });
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    const [documents, boxes, posted]: [string[], string[], string[]] = [[], [], []];
    const devtools = await context.newCDPSession(page);
    // The page may be gone meanwhile.
    const answer = (sent: Promise<unknown>): void => void sent.catch(() => undefined);
    devtools.on('Fetch.authRequired', ({ requestId, authChallenge }) => {
      boxes.push(authChallenge.scheme);
      answer(devtools.send('Fetch.continueWithAuth', { requestId, authChallengeResponse: { response: 'CancelAuth' } }));
    });
    devtools.on('Fetch.requestPaused', ({ requestId, request }) => {
      if (request.url !== acs) {
        answer(devtools.send('Fetch.continueRequest', { requestId }));
        return;
      }
      posted.push(request.postData ?? '');
      answer(devtools.send('Fetch.fulfillRequest', { requestId, responseCode: 200, body: btoa('<h1>Welcome</h1>') }));
    });
    await devtools.send('Fetch.enable', { handleAuthRequests: true });
    page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      if (response.request().isNavigationRequest()) documents.push(`${String(response.status())} ${pathname}`);
    });
    await act({ page, documents, boxes, posted });
  } finally {
    await context.close();
  }
}

const beginAt = (name: string): string => {
  const { port } = new URL(house.url);
  return `http://${name}:${port}/saml/sso?${redirectQuery(authnRequest())}`;
};

async function assertAnswered({ page, posted }: Visit, context: string): Promise<void> {
  await page.getByRole('heading', { name: 'Welcome' }).waitFor();
  const xml = Buffer.from(new URLSearchParams(posted.at(-1)).get('SAMLResponse') ?? '', 'base64').toString();
  assert.deepEqual(statusOf(xml), ['Success']);
  assert.equal(textOf(xml, 'NameID'), 'alice.liddell@example.com');
  assert.equal(textOf(xml, 'AuthnContextClassRef'), `urn:oasis:names:tc:SAML:2.0:ac:classes:${context}`);
}

describe('Chromium', { timeout: 90_000 }, () => {
  it('signs its person in by the ticket of the computer, without a question', async () => {
    await visit(desk.environment, async (at) => {
      await at.page.goto(beginAt(host));
      await assertAnswered(at, 'Kerberos');
      assert.deepEqual(at.boxes, []);
      assert.equal(house.events.filter(({ event }) => event === 'kerberos.accepted').length, 1);
    });
  });

  it('without a ticket shows the form, which works, and no box', async () => {
    const empty = realm.sitDown();
    try {
      await visit(empty.environment, async (at) => {
        await at.page.goto(beginAt('localhost'));
        await at.page.getByLabel('Password').waitFor();
        assert.equal(at.documents.at(-1), '401 /signin/kerberos');
        await at.page.getByLabel('Name', { exact: false }).first().fill('alice');
        await at.page.getByLabel('Password').fill('Passw0rd!');
        await at.page.keyboard.press('Enter');
        await assertAnswered(at, 'PasswordProtectedTransport');
        assert.deepEqual(at.boxes, []);
      });
    } finally {
      empty.leave();
    }
  });

  it('whose ticket no key opens shows the form, once, and no box', async () => {
    await visit(desk.environment, async (at) => {
      await at.page.goto(beginAt(unknown));
      await at.page.getByLabel('Password').waitFor();
      assert.equal(house.events.at(-1)?.reason, 'kerberos-key-unknown');
      assert.equal(at.documents.at(-1), '200 /signin/kerberos');
      assert.deepEqual(at.boxes, []);
    });
  });

  it('would have been seen to show a box', async () => {
    const basic = createServer((_req, res) => {
      res.writeHead(401, { 'WWW-Authenticate': 'Basic realm="box"', 'Content-Type': 'text/html' }).end('who?');
    }).listen(0, '127.0.0.1');
    await once(basic, 'listening');
    try {
      await visit(desk.environment, async ({ page, boxes }) => {
        await page.goto(`http://localhost:${String((basic.address() as AddressInfo).port)}/`);
        assert.deepEqual(boxes, ['basic']);
      });
    } finally {
      basic.closeAllConnections();
      basic.close();
    }
  });
});
