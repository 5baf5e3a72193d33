/** What is counted for operators. Nothing here tells who or from where. */

export interface Metrics {
  /** One attempt to sign in, by how it ended; `familiar`: from a place where that person signed in before. */
  attempt(result: 'accepted' | 'refused' | 'exhausted' | 'unjudged', familiar: boolean): void;
  /** Guessing at many people was noticed: by one address, or by one password. */
  sprayDetected(kind: 'address' | 'password'): void;
}

/** Where nobody reads them. */
export const noMetrics: Metrics = {
  attempt: () => undefined,
  sprayDetected: () => undefined,
};
