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

function fill(hole: Hole): string {
  if (hole === undefined) return '';
  if (hole instanceof Html) return hole.text;
  if (typeof hole === 'string' || typeof hole === 'number') {
    return String(hole).replace(/[&<>"']/g, (character) => entities[character] ?? '');
  }
  return hole.map((part) => part.text).join('');
}

export function html(strings: TemplateStringsArray, ...holes: readonly Hole[]): Html {
  return new Html(strings.reduce((text, string, index) => text + fill(holes[index - 1]) + string));
}
