/** The report as one page of HTML that needs nothing else: no script, no picture, no style from elsewhere. */
import { html } from '../../http/html.ts';
import type { Advice } from '../advice.ts';
import { addressesSection } from './addresses-section.ts';
import { domainsSection } from './domains-section.ts';
import { forestsSection } from './forests-section.ts';
import { groupsSection } from './groups-section.ts';
import { mappingSection } from './mapping-section.ts';
import { patterns } from './patterns.ts';
import { style, stylePolicy } from './style.ts';
import { unitsSection } from './units-section.ts';
import { verdictSection } from './verdict-section.ts';

const policy = `default-src 'none'; style-src ${stylePolicy}; base-uri 'none'; form-action 'none'`;

/** The footbridge of the house. */
const mark = html`<svg width="26" height="26" viewBox="0 0 26 26" aria-hidden="true">
  <rect class="full" width="26" height="26" rx="7" />
  <path class="tick" d="M5 17h16M6.5 17c0.6 -11 12.4 -11 13 0M9.8 11.4v5.6M13 9.6v7.4M16.2 11.4v5.6" />
</svg>`;

/** Pieces to be written one after the other; the same report gives the same page. */
export function* advicePage(advice: Advice): Generator<string> {
  yield html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta http-equiv="Content-Security-Policy" content="${policy}" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
<meta name="referrer" content="no-referrer" />
<meta name="robots" content="noindex, nofollow" />
<title>Mapping advice · Passerelle</title>
<style>`.text;
  yield style;
  yield html`</style>
</head>
<body>
<a class="skip" href="#verdict">Skip to the verdict</a>
${patterns}
<header><b>${mark}Passerelle</b><span>Names and addresses of people: keep it as you keep the directory</span></header>
<main>
`.text;
  yield* verdictSection(advice);
  yield* forestsSection(advice.forests);
  yield* domainsSection(advice.domains);
  yield* addressesSection(advice.mapping);
  yield* groupsSection(advice.groups);
  yield* unitsSection(advice.units);
  yield* mappingSection(advice);
  yield html`</main>
<footer>Made by passerelle advise at <time datetime="${advice.made}">${advice.made}</time>. The whole lists are in advice.json and mend.csv.</footer>
</body>
</html>
`.text;
}
