/** Tells of the reading of whole directories while it goes on, as a share of its steps. */
import type { SurveyProgress } from '../directory/survey/survey.ts';
import { figure } from '../advisor/figures.ts';
import type { Io } from './command.ts';

/** What is read of each domain, in that order, and how much of the time each usually takes. */
const steps = [
  ['people', 60],
  ['groups', 15],
  ['units', 5],
  ['members', 20],
] as const satisfies readonly (readonly [SurveyProgress['what'], number])[];

/** Entries by which a step counts as half done: no directory tells beforehand how many there are, so that it fills ever more slowly. */
const half = 10_000;

function shareOf({ what, read }: SurveyProgress, whole: boolean): number {
  let [before, own, all] = [0, 0, 0];
  for (const [name, weight] of whole ? steps : steps.slice(0, 1)) {
    if (name === what) [before, own] = [all, weight];
    all += weight;
  }
  return (before + (own * read) / (read + half)) / all;
}

/**
 * @param domains how many are read, some of them at once
 * @param whole whether more than people is read
 */
export function tellReading(
  io: Pick<Io, 'doing'>,
  { domains, whole }: { readonly domains: number; readonly whole: boolean },
): (progress: SurveyProgress) => void {
  const shares = new Map<string, number>();
  return (progress) => {
    const { what, domain, read } = progress;
    // What is begun again at another controller has not been lost sight of.
    shares.set(domain, Math.max(shares.get(domain) ?? 0, shareOf(progress, whole)));
    const sum = [...shares.values()].reduce((all, share) => all + share, 0);
    io.doing(
      `${what === 'members' ? `members of ${figure(read)} groups` : `${figure(read)} ${what}`} of ${domain}`,
      sum / domains,
    );
  };
}
