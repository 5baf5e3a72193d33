/** The hours of the week at which an account may sign in (MS-ADA1 §2.376, logonHours): a bit for each, from Sunday 00:00 UTC on. */

const HOUR = 3_600_000;
const WEEK_HOURS = 168;
/** 1 January 1970 was a Thursday; the Sunday before it lies that many hours back. */
const FROM_SUNDAY = 4 * 24;

/**
 * The first instant from `now` on at which the account may sign in: `now` itself where it may already; undefined where it never may.
 * @param logonHours 21 bytes in base64; undefined, or anything else, means always
 * @param now milliseconds since the epoch
 */
export function nextLogonHour(logonHours: string | undefined, now: number): number | undefined {
  const bits = Buffer.from(logonHours ?? '', 'base64');
  if (bits.length * 8 !== WEEK_HOURS) return now;
  const current = Math.floor(now / HOUR);
  for (let ahead = 0; ahead < WEEK_HOURS; ahead += 1) {
    const hour = (((current + ahead + FROM_SUNDAY) % WEEK_HOURS) + WEEK_HOURS) % WEEK_HOURS;
    if (((bits[hour >> 3] ?? 0) >> (hour & 7)) & 1) return ahead === 0 ? now : (current + ahead) * HOUR;
  }
  return undefined;
}
