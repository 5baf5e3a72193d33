/** What the doctor found, in one shape for monitoring: version 1, to which fields may be added. */
import type { Verdict } from './check.ts';
import { areas, type Area } from './checks/row.ts';
import { areaOf, checkIds, type CheckId } from './checks.ts';
import type { TimedFinding } from './run-probes.ts';

export interface ReportedCheck {
  readonly id: CheckId;
  readonly area: Area;
  /** A controller, a key, a service provider …; null where there is one alone. */
  readonly subject: string | null;
  readonly verdict: Verdict;
  readonly found: string;
  /** Null where there is nothing to do. */
  readonly remedy: string | null;
  readonly milliseconds: number;
}

export interface Report {
  readonly version: 1;
  /** ISO 8601. */
  readonly checkedAt: string;
  /** As it was named. */
  readonly configuration: string;
  /** The worst of all. */
  readonly verdict: 'ok' | 'warning' | 'problem';
  readonly counts: Readonly<Record<Verdict, number>>;
  readonly checks: readonly ReportedCheck[];
}

/** In the order of the report: by area, then as the table of checks has them. */
export function reported(findings: readonly TimedFinding[]): readonly ReportedCheck[] {
  const place = ({ id }: { id: CheckId }): number => areas.indexOf(areaOf(id)) * 1_000 + checkIds.indexOf(id);
  return findings
    .map(({ id, subject, verdict, found, remedy, milliseconds }) => ({
      id,
      area: areaOf(id),
      subject: subject ?? null,
      verdict,
      found,
      remedy: remedy ?? null,
      milliseconds,
    }))
    .toSorted((one, other) => place(one) - place(other));
}

/** @param now milliseconds since the epoch */
export function makeReport(findings: readonly TimedFinding[], configuration: string, now: number): Report {
  const counts = { ok: 0, warning: 0, problem: 0, skipped: 0 };
  for (const { verdict } of findings) counts[verdict] += 1;
  return {
    version: 1,
    checkedAt: new Date(now).toISOString(),
    configuration,
    verdict: counts.problem > 0 ? 'problem' : counts.warning > 0 ? 'warning' : 'ok',
    counts,
    checks: reported(findings),
  };
}
