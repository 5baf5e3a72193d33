/** The pages: templates read and compiled once, words filled in, everything escaped. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Eta } from 'eta/core';
import type { Config } from '../config/schema.ts';
import { type Locale, locale, locales } from './locale.ts';
import { readKeyScript, type KeyScript } from './key-script.ts';
import { drawMark } from './logo.ts';
import type { PageData, PageName, Until } from './page-contents.ts';
import { createPalette } from './palette.ts';
import { sayUntil } from './say-until.ts';
import { drawQr } from './draw-qr.ts';
import { sayDuration } from './say-duration.ts';
import { specimens } from './specimens.ts';
import { readWords, type Say } from './words.ts';

export type { PageData, PageName };

export interface Pages {
  /** The whole HTML document. `nonce` is the one in the Content-Security-Policy. */
  render<Name extends PageName>(
    page: Name,
    content: PageData[Name],
    context: { readonly locale: Locale; readonly nonce: string },
  ): string;
  /** The language to answer in. */
  locale(acceptLanguage: string | undefined): Locale;
  /** The one that the pages about keys name. */
  readonly keyScript: KeyScript;
}

const pageNames = Object.keys(specimens) as PageName[];
const templateNames = [
  ...pageNames.map((name) => `${name}.eta`),
  'layout.eta',
  'services.eta',
  'others.eta',
  'problem.eta',
  'remember.eta',
  'webauthn.eta',
  'style.css',
];

/**
 * @param parts `views` and `overrides` are absolute folders; a file of `overrides` stands in for the one of the same name in
 *   `views`. Throws where a template does not compile or cannot show its examples, or where the languages differ.
 */
export function createPages(parts: {
  readonly branding: Pick<Config['branding'], 'name' | 'color' | 'logoFile' | 'helpUrl' | 'changePasswordUrl'>;
  readonly views: string;
  readonly overrides: string | undefined;
  /** Whether people should type their names with the domain, since there are several. */
  readonly fullNames?: boolean;
}): Pages {
  const { branding, views, overrides, fullNames = false } = parts;
  const words = readWords(join(views, 'locales'));
  // The core of Eta knows no file system: a template can include nothing but what is loaded here.
  const eta = new Eta({ autoEscape: true, cache: true });
  for (const file of templateNames) if (file.endsWith('.eta')) load(eta, file, fileOf(views, overrides, file));
  refuseStrangers(overrides);

  const brand = {
    name: branding.name,
    hasLogo: branding.logoFile !== undefined,
    mark: drawMark(branding.color),
    helpUrl: branding.helpUrl,
    changePasswordUrl: branding.changePasswordUrl,
  };
  const css = paletteRules(branding.color) + squeeze(fileOf(views, overrides, 'style.css'));
  const keyScript = readKeyScript(views);
  const settings = new Map(
    locales.map((language) => [
      language,
      { locale: language, brand, css, url, qr: drawQr, fullNames, keyScript, ...speech(language, words[language]) },
    ]),
  );

  const render: Pages['render'] = (page, content, context) => {
    if (!/^[A-Za-z0-9+/_-]{16,}={0,2}$/.test(context.nonce)) throw new Error('the nonce is not base64');
    return eta.render(page, { ...settings.get(context.locale), nonce: context.nonce, page: content });
  };
  for (const name of pageNames) {
    for (const specimen of specimens[name]) render(name, specimen, { locale: 'en', nonce: 'AAAAAAAAAAAAAAAAAAAAAA' });
  }
  return { render, locale, keyScript };
}

function fileOf(views: string, overrides: string | undefined, name: string): string {
  const own = overrides === undefined ? undefined : join(overrides, name);
  return readFileSync(own !== undefined && existsSync(own) ? own : join(views, name), 'utf8');
}

function load(eta: Eta, file: string, text: string): void {
  try {
    eta.loadTemplate(file.slice(0, -'.eta'.length), text);
  } catch (error) {
    throw new Error(`the template ${file} does not compile`, { cause: error });
  }
}

/** A misspelt name would otherwise be ignored without a word. */
function refuseStrangers(overrides: string | undefined): void {
  if (overrides === undefined) return;
  const strangers = readdirSync(overrides).filter((name) => /\.(?:eta|css)$/.test(name) && !templateNames.includes(name));
  if (strangers.length === 0) return;
  throw new Error(`${overrides}: ${strangers.join(', ')} replaces no template; there are ${templateNames.join(', ')}`);
}

/** What goes into href and action: http, https or a path of ours, so that no value can name a script. */
function url(value: string): string {
  if (/^(?:https?:\/\/|\/(?![/\\]))/i.test(value)) return value;
  throw new Error('an address on a page is neither http nor https nor a path');
}

interface Speech {
  say: Say;
  minutes(count: number): string;
  date(iso: string): string;
  /** Date and time of day. */
  moment(instant: number): string;
  duration(milliseconds: number): string;
  until(until: Until): string;
}

function speech(language: Locale, say: Say): Speech {
  const minutes = new Intl.NumberFormat(language, { style: 'unit', unit: 'minute', unitDisplay: 'long' });
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' });
  // Those of the server, whose zone is named: the reader's is not known.
  const moment = new Intl.DateTimeFormat(language, {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
  });
  const until = sayUntil(language, say);
  return {
    say,
    minutes: (count) => minutes.format(count),
    date: (iso) => date.format(new Date(iso)),
    moment: (instant) => moment.format(instant),
    duration: sayDuration(language),
    until,
  };
}

function paletteRules(color: string): string {
  const { light, dark } = createPalette(color);
  const rule = ({ ground, accent, onAccent, edge, link }: typeof light): string =>
    `:root{--ground:${ground};--accent:${accent};--on-accent:${onAccent};--edge:${edge};--link:${link}}`;
  return `${rule(light)}@media(prefers-color-scheme:dark){${rule(dark)}}`;
}

/** Leaves out comments and indentation. */
function squeeze(css: string): string {
  if (css.includes('</')) throw new Error('style.css may not hold </, which would end the style element');
  return css
    .replaceAll(/\/\*[^]*?\*\//g, '')
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll(/ ?([{};,]) ?/g, '$1')
    .replaceAll(';}', '}')
    .trim();
}
