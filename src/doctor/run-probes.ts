/** Runs probes: a few at once, each with an end in time; whatever one throws is a finding, too. */
import { tell, type Finding, type Probe } from './check.ts';

/** A finding with how long it took. */
export interface TimedFinding extends Finding {
  readonly milliseconds: number;
}

/** Probes that run at a time. */
const atOnce = 8;
/** Milliseconds. */
const usual = 15_000;
const asOurUser =
  'Run this as the user of Passerelle, such as by `sudo -u passerelle passerelle doctor`; else give that user the file.';

/** What is said of it, and what to do where the check itself knows nothing better. */
function describe(error: unknown): readonly [found: string, remedy?: string] {
  if (error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM'))
    return [`the user of this command may not use ${'path' in error ? String(error.path) : 'a file'}`, asOurUser];
  return [`it could not be looked at: ${(error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? ''}`];
}

async function within<T>(limit: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`not done within ${String(Math.round(limit / 1_000))} s`));
      stop.abort();
    }, limit);
  });
  try {
    return await Promise.race([work(stop.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function runOne({ ids, subject, limit = usual, run }: Probe): Promise<readonly TimedFinding[]> {
  const began = performance.now();
  const timed = (findings: readonly Finding[]): readonly TimedFinding[] => {
    const milliseconds = Math.round(performance.now() - began);
    return findings.map((finding) => ({ ...finding, milliseconds: Math.round(finding.milliseconds ?? milliseconds) }));
  };
  try {
    return timed(await within(limit, run));
  } catch (error) {
    const [first, ...others] = ids;
    if (first === undefined) throw error;
    return timed([
      tell(first, subject).problem(...describe(error)),
      ...others.map((id) => tell(id, subject).skipped('what comes before it could not be looked at')),
    ]);
  }
}

/**
 * @param took called with the findings of each probe as it ends, and its place among the probes
 * @returns all findings, in the order of the probes
 */
export async function runProbes(
  probes: readonly Probe[],
  took: (findings: readonly TimedFinding[], place: number) => void = () => undefined,
): Promise<readonly TimedFinding[]> {
  const results: (readonly TimedFinding[])[] = [];
  const waiting = [...probes.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [place, probe] = next;
      const findings = await runOne(probe);
      results[place] = findings;
      took(findings, place);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, probes.length) }, work));
  return results.flat();
}
