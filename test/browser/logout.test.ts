/** Single logout in a real browser: cross-site cookies, the policy of the page, keyboard alone, with scripts and without. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { type Credential, ForeignServiceProvider, makeCredential } from '../fixtures/foreign-service-provider.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { sloService } from '../fixtures/logout-journey.ts';
import { statusOf } from '../fixtures/visitor.ts';
import { launchBrowser } from './launch-browser.ts';
import { fillIn } from './stage.ts';
import { phone, watchTab, type WatchedTab, type WatchedTabOptions } from './watched-tab.ts';

type Binding = 'redirect' | 'post';

/** A service provider with pages of its own. */
class Site {
  readonly name: string;
  readonly binding: Binding;
  readonly server: Server;
  /** Where it ends its own session and then leaves the person. */
  readonly silent: boolean;
  foreign!: ForeignServiceProvider;
  idp = '';
  nameID = '';
  /** Whether it thinks that the person is signed in. */
  signedIn = false;

  constructor(name: string, binding: Binding, silent = false) {
    this.name = name;
    this.binding = binding;
    this.silent = silent;
    this.server = createServer((req, res) => void this.#serve(req, res));
  }

  async open(credential: Credential): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    // Each a site of its own, and none the house's, which is localhost.
    this.foreign = new ForeignServiceProvider(
      credential,
      `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`,
    );
    return this.foreign.metadata({ endpoints: sloService(this.binding, `${this.foreign.origin}/slo`) });
  }

  /** Sends the browser on, by its own binding. */
  #send(res: ServerResponse, xml: string, parameter: 'SAMLRequest' | 'SAMLResponse', relayState: string | undefined): void {
    const options = { parameter, ...(relayState !== undefined && { relayState }) };
    const to = `${this.idp}/saml/slo`;
    if (this.binding === 'redirect') {
      res.writeHead(302, { Location: `${to}?${this.foreign.redirectQuery(xml, options)}` }).end();
      return;
    }
    const fields = Object.entries(this.foreign.postFields(xml, options));
    const inputs = fields.map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`);
    const script = '<script>document.forms[0].submit()</script>';
    this.#show(
      res,
      'one moment',
      `<form method="post" action="${to}">${inputs.join('')}<button>Continue</button></form>${script}`,
    );
  }

  #show(res: ServerResponse, title: string, content = ''): void {
    res
      .writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' })
      .end(`<!doctype html><title>${title}</title><link rel="icon" href="data:,"><h1>${this.name}: ${title}</h1>${content}`);
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(req.url ?? '', this.foreign.origin);
    let body = '';
    for await (const chunk of req) body += String(chunk);
    const fields = req.method === 'POST' ? new URLSearchParams(body) : searchParams;
    const read = (name: string): string => {
      const bytes = Buffer.from(fields.get(name) ?? '', 'base64');
      return (req.method === 'POST' ? bytes : inflateRawSync(bytes)).toString();
    };
    const slo = `${this.idp}/saml/slo`;
    if (pathname === '/') {
      const query = this.foreign.redirectQuery(this.foreign.authnRequest(`${this.idp}/saml/sso`));
      res.writeHead(302, { Location: `${this.idp}/saml/sso?${query}` }).end();
    } else if (pathname === '/acs') {
      this.nameID = /<saml:NameID[^]*?<\/saml:NameID>/.exec(read('SAMLResponse'))?.[0] ?? '';
      this.signedIn = this.nameID !== '';
      this.#show(res, this.signedIn ? 'welcome' : 'refused', '<a href="/logout">Sign out</a>');
    } else if (pathname === '/logout') {
      this.#send(res, this.foreign.logoutRequest(slo, this.nameID), 'SAMLRequest', 'where I was');
    } else if (pathname === '/slo' && fields.has('SAMLRequest')) {
      this.signedIn = false;
      const id = / ID="([^"]+)"/.exec(read('SAMLRequest'))?.[1] ?? '';
      if (this.silent) this.#show(res, 'an error of my own');
      else this.#send(res, this.foreign.logoutResponse(slo, id), 'SAMLResponse', fields.get('RelayState') ?? undefined);
    } else if (pathname === '/slo') {
      this.signedIn = false;
      this.#show(res, `${statusOf(read('SAMLResponse')).join(' ')}, ${fields.get('RelayState') ?? ''}`);
    } else res.writeHead(404).end();
  }
}

const wiki = new Site('Wiki', 'post');
const payroll = new Site('Payroll', 'redirect');
const expenses = new Site('Expenses', 'post');
const lost = new Site('Lost', 'redirect', true);
const sites = [wiki, payroll, expenses, lost];

let house: House;
let browser: Browser;

before(async () => {
  const credential = await makeCredential();
  const metadata = [];
  for (const site of sites) metadata.push({ name: site.name, xml: await site.open(credential) });
  [house, browser] = await Promise.all([openHouse({ metadata }), launchBrowser()]);
  for (const site of sites) site.idp = house.url;
});
after(async () => {
  await browser.close();
  await house.close();
  for (const { server } of sites) server.close();
});

const visit = (options: Omit<WatchedTabOptions, 'origins'>, act: (tab: WatchedTab) => Promise<void>): Promise<void> =>
  watchTab(browser, { origins: [house.url, ...sites.map(({ foreign }) => foreign.origin)], ...options }, act);

/** Signs in at each, in that order; pages that post themselves are helped along where nothing runs. */
async function signInAt(tab: WatchedTab, ...each: readonly Site[]): Promise<void> {
  for (const [index, site] of each.entries()) {
    await tab.page.goto(site.foreign.origin);
    if (index === 0) await fillIn(tab, 'alice', 'Passw0rd!');
    await reach(tab, `${site.name}: welcome`);
  }
}

/** Waits for a heading; where no script runs, presses what each page on the way offers first. */
async function reach({ page }: WatchedTab, heading: string, pressing = false): Promise<void> {
  const goal = page.getByRole('heading', { name: heading, exact: true });
  if (pressing) {
    for (let presses = 0; presses < 12 && (await goal.count()) === 0; presses += 1) {
      const left = page.waitForEvent('framenavigated');
      await page.locator('.button, button').first().press('Enter');
      await left;
    }
  }
  await goal.waitFor();
}

const states = (tab: WatchedTab): Promise<string[]> => tab.page.locator('.services li').allInnerTexts();

describe('single logout in a browser', () => {
  for (const starter of [wiki, payroll]) {
    it(`goes round by itself, from ${starter.name} and back`, async () => {
      await visit({}, async (tab) => {
        const others = [wiki, payroll, expenses].filter((site) => site !== starter);
        await signInAt(tab, ...others, starter);
        await tab.enter(tab.page.getByRole('link', { name: 'Sign out' }));
        await reach(tab, `${starter.name}: Success, where I was`);
        for (const site of [wiki, payroll, expenses]) assert.equal(site.signedIn, false, site.name);
        await tab.page.goto(starter.foreign.origin);
        await tab.page.getByRole('heading', { name: 'Sign in' }).waitFor();
      });
    });
  }

  it('goes round from here, and tells where', async () => {
    await visit({ viewport: phone }, async (tab) => {
      await signInAt(tab, wiki, payroll, expenses);
      await tab.page.goto(`${house.url}/signout`);
      await reach(tab, 'You are signed out');
      assert.deepEqual(
        (await states(tab)).map((text) => text.split('\n')),
        [wiki, payroll, expenses].map(({ name }) => [name, 'Signed out']),
      );
      await tab.assertSound();
      assert.deepEqual(await tab.context.cookies(), []);
    });
  });

  it('goes round without scripts, by one key a page', async () => {
    await visit({ javaScriptEnabled: false }, async (tab) => {
      for (const [index, site] of [wiki, payroll, expenses].entries()) {
        await tab.page.goto(site.foreign.origin);
        if (index === 0) await fillIn(tab, 'alice', 'Passw0rd!');
        await reach(tab, `${site.name}: welcome`, true);
      }
      await tab.page.goto(`${wiki.foreign.origin}/logout`);
      await tab.page.locator('button').first().press('Enter');
      await reach(tab, 'Signing out of Payroll');
      await tab.assertSound();
      await reach(tab, 'Wiki: Success, where I was', true);
      for (const site of [wiki, payroll, expenses]) assert.equal(site.signedIn, false, site.name);
    });
  });

  it('leads past who keeps the browser, and says whom it did not hear of', async () => {
    await visit({}, async (tab) => {
      await signInAt(tab, lost, payroll, wiki);
      await tab.enter(tab.page.getByRole('link', { name: 'Sign out' }));
      await reach(tab, 'Lost: an error of my own');
      await tab.page.goBack();
      await reach(tab, 'Lost has not answered');
      // A browser that skips pages nobody touched leads further back: signing out again goes on from there.
      await tab.page.goto(`${wiki.foreign.origin}/logout`);
      await reach(tab, 'Lost has not answered');
      await tab.assertSound();
      await tab.enter(tab.page.getByRole('button', { name: 'Go on without Lost' }));
      await reach(tab, 'You are not signed out everywhere');
      assert.deepEqual(
        (await states(tab)).map((text) => text.split('\n')),
        [
          ['Lost', 'Could not be reached'],
          ['Payroll', 'Signed out'],
        ],
      );
      await tab.assertSound();
      await tab.enter(tab.page.getByRole('button', { name: 'Back to Wiki' }));
      await reach(tab, 'Wiki: Success PartialLogout, where I was');
    });
  });
});
