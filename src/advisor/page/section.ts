/** One section of the page, with its number, its heading and what it comes to. */
import { html, type Html } from '../../http/html.ts';

export const sections = [
  ['forests', 'Forests and accounts'],
  ['domains', 'Domains'],
  ['addresses', 'UPN or mail'],
  ['groups', 'Groups'],
  ['units', 'Organisational units'],
  ['mapping', 'The mapping to paste'],
] as const;

type SectionName = (typeof sections)[number][0];

/** @param lead what the section says, in a sentence */
export function* section(name: SectionName, lead: string, content: Iterable<string>): Generator<string> {
  const place = sections.findIndex(([id]) => id === name);
  yield `<section class="sheet" id="${name}" aria-labelledby="${name}-head">`;
  yield html`<h2 id="${name}-head"><small>${place + 1} of ${sections.length}</small> ${sections[place]?.[1]}</h2>
    <p class="lead">${lead}</p>`.text;
  yield* content;
  yield '</section>\n';
}

export const notes = (texts: readonly string[]): Html =>
  texts.length === 0
    ? html``
    : html`<ul class="notes">
        ${texts.slice(0, 50).map((text) => html`<li>${text.length > 600 ? `${text.slice(0, 600)}…` : text}</li>`)}
      </ul>`;

export interface Fact {
  readonly what: string;
  readonly said: string;
  /** Not a figure but a word. */
  readonly isWord?: boolean;
}

export const factList = (facts: readonly Fact[]): Html =>
  html`<dl class="facts">
    ${facts.map(
      ({ what, said, isWord }) =>
        html`<div>
          <dt>${what}</dt>
          <dd class="${isWord === true ? 'word' : ''}">${said}</dd>
        </div>`,
    )}
  </dl>`;
