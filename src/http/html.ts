/** HTML escaped by construction: a template tag whose holes take text, never markup. */

/** Markup that was written here, not received. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Hole = string | number | Html | readonly Html[] | undefined;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
/** What acts instead of being seen, turns the direction of text, or cannot stand in a document; line feeds and tabs stay. */
const acting = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu;
/** More marks upon one letter than any script has: they would cover the lines around it. */
const towers = /(\p{M}{6})\p{M}+/gu;
/** What most texts are. */
const plain = /^[\n\t\x20-\x7e]*$/;

/** The text, with what cannot be seen written out. */
export function visible(text: string): string {
  if (plain.test(text)) return text;
  return text
    .toWellFormed()
    .replace(acting, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
    .replace(towers, '$1…');
}

function fill(hole: Hole): string {
  if (hole === undefined) return '';
  if (hole instanceof Html) return hole.text;
  if (typeof hole === 'number') return String(hole);
  if (typeof hole === 'string') return visible(hole).replace(/[&<>"']/g, (character) => entities[character] ?? '');
  return hole.map((part) => part.text).join('');
}

export function html(strings: TemplateStringsArray, ...holes: readonly Hole[]): Html {
  return new Html(strings.reduce((text, string, index) => text + fill(holes[index - 1]) + string));
}
