/** The same document, written so that xmldom, which xml-crypto reads with, cannot misread it. */

/**
 * Takes what `parseXml` accepted without leniency, where `</` begins end tags alone. xmldom closes an element at once where a
 * later end tag of its name holds white space, and ends lines as XML 1.1 does.
 */
export const forXmldom = (xml: string): string =>
  xml.replace(/<\/([^ \t\r\n>]+)[ \t\r\n]+>/g, '</$1>').replace(/[\u0085\u2028]/g, (end) => `&#${end.charCodeAt(0)};`);
