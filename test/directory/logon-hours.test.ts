/** The next hour at which an account may sign in, held against the rule told hour by hour. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { nextLogonHour } from '../../src/directory/logon-hours.ts';

const hour = 3_600_000;
const week = 168 * hour;
const bits = fc.uint8Array({ minLength: 21, maxLength: 21 });
/** Few hours of the week, as administrators choose them. */
const fewBits = fc.uniqueArray(fc.nat({ max: 167 }), { maxLength: 5 }).map((hours) => {
  const bytes = new Uint8Array(21);
  for (const one of hours) bytes[one >> 3] = (bytes[one >> 3] ?? 0) | (1 << (one & 7));
  return bytes;
});
const instant = fc.integer({ min: Date.UTC(1970, 0), max: Date.UTC(2100, 0) });
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** By the calendar of the platform, not by arithmetic. */
function isAllowed(bytes: Uint8Array, at: number): boolean {
  const date = new Date(at);
  const place = date.getUTCDay() * 24 + date.getUTCHours();
  return (((bytes[Math.floor(place / 8)] ?? 0) >> (place % 8)) & 1) === 1;
}

describe('the next logon hour', () => {
  it('is allowed, is not before now, and nothing between is allowed', () => {
    fc.assert(
      fc.property(fc.oneof(bits, fewBits), instant, (bytes, now) => {
        const next = nextLogonHour(text(bytes), now);
        if (next === undefined) {
          assert.ok(bytes.every((byte) => byte === 0));
          return;
        }
        assert.ok(isAllowed(bytes, next));
        assert.ok(next >= now && next < now + week);
        assert.ok(next === now || next % hour === 0);
        for (let at = now; at < next; at += hour) assert.ok(!isAllowed(bytes, at));
        assert.ok(next === now || !isAllowed(bytes, next - 1));
      }),
    );
  });

  it('comes round every week', () => {
    fc.assert(
      fc.property(fewBits, instant, (bytes, now) => {
        const next = nextLogonHour(text(bytes), now);
        assert.equal(nextLogonHour(text(bytes), now + week), next === undefined ? undefined : next + week);
      }),
    );
  });

  const weekdays = Buffer.alloc(21);
  for (const day of [1, 2, 3, 4, 5]) for (let at = 8; at < 18; at += 1) weekdays[3 * day + (at >> 3)]! |= 1 << (at & 7);
  const friday = Date.UTC(2026, 0, 30);
  const rows: readonly (readonly [what: string, hours: string | undefined, now: number, next: number | undefined])[] = [
    ['nothing told', undefined, friday, friday],
    ['never', text(new Uint8Array(21)), friday, undefined],
    ['always', text(new Uint8Array(21).fill(255)), friday, friday],
    ['within the hours', text(weekdays), friday + 17.99 * hour, friday + 17.99 * hour],
    ['before them', text(weekdays), friday + 1, friday + 8 * hour],
    ['after the last of the week', text(weekdays), friday + 18 * hour, friday + (72 + 8) * hour],
    ['too short to mean anything', text(new Uint8Array(20)), friday, friday],
    ['too long to mean anything', text(new Uint8Array(22)), friday, friday],
    ['no base64', '*', friday, friday],
  ];
  for (const [what, hours, now, next] of rows) it(what, () => assert.equal(nextLogonHour(hours, now), next));
});
