/** Text as directories compare it: without regard to case and to the way that Unicode composes letters. */

export function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
