/** What is counted and measured for operators. Nothing here tells who or from where. */
import type { EventName } from './events.ts';
import type { Measured } from './gauges.ts';
import type { Tally } from './tally.ts';
import type { StepName } from './trail.ts';

/** Times in milliseconds. */
export interface Metrics {
  /** One attempt to sign in, by how it ended; `familiar`: from a place where that person signed in before. */
  attempt(result: 'accepted' | 'refused' | 'exhausted' | 'unjudged', familiar: boolean): void;
  /** Guessing at many people was noticed: by one address, or by one password. */
  sprayDetected(kind: 'address' | 'password'): void;
  /** An answer to a sign-in. @param serviceProvider entity ID of one that is registered; undefined where none is known */
  signIn(result: 'issued' | 'refused' | 'fault', reason: string, serviceProvider: string | undefined): void;
  sessionBegun(): void;
  audited(event: EventName): void;
  /** So many lines could not be kept. */
  auditLost(outlet: 'store' | 'file' | 'syslog' | 'stdout', lines: number): void;
  step(name: StepName, milliseconds: number): void;
  /** @param route as the code has it @param status undefined where nobody waited */
  exchange(route: string | undefined, status: number | undefined, milliseconds: number): void;
  /** @param failed whether the store did not serve */
  stored(operation: string, milliseconds: number, failed: boolean): void;
  /** Of the whole house: told by one process. @param at when, since the epoch */
  reloaded(result: 'accepted' | 'refused', at: number): void;
  /** Since it was called last. */
  processor(milliseconds: number): void;
  /** What is measured now and then. */
  measured(measured: readonly Measured[]): void;
}

/** Where nobody reads them. */
export const noMetrics: Metrics = {
  attempt: () => undefined,
  sprayDetected: () => undefined,
  signIn: () => undefined,
  sessionBegun: () => undefined,
  audited: () => undefined,
  auditLost: () => undefined,
  step: () => undefined,
  exchange: () => undefined,
  stored: () => undefined,
  reloaded: () => undefined,
  processor: () => undefined,
  measured: () => undefined,
};

const longestEntityID = 256;

/**
 * @param parts `tally` is where it adds up; `self` what this process is called; `measured` is told what is measured
 */
export function createMetrics(parts: {
  tally: Pick<Tally, 'add' | 'observe'>;
  self: string;
  measured: (measured: readonly Measured[]) => void;
}): Metrics {
  const { tally, self, measured } = parts;
  return {
    attempt(result, familiar) {
      tally.add('passerelle_attempts_total', [result, String(familiar)]);
    },
    sprayDetected(kind) {
      tally.add('passerelle_spray_detected_total', [kind]);
    },
    signIn(result, reason, serviceProvider = '') {
      const asking = serviceProvider === '' ? 'unknown' : serviceProvider.slice(0, longestEntityID).toWellFormed();
      tally.add('passerelle_sign_ins_total', [result, reason, asking]);
    },
    sessionBegun() {
      tally.add('passerelle_sessions_begun_total', []);
    },
    audited(event) {
      tally.add('passerelle_audit_events_total', [event]);
    },
    auditLost(outlet, lines) {
      tally.add('passerelle_audit_lost_total', [outlet], lines);
    },
    step(name, milliseconds) {
      tally.observe('passerelle_step_duration_seconds', [name], milliseconds / 1_000);
    },
    exchange(route = 'none', status, milliseconds) {
      const kind = status === undefined ? 'none' : `${String(Math.trunc(status / 100))}xx`;
      tally.observe('passerelle_exchange_duration_seconds', [route, kind], milliseconds / 1_000);
    },
    stored(operation, milliseconds, failed) {
      tally.observe('passerelle_store_operation_duration_seconds', [operation], milliseconds / 1_000);
      if (failed) tally.add('passerelle_store_failures_total', [operation]);
    },
    reloaded(result, at) {
      tally.add('passerelle_reloads_total', [result]);
      measured([['passerelle_config_last_reload_successful', [[[], result === 'accepted' ? 1 : 0]]]]);
      if (result === 'accepted') {
        measured([['passerelle_config_last_reload_success_timestamp_seconds', [[[], at / 1_000]]]]);
      }
    },
    processor(milliseconds) {
      tally.add('passerelle_process_cpu_seconds_total', [self], milliseconds / 1_000);
    },
    measured,
  };
}
