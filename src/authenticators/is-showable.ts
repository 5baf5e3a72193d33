/** Whether what another service says may stand on a page as it is: text that is read, and does nothing. */

// Controls, and what turns the direction of writing round.
const acting = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

/** @param longest UTF-16 code units */
export const isShowable = (text: unknown, longest: number): text is string =>
  typeof text === 'string' && text.length <= longest && text.isWellFormed() && !acting.test(text);
