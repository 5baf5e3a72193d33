/** The colours that follow from the one brand colour, each with the contrast that WCAG 2.2 asks for (§1.4.3, §1.4.11). */

interface Shades {
  /** Behind everything. */
  readonly ground: string;
  /** The brand colour as the fill of a button. */
  readonly accent: string;
  /** Text on it. */
  readonly onAccent: string;
  /** The border that tells a button from the card even where the fill is as pale as the card. */
  readonly edge: string;
  /** Links and the focus ring on card and ground. */
  readonly link: string;
}

export interface Palette {
  readonly light: Shades;
  readonly dark: Shades;
}

type Channels = readonly [number, number, number];

/** The colours of the card, which views/style.css uses too. */
const cards = { light: '#ffffff', dark: '#1b1d22' };
const grounds = { light: '#f5f6f8', dark: '#101114' };
const white = '#ffffff';
const black = '#000000';

const channels = (color: string): Channels => {
  const number = Number.parseInt(color.slice(1), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
};

const luminance = (color: string): number => {
  const [red, green, blue] = channels(color).map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

/** The contrast of two colours, 1 to 21. */
export const contrast = (one: string, other: string): number => {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
};

const mix = (from: string, to: string, share: number): string => {
  const target = channels(to);
  return `#${channels(from)
    .map((channel, index) => Math.round(channel + ((target[index] ?? 0) - channel) * share))
    .map((channel) => channel.toString(16).padStart(2, '0'))
    .join('')}`;
};

/** The colour nearest to `color` on its way to `target` that stands out from every ground. */
const standingOut = (color: string, target: string, ratio: number, from: readonly string[]): string => {
  for (let step = 0; step < 50; step += 1) {
    const candidate = mix(color, target, step / 50);
    if (from.every((ground) => contrast(candidate, ground) >= ratio)) return candidate;
  }
  return target;
};

const isGrey = (color: string): boolean => Math.max(...channels(color)) - Math.min(...channels(color)) < 32;

const readableOn = (fill: string): string => (contrast(white, fill) >= 4.5 ? white : black);

/** @param color `#rrggbb` */
export function createPalette(color: string): Palette {
  const accent = color.toLowerCase();
  const light = mix(grounds.light, accent, 0.035);
  const dark = mix(grounds.dark, accent, 0.05);
  // A grey lightened just enough to be seen would look like a button that is switched off.
  const bright = standingOut(accent, white, isGrey(accent) ? 12 : 3, [cards.dark]);
  return {
    light: {
      ground: light,
      accent,
      onAccent: readableOn(accent),
      edge: standingOut(accent, black, 3, [cards.light]),
      link: standingOut(accent, black, 4.5, [cards.light, light]),
    },
    dark: {
      ground: dark,
      accent: bright,
      onAccent: readableOn(bright),
      edge: bright,
      link: standingOut(bright, white, 6, [cards.dark, dark]),
    },
  };
}
