/** The number that is shown here and chosen there. */
import type { Random } from '../../clock.ts';

const [least, count] = [10, 90];
const fair = 256 - (256 % count);

/** 10 to 99, each as likely as the others. */
export function chooseNumber(random: Random): string {
  for (;;) {
    // Bytes beyond the last whole multiple would favour the low numbers.
    const drawn = random(16).find((byte) => byte < fair);
    if (drawn !== undefined) return String(least + (drawn % count));
  }
}
