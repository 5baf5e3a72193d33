/** The sentence that tells when something can be tried again. */
import type { Locale } from './locale.ts';
import type { Until } from './page-contents.ts';
import type { Say } from './words.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Date and time are those of the server, whose zone is named: the reader's is not known. Less than a day is told as such, too. */
export function sayUntil(language: Locale, say: Say): (until: Until) => string {
  const date = new Intl.DateTimeFormat(language, {
    weekday: 'long',
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
  });
  const relative = new Intl.RelativeTimeFormat(language);
  const inTime = (ahead: number): string =>
    ahead < HOUR
      ? relative.format(Math.max(1, Math.ceil(ahead / MINUTE)), 'minute')
      : relative.format(Math.ceil(ahead / HOUR), 'hour');
  return ({ at, ahead }) => {
    // The next whole minute: nobody comes back seconds too early.
    const time = date.format(Math.ceil(at / MINUTE) * MINUTE);
    return ahead < DAY ? say('page.until-soon', { time, ahead: inTime(ahead) }) : say('page.until', { time });
  };
}
