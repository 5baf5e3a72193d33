/** What a check finds: a verdict, one sentence with its figures, and what to do about it. */
import { checks, type CheckId } from './checks.ts';

/** `skipped`: it does not apply here, or what it needs was not to be had; `found` says which. */
export type Verdict = 'ok' | 'warning' | 'problem' | 'skipped';

/** What one check found about one subject. */
export interface Finding {
  readonly id: CheckId;
  /** What it is about where a check looks at several: a controller, a key, a service provider. */
  readonly subject?: string | undefined;
  readonly verdict: Verdict;
  /** One sentence, without a full stop. */
  readonly found: string;
  /** One sentence; undefined where there is nothing to do. */
  readonly remedy?: string | undefined;
  /** Of this finding alone, where that is known. */
  readonly milliseconds?: number | undefined;
}

/** Findings of one check, perhaps about one subject. */
export interface Tell {
  ok(found: string): Finding;
  /** @param remedy where the table of checks has none that fits better */
  warning(found: string, remedy?: string): Finding;
  problem(found: string, remedy?: string): Finding;
  skipped(found: string): Finding;
}

export function tell(id: CheckId, subject?: string): Tell {
  const about = { id, ...(subject !== undefined && { subject }) };
  return {
    ok: (found) => ({ ...about, verdict: 'ok', found }),
    warning: (found, remedy = checks[id].remedy) => ({ ...about, verdict: 'warning', found, remedy }),
    problem: (found, remedy = checks[id].remedy) => ({ ...about, verdict: 'problem', found, remedy }),
    skipped: (found) => ({ ...about, verdict: 'skipped', found }),
  };
}

/** Findings that are made together, since one look serves them all. */
export interface Probe {
  /** Each of them is told of at least once. */
  readonly ids: readonly CheckId[];
  readonly subject?: string | undefined;
  /** Milliseconds that it may take, where it is given more than others. */
  readonly limit?: number | undefined;
  /** @param signal aborted when its time is up */
  readonly run: (signal: AbortSignal) => Promise<readonly Finding[]>;
}
