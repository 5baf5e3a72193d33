/** What is found of a chain: the first of many, and how many more there are. */

export interface Finding {
  /** Where, such as `audit.jsonl:12`; undefined where it is nowhere. */
  readonly where: string | undefined;
  readonly words: string;
  /** Whether it is wrong; otherwise it is worth knowing. */
  readonly isWrong: boolean;
}

export const wrong = (where: string | undefined, words: string): Finding => ({ where, words, isWrong: true });
export const remark = (where: string | undefined, words: string): Finding => ({ where, words, isWrong: false });

export interface Findings {
  add(finding: Finding): void;
  list(): readonly Finding[];
}

/** Of what is wrong, and of what is worth knowing, so that neither hides the other. */
const most = 50;

export function createFindings(): Findings {
  const kept: Finding[] = [];
  const counts = { wrong: 0, remarks: 0 };
  return {
    add(finding) {
      const kind = finding.isWrong ? 'wrong' : 'remarks';
      counts[kind] += 1;
      if (counts[kind] <= most) kept.push(finding);
    },
    list() {
      const more = counts.wrong + counts.remarks - kept.length;
      if (more === 0) return kept;
      const words = `and ${more} more findings`;
      return [...kept, counts.wrong > most ? wrong(undefined, words) : remark(undefined, words)];
    },
  };
}
