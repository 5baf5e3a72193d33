/** Figures and amounts as people read them. */

const amount = new Intl.NumberFormat('en-GB');

export const figure = (number: number): string => amount.format(number);

/** `1 person`, `2 people`. */
export const counted = (number: number, one: string, many = `${one}s`): string =>
  `${figure(number)} ${number === 1 ? one : many}`;

/** In percent; never 0 % of something and never 100 % of less than all. */
export function share(part: number, whole: number): string {
  if (whole === 0 || part === 0) return '0 %';
  if (part === whole) return '100 %';
  const percent = (part / whole) * 100;
  if (percent < 0.1) return 'under 0.1 %';
  if (percent > 99.9) return 'over 99.9 %';
  return `${percent < 10 || percent > 90 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}
