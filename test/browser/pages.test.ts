/** The pages in a real browser: axe finds no violation, and every form arrives where it must, with scripts and without. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { readLogo } from '../../src/http/logo.ts';
import { createPages, type PageData, type PageName } from '../../src/http/pages.ts';
import { securityHeaders } from '../../src/http/security-headers.ts';
import { specimens } from '../../src/http/specimens.ts';
import { makeKey } from '../../src/keys/make-key.ts';
import { launchBrowser } from './launch-browser.ts';

const root = join(import.meta.dirname, '../..');
const axe = readFileSync(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');
const branding = {
  name: 'Example',
  color: '#0b57d0',
  helpUrl: 'https://help.example.com/',
  changePasswordUrl: 'https://pw.example.com/',
};
const nonce = 'c29tZSByYW5kb20gYnl0ZQ==';
const logo = readLogo(branding);
const pages = createPages({ branding, views: join(root, 'views'), overrides: undefined });

const RelayState = 'https://sp.example/?a=1&b="><script>alert(1)</script>&c=\'ü日本%00+ {x}';
const SAMLResponse = Buffer.from('<samlp:Response/>'.repeat(500)).toString('base64');

let browser: Browser;
const servers: Server[] = [];
const listen = async (server: Server): Promise<number> => {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

interface Posted {
  readonly form: URLSearchParams;
  readonly origin: string | undefined;
  readonly referer: string | undefined;
}
/** What the last form brought to us and to the service provider, and from where. */
let postedToUs: Posted | undefined;
let posted: Posted | undefined;
/** Pages by path, beside the specimens. */
const shown = new Map<string, { readonly name: PageName; readonly content: unknown; readonly formAction: readonly string[] }>();
let ours = '';
let acs = '';
/** Where the service provider leaves the person: on a third origin, after a redirect there too, as Google does. */
let inbox = '';

const idp = createServer((req, res) => {
  if (req.url === '/branding/logo') {
    res.writeHead(200, { 'Content-Type': logo.type }).end(logo.content);
    return;
  }
  if (req.url === pages.keyScript.url) {
    res.writeHead(200, { 'Content-Type': 'text/javascript; charset=utf-8' }).end(pages.keyScript.content);
    return;
  }
  if (req.method === 'POST') {
    let body = '';
    req.setEncoding('utf8').on('data', (text: string) => (body += text));
    req.on('end', () => {
      postedToUs = { form: new URLSearchParams(body), origin: req.headers.origin, referer: req.headers.referer };
      res.writeHead(303, { Location: '/respond' }).end();
    });
    return;
  }
  const page = shown.get(req.url ?? '');
  if (page === undefined) {
    res.writeHead(404).end();
    return;
  }
  const html = pages.render(page.name, page.content as PageData[PageName], { locale: 'en', nonce });
  res
    .writeHead(200, {
      ...securityHeaders({ page: page.name, nonce, formAction: page.formAction, https: false }),
      'Content-Type': 'text/html; charset=utf-8',
    })
    .end(html);
});
const serviceProvider = createServer((req, res) => {
  let body = '';
  req.setEncoding('utf8').on('data', (text: string) => (body += text));
  req.on('end', () => {
    posted = { form: new URLSearchParams(body), origin: req.headers.origin, referer: req.headers.referer };
    res.writeHead(302, { Location: `${inbox}/by-way-of` }).end();
  });
});

before(async () => {
  ours = `http://127.0.0.1:${String(await listen(idp))}`;
  acs = `http://127.0.0.1:${String(await listen(serviceProvider))}/acs?rpid=1`;
  const { privateKey, certificate } = await makeKey({ commonName: 'localhost', now: Date.now(), serialNumber: randomBytes(16) });
  const destination = createSecureServer({ key: privateKey, cert: certificate }, (req, res) => {
    if (req.url === '/by-way-of') res.writeHead(303, { Location: '/inbox' }).end();
    else
      res
        .writeHead(200, { 'Content-Type': 'text/html' })
        .end('<title>Inbox</title><link rel="icon" href="data:,"><h1>Inbox</h1>');
  });
  inbox = `https://localhost:${String(await listen(destination))}`;
  for (const [name, list] of Object.entries(specimens) as [PageName, readonly PageData[PageName][]][]) {
    list.forEach((content, index) => {
      shown.set(`/${name}/${String(index)}`, { name, content, formAction: name === 'respond' ? ['https://sp.example/acs'] : [] });
    });
  }
  const back = { location: acs, SAMLResponse, RelayState };
  const answer = { name: 'respond', content: { ...back, serviceProvider: 'Google' }, formAction: [acs] } as const;
  shown.set('/respond', answer);
  shown.set('/refusal', { name: 'refusal', content: { words: 'no-address', reference: 'ABCD', back }, formAction: [acs] });
  browser = await launchBrowser();
});
after(async () => {
  await browser.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/** Opens a page in a fresh window, acts, and shows that the browser complained of nothing and asked nobody else. */
async function open(path: string, options: BrowserContextOptions, act: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ serviceWorkers: 'block', ignoreHTTPSErrors: true, ...options });
  try {
    // A browser stays on its page where the answer to a form is empty.
    await context.route('https://sp.example/**', (route) => route.fulfill({ status: 204 }));
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      const { origin } = new URL(request.url());
      if (![ours, new URL(acs).origin, inbox, 'https://sp.example'].includes(origin)) complaints.push(`asked ${request.url()}`);
    });
    posted = postedToUs = undefined;
    await page.goto(ours + path, { waitUntil: 'commit' });
    await act(page);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

const phone = { width: 320, height: 640 };
const desktop = { width: 1280, height: 860 };
interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

const violationsOf = (page: Page): Promise<readonly Violation[]> =>
  page.evaluate<readonly Violation[]>(
    "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then((found) => found.violations)",
  );

describe('axe finds no violation, in light and dark, on phone and desktop, on', { timeout: 120_000 }, () => {
  for (const [name, list] of Object.entries(specimens)) {
    list.forEach((_, index) => {
      it(`${name} ${String(index)}`, async () => {
        await open(`/${name}/${String(index)}`, { reducedMotion: 'reduce' }, async (page) => {
          // A page that left in vain never ends to load; its button tells that it is there to stay.
          if (name === 'respond') await page.getByRole('button').waitFor();
          else await page.waitForLoadState();
          await page.evaluate(axe);
          // Colours depend on the scheme and sizes on the width, so that two of the four looks show all of it.
          for (const [colorScheme, viewport] of [['light', desktop] as const, ['dark', phone] as const]) {
            await page.emulateMedia({ colorScheme });
            await page.setViewportSize(viewport);
            const violations = (await violationsOf(page)).map(({ id, nodes }) => [
              id,
              ...nodes.map((node) => node.html + node.failureSummary),
            ]);
            assert.deepEqual(violations, [], `${colorScheme}, ${String(viewport.width)} wide`);
            assert.ok(await page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth'));
          }
        });
      });
    });
  }
});

const arrivedWhole = (): void => {
  assert.equal(posted?.form.get('SAMLResponse'), SAMLResponse);
  assert.equal(posted.form.get('RelayState'), RelayState);
  assert.deepEqual([...posted.form.keys()], ['SAMLResponse', 'RelayState']);
  assert.equal(posted.origin, ours);
  assert.equal(posted.referer, `${ours}/`);
};

describe('an answer', { timeout: 60_000 }, () => {
  it('posts itself', async () => {
    await open('/respond', {}, async (page) => {
      await page.waitForURL('**/inbox');
      arrivedWhole();
    });
  });

  it('is posted by its button where scripts are off, which is there at once', async () => {
    await open('/respond', { javaScriptEnabled: false }, async (page) => {
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.waitForURL('**/inbox');
      arrivedWhole();
    });
  });

  it('is posted by the button of a refusal', async () => {
    await open('/refusal', {}, async (page) => {
      await page.getByRole('button').press('Enter');
      await page.waitForURL('**/inbox');
      arrivedWhole();
    });
  });
});

describe('the form of the password', { timeout: 60_000 }, () => {
  for (const javaScriptEnabled of [true, false]) {
    it(`is filled by keyboard alone, scripts ${javaScriptEnabled ? 'on' : 'off'}`, async () => {
      await open('/password/0', { javaScriptEnabled, viewport: phone }, async (page) => {
        await page.locator('#name:focus').waitFor();
        await page.keyboard.type('CORP\\anna');
        await page.keyboard.press('Tab');
        await page.keyboard.type(' pass&word=ü ');
        await page.keyboard.press('Enter');
        await page.waitForURL(javaScriptEnabled ? '**/inbox' : '**/respond');
        assert.deepEqual(
          [...(postedToUs?.form ?? [])],
          [
            ['signin', 'handle'],
            ['name', 'CORP\\anna'],
            ['password', ' pass&word=ü '],
          ],
        );
        assert.equal(postedToUs?.origin, ours);
      });
    });
  }

  it('has the cursor in the password when the name is known', async () => {
    await open('/password/1', {}, async (page) => {
      await page.locator('#password:focus').waitFor();
    });
  });
});

describe('the page for administrators', { timeout: 60_000 }, () => {
  it('copies each value', async () => {
    await open('/saml/0', { permissions: ['clipboard-read', 'clipboard-write'] }, async (page) => {
      const [{ values }] = specimens.saml as readonly [PageData['saml']];
      assert.equal(await page.getByRole('button').count(), values.length);
      for (const [index, { value }] of values.entries()) {
        const said = page.getByRole('status').getByText('Copied', { exact: true }).waitFor();
        const shown = page.getByRole('button').nth(index).getByText('Copied').waitFor();
        await Promise.all([page.getByRole('button').nth(index).click(), said, shown]);
        assert.equal(await page.evaluate('navigator.clipboard.readText()'), value);
      }
    });
  });

  it('shows the values and no dead button where scripts are off', async () => {
    await open('/saml/0', { javaScriptEnabled: false }, async (page) => {
      await page.getByRole('textbox', { name: 'IdP entity ID' }).waitFor();
      assert.equal(await page.getByRole('button').count(), 0);
    });
  });
});
