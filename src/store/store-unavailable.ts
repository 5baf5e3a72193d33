/** The store does not answer at the moment, or answered that it cannot: nothing is known of what was asked of it. */
export class StoreUnavailable extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StoreUnavailable';
  }
}
