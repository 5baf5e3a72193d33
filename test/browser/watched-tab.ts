/** A tab in a profile of its own, driven by the keyboard alone, that notes what it asks for and what it complains of. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';

export const phone = { width: 360, height: 740 };
export const desktop = { width: 1280, height: 800 };

export interface WatchedTab {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Status, method and path (without query) of every document, redirects too, in their order; emptied by who reads it. */
  readonly documents: string[];
  /** Presses Tab until the element has the focus, and shows it. */
  readonly tabTo: (target: Locator) => Promise<void>;
  /** Tabs there and presses Enter. */
  readonly enter: (target: Locator) => Promise<void>;
  /** Types into what has the focus. */
  readonly type: (text: string) => Promise<void>;
  /** axe finds nothing, light and dark, and nothing is wider than the window. */
  readonly assertSound: () => Promise<void>;
}

export interface WatchedTabOptions extends BrowserContextOptions {
  /** The only origins that may be asked. */
  readonly origins: readonly string[];
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** In the dark only the colours differ. */
const rules = {
  light: "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']",
  dark: "['color-contrast', 'link-in-text-block']",
};
const reportViolations =
  "addEventListener('securitypolicyviolation', (event) => violated(event.effectiveDirective + ' of ' + event.blockedURI))";
const mostTabs = 25;

async function findViolations(page: Page, colorScheme: 'light' | 'dark'): Promise<readonly string[]> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  const violations = await page.evaluate<readonly Violation[]>(
    `axe.run({ runOnly: ${rules[colorScheme]}, resultTypes: ['violations'] }).then((found) => found.violations)`,
  );
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${colorScheme} ${id}: ${node.html} ${node.failureSummary}`));
}

/** The same page without its scripts, where axe can run: it cannot where the browser runs none. */
async function openTwin(page: Page, browser: Browser): Promise<Page> {
  const twin = await browser.newPage({ viewport: page.viewportSize() });
  const body = (await page.content()).replaceAll(/<script[^]*?<\/script>/g, '');
  await twin.route(page.url(), (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body }));
  await twin.goto(page.url());
  for (const late of await twin.locator('.late').all()) await late.waitFor();
  return twin;
}

/** Opens a tab, acts, and shows that the browser complained of nothing, sent nothing elsewhere, and had no page fail. */
export async function watchTab(
  browser: Browser,
  { origins, ...options }: WatchedTabOptions,
  act: (tab: WatchedTab) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({ viewport: desktop, serviceWorkers: 'block', ...options });
  try {
    const complaints: string[] = [];
    const documents: string[] = [];
    await context.exposeFunction('violated', (what: string) => complaints.push(`the policy forbids ${what}`));
    await context.addInitScript(reportViolations);
    context.on('console', (message) => {
      // A page of ours that refuses says so by its status too, which the tests read from `documents`.
      if (!/^Failed to load resource: .* status of 4\d\d/.test(message.text())) complaints.push(message.text());
    });
    context.on('weberror', (error) => complaints.push(error.error().message));
    context.on('request', (request) => {
      if (!origins.includes(new URL(request.url()).origin)) complaints.push(`asked ${request.url()}`);
    });
    context.on('response', (response) => {
      const request = response.request();
      const { pathname } = new URL(response.url());
      if (request.isNavigationRequest()) documents.push(`${String(response.status())} ${request.method()} ${pathname}`);
      else if (!response.ok()) complaints.push(`${String(response.status())} ${response.url()}`);
    });
    const page = await context.newPage();
    const tab: WatchedTab = {
      page,
      context,
      documents,
      async tabTo(target) {
        await target.waitFor();
        const reached = target.and(page.locator(':focus-visible'));
        for (let tabs = 0; (await reached.count()) === 0; tabs += 1) {
          assert.ok(tabs < mostTabs, `no Tab leads to ${target.toString()}`);
          await page.keyboard.press('Tab');
        }
      },
      async enter(target) {
        await tab.tabTo(target);
        await page.keyboard.press('Enter');
      },
      type: (text) => page.keyboard.type(text),
      async assertSound() {
        await page.waitForLoadState();
        const sounded = options.javaScriptEnabled === false ? await openTwin(page, browser) : page;
        await sounded.evaluate(axe);
        assert.deepEqual([...(await findViolations(sounded, 'light')), ...(await findViolations(sounded, 'dark'))], []);
        assert.ok(
          await page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth'),
          `${page.url()} is wider than the window`,
        );
        if (sounded !== page) await sounded.context().close();
      },
    };
    await act(tab);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}
