/** The notes of one of several processes that all would write down alike, left out until they are its own. */
import type { Audit } from '../audit/audit.ts';

/** @param own from then on */
export function quietUntil(own: Promise<unknown>, audit: Audit): Audit {
  let isQuiet = true;
  void own.then(() => {
    isQuiet = false;
  });
  return {
    record: audit.record.bind(audit),
    flush: audit.flush.bind(audit),
    note(...words) {
      if (!isQuiet) audit.note(...words);
    },
  };
}
