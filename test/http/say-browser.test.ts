/** Browsers and systems by the names that people know, of what real browsers send; anything else is unknown. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nameBrowser } from '../../src/http/say-browser.ts';

const gecko = 'Gecko/20100101 Firefox/140.0';
const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)';
const rows: readonly [userAgent: string, browser: string | undefined, system: string | undefined][] = [
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) ${gecko}`, 'Firefox', 'Windows'],
  [`Mozilla/5.0 (X11; Linux x86_64; rv:140.0) ${gecko}`, 'Firefox', 'Linux'],
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/140.0.0.0 Safari/537.36`, 'Chrome', 'Windows'],
  [`Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${webkit} Chrome/140.0.0.0 Safari/537.36`, 'Chrome', 'ChromeOS'],
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0`, 'Edge', 'Windows'],
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/140.0.0.0 Safari/537.36 OPR/120.0.0.0`, 'Opera', 'Windows'],
  [
    `Mozilla/5.0 (Linux; Android 10; K) ${webkit} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
    'Samsung Internet',
    'Android',
  ],
  [`Mozilla/5.0 (Linux; Android 10; K) ${webkit} Chrome/140.0.0.0 Mobile Safari/537.36`, 'Chrome', 'Android'],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
    'Safari',
    'macOS',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
    'Safari',
    'iOS',
  ],
  [
    'Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1',
    'Chrome',
    'iPadOS',
  ],
  ['curl/8.5.0', undefined, undefined],
  ['', undefined, undefined],
  ['<script>alert(1)</script>', undefined, undefined],
];

describe('nameBrowser', () => {
  for (const [userAgent, browser, system] of rows) {
    it(userAgent.slice(0, 120) || 'nothing', () => {
      assert.deepEqual(nameBrowser(userAgent), { browser, system });
    });
  }
});
