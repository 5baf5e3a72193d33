/** Which characters make up names, white space and text in XML. */

// XML 1.0 (fifth edition) §2.3 without the colon: NCName of Namespaces in XML §3. Characters beyond the basic plane are left out:
// xmldom, which xml-crypto reads with, stumbles over them, and no name of SAML has them.
const nameStart =
  'A-Z_a-z\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}\\u{F8}-\\u{2FF}\\u{370}-\\u{37D}\\u{37F}-\\u{1FFF}\\u{200C}\\u{200D}\\u{2070}-\\u{218F}' +
  '\\u{2C00}-\\u{2FEF}\\u{3001}-\\u{D7FF}\\u{F900}-\\u{FDCF}\\u{FDF0}-\\u{FFFD}';
/** NCName as the source of a regular expression with the flag u; it never backtracks. */
export const ncName = `[${nameStart}][${nameStart}\\-.0-9\\u{B7}\\u{300}-\\u{36F}\\u{203F}\\u{2040}]*`;
const wholeNcName = new RegExp(`^${ncName}$`, 'u');
/** A character outside Char of XML 1.0 §2.2, lone surrogates included. */
export const notChar = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
const blank = /^[ \t\r\n]*$/;

/** Whether the text is an NCName, and so fit for an xs:ID. */
export const isNcName = (text: string): boolean => wholeNcName.test(text);

/** Whether the text is white space alone, as between the children of an element without character data. */
export const isBlank = (text: string): boolean => blank.test(text);
