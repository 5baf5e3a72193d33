/** The demo, a browser, and the steps that every visit to it has in common. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import type { AuditEvent } from '../../src/audit/audit.ts';
import { startDemo, type Demo } from '../../src/demo/demo.ts';
import type { Shape } from '../../src/demo/parties.ts';
import { launchBrowser } from './launch-browser.ts';
import { watchTab, type WatchedTab, type WatchedTabOptions } from './watched-tab.ts';

export interface Stage {
  readonly demo: Demo;
  readonly browser: Browser;
  readonly events: readonly AuditEvent[];
  /** Origin of Passerelle. */
  readonly house: string;
  /** Opens a tab that may ask nobody but Passerelle and the demo service provider. */
  readonly visit: (options: Omit<WatchedTabOptions, 'origins'>, act: (tab: WatchedTab) => Promise<void>) => Promise<void>;
  /** Follows the service provider's link for that shape of request. */
  readonly arrive: (tab: WatchedTab, shape: Shape) => Promise<void>;
  readonly close: () => Promise<void>;
}

export const ways: Readonly<Record<Shape, string>> = { profile: 'SSO profile', legacy: 'legacy profile' };

export async function openStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-demo-'));
  const events: AuditEvent[] = [];
  const audit = { record: (event: AuditEvent) => void events.push(event), note: () => undefined, flush: () => Promise.resolve() };
  const until = (instant: number) => new Promise<void>((resolve) => setTimeout(resolve, Math.max(0, instant - Date.now())));
  const clock = { now: () => Date.now(), until };
  const [demo, browser] = await Promise.all([
    startDemo({ port: 0, serviceProviderPort: 0, folder, audit, clock, random: randomBytes }),
    launchBrowser(),
  ]);
  const house = new URL(demo.metadataUrl).origin;
  const origins = [house, new URL(demo.openUrl).origin];
  return {
    demo,
    browser,
    events,
    house,
    visit: (options, act) => watchTab(browser, { origins, ...options }, act),
    async arrive({ page, enter, documents }, shape) {
      await page.goto(demo.openUrl);
      documents.length = 0;
      await enter(page.getByRole('link', { name: `Sign in as Google’s ${ways[shape]}` }));
    },
    async close() {
      await browser.close();
      await demo.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Fills in the form of the password: the cursor is where the name belongs. */
export async function fillIn({ page, type }: WatchedTab, name: string, password: string): Promise<void> {
  await page.locator('#name:focus').waitFor();
  await type(name);
  await page.keyboard.press('Tab');
  await type(password);
  await page.keyboard.press('Enter');
}

/** The service provider took the Response: it knows the address, and every check passed. */
export async function assertWelcome({ page }: WatchedTab, shape: Shape, address: string): Promise<void> {
  await page.getByRole('heading', { name: `Welcome, ${address}`, exact: true }).waitFor();
  await page.getByText(`by Google’s ${ways[shape]}`).waitFor();
  assert.equal(await page.locator('.checks .bad').count(), 0);
  assert.ok((await page.locator('.checks .good').count()) > 15);
}
