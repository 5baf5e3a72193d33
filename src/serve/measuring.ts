/** Measures now and then what is not counted as it happens, and tries whether the house is ready. */
import type { Measured } from '../audit/gauges.ts';
import { measureAudit } from '../audit/measure-audit.ts';
import { measureProcess, type Runtime } from '../audit/measure-process.ts';
import { type Metrics, noMetrics } from '../audit/metrics.ts';
import { readVersion } from '../config/own-version.ts';
import type { OutletState } from '../audit/outlets.ts';
import type { ReadinessCheck } from '../http/published-routes.ts';
import type { Store } from '../store/store.ts';

/** Milliseconds. */
const often = 5_000;
/** In turns of that. */
const seldom = { readiness: 3, sessions: 12 };

interface Measurable {
  readonly readiness: readonly ReadinessCheck[];
  measure(): readonly Measured[];
}

export interface Measuring {
  /** Looks at once, since something has changed. */
  look(): void;
  stop(): void;
}

/** Does nothing where nothing is counted. */
export function measureRegularly(parts: {
  metrics: Metrics;
  /** Undefined where the process says nothing of itself. */
  runtime: Runtime | undefined;
  /** How the outlets of the audit trail do. */
  outlets: () => readonly OutletState[];
  store: Pick<Store, 'count'>;
  /** The one that requests come in to now. */
  house: () => Measurable;
  /** Whether requests are to come at all. */
  serves: () => boolean;
  /** Whether this process does what one does for all. */
  leads: boolean;
  /** Milliseconds since the epoch. */
  now: () => number;
}): Measuring {
  const { metrics, runtime, outlets, store, house, serves, leads, now } = parts;
  if (metrics === noMetrics) return { look: () => undefined, stop: () => undefined };
  const own = runtime && measureProcess({ metrics, runtime });
  const measureOutlets = measureAudit(metrics, outlets);
  let turn = 0;
  let isReady = false;
  let isTrying = false;
  let isCounting = false;

  async function tryReadiness(): Promise<void> {
    const { readiness } = house();
    const results = await Promise.allSettled(readiness.map(([, check]) => check()));
    const works = new Map(readiness.map(([name], at) => [name, results[at]?.status === 'fulfilled']));
    isReady = serves() && [...works.values()].every(Boolean);
    metrics.measured([
      ['passerelle_ready', [[[], isReady ? 1 : 0]]],
      ['passerelle_store_up', [[[], works.get('store') === true ? 1 : 0]]],
    ]);
  }

  async function countSessions(): Promise<void> {
    try {
      metrics.measured([['passerelle_sessions', [[[], await store.count('session')]]]]);
    } catch {
      // How the store does is told elsewhere; the last count would be no longer true.
      metrics.measured([['passerelle_sessions', []]]);
    }
  }

  async function tellBuild(): Promise<void> {
    metrics.measured([['passerelle_build_info', [[[await readVersion(), runtime?.node ?? 'unknown'], 1]]]]);
  }

  function look(): void {
    own?.measure();
    measureOutlets();
    metrics.measured(house().measure());
    // Whoever waits for it to be ready should not wait for the metrics.
    if ((turn % seldom.readiness === 0 || !isReady) && !isTrying) {
      isTrying = true;
      void tryReadiness().finally(() => {
        isTrying = false;
      });
    }
    if (leads && turn % seldom.sessions === 0 && !isCounting) {
      isCounting = true;
      void countSessions().finally(() => {
        isCounting = false;
      });
    }
    turn += 1;
  }

  if (leads) {
    metrics.measured([
      ['passerelle_config_last_reload_successful', [[[], 1]]],
      ['passerelle_config_last_reload_success_timestamp_seconds', [[[], now() / 1_000]]],
    ]);
    void tellBuild();
  }
  look();
  const timer = setInterval(look, often);
  timer.unref();
  return {
    look,
    stop() {
      clearInterval(timer);
      own?.close();
    },
  };
}
