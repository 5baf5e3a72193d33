/** The look of the page: the house's, with what charts, tables and paper need beside. */
import { createHash } from 'node:crypto';
import { chartStyle } from './chart-style.ts';

const pageStyle = `
:root { color-scheme: light; --ground: #f4f6fa; --card: #ffffff; --ink: #1a1c20; --soft: #565b66; --line: #dfe2e8; --edge: #838995;
  --link: #0b57d0; --tint: #e8effb; --on-accent: #ffffff; --alarm: #a5171f; --alarm-ground: #fdf1f0; --good: #17693a;
  --c1: #0b57d0; --c2: #b25a00; --c3: #8a3ab9; --c4: #00736b; --c5: #a5171f; --c6: #565b66; --c7: #9a1f6b; --wash: 16% }
@media screen and (prefers-color-scheme: dark) { :root { color-scheme: dark; --ground: #101216; --card: #1b1d22; --ink: #eceef2; --soft: #aab0bb;
  --line: #33363f; --edge: #767d8a; --link: #8ab4f8; --tint: #222c3d; --on-accent: #0c1220; --alarm: #ffb3ad; --alarm-ground: #301f21; --good: #7fd6a0;
  --c1: #8ab4f8; --c2: #f0a850; --c3: #cf9cf5; --c4: #5cc9bf; --c5: #ff8f87; --c6: #aab0bb; --c7: #f493c8; --wash: 22% } }
*, ::before, ::after { box-sizing: border-box }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 1rem }
body { margin: 0; color: var(--ink); background: var(--ground); overflow-wrap: anywhere;
  font: 1rem/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Hiragino Sans', 'Noto Sans JP', sans-serif }
.skip { position: absolute; left: 1rem; top: -4rem; padding: .625rem 1rem; background: var(--card); z-index: 1; border-radius: .5rem }
.skip:focus { top: 1rem }
header, main, footer { width: 100%; max-width: 68rem; margin: 0 auto; padding-inline: 1.5rem }
header { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5rem 1.5rem; padding-block: 1.75rem 0; font-size: .875rem; color: var(--soft) }
header b { display: inline-flex; align-items: center; gap: .625rem; color: var(--ink); font-size: 1rem; font-weight: 650 }
header svg { flex: none }
footer { padding-block: 1rem 3rem; font-size: .875rem; color: var(--soft) }
section { margin-top: 1.5rem; padding: clamp(1.5rem, 4vw, 3rem); border-radius: 1.25rem; background: var(--card); box-shadow: 0 1px 2px #10182814, 0 12px 32px -8px #1018281f }
@media screen and (prefers-color-scheme: dark) { section { box-shadow: 0 0 0 1px #ffffff12 } }
h1 { margin: 0 0 .75rem; max-width: 22em; font-size: clamp(1.75rem, 5vw, 2.75rem); line-height: 1.15; font-weight: 650; letter-spacing: -.022em; text-wrap: balance }
h2 { margin: 0 0 .5rem; font-size: clamp(1.375rem, 3vw, 1.75rem); line-height: 1.2; font-weight: 650; letter-spacing: -.015em; text-wrap: balance }
h2 small { display: block; margin-bottom: .375rem; font-size: .8125rem; font-weight: 600; letter-spacing: .04em; color: var(--link) }
h3 { margin: 2.5rem 0 .625rem; font-size: 1.0625rem; line-height: 1.35; font-weight: 650 }
p { margin: 0 0 .75rem; max-width: 44rem; text-wrap: pretty }
.eyebrow { margin-bottom: 1rem; font-size: .875rem; font-weight: 600; color: var(--soft) }
.lead { max-width: 40rem; font-size: 1.1875rem; line-height: 1.5 }
.under { margin-top: 2.75rem; font-size: 1.25rem }
.soft, .more { color: var(--soft) }
.more { margin: .5rem 0 0; font-size: .875rem }
a { color: var(--link); text-underline-offset: .2em }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: .25rem }
code, pre { font: .875em/1.55 ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, monospace }
pre { margin: 1rem 0; padding: 1rem 1.125rem; border: 1px solid var(--line); border-radius: .75rem; background: var(--ground); white-space: pre; overflow-x: auto; -webkit-user-select: all; user-select: all }
td code { white-space: pre-wrap }
th code { white-space: nowrap }
.k { white-space: nowrap }
bdi { unicode-bidi: isolate }
nav ol { display: flex; flex-wrap: wrap; gap: .5rem; margin: 2rem 0 0; padding: 0; list-style: none }
nav a { display: block; padding: .375rem .875rem; border: 1px solid var(--line); border-radius: 2rem; font-size: .875rem; font-weight: 600; text-decoration: none; color: var(--ink) }
nav a:hover { border-color: var(--link); color: var(--link) }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.75rem, 1fr)); gap: 1.25rem 2rem; margin: 2rem 0 0; padding: 1.5rem 0 0; border-top: 1px solid var(--line) }
.facts div { display: flex; flex-direction: column-reverse; justify-content: flex-end; min-width: 0 }
.facts dt { font-size: .875rem; line-height: 1.4; color: var(--soft) }
.facts dd { margin: 0; font-size: 1.875rem; line-height: 1.2; font-weight: 650; letter-spacing: -.02em; font-variant-numeric: tabular-nums }
.facts dd.word { font-size: 1.0625rem; line-height: 1.3; padding: .5rem 0 .25rem; letter-spacing: -.01em }
ul.notes { max-width: 44rem; margin: 1.25rem 0 0; padding: 0; list-style: none }
.notes li { margin: 0 0 .5rem; padding: .125rem 0 .125rem .875rem; border-inline-start: 3px solid var(--c2) }
.pair { display: grid; grid-template-columns: 20rem minmax(0, 1fr); gap: 1.5rem 3rem; align-items: start; margin-top: 1.5rem }
.pair > * { min-width: 0 }
.twin { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr)); gap: 0 3rem; align-items: start }
.twin > * { min-width: 0 }
.because { margin: 0; padding: 0; list-style: none; counter-reset: step }
.because li { position: relative; margin: 0 0 1rem; padding-inline-start: 2.125rem; counter-increment: step }
.because li::before { content: counter(step); position: absolute; inset-inline-start: 0; top: .0625rem; width: 1.5rem; height: 1.5rem; border-radius: 50%; background: var(--tint); color: var(--link); font-size: .8125rem; font-weight: 650; line-height: 1.5rem; text-align: center }
.because li.end::before { content: '→' }
.because b, .because span { display: block }
.because span { color: var(--soft) }
.because strong { font-weight: 650; color: var(--link) }
.scroll { scrollbar-width: thin; max-width: 100%; max-height: 48rem; overflow: auto; margin: 1rem 0 0; overscroll-behavior-x: contain }
table { width: 100%; border-collapse: collapse; font-size: .875rem; line-height: 1.45; font-variant-numeric: tabular-nums }
caption { padding: 0 0 .5rem; text-align: start; font-weight: 650; font-size: .9375rem }
th, td { padding: .5rem .875rem .5rem 0; border-top: 1px solid var(--line); text-align: start; vertical-align: top; min-width: 5.5rem }
th:last-child, td:last-child { padding-inline-end: 0 }
thead th { position: sticky; top: 0; background: var(--card); border-top: 0; box-shadow: inset 0 -1px var(--edge); color: var(--soft); font-weight: 600; vertical-align: bottom; overflow-wrap: normal }
tbody tr:first-child > * { border-top: 0 }
tbody th { font-weight: 600; min-width: 8rem }
th.n, td.n { text-align: end; min-width: 3.5rem }
td.n { white-space: nowrap }
th.w, td.w { min-width: 13rem }
th.x, td.x { min-width: 24rem }
tr.best > * { background: var(--tint) }
tr.best .tag { background: var(--card) }
tr.best .tag.bad { background: var(--alarm-ground) }
.scroll + .scroll, .scroll + .more + .scroll { margin-top: 2rem }
tr.best > :first-child { box-shadow: inset 3px 0 var(--link); padding-inline-start: .75rem }
td small, th small { display: block; font-size: .8125rem; font-weight: 400; color: var(--soft) }
.tag { display: inline-block; padding: 0 .5rem; border-radius: .5rem; background: var(--tint); font-size: .8125rem; font-weight: 600; white-space: nowrap }
.tag.bad { background: var(--alarm-ground); color: var(--alarm) }
.tree { margin: 1rem 0 0; padding: .75rem 0; max-height: 40rem; overflow: auto; border-block: 1px solid var(--line) }
.tree ul { margin: 0; padding: 0; list-style: none }
.tree ul ul { margin-inline-start: .5rem; padding-inline-start: .875rem; border-inline-start: 1px solid var(--line) }
.tree li, .tree summary { padding: .125rem 0 }
.tree .unit { display: inline-flex; flex-wrap: wrap; gap: 0 .75rem; align-items: baseline; min-width: 14rem; vertical-align: top }
.tree summary { cursor: pointer }
.tree b { font-weight: 600 }
.tree small { font-size: .8125rem; color: var(--soft); font-variant-numeric: tabular-nums }
@media (max-width: 52rem) { .pair { grid-template-columns: minmax(0, 1fr) } }
@media screen and (max-width: 36rem) {
  body { background: var(--card) }
  header, main, footer { padding-inline: 1.25rem }
  section { margin: 0; padding: 2rem 0; border-radius: 0; box-shadow: none; background: none; border-top: 1px solid var(--line) }
  section:first-child { border: 0; padding-top: 1.5rem }
}
@media (forced-colors: active) { section { border: 1px solid CanvasText } }
@page { size: A4; margin: 16mm 14mm }
@media print {
  :root { --ground: #ffffff; --tint: #ffffff; --link: #003a9b; --c1: #2a4d8f; --wash: 8% }
  html { font-size: 9.5pt }
  body { background: none }
  header, main, footer { max-width: none; padding-inline: 0 }
  header { padding-top: 0 }
  section { margin: 0; padding: 0 0 8mm; border-radius: 0; box-shadow: none }
  section.sheet { break-before: page }
  nav, .skip { display: none }
  h1 { font-size: 22pt } h2 { font-size: 15pt }
  h1, h2, h3, caption { break-after: avoid }
  .scroll, .tree, pre { overflow: visible; max-height: none }
  pre, .tree { white-space: pre-wrap }
  .tree { white-space: normal }
  table { font-size: 7.5pt }
  td small, th small, td .tag { font-size: 7pt }
  thead { display: table-header-group }
  thead th { position: static; box-shadow: none; border-bottom: 1px solid var(--edge) }
  .scroll:not(:has(tr:nth-child(12))), tr, svg, figure, .facts div, .because li { break-inside: avoid }
  header { padding-bottom: 6mm }
  th, td { padding: .1875rem 2mm .1875rem 0 }
  th, td, tbody th, th.n, td.n, th.w, td.w, th.x, td.x, .tree .unit { min-width: 0 }
  tbody th { min-width: 20mm } th.w, td.w { min-width: 26mm } th.x, td.x { min-width: 36mm }
  thead th, td.n { white-space: normal }
  .pair { grid-template-columns: 84mm minmax(0, 1fr); gap: 4mm 8mm }
  .k, th code { white-space: normal }
  .tag { border: 1px solid var(--edge); padding: 0 1mm }
  tr.best > :first-child { box-shadow: none; border-inline-start: 1mm solid var(--link) }
  a { color: inherit; text-decoration: none }
  details::details-content { content-visibility: visible; block-size: auto }
}
`;

export const style = pageStyle + chartStyle;

/** What the page's policy allows it by. */
export const stylePolicy = `'sha256-${createHash('sha256').update(style).digest('base64')}'`;
