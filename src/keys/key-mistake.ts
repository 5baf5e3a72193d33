/** What is wrong with the keys, in words for the operator. */

export class KeyMistake extends Error {
  override readonly name = 'KeyMistake';
}
