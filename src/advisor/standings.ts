/** Everybody, as the configured mapping has them. */
import { judgeEverybody } from '../mapping/judge-everybody.ts';
import type { Standing } from './advice.ts';
import type { Facts } from './facts.ts';
import { inOrder } from './in-order.ts';

/** Of a name, in code units: what reads a report takes none that is longer. */
export const longestName = 8_192;

/** By name, whatever the order of reading. @throws MappingMistake where the configured mapping contradicts itself */
export function standings({ survey, kinds, configured }: Facts): readonly Standing[] {
  const verdicts = judgeEverybody(survey.people, configured);
  return survey.people
    .map(({ objectGUID, place, sAMAccountName, distinguishedName }, index): Standing => {
      const { address, refused } = verdicts[index] ?? {};
      return {
        objectGUID,
        domain: survey.domains[place]?.dnsDomain ?? null,
        name: (sAMAccountName === undefined || sAMAccountName === '' ? distinguishedName : sAMAccountName).slice(0, longestName),
        kind: kinds[index] ?? 'person',
        address: address ?? null,
        refused: refused ?? null,
      };
    })
    .sort(inOrder);
}
