/** When it can be tried again, as pages tell it. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { locales } from '../../src/http/locale.ts';
import { sayUntil } from '../../src/http/say-until.ts';
import { readWords } from '../../src/http/words.ts';

const words = readWords(join(import.meta.dirname, '../../views/locales'));
const say = (locale: (typeof locales)[number], at: number, ahead: number): string =>
  sayUntil(locale, words[locale])({ at, ahead });
const minute = 60_000;
const hour = 60 * minute;
const at = Date.UTC(2026, 0, 31, 9, 25);

describe('when it can be tried again', () => {
  const rows: readonly (readonly [what: string, ahead: number, english: RegExp])[] = [
    ['in a moment', 1, /again in 1 minute,/],
    ['in minutes, rounded up', 24 * minute + 1, /again in 25 minutes,/],
    ['in an hour', hour, /again in 1 hour,/],
    ['in hours, rounded up', 22 * hour + 1, /again in 23 hours,/],
    ['in a day or more, by the date alone', 24 * hour, /again from Saturday,? January 31, 2026/],
  ];
  for (const [what, ahead, english] of rows) it(what, () => assert.match(say('en', at, ahead), english));

  for (const locale of locales) {
    it(`names the day, the time and the zone in ${locale}`, () => {
      const zone = new Intl.DateTimeFormat(locale, { timeZoneName: 'short' }).formatToParts(at).at(-1)?.value ?? '';
      const day = new Intl.DateTimeFormat(locale, { dateStyle: 'full' }).format(at);
      const time = new Intl.DateTimeFormat(locale, { timeStyle: 'short' }).format(at);
      for (const ahead of [hour, 48 * hour])
        for (const part of [zone, day, time]) assert.ok(say(locale, at, ahead).includes(part), say(locale, at, ahead));
    });
  }

  it('is never too early by the seconds that are not shown', () => {
    assert.equal(say('en', at - minute + 1, hour), say('en', at, hour));
  });
});
