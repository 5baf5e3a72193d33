/** The advisor's report in a real browser: readable on phone, desktop and paper, light and dark, by eye, keyboard and ear. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { advicePage } from '../../src/advisor/page/advice-page.ts';
import { specimenAdvice } from '../advisor/specimen-advice.ts';
import { launchBrowser } from './launch-browser.ts';
import { desktop, phone, watchTab } from './watched-tab.ts';

const origin = 'https://report.example';
/** Between the margins of A4, in pixels of the browser. */
const paper = { width: 688, height: 1_000 };

let browser: Browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser.close());

/** Text of pictures that leaves its picture, or bars that do. */
const outside = `[...document.querySelectorAll('svg[role=img]')].flatMap((svg) => {
  const room = svg.getBoundingClientRect();
  return [...svg.querySelectorAll('text, rect, path')].filter((part) => {
    const { left, right, top, bottom, width, height } = part.getBoundingClientRect();
    return width * height > 0 && (left < room.left - 2 || right > room.right + 2 || top < room.top - 2 || bottom > room.bottom + 3);
  }).map((part) => svg.getAttribute('aria-label').slice(0, 40) + ': ' + part.outerHTML);
})`;
/** Pairs of texts of one picture that cover each other. */
const covered = `[...document.querySelectorAll('svg[role=img]')].flatMap((svg) => {
  const boxes = [...svg.querySelectorAll('text')].map((text) => [text.textContent, text.getBoundingClientRect()]).filter(([, box]) => box.width > 0);
  return boxes.flatMap(([one, a], index) => boxes.slice(index + 1)
    .filter(([, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 5)
    .map(([other]) => one + ' / ' + other));
})`;
/** Rows of one kind are judged alike, and axe takes its time for each. */
const shorter =
  "document.querySelectorAll('tbody tr:nth-child(n + 6), .tree li:nth-child(n + 6)').forEach((row) => row.remove())";
const wider = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';

describe('the page of the advisor', { timeout: 120_000 }, () => {
  for (const [name, advice] of Object.entries(specimenAdvice)) {
    const page = [...advicePage(advice)].join('');
    for (const viewport of [phone, desktop]) {
      it(`${name}, ${String(viewport.width)} wide, is sound`, async () => {
        await watchTab(browser, { origins: [origin], viewport }, async (tab) => {
          await tab.context.route('**/*', (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: page }));
          await tab.page.goto(`${origin}/`);
          assert.equal(await tab.page.evaluate(wider), false);
          assert.deepEqual(await tab.page.evaluate(outside), []);
          assert.deepEqual(await tab.page.evaluate(covered), []);
          await tab.page.evaluate(shorter);
          await tab.assertSound();
        });
      });
    }

    it(`${name} goes on paper whole, in light colours`, async () => {
      await watchTab(browser, { origins: [origin], viewport: paper, colorScheme: 'dark' }, async (tab) => {
        await tab.context.route('**/*', (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: page }));
        await tab.page.goto(`${origin}/`);
        await tab.page.emulateMedia({ media: 'print', colorScheme: 'dark' });
        assert.equal(await tab.page.evaluate(wider), false);
        assert.deepEqual(
          await tab.page.evaluate(
            "[...document.querySelectorAll('.scroll, pre, .tree')].filter((box) => box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1).map((box) => box.getAttribute('aria-label'))",
          ),
          [],
        );
        assert.equal(await tab.page.evaluate("getComputedStyle(document.querySelector('h1')).color"), 'rgb(26, 28, 32)');
        assert.equal(
          await tab.page.evaluate(
            "[...document.querySelectorAll('details li')].every((item) => item.checkVisibility({ contentVisibilityAuto: true }) && item.getBoundingClientRect().height > 0)",
          ),
          true,
        );
        if (name === 'small') {
          const pdf = await tab.page.pdf({ preferCSSPageSize: true });
          assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');
        }
      });
    });
  }

  it('is read by the keyboard: to the verdict, along the sections, into a table', async () => {
    await watchTab(browser, { origins: [origin] }, async (tab) => {
      const body = [...advicePage(specimenAdvice.small)].join('');
      await tab.context.route('**/*', (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body }));
      await tab.page.goto(`${origin}/`);
      await tab.enter(tab.page.getByRole('link', { name: 'Skip to the verdict' }));
      assert.equal(new URL(tab.page.url()).hash, '#verdict');
      await tab.enter(tab.page.getByRole('link', { name: 'Groups', exact: true }));
      assert.equal(new URL(tab.page.url()).hash, '#groups');
      await tab.tabTo(tab.page.getByRole('region', { name: 'Groups by scope and type' }));
    });
  });
});
