/** Characters within JSON by their escape, which says the same and acts on nothing. */

/** @param text of a JSON string, outside of any other escape; all of it is escaped */
export const escapeInJson = (text: string): string =>
  Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');
