/** Makes the README's pictures, docs/images/sign-in.png and docs/images/sign-in-dark-phone.png, from the running demo. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDemo } from '../src/demo/demo.ts';
import { launchBrowser } from '../test/browser/launch-browser.ts';

const images = join(import.meta.dirname, '../docs/images');
const mostBytes = 150_000;
const pictures = [
  { file: 'sign-in.png', colorScheme: 'light', viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 },
  { file: 'sign-in-dark-phone.png', colorScheme: 'dark', viewport: { width: 360, height: 600 }, deviceScaleFactor: 2 },
] as const;

const folder = mkdtempSync(join(tmpdir(), 'passerelle-pictures-'));
const clock = {
  now: () => Date.now(),
  until: (instant: number) => new Promise<void>((resolve) => setTimeout(resolve, Math.max(0, instant - Date.now()))),
};
const audit = { record: () => undefined, note: () => undefined, flush: () => Promise.resolve() };
const demo = await startDemo({ port: 0, serviceProviderPort: 0, folder, audit, clock, random: randomBytes });
const browser = await launchBrowser();
try {
  mkdirSync(images, { recursive: true });
  for (const { file, ...options } of pictures) {
    const page = await browser.newPage({ ...options, locale: 'en-GB' });
    await page.goto(`${demo.openUrl}signin/profile?login_hint=${encodeURIComponent(demo.person)}`);
    await page.locator('#password:focus').waitFor();
    await page.keyboard.type(demo.password);
    const path = join(images, file);
    await page.screenshot({ path, caret: 'hide' });
    await page.close();
    const { size } = statSync(path);
    process.stdout.write(`${file}: ${String(size)} bytes\n`);
    if (size > mostBytes) throw new Error(`${file} is larger than ${String(mostBytes)} bytes`);
  }
} finally {
  await browser.close();
  await demo.close();
  rmSync(folder, { recursive: true });
}
