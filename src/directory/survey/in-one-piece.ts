/** The same text without the pieces it was put together from, which else stay in memory with it. */

export const inOnePiece = (text: string): string => Buffer.from(text).toString();
