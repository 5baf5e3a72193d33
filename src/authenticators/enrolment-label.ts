/** The name under which a person finds again what they enrolled. */

/** Code points. */
const longest = 64;

/** As the person typed it, without what cannot be shown; where nothing is left, the minute (UTC) in which it was enrolled. */
export function enrolmentLabel(typed: string, now: number): string {
  const shown = typed
    .slice(0, 16 * longest)
    .toWellFormed()
    .replaceAll(/[\p{C}\p{Z}\s]+/gu, ' ')
    .trim();
  const label = [...shown].slice(0, longest).join('').trim();
  return label === '' ? new Date(now).toISOString().slice(0, 16).replace('T', ' ') : label;
}
