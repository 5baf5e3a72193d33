/** What a step says: a sentence, and what else there is. */

export interface Line {
  readonly text: string;
  /** What else is to be said of it, a line each. */
  readonly more?: readonly string[];
  /** As it came. */
  readonly raw?: readonly string[];
}
