/** Which algorithms may be used: those that nobody forbade, and the weak ones that the configuration names. */
import { closedAlgorithms } from '../config/algorithm-names.ts';

export interface AlgorithmPolicy {
  /** Whether the algorithm of that URI may be used. That it is known is another question. */
  permits(uri: string): boolean;
  /** Tells of the use of those that only the configuration's leave permits; `entityID` is the other side. */
  noteUse(uris: readonly string[], entityID: string): void;
}

/** `forbidden` and `allowed` are URIs. */
export function createAlgorithmPolicy(
  { forbidden, allowed }: { readonly forbidden: readonly string[]; readonly allowed: readonly string[] },
  tell: (uri: string, entityID: string) => void,
): AlgorithmPolicy {
  const weak = new Set(allowed);
  const closed = closedAlgorithms(forbidden, allowed);
  return {
    permits: (uri) => !closed.has(uri),
    noteUse(uris, entityID) {
      for (const uri of uris) if (weak.has(uri)) tell(uri, entityID);
    },
  };
}

/** What holds where a configuration says nothing. */
export const standardPolicy: AlgorithmPolicy = createAlgorithmPolicy({ forbidden: [], allowed: [] }, () => undefined);
